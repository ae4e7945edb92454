"""What is wrongly set up, or has stopped, in sentences."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

from practice.models.base import KEYS, db
from practice.models.hours import WeeklyHours
from practice.models.key_mark import key_fault
from practice.models.offering import Offering
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.practice import Practice
from practice.models.unit import reading
from practice.ports import Tools

_OTHERS = 0o077
_OVERDUE = timedelta(minutes=10)


def complaints(migrations: str, *, tools: Tools) -> Iterator[str]:
    """Yield what is wrong, each a sentence; `migrations` is the folder of the database's shapes."""
    if not inspect(db.engine).has_table("practices"):
        yield "The database is empty. Run: practice migrate"
        return
    if not _is_up_to_date(migrations):
        yield "The database is older than this version. Run: practice migrate"
        return
    session = reading()
    yield from _key_complaints(tools)
    if session.get(Practice, 1) is None:
        yield "There is no practice yet. Run: practice init"
        return
    if not session.scalar(select(func.count()).select_from(WeeklyHours)):
        yield "No coach has weekly hours, so no times are offered."
    if not session.scalar(
        select(func.count())
        .select_from(Offering)
        .where(Offering.is_shown, Offering.archived_at.is_(None))
    ):
        yield "No offering is shown, so the front page offers nothing."
    yield from _post_complaints(tools)


def _is_up_to_date(migrations: str) -> bool:
    config = Config()
    config.set_main_option("script_location", migrations)
    with db.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at == ScriptDirectory.from_config(config).get_current_head()


def _key_complaints(tools: Tools) -> Iterator[str]:
    session = reading()
    fault = key_fault(session, tools.vault)
    if fault is not None:
        yield fault
    if db.engine.dialect.name != "sqlite":
        return
    files = {row.name: row.file for row in session.execute(text("PRAGMA database_list"))}
    if Path(files[KEYS]).stat().st_mode & _OTHERS:
        yield "Others on this machine can read keys.db. Run: chmod 600 keys.db"


def _post_complaints(tools: Tools) -> Iterator[str]:
    session, now = reading(), tools.clock.now()
    waiting = session.scalar(
        select(func.count())
        .select_from(OutboxLetter)
        .where(OutboxLetter.state == LetterState.WAITING, OutboxLetter.due_at < now - _OVERDUE)
    )
    dead = session.scalar(
        select(func.count()).select_from(OutboxLetter).where(OutboxLetter.state == LetterState.DEAD)
    )
    if waiting:
        yield f"{waiting} letters have waited for more than 10 minutes. Is practice worker running?"
    if dead:
        yield f"{dead} letters could not be delivered. The desk lists them under Letters."
