"""A house for a battery to stand on: a migrated database, a practice, hours around the clock."""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy import NullPool, create_engine, delete, select, text
from sqlalchemy.orm import Session

from practice.app import create_app
from practice.domain.booking import Details, HoldRequest, Who
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.hours import DateException, ExceptionHours, WeeklyHours
from practice.models.offering import Offering
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.settings import Mode, PaidBy, PaymentSettings, Settings
from practice.usecases.booking import book, hold
from practice.usecases.founding import Founder, found
from tests import databases, postgres

DIALECTS = ("sqlite", "postgresql")
ROOT = Path(__file__).parents[2]
_SECRET = "a secret of the battery, long enough"
_MASTER = "YSBrZXkgb2YgZXhhY3RseSAzMiBieXRlcywgeWVzISE"
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a house stands; it can be sent to another process.

    `pretends` tells whether it takes money, of the pretended kind.
    """

    dialect: str
    url: str
    instance: Path
    pretends: bool = False

    def settings(self, port: int = 8000) -> Settings:
        """Return the settings of a process of this house."""
        return Settings(
            mode=Mode.LAPTOP,
            instance=self.instance,
            database_url=self.url,
            base_url=f"http://127.0.0.1:{port}",
            port=port,
            smtp_url=None,
            secret_key=_SECRET,
            master_key=b"a key of exactly 32 bytes, yes!!",
            rate_limits=False,
            payments=PaymentSettings(PaidBy.PRETEND if self.pretends else PaidBy.NOBODY),
        )

    def environ(self, port: int = 8000, **more: str) -> dict[str, str]:
        """Return the same settings as the variables that an owner would set."""
        ours = {key: value for key, value in os.environ.items() if not _is_ours(key)}
        return ours | {
            "PRACTICE_INSTANCE": str(self.instance),
            "PRACTICE_DATABASE_URL": self.url,
            "PRACTICE_SECRET_KEY": _SECRET,
            "PRACTICE_MASTER_KEY": _MASTER,
            "PRACTICE_RATE_LIMITS": "off",
            "PORT": str(port),
            "PYTHONPATH": str(ROOT),
            **more,
        }


def _is_ours(key: str) -> bool:
    return key.startswith("PRACTICE_") or key in {"PORT", "WEB_CONCURRENCY"}


@contextmanager
def ground(dialect: str) -> Iterator[Ground]:
    """Give a migrated, founded house on a database of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="practice-battery-") as folder:
        instance = Path(folder)
        if dialect == "sqlite":
            yield founded(Ground(dialect, databases.clean_sqlite(instance), instance))
            return
        name = f"practice_battery_{os.getpid()}_{secrets.token_hex(4)}"
        url = databases.copied_postgresql(name)
        # The test server is hasty; what is acknowledged here must be in the log of the database.
        execute(url, f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        try:
            yield founded(Ground(dialect, url, instance))
        finally:
            postgres.drop_database(name)


def built(ground: Ground) -> Ground:
    """Migrate and found a house whose database is empty."""
    with house(ground):
        upgrade()
    return founded(ground)


def founded(ground: Ground) -> Ground:
    """Found a house: one coach in UTC, open around the clock, 30 minutes, no buffer."""
    with house(ground):
        found(Founder("Lantern", "Maya Ellis", "maya@lantern.example", "UTC"), tools=the_tools())
        with unit_of_work() as session:
            open_around_the_clock(session, 1)
            chat = session.scalars(select(Offering)).one()
            chat.notice_minutes = 0
            chat.buffer_after_minutes = 0
    return ground


@contextmanager
def house(ground: Ground) -> Iterator[Flask]:
    """Open the house in this process, with an app context, and leave no connection behind."""
    app = create_app(ground.settings())
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def the_tools() -> Tools:
    """Return the tools of the app whose context is open."""
    return cast("Tools", current_app.extensions["practice"])


def execute(url: str, statement: str) -> None:
    """Execute one statement in a connection of its own, outside any transaction."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def open_around_the_clock(session: Session, coach_id: int) -> None:
    """Let a coach work every minute of the week."""
    session.execute(delete(WeeklyHours).where(WeeklyHours.coach_id == coach_id))
    session.add_all(
        WeeklyHours(coach_id=coach_id, weekday=day, opens_minute=0, closes_minute=_DAY_MINUTES)
        for day in range(7)
    )


def open_only(ground: Ground, dates: Mapping[date, int]) -> None:
    """Open the coach on these dates only, so many minutes from 8 o'clock on."""
    with house(ground), unit_of_work() as session:
        session.execute(delete(WeeklyHours))
        for on, minutes in dates.items():
            opening = ExceptionHours(opens_minute=8 * 60, closes_minute=8 * 60 + minutes)
            session.add(DateException(coach_id=1, on=on, openings=[opening]))


def add_coach(session: Session, number: int, terms: Sequence[Mapping[str, int]]) -> None:
    """Add a coach who works around the clock, with an offering for each of these terms."""
    coach = session.get(Coach, number)
    if coach is None:
        coach = Coach(
            slug=f"coach-{number}", name=f"Coach {number}", zone="UTC",
            address=f"coach-{number}@lantern.example", position=number,
        )  # fmt: skip
        session.add(coach)
        session.flush()
    open_around_the_clock(session, coach.id)
    for each in terms:
        slug = f"coach-{number}-{each['length_minutes']}"
        session.add(
            Offering(slug=slug, name=slug, horizon_days=60, is_shown=False, coaches=[coach], **each)
        )


def tomorrow() -> datetime:
    """Return the next midnight in UTC."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)


def wish(starts_at: datetime, *, browser: str = "", offering: str = "") -> HoldRequest:
    """Return the wish of a browser, of its own unless named, to hold a start; one wish each."""
    number = browser or secrets.token_hex(8)
    return HoldRequest(
        offering=offering,
        starts_at=starts_at,
        who=Who.ME,
        zone="UTC",
        key=number,
        browser=number,
        caller=number,
    )


def somebody() -> Details:
    """Return the details of a person who is nobody else."""
    return Details(
        "Sam", f"{secrets.token_hex(8)}@mail.example", invite=False, reminder=True, caller="battery"
    )


def booked(starts_at: datetime, offering: str = "") -> str:
    """Book a start by the two acts; return the token of the private link."""
    tools = the_tools()
    held = hold(wish(starts_at, offering=offering), tools=tools)
    return book(held.token, somebody(), tools=tools).token


def say(line: str) -> None:
    """Tell how far the battery is."""
    print(line, file=sys.stderr, flush=True)
