"""Runs a folder of calendars through the real child process: python -m tests.cases.feeds FOLDER.

The folder holds expected.json and, beside it, the files that it names. Its "contract" tells the
format: `must` is exact, `lenient` covers what is expected with at most 120 minutes more, and
`robust` is a refusal ("limit" and "error") or, where spans are expected, covers them.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from practice.adapters.feed_process import read_apart
from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble
from practice.domain.refusal import Refusal
from practice.domain.span import Span

Json = Mapping[str, Any]
Read = Callable[[bytes, FeedAsk], Picture]
Times = tuple[tuple[datetime, datetime], ...]

MOST_EXTRA: Final = timedelta(minutes=120)
LIMITS: Final = {Trouble.TOO_MUCH, Trouble.SLOW, Trouble.LARGE}
TIERS: Final = {"must", "lenient", "robust"}
MALFORMED: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    OSError,
    Refusal,
)


class NoFolder(Exception):
    """The folder cannot be run at all; the message is a sentence."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case; `complaint` is empty if it passed."""

    id: str
    complaint: str = ""


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return at.astimezone(UTC)


def times(pairs: Sequence[Sequence[str]]) -> Times:
    return tuple((instant(since), instant(until)) for since, until in pairs)


def ask_of(case: Json) -> FeedAsk:
    window = Span(instant(case["from"]), instant(case["to"]))
    return FeedAsk(url="", window=window, zone=case["coach_tz"], own=case.get("own", ""))


def got_of(body: bytes, case: Json, read: Read) -> Times | Trouble:
    try:
        picture = read(body, ask_of(case))
    except FeedTrouble as trouble:
        return trouble.trouble
    return tuple((span.starts_at, span.ends_at) for span in picture.spans or ())


def covers(got: Times, expected: Times) -> bool:
    # What was got is merged, so that what it covers lies within one of its spans.
    return all(
        any(since <= start and end <= until for since, until in got) for start, end in expected
    )


def length(found: Times) -> timedelta:
    return sum((until - since for since, until in found), timedelta())


def shown(found: Times | Trouble | str | None) -> str:
    if isinstance(found, Trouble):
        return f"refused, {found.name}"
    if found is None or isinstance(found, str):
        return str(found)
    pairs = (f"{since.isoformat()}/{until.isoformat()}" for since, until in found)
    return " ".join(pairs).replace("+00:00", "Z") or "nothing"


def disagreement(tier: str, got: Times | Trouble, expected: Times | str | None) -> bool:
    """Whether the answer is another than its tier asks for."""
    if isinstance(expected, str) or expected is None:
        return not refused(got, expected)
    if isinstance(got, Trouble):
        return tier != "robust"
    if tier == "must":
        return got != expected
    if not covers(got, expected):
        return True
    return tier == "lenient" and length(got) - length(expected) > MOST_EXTRA


def refused(got: Times | Trouble, expected: str | None) -> bool:
    if expected is None:
        return True  # that it came back at all is what was asked
    if expected not in {"limit", "error"}:
        raise ValueError(f"expected is spans, limit or error, not {expected!r}")
    return isinstance(got, Trouble) and (expected == "error" or got in LIMITS)


def complaint(case: Json, folder: Path, read: Read = read_apart) -> str:
    """Why the case fails, or nothing."""
    if case["tier"] not in TIERS:
        raise ValueError(f"tier is must, lenient or robust, not {case['tier']!r}")
    expected = case["expected"]
    wanted = times(expected) if isinstance(expected, list) else expected
    body = (folder / case["file"]).read_bytes()
    began = time.monotonic()
    got = got_of(body, case, read)
    took = time.monotonic() - began
    if disagreement(case["tier"], got, wanted):
        return f"expected {shown(wanted)}\n  got {shown(got)}"
    if took > case.get("max_seconds", float("inf")):
        return f"expected within {case['max_seconds']} seconds\n  got after {took:.1f}"
    return ""


def outcome(case: Json, folder: Path) -> Outcome:
    """What became of a case; one that cannot be understood has failed."""
    name = str(case.get("id", "without id")) if isinstance(case, Mapping) else "no object"
    try:
        return Outcome(name, complaint(case, folder))
    except MALFORMED as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else f"{error}"
        return Outcome(name, f"cannot be run: {said}")


def cases_in(folder: Path) -> list[Json]:
    """The cases that a folder's expected.json tells; NoFolder with a sentence where it does not."""
    path = folder / "expected.json"
    if not folder.is_dir():
        raise NoFolder(f"{folder} is no folder.")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoFolder(f"{path} cannot be read: {error}.") from error
    cases = read.get("cases") if isinstance(read, Mapping) else None
    if not isinstance(cases, list) or not cases:
        raise NoFolder(f"{path} has no list of cases.")
    return cases


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m tests.cases.feeds FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        done = [outcome(case, folder) for case in cases_in(folder)]
    except NoFolder as error:
        print(error, file=sys.stderr)
        return 2
    failed = [each for each in done if each.complaint]
    for each in failed:
        print(f"{each.id}: {each.complaint}")
    print(f"{len(done) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
