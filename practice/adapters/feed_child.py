"""The child that reads one feed: a question and a body come in, JSON goes out, and it ends.

Run by `feed_process.read_apart` alone, as python -m practice.adapters.feed_child.
"""

import json
import resource
import sys
from typing import Final

from practice.adapters.feed_process import asked
from practice.adapters.feed_reading import read_calendar
from practice.domain.busy import FeedTrouble, Trouble
from practice.domain.defect import where_raised
from practice.domain.span import second_of

MEMORY_BYTES: Final = 160 * 1024 * 1024
"""Addresses, not memory in use: the interpreter and its libraries take a good part of them."""


def limit(processor_seconds: int) -> None:
    """Take from this process, for good, what a feed might make it take."""
    resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def main() -> None:
    """Read the question and the body, write the picture or the trouble."""
    ask, processor_seconds = asked(sys.stdin.buffer.readline())
    limit(processor_seconds)
    said: dict[str, object]
    try:
        picture = read_calendar(sys.stdin.buffer.read(), ask)
        spans = [
            (second_of(each.starts_at), second_of(each.ends_at)) for each in picture.spans or ()
        ]
        said = {"spans": spans, "warnings": picture.warnings}
    except FeedTrouble as trouble:
        said = {"trouble": trouble.trouble.name}
        if trouble.__cause__ is not None:
            # A defect of ours. Its message may quote the calendar: only the place is told.
            said["where"] = where_raised(trouble.__cause__)
    except MemoryError:
        said = {"trouble": Trouble.TOO_MUCH.name}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
