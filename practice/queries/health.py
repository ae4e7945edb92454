"""What is wrongly set up, or has stopped, in sentences."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

from practice.domain.busy import Trouble
from practice.domain.payment import UNDECIDED, ConcernKind, RefundState
from practice.domain.words import is_statement
from practice.models.base import KEYS, db
from practice.models.coach import Coach
from practice.models.concern import Concern
from practice.models.hours import WeeklyHours
from practice.models.key_mark import key_fault
from practice.models.offering import Offering
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.payment import Payment, Refund
from practice.models.practice import Practice
from practice.models.source import CalendarSource
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.journal import broken_chains

_OTHERS = 0o077
_OVERDUE = timedelta(minutes=10)
_CALENDARS_OVERDUE = timedelta(hours=1)


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
    practice = session.get(Practice, 1)
    if practice is None:
        yield "There is no practice yet. Run: practice init"
        return
    if not session.scalar(select(func.count()).select_from(WeeklyHours)):
        yield "No coach has weekly hours, so no times are offered."
    shown = session.scalars(
        select(Offering)
        .where(Offering.is_shown, Offering.archived_at.is_(None))
        .order_by(Offering.position)
    ).all()
    if not shown:
        yield "No offering is shown, so the front page offers nothing."
    yield from _price_complaints(practice, shown, tools)
    yield from _payment_complaints(tools)
    yield from _post_complaints(tools)
    yield from _calendar_complaints(tools)
    yield from broken_chains()


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


def _price_complaints(practice: Practice, shown: Sequence[Offering], tools: Tools) -> Iterator[str]:
    paid = ", ".join(offering.name for offering in shown if offering.price_minor)
    if paid and tools.payments is None:
        yield (
            f"These cost money and cannot be booked: {paid}. No payments are set up: "
            "PRACTICE_STRIPE_SECRET_KEY and PRACTICE_STRIPE_WEBHOOK_SECRET are missing."
        )
    if not is_statement(practice.statement):
        yield (
            f"“{practice.statement}” cannot stand on bank statements. Change it at the desk: up to "
            "22 plain letters, digits and spaces."
        )


def _payment_complaints(tools: Tools) -> Iterator[str]:
    session, now = reading(), tools.clock.now()
    service = tools.payments.service if tools.payments is not None else ""
    others = session.scalars(
        select(Payment.service)
        .where(
            Payment.service != service,
            Payment.state.in_(UNDECIDED)
            | Payment.refunds.any(Refund.state.in_((RefundState.WAITING, RefundState.LEASED))),
        )
        .distinct()
    ).all()
    if others:
        yield (
            f"Payments or refunds are under way by {', '.join(sorted(others))}, which is not set "
            "up any more: nobody asks what becomes of them."
        )
    waiting = session.scalar(
        select(func.count())
        .select_from(Refund)
        .where(Refund.state == RefundState.WAITING, Refund.due_at < now - _OVERDUE)
    )
    if waiting and tools.payments is not None:
        yield f"{waiting} refunds have waited for more than 10 minutes. Is practice worker running?"
    open_kinds = set(session.scalars(select(Concern.kind).where(Concern.settled_at.is_(None))))
    if ConcernKind.NO_NOTICES in open_kinds:
        yield (
            "People have paid, and Stripe’s notices of it did not arrive. Compare the address at "
            f"Stripe with {tools.base_url}/hooks/stripe, and its signing secret with "
            "PRACTICE_STRIPE_WEBHOOK_SECRET."
        )
    if open_kinds - {ConcernKind.NO_NOTICES}:
        yield "Something about money needs a coach. The desk lists it under Needs you."


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


def _calendar_complaints(tools: Tools) -> Iterator[str]:
    """Yield one sentence for each calendar in trouble, and one where nobody reads them at all."""
    session, now = reading(), tools.clock.now()
    rows = session.scalars(select(CalendarSource).order_by(CalendarSource.id)).all()
    for row in rows:
        if row.trouble:
            coach = session.get_one(Coach, row.coach_id).name
            days = (now - row.troubled_at).days if row.troubled_at else 0
            told = f"for {days} day{'' if days == 1 else 's'}" if days else "since today"
            yield f"A calendar of {coach} can’t be read {told}: {Trouble[row.trouble].value}"
    if any(row.next_at < now - _CALENDARS_OVERDUE for row in rows):
        yield "Calendars have waited for more than an hour. Is practice worker running?"
