"""A process of its own that asks a hostile server PORT so many TIMES, and tells how it grew."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from practice.adapters.feeds import IcsFeeds
from practice.domain.busy import FeedAsk, FeedTrouble, Picture
from practice.domain.span import Span

_NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


_BALLAST_BYTES = 96 * 1024 * 1024


def _most_kb() -> int:
    # Not ru_maxrss: on Linux a new process takes over that of the one which started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def main(port: int, times: int) -> None:
    calendars = IcsFeeds(
        resolver=lambda _name, _port: ["127.0.0.1"],
        admits=lambda address, at: (address, at) == ("127.0.0.1", port),
        ports=[port],
        plain=True,
    )
    window = Span(_NOW, _NOW + timedelta(days=60))
    ask = FeedAsk(f"http://calendar.example:{port}/", window, "Europe/London")

    def once() -> str | Picture:
        try:
            return calendars.picture(ask, now=_NOW)
        except FeedTrouble as trouble:
            return trouble.trouble.name

    once()  # what is loaded at the first question is no growth
    before = _most_kb()
    troubles = [str(once()) for _ in range(times)]
    grown = _most_kb() - before
    ballast = b"x" * _BALLAST_BYTES  # to show that growth is seen where there is some
    seen = _most_kb() - before
    del ballast
    print(json.dumps({"troubles": troubles, "grown_kb": grown, "with_ballast_kb": seen}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
