"""`python -m benchmarks.calendars`: what other calendars cost a page, and what the own feed costs.

The front page with 20 calendars of 500 spans beside the same page with none, by turns; and the feed
of 5,000 appointments, written whole and told to be unchanged. Without a server: all that is
compared happens in the app.
"""

import argparse
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select

from practice.domain.busy import WhenOld
from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.link import Link, Purpose
from practice.models.source import BusySpan, CalendarSource
from practice.models.unit import unit_of_work
from practice.usecases.feeding import make_feed
from practice.usecases.founding import Founder, found
from practice.usecases.importing import window_at
from practice.usecases.sources import NewSource, add_source
from tests.battery.ground import Ground, house, say, the_tools
from tests.battery.server import DurableServer

_FOUNDER = Founder("Lantern", "Maya Ellis", "maya@lantern.example", "Europe/London")
_MAYA = Seat(user_id=1, role=Role.OWNER, coach_id=1)
_SOURCES, _SPANS, _BOOKINGS = 20, 500, 5_000
_HALF_AN_HOUR = timedelta(minutes=30)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calendars", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(arguments)
    pages, feeds = [], []
    with (
        tempfile.TemporaryDirectory(prefix="practice-calendars-") as folder,
        DurableServer() as postgresql,
    ):
        for dialect in ("sqlite", "postgresql"):
            grounds = [
                _founded(dialect, Path(folder) / f"{dialect}-{name}", postgresql)
                for name in ("none", "many")
            ]
            with house(grounds[1]):
                _add_calendars()
            pages.append(_pages(dialect, grounds, options.rounds))
            with house(grounds[0]):
                _add_bookings()
            feeds.append(_feed(dialect, grounds[0], options.rounds))
    print("| front page, median ms | no calendars | 20 of 500 spans | first after an import |")
    print("|---|---|---|---|", *pages, sep="\n")
    print(f"\n| feed of {_BOOKINGS:,} | whole, ms | unchanged (304), ms | size, KB |")
    print("|---|---|---|---|", *feeds, sep="\n")
    return 0


def _founded(dialect: str, place: Path, postgresql: DurableServer) -> Ground:
    place.mkdir()
    sqlite = f"sqlite:///{place / 'practice.db'}"
    ground = Ground(dialect, sqlite if dialect == "sqlite" else postgresql.new_database(), place)
    with house(ground):
        upgrade()
        found(_FOUNDER, tools=the_tools())
    return ground


def _add_calendars() -> None:
    tools, draw = the_tools(), random.Random(1)
    now = datetime.now(UTC)
    window = window_at(now)
    for number in range(_SOURCES):
        url = f"https://calendar.example/{number}"
        made = add_source(_MAYA, NewSource(f"C{number}", url, WhenOld.KEEP), tools=tools)
        begins = sorted(draw.sample(range(400 * 24), _SPANS))
        with unit_of_work() as session:
            row = session.get_one(CalendarSource, made)
            row.good_at, row.picture = now, secrets.token_hex(16)
            row.known_from_at, row.known_until_at = window.starts_at, window.ends_at
            session.execute(insert(BusySpan), list(_spans(made, window.starts_at, begins)))
    say(f"{_SOURCES} calendars are there")


def _spans(source_id: int, since: datetime, begins: Iterable[int]) -> Iterator[dict[str, object]]:
    for hours in begins:
        starts_at = since + timedelta(hours=hours)
        yield {
            "source_id": source_id,
            "coach_id": 1,
            "starts_at": starts_at,
            "ends_at": starts_at + _HALF_AN_HOUR,
        }


def _pages(dialect: str, grounds: Sequence[Ground], rounds: int) -> str:
    took: list[list[float]] = [[], []]
    first = 0.0
    for turn in range(4):
        for index, ground in enumerate(grounds):
            with house(ground) as app:
                app.test_client().get("/")  # what is loaded once is not what is compared
                took[index] += [_get(app, "/") for _ in range(rounds // 4)]
                if index and not turn:
                    with unit_of_work() as session:
                        row = session.scalars(select(CalendarSource).limit(1)).one()
                        row.picture = secrets.token_hex(16)
                    db.session.remove()
                    first = _get(app, "/")
    none, many = (statistics.median(each) for each in took)
    return f"| {dialect} | {none:.2f} | {many:.2f} | {first:.2f} |"


def _add_bookings() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with unit_of_work() as session:
        session.execute(
            insert(Client),
            [{"id": 1, "name": "Sam Reyes", "address": "s@x.example", "address_key": "s",
              "search_key": "s", "created_at": now}],
        )  # fmt: skip
        session.execute(
            insert(Booking),
            [
                booking_row(now + timedelta(hours=number), now, minutes=30)
                for number in range(_BOOKINGS)
            ],
        )
        ids = session.scalars(select(Booking.id)).all()
        session.execute(
            insert(BookingPerson),
            [{"booking_id": each, "client_id": 1, "name": "Sam Reyes", "zone": "Europe/London"}
             for each in ids],
        )  # fmt: skip
    say(f"{_BOOKINGS:,} appointments are there")


def booking_row(starts_at: datetime, now: datetime, *, minutes: int) -> dict[str, object]:
    """Return the columns of a confirmed free booking of the first coach, made at `now`."""
    return {
        "uid": secrets.token_hex(16), "coach_id": 1, "offering_id": 1, "status": "confirmed",
        "who": "me", "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes),
        "zone": "Europe/London", "created_at": now, "confirmed_at": now,
        "offering_name": "Chat", "buffer_before_minutes": 0, "buffer_after_minutes": 0,
        "move_cutoff_minutes": 0, "cancel_cutoff_minutes": 0, "price_minor": 0, "currency": "EUR",
        "place_kind": "video", "place_detail": "",
    }  # fmt: skip


def _feed(dialect: str, ground: Ground, rounds: int) -> str:
    with house(ground) as app:
        make_feed(_MAYA, tools=the_tools())
        link = db.session.scalars(select(Link).where(Link.purpose == Purpose.FEED)).one()
        path = f"/feed/{link.token(the_tools().vault)}.ics"
        db.session.remove()
        answer = app.test_client().get(path)
        assert answer.data.count(b"BEGIN:VEVENT") == _BOOKINGS
        etag = answer.headers["ETag"]
        whole = statistics.median(_get(app, path) for _ in range(10))
        same = statistics.median(_get(app, path, etag) for _ in range(rounds // 4))
    return f"| {dialect} | {whole:.0f} | {same:.1f} | {len(answer.data) // 1024} |"


def _get(app: Flask, path: str, etag: str = "") -> float:
    headers = {"If-None-Match": etag} if etag else {}
    client = app.test_client()
    began = time.perf_counter()
    answer = client.get(path, headers=headers)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == (304 if etag else 200)
    return took


if __name__ == "__main__":
    raise SystemExit(main())
