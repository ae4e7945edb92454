"""Runs a file of slot cases against `open_slots`: python -m tests.cases.slots FILE.

The format is told by the "about" list at the head of slots.json.
"""

import functools
import json
import operator
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from practice.domain.availability import Holding, Opening, Rules, Taken, open_slots
from practice.domain.offering import Offering
from practice.domain.refusal import Refusal
from practice.domain.span import Span
from practice.domain.zone import day_span, zone_named

Json = Mapping[str, Any]

DOCUMENT_KEYS = {"schema_version", "about", "defaults", "cases"}
CASE_KEYS = {"id", "title", "tags", "note", "in", "expect_utc", "expect_local"}
NUMBER_KEYS = {"duration_min", "step_min", "buffer_before_min", "buffer_after_min"}
LIMIT_KEYS = {"min_notice_min", "horizon_days", "daily_cap", "weekly_cap"}
HOURS_KEYS = {"weekly_hours", "date_overrides", "busy", "busy_all_day", "exclude_id"}
FRAME_KEYS = {"coach_tz", "viewer_tz", "day", "now", "grid", "coaches", "mode"}
INPUT_KEYS = NUMBER_KEYS | LIMIT_KEYS | HOURS_KEYS | FRAME_KEYS
CALENDAR_KEYS = {"transp", "partstat", "event_status"}
BUSY_KEYS = {"start", "end", "id", "status", "expires", "pad_before_min", "pad_after_min"}
BUSY_KEYS |= CALENDAR_KEYS
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GONE = ("cancelled", "declined", "rescheduled", "no_show")
# What reading a case that somebody mistyped may raise; anything else is our own defect.
MALFORMED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Refusal)


@dataclass(frozen=True)
class Outcome:
    """What became of one case; `complaint` is empty if it passed."""

    id: str
    complaint: str = ""


def known(what: str, given: Json, keys: set[str]) -> None:
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} is no object but {given!r}")
    if unknown := sorted(set(given) - keys):
        raise ValueError(f"unknown in {what}: {', '.join(unknown)}")


def whole(given: Json, key: str, default: int | None = 0) -> Any:
    value = given.get(key, default)
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(f"{key} is no whole number: {value!r}")
    return value


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return at.astimezone(UTC)


def minute(text: str) -> int:
    found = re.fullmatch(r"(\d\d):([0-5]\d)", text)
    if not found or (total := int(found[1]) * 60 + int(found[2])) > 1440:
        raise ValueError(f"{text!r} is no time between 00:00 and 24:00")
    return total


def openings(windows: list[list[str]]) -> tuple[Opening, ...]:
    return tuple(Opening(minute(opens), minute(closes)) for opens, closes in windows)


def rules_of(given: Json) -> Rules:
    weekly = given.get("weekly_hours", {})
    known("weekly_hours", weekly, set(WEEKDAYS))
    return Rules(
        zone=zone_named(given["coach_tz"]),
        weekly={WEEKDAYS.index(day): openings(windows) for day, windows in weekly.items()},
        exceptions={
            date.fromisoformat(on): openings(windows)
            for on, windows in given.get("date_overrides", {}).items()
        },
    )


def offering_of(given: Json) -> Offering:
    return Offering(
        length_minutes=whole(given, "duration_min"),
        step_minutes=whole(given, "step_min"),
        buffer_before_minutes=whole(given, "buffer_before_min"),
        buffer_after_minutes=whole(given, "buffer_after_min"),
        notice_minutes=whole(given, "min_notice_min"),
        horizon_days=whole(given, "horizon_days", None),
        daily_cap=whole(given, "daily_cap", None),
        weekly_cap=whole(given, "weekly_cap", None),
    )


def free_in_the_calendar(busy: Json) -> bool:
    return (
        busy.get("transp") == "TRANSPARENT"
        or busy.get("partstat") == "DECLINED"
        or busy.get("event_status") == "CANCELLED"
    )


def taken_of(busy: Json) -> Taken:
    kind = Holding(busy.get("status", "confirmed"))
    return Taken(
        span=Span(instant(busy["start"]), instant(busy["end"])),
        kind=kind,
        held_until=instant(busy["expires"]) if kind is Holding.HELD else None,
        pad_before_minutes=whole(busy, "pad_before_min"),
        pad_after_minutes=whole(busy, "pad_after_min"),
        transparent=kind is Holding.EXTERNAL and free_in_the_calendar(busy),
    )


def all_taken(given: Json) -> Iterator[Taken]:
    moving = given.get("exclude_id")
    for busy in given.get("busy", []):
        known("busy", busy, BUSY_KEYS)
        is_moving = moving is not None and busy.get("id") == moving
        if busy.get("status") not in GONE and not is_moving:
            yield taken_of(busy)
    for on in given.get("busy_all_day", []):
        day = day_span(date.fromisoformat(on), zone_named(given["coach_tz"]))
        yield Taken(day, Holding.BLOCKED)


def starts_of(given: Json) -> set[datetime]:
    """The starts of one coach."""
    known("in", given, INPUT_KEYS)
    if given["grid"] != "fixed":
        raise ValueError(f"only the fixed grid is known, not {given['grid']!r}")
    window = day_span(date.fromisoformat(given["day"]), zone_named(given["viewer_tz"]))
    starts = open_slots(
        rules_of(given), all_taken(given), offering_of(given), window, now=instant(given["now"])
    )
    if starts != sorted(set(starts)):
        raise ValueError("the starts do not ascend")
    return set(starts)


def answer(given: Json) -> list[datetime]:
    """The starts of all coaches together."""
    known("in", given, INPUT_KEYS)
    if given["mode"] not in {"any", "all"}:
        raise ValueError(f"mode is any or all, not {given['mode']!r}")
    alone = {key: value for key, value in given.items() if key != "coaches"}
    starts = [starts_of({**alone, **coach}) for coach in given.get("coaches", [{}])]
    combine = operator.or_ if given["mode"] == "any" else operator.and_
    return sorted(functools.reduce(combine, starts))


def shown(starts: list[datetime]) -> str:
    return " ".join(start.isoformat().replace("+00:00", "Z") for start in starts) or "nothing"


def on_the_clock(local: datetime) -> tuple[datetime, object]:
    # Compared apart, for Python calls two datetimes equal if only their instants are.
    return local.replace(tzinfo=None, fold=0), local.utcoffset()


def complaint(case: Json, defaults: Json) -> str:
    """Why the case fails, or nothing."""
    known("the case", case, CASE_KEYS)
    given = {**defaults, **case["in"]}
    got = answer(given)
    expected = [instant(text) for text in case["expect_utc"]]
    if got != expected:
        return f"expected {shown(expected)}\n  got {shown(got)}"
    viewer = zone_named(given["viewer_tz"])
    got_local = [start.astimezone(viewer) for start in got]
    expected_local = [datetime.fromisoformat(text) for text in case.get("expect_local", [])]
    if "expect_local" in case and [*map(on_the_clock, got_local)] != [
        *map(on_the_clock, expected_local)
    ]:
        return f"expected locally {shown(expected_local)}\n  got {shown(got_local)}"
    return ""


def sentence(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else f"{error}"


def outcome(case: Json, defaults: Json) -> Outcome:
    """What became of a case; one that cannot be understood has failed."""
    name = str(case.get("id", "without id")) if isinstance(case, Mapping) else "no object"
    try:
        return Outcome(name, complaint(case, defaults))
    except MALFORMED as error:
        return Outcome(name, f"cannot be run: {sentence(error)}")


def document(path: Path) -> Json:
    read = json.loads(path.read_text(encoding="utf-8"))
    known("the file", read, DOCUMENT_KEYS)
    if read.get("schema_version") != 1:
        raise ValueError(f"schema_version is {read.get('schema_version')!r}, not 1")
    if not isinstance(read.get("cases"), list):
        raise TypeError("the file has no list of cases")
    known("defaults", read.get("defaults", {}), INPUT_KEYS)
    return dict(read)


def outcomes(path: Path) -> list[Outcome]:
    """What became of every case of the file, or of the file itself."""
    try:
        read = document(path)
    except (OSError, *MALFORMED) as error:
        return [Outcome(path.name, f"cannot be read: {sentence(error)}")]
    return [outcome(case, read.get("defaults", {})) for case in read["cases"]]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m tests.cases.slots FILE", file=sys.stderr)
        return 2
    done = outcomes(Path(arguments[0]))
    failed = [each for each in done if each.complaint]
    for each in failed:
        print(f"{each.id}: {each.complaint}")
    print(f"{len(done) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
