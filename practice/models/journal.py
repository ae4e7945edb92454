"""What happened, for the timelines at the desk: who and what, never any content."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.booking import Actor
from practice.models.base import Base
from practice.models.booking import Booking


class Happening(StrEnum):
    """Everything that the journal tells, each as the sentence that the desk shows."""

    HELD = "The time was held."
    BOOKED = "The appointment was booked."
    MOVED = "The appointment was moved."
    BECAME_BOTH = "It became an appointment for two."
    CANCELLED = "The appointment was cancelled."
    RESTORED = "The cancellation was taken back."
    BLOCKED = "Time was blocked."
    UNBLOCKED = "Blocked time was opened again."
    HOURS_CHANGED = "The hours were changed."
    OFFERING_CHANGED = "An offering was changed."
    WORDS_CHANGED = "The practice’s own words were changed."
    ASKED = "Somebody asked for another time."
    LINK_ASKED = "A private link was asked for again."
    SET_UP = "A coach set a password."
    CONTACT_SET = "The wishes for letters were changed."
    INTAKE_READ = "What was shared was opened."
    PRIVATE_READ = "The private note was opened."
    PARTNER_JOINED = "The other person joined."
    PAYING = "The payment was begun."
    PAID = "The payment came."
    PAID_LATE = "The payment came when the time was somebody else’s."
    PAID_TWICE = "It was paid for a second time."
    PAID_STRANGELY = "What was paid is not what was asked for."
    PAYMENT_ENDED = "Nothing was paid, and the time was let go."
    PAYMENT_FAILED = "The bank refused the payment."
    REFUND_ASKED = "Money is to go back."
    REFUNDED = "Money went back."
    REFUND_FAILED = "Money could not go back."
    DISPUTED = "The payment is disputed at the bank."
    NO_SHOW = "Nobody came."
    CAME_AFTER_ALL = "That nobody came was taken back."
    ERASED = "Everything that was written was deleted."


class JournalEntry(Base):
    """One happening; `actor` is who caused it."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_booking_id", "booking_id"),
        Index("ix_journal_coach_id_at", "coach_id", "at"),
        Index("ix_journal_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    happening: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(20))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("booking_people.id"))
    starts_at: Mapped[datetime | None]


def tell(
    session: Session,
    happening: Happening,
    *,
    actor: Actor,
    now: datetime,
    coach_id: int | None = None,
    booking_id: int | None = None,
    person_id: int | None = None,
    starts_at: datetime | None = None,
) -> None:
    """Add a happening to the journal of the open transaction."""
    session.add(
        JournalEntry(
            at=now,
            happening=happening.name,
            actor=actor,
            coach_id=coach_id,
            booking_id=booking_id,
            person_id=person_id,
            starts_at=starts_at,
        )
    )


def tell_of(
    session: Session, booking: Booking, happening: Happening, *, actor: Actor, now: datetime
) -> None:
    """Add a happening of a booking, with the start that it has now, to the open transaction."""
    tell(
        session,
        happening,
        actor=actor,
        now=now,
        coach_id=booking.coach_id,
        booking_id=booking.id,
        starts_at=booking.starts_at,
    )
