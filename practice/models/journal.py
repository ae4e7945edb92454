"""What happened, for the timelines at the desk: who and what, never any content."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.booking import Actor
from practice.models.base import Base
from practice.models.booking import Booking

TOLD: Final = "told"
"""Where a session keeps what was told in its open unit."""


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
    DONE = "The appointment took place."
    NOT_DONE = "That it took place was taken back."
    NOTE_WRITTEN = "A note was written."
    NOTE_CHANGED = "A locked note was changed."
    LINKED = "Two clients were linked as a couple."
    UNLINKED = "The link between two clients was taken away."
    EXPORTED = "Everything about a client was taken out."
    PERSON_ERASED = "A client was erased."
    SIGNED_IN = "Somebody signed in."
    SIGNED_OUT = "Somebody signed out."
    FACTOR_SET = "A second factor was set."
    FACTOR_REMOVED = "A second factor was removed."
    CODE_USED = "A recovery code was used."
    RESET_ASKED = "A new password was asked for."
    SESSION_ENDED = "A session was ended."
    ACCOUNT_MADE = "An account was made."
    ROLE_CHANGED = "What an account may do was changed."
    ACCOUNT_CLOSED = "An account was closed."
    COACH_ADDED = "A coach can be booked from now on."
    COACH_RETIRED = "A coach can be booked no more."
    FEED_MADE = "A feed of the diary was made."
    FEED_REVOKED = "The feed of the diary was revoked."
    CALENDAR_ADDED = "A calendar was added."
    CALENDAR_CHANGED = "What a calendar is used for was changed."
    CALENDAR_REMOVED = "A calendar was removed."
    FORGOTTEN = "This was of a time that nobody booked, and is forgotten."


class JournalEntry(Base):
    """One happening; `actor` is who caused it, and `user_id` which account at the desk.

    `chain` is the coach whose chain it stands in, 0 for the house's own; `number` counts on in it,
    and `link` binds it to all that stood before.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_booking_id", "booking_id"),
        Index("ix_journal_coach_id_at", "coach_id", "at"),
        Index("ix_journal_person_id", "person_id"),
        Index("ix_journal_client_id", "client_id"),
        UniqueConstraint("chain", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    happening: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(20))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("booking_people.id"))
    starts_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    chain: Mapped[int | None]
    number: Mapped[int | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    link: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class JournalHead(Base):
    """Where a chain of the journal ends: its last number, and a stamp of that line's link."""

    __tablename__ = "journal_heads"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(default=0)
    link: Mapped[bytes] = mapped_column(LargeBinary(32))


def tell(  # noqa: PLR0913 - each names another row of what happened
    session: Session,
    happening: Happening,
    *,
    actor: Actor,
    now: datetime,
    coach_id: int | None = None,
    booking_id: int | None = None,
    person_id: int | None = None,
    client_id: int | None = None,
    starts_at: datetime | None = None,
) -> None:
    """Add a happening to the journal of the open transaction; `chain.py` writes it at its end."""
    session.info.setdefault(TOLD, []).append(
        JournalEntry(
            at=now,
            happening=happening.name,
            actor=actor,
            coach_id=coach_id,
            booking_id=booking_id,
            person_id=person_id,
            client_id=client_id,
            starts_at=starts_at,
            user_id=session.info.get("acting"),
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


def redact(session: Session, booking_ids: list[int]) -> None:
    """Forget what the journal tells of bookings; the lines stay, as the chain needs them."""
    session.execute(
        update(JournalEntry)
        .where(JournalEntry.booking_id.in_(booking_ids))
        .values(
            happening=Happening.FORGOTTEN.name,
            booking_id=None,
            person_id=None,
            client_id=None,
            starts_at=None,
        )
    )
