"""`python -m benchmarks.desk`: what the pages of a full diary cost.

A week with 50 bookings, a month with 500, a day, and the figures of a year, each as the coach who
is signed in asks for it; beside the same page of an empty week. Without a server: all that is
compared happens in the app.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, select

from benchmarks.calendars import booking_row
from practice.models.accounts import User
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.occupancy import Occupancy
from practice.models.unit import unit_of_work
from practice.usecases.founding import Founder, found
from tests.battery.ground import Ground, house, say, the_tools
from tests.battery.server import DurableServer
from tests.signing_in import desk_cookie

_FOUNDER = Founder("Lantern", "Maya Ellis", "maya@lantern.example", "Europe/London")
_BASE = "http://127.0.0.1:8000"
_QUIET, _FULL = 10, 30
"""Bookings on each of the five days of the quiet week, and on each of the fifteen days after."""
_NINE, _FIVE_DAYS, _FIFTEEN_DAYS = 9, 5, 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args(arguments)
    print("| desk | page | CPU ms | p50 ms | p99 ms | size, KB |\n|---|---|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory(prefix="practice-desk-") as folder,
        DurableServer() as postgresql,
    ):
        for dialect in ("sqlite", "postgresql"):
            place = Path(folder) / dialect
            place.mkdir()
            sqlite = f"sqlite:///{place / 'practice.db'}"
            url = sqlite if dialect == "sqlite" else postgresql.new_database()
            ground = Ground(dialect, url, place)
            with house(ground) as app:
                upgrade()
                found(_FOUNDER, tools=the_tools())
                first = _fill()
                say(f"{dialect}: 500 bookings are there")
                for line in _measured(app, dialect, first, options.rounds):
                    print(line)
    return 0


def _fill() -> date:
    """Add a week with 50 bookings, and 450 more to its month; return the Monday of that week."""
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    monday = first + timedelta(days=-first.weekday() % 7)
    nine = monday + timedelta(hours=_NINE)
    starts = [
        nine + timedelta(days=day, minutes=45 * number)
        for day in range(_FIVE_DAYS)
        for number in range(_QUIET)
    ] + [
        nine + timedelta(days=7 + day, minutes=20 * number)
        for day in range(_FIFTEEN_DAYS)
        for number in range(_FULL)
    ]
    with unit_of_work() as session:
        session.execute(
            insert(Client),
            [{"name": f"Sam {n}", "address": f"s{n}@mail.example", "address_key": f"s{n}",
              "search_key": f"sam {n}", "created_at": now} for n in range(_QUIET)],
        )  # fmt: skip
        rows = [booking_row(start, now, minutes=20) for start in starts]
        session.execute(insert(Booking), rows)
        made = session.execute(select(Booking.id, Booking.starts_at, Booking.ends_at)).all()
        session.execute(
            insert(BookingPerson),
            [{"booking_id": row.id, "client_id": 1 + row.id % _QUIET,
              "name": f"Sam {row.id % _QUIET}", "zone": "Europe/London"} for row in made],
        )  # fmt: skip
        session.execute(
            insert(Occupancy),
            [{"coach_id": 1, "booking_id": row.id, "status": "confirmed",
              "starts_at": row.starts_at, "ends_at": row.ends_at} for row in made],
        )  # fmt: skip
    db.session.remove()
    return monday.date()


def _measured(app: Flask, dialect: str, monday: date, rounds: int) -> Iterator[str]:
    client = _signed_in(app)
    week = _named(monday)
    empty = _named(monday + timedelta(weeks=30))
    pages = {
        "a week with none": f"/desk/?week={empty}",
        "a week with 50": f"/desk/?week={week}",
        "a day with 10": f"/desk/day?on={monday}",
        "a month with 500": f"/desk/month?month={monday:%Y-%m}",
        "figures, 52 weeks": "/desk/figures?weeks=52",
    }
    for name, path in pages.items():
        _get(client, path)
        took = [_get(client, path) for _ in range(rounds)]
        cpu = statistics.median(each[0] for each in took)
        wall = sorted(each[1] for each in took)
        yield (
            f"| {dialect} | {name} | {cpu:.1f} | {statistics.median(wall):.1f} "
            f"| {wall[int(0.99 * (len(wall) - 1))]:.1f} | {took[0][2]:.0f} |"
        )


def _named(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def _signed_in(app: Flask) -> FlaskClient:
    with app.app_context():  # its own, so that a page begins with nothing read
        user = db.session.scalars(select(User)).one()
        db.session.expunge(user)
        held = desk_cookie(user)
    client = app.test_client()
    with client.session_transaction(base_url=_BASE) as session:
        session.update(held)
    return client


def _get(client: FlaskClient, path: str) -> tuple[float, float, float]:
    """Return CPU and wall time (ms) of one page, and its size (KB)."""
    cpu, began = time.process_time(), time.perf_counter()
    with client.get(path, base_url=_BASE) as answer:
        size = len(answer.data)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.status_code
    return (time.process_time() - cpu) * 1000, took, size / 1024


if __name__ == "__main__":
    raise SystemExit(main())
