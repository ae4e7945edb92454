"""`python -m benchmarks.feeds`: what it costs to read a calendar, through the real child process.

Time and processor of a reading, and the most memory that the child ever had, and by how much the
worker that waits for it grew. This process is kept small, since a child's peak counts what it was
forked from. The window is that of the worker.
"""

import argparse
import random
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from practice.adapters.feed_process import read_apart
from practice.domain.busy import FeedAsk, FeedTrouble
from practice.domain.span import Span

_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_SIZES = ((0, 0), (500, 50), (5_000, 500), (5_000, 0), (13_000, 500))
_RULES = (
    "FREQ=WEEKLY;BYDAY=MO,WE",
    "FREQ=DAILY",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=YEARLY",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=60",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One size of calendar: medians of all readings, and the peaks of memory so far."""

    megabytes: float
    spans: int
    seconds: float
    cpu_seconds: float
    child_megabytes: float
    grown_megabytes: float


def calendar_of(events: int, rules: int) -> bytes:
    """Return a calendar of three years around now, of which so many events repeat."""
    draw = random.Random(1)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//benchmark//EN"]
    for number in range(events):
        day = _NOW.date() + timedelta(days=draw.randrange(-700, 400))
        start = f"TZID=Europe/Berlin:{day:%Y%m%d}T{draw.randrange(7, 19):02}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}-{draw.getrandbits(64):x}@calendar.example",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART;{start}0000",
            f"DTEND;{start}4500",
            *([f"RRULE:{_RULES[number % len(_RULES)]}"] if number < rules else []),
            *([f"EXDATE;{start}0000"] if number < rules and number % 3 == 0 else []),
            f"SUMMARY:Something that somebody does for the {number}th time",
            "DESCRIPTION:" + "Long words about it\\, which nobody reads here. " * 2,
            "STATUS:CONFIRMED",
            "SEQUENCE:0",
            "TRANSP:OPAQUE",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT15M",
            "END:VALARM",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def measure(events: int, rules: int, *, rounds: int, days: int) -> Figures:
    body = calendar_of(events, rules)
    ask = FeedAsk("", Span(_NOW, _NOW + timedelta(days=days)), "Europe/Berlin")
    before = _most_megabytes()
    seconds, cpu, spans = [], [], 0
    for _ in range(rounds):
        began, used = time.perf_counter(), _children_cpu()
        spans = len(read_apart(body, ask).spans or ())
        seconds.append(time.perf_counter() - began)
        cpu.append(_children_cpu() - used)
    return Figures(
        len(body) / 1e6,
        spans,
        statistics.median(seconds),
        statistics.median(cpu),
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        _most_megabytes() - before,
    )


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _most_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feeds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--days", type=int, default=400, help="the window")
    options = parser.parse_args(arguments)
    print("## Reading a calendar, in its own process\n")
    print("| events | rules | MB | spans | s | CPU s | child's peak MB | worker's growth MB |")
    print("|---|---|---|---|---|---|---|---|")
    for events, rules in _SIZES:
        try:
            found = measure(events, rules, rounds=options.rounds, days=options.days)
        except FeedTrouble as trouble:
            print(f"| {events:,} | {rules} | refused: {trouble} | | | | | |")
            continue
        print(
            f"| {events:,} | {rules} | {found.megabytes:.1f} | {found.spans:,} "
            f"| {found.seconds:.2f} | {found.cpu_seconds:.2f} | {found.child_megabytes:.0f} "
            f"| {found.grown_megabytes:.0f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
