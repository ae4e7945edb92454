"""Letters to be sent: written in the transaction of their cause, ids only and no content."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.contact import HELD_BACK
from practice.domain.letters import LetterKind
from practice.models.base import Base


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    LEASED = "leased"
    SENT = "sent"
    DROPPED = "dropped"
    DEAD = "dead"


class OutboxLetter(Base):
    """A letter about a booking, for one person or for the coach.

    `dedupe` keeps it from being written twice; `reference` becomes its Message-ID.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'leased', 'sent', 'dropped', 'dead')", name="state"),
        Index("ix_outbox_state_due_at", "state", "due_at"),
        Index("ix_outbox_booking_id", "booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("booking_people.id"))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("calendar_sources.id", ondelete="SET NULL")
    )
    sequence: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20), default=LetterState.WAITING)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True, slots=True)
class About:
    """What a letter is about and for whom, as ids; `sequence` is the change that it tells of."""

    booking_id: int | None = None
    person_id: int | None = None
    coach_id: int | None = None
    client_id: int | None = None
    refund_id: int | None = None
    user_id: int | None = None
    source_id: int | None = None
    sequence: int = 0


def write_letter(
    session: Session, kind: str, dedupe: str, about: About, *, due_at: datetime, now: datetime
) -> None:
    """Add a letter to the outbox of the open transaction, due at `due_at`."""
    session.add(
        OutboxLetter(
            reference=secrets.token_hex(16),
            dedupe=dedupe,
            kind=kind,
            booking_id=about.booking_id,
            person_id=about.person_id,
            coach_id=about.coach_id,
            client_id=about.client_id,
            refund_id=about.refund_id,
            user_id=about.user_id,
            source_id=about.source_id,
            sequence=about.sequence,
            due_at=due_at,
            created_at=now,
        )
    )


def is_written(session: Session, dedupe: str) -> bool:
    """Tell whether a letter was written already, whatever became of it."""
    return session.scalar(select(OutboxLetter.id).where(OutboxLetter.dedupe == dedupe)) is not None


# They name no time that could have changed, and are the only ones that go.
_STILL_TRUE = (
    LetterKind.INVITATION,
    LetterKind.REFUNDED,
    LetterKind.TOO_LATE,
    LetterKind.PAYMENT_FAILED,
)


def drop_waiting(session: Session, booking_id: int, why: str) -> None:
    """Drop the letters of a booking that have not gone out and tell of what is no more."""
    session.execute(
        update(OutboxLetter)
        .where(
            OutboxLetter.booking_id == booking_id,
            OutboxLetter.state == LetterState.WAITING,
            OutboxLetter.kind.not_in(_STILL_TRUE),
        )
        .values(state=LetterState.DROPPED, why=why)
    )


def judge_anew(session: Session, person_id: int, now: datetime) -> None:
    """Make due at `now` what waits for the hours of a person, which may be others by now."""
    session.execute(
        update(OutboxLetter)
        .where(
            OutboxLetter.person_id == person_id,
            OutboxLetter.state == LetterState.WAITING,
            OutboxLetter.why == HELD_BACK,
        )
        .values(due_at=now)
    )


def anything_due(session: Session, now: datetime) -> bool:
    """Tell whether a letter is due at `now`, without taking any lock."""
    return session.scalar(select(OutboxLetter.id).where(_is_due(now)).limit(1)) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    waiting = (OutboxLetter.state == LetterState.WAITING) & (OutboxLetter.due_at <= now)
    abandoned = (OutboxLetter.state == LetterState.LEASED) & (OutboxLetter.leased_until <= now)
    return waiting | abandoned


def lease_due(
    session: Session, *, owner: str, count: int, now: datetime, leased_until: datetime
) -> list[OutboxLetter]:
    """Lease up to `count` due letters for `owner`; an abandoned lease is due again.

    PostgreSQL skips rows that others hold (SKIP LOCKED); on SQLite the writer stands alone.
    """
    due = list(
        session.scalars(
            select(OutboxLetter.id)
            .where(_is_due(now))
            .order_by(OutboxLetter.due_at, OutboxLetter.id)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
    )
    # Never as a subquery of the update: PostgreSQL may run it once a row, each time past the
    # rows just locked, and so lease far more than `count`.
    rows = session.scalars(
        update(OutboxLetter)
        .where(OutboxLetter.id.in_(due))
        .values(
            state=LetterState.LEASED,
            attempts=OutboxLetter.attempts + 1,
            leased_until=leased_until,
            leased_by=owner,
        )
        .returning(OutboxLetter)
        .execution_options(populate_existing=True)
    )
    leased = sorted(rows, key=lambda row: (row.due_at, row.id))
    for row in leased:
        session.expunge(row)  # a lease is a value from here on: what the owner was promised
    return leased
