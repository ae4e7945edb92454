"""`python -m benchmarks.clients`: how long the desk searches among 100,000 clients.

Each query is asked as the page asks it, from the form to the lines, on both databases: found and
not found, rare and common, and by a coach who has few of them.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import NullPool, create_engine, text

from benchmarks.past import add_past
from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.queries.clients import clients_page
from practice.usecases.founding import Founder, found
from tests.battery.ground import Ground, house, say, the_tools
from tests.battery.server import DurableServer
from tests.makers import make_coach

_FOUNDER = Founder("Lantern", "Maya Ellis", "maya@lantern.example", "Europe/London")
# As many first and last names as people have, more or less.
_NAMES = """
UPDATE clients SET name = '{a}' || id % 677 || ' {b}' || id % 1009,
    search_key = lower('{a}' || id % 677 || ' {b}' || id % 1009 || ' ' || address)
"""
_QUERIES = (
    ("latest, no query", ""),
    ("one address", "past-77777@"),
    ("a name, some", "first12 last3"),
    ("common part", "mail.example"),
    ("one letter", "a"),
    ("nobody", "zzzz"),
    ("eight words, nobody", "a e i o f l m zzzz"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clients", description=__doc__)
    parser.add_argument("--clients", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    print(f"| {options.clients:,} clients | query | median ms | slowest ms |\n|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory(prefix="practice-clients-") as folder,
        DurableServer() as postgresql,
    ):
        path = Path(folder)
        for dialect, url in (
            ("sqlite", f"sqlite:///{path / 'practice.db'}"),
            ("postgresql", postgresql.new_database()),
        ):
            for line in _measured(Ground(dialect, url, path), options):
                print(line, flush=True)
    return 0


def _measured(ground: Ground, options: argparse.Namespace) -> list[str]:
    with house(ground):
        upgrade()
        found(_FOUNDER, tools=the_tools())
        few = make_coach()
        db.session.remove()
    add_past(ground.url, options.clients, clients=options.clients)
    _give_names(ground.url, few)
    say(f"{options.clients:,} clients are there on {ground.dialect}")
    lines = []
    with house(ground):
        for coach, coach_id in (("all", 1), ("50 of them", few)):
            for what, query in _QUERIES:
                took = [_milliseconds(coach_id, query) for _ in range(options.rounds)]
                middle, worst = statistics.median(took), max(took)
                lines.append(f"| {ground.dialect}, {coach} | {what} | {middle:.1f} | {worst:.1f} |")
    return lines


def _give_names(url: str, few: int) -> None:
    """Name the clients, and let another coach have the last 50 of them."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        connection.execute(text(_NAMES.format(a="First", b="Last")))
        last = "SELECT id FROM bookings ORDER BY id DESC LIMIT 50"
        connection.execute(text(f"DELETE FROM occupancies WHERE booking_id IN ({last})"))
        connection.execute(text(f"UPDATE bookings SET coach_id = {few} WHERE id IN ({last})"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        sqlite = url.startswith("sqlite")
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "VACUUM ANALYZE"))


def _milliseconds(coach_id: int, query: str) -> float:
    seat, now = Seat(1, Role.OWNER, coach_id), datetime.now(UTC)
    begin = time.perf_counter()
    clients_page(seat, query, 1, hides_names=False, now=now)
    took = 1000 * (time.perf_counter() - begin)
    db.session.remove()
    return took


if __name__ == "__main__":
    raise SystemExit(main())
