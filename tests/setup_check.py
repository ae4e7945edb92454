"""Names what pip cannot bring and how to get it; with REQUIRE_ALL=1 its absence is a failure."""

import os
import sys

from tests.chromium import find_chromium


def main() -> int:
    """Print what is missing, each with the command that brings it; return the exit code."""
    missing = []
    if find_chromium() is None:
        missing.append(
            "Chromium is missing, so the browser tests are skipped. "
            "On Debian: sudo apt-get install chromium (or set PRACTICE_CHROMIUM to its path)."
        )
    for sentence in missing:
        print(sentence)
    if not missing:
        print("Everything that the tests need is here.")
    return 1 if missing and os.environ.get("REQUIRE_ALL") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())
