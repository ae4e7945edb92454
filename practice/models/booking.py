"""Bookings and their people; what a booking was agreed on stays with it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.domain import offering as rules
from practice.domain.booking import Actor
from practice.domain.cancelling import Cancellation
from practice.domain.contact import Wishes
from practice.domain.refunding import CancellationTerms
from practice.models.base import Base
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.offering import Offering


class Booking(Base):
    """A meeting, from the hold on; its terms are those of the moment it was made.

    `sequence` counts its changes (RFC 5546 §2.1.4). `held_at` is when the hold was made: its
    notice is judged by that instant. `held_by` and `held_from` are hashes of browser and caller.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("who IN ('me', 'both')", name="who"),
        CheckConstraint(
            "status IN ('held', 'pending', 'confirmed', 'cancelled', 'expired', 'done', 'no_show')",
            name="status",
        ),
        Index("ix_bookings_coach_id_starts_at", "coach_id", "starts_at"),
        # The coach first: SQLite, which has no statistics, would read a whole past otherwise.
        Index("ix_bookings_coach_id_held_by", "coach_id", "held_by"),
        Index(
            "ix_bookings_expired",
            "held_at",
            sqlite_where=text("status = 'expired'"),
            postgresql_where=text("status = 'expired'"),
        ),
        Index("ix_bookings_coach_id_held_from", "coach_id", "held_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(64), unique=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id"))
    offering_id: Mapped[int] = mapped_column(ForeignKey("offerings.id"))
    status: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int] = mapped_column(default=0)
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    held_by: Mapped[str | None] = mapped_column(String(64))
    held_from: Mapped[str | None] = mapped_column(String(64))
    held_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(20), default=Actor.CLIENT)
    confirmed_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    moved_from_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(20))

    offering_name: Mapped[str] = mapped_column(String(200))
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    move_cutoff_minutes: Mapped[int]
    cancel_cutoff_minutes: Mapped[int]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    full_refund_hours: Mapped[int] = mapped_column(default=24)
    part_refund_hours: Mapped[int] = mapped_column(default=0)
    part_refund_percent: Mapped[int] = mapped_column(default=0)
    most_refund_percent: Mapped[int] = mapped_column(default=100)
    place_kind: Mapped[str] = mapped_column(String(20))
    place_detail: Mapped[str] = mapped_column(String(500))

    coach: Mapped[Coach] = relationship()
    offering: Mapped[Offering] = relationship()
    people: Mapped[list["BookingPerson"]] = relationship(
        back_populates="booking", order_by="BookingPerson.id"
    )

    @property
    def place(self) -> rules.Place:
        """Where or how these people meet."""
        return rules.Place(rules.PlaceKind(self.place_kind), self.place_detail)

    @property
    def cancellation(self) -> Cancellation | None:
        """When and by whom it was cancelled, if it was."""
        if self.cancelled_at is None or self.cancelled_by is None:
            return None
        return Cancellation(self.cancelled_at, Actor(self.cancelled_by))

    def terms(self) -> rules.Offering:
        """Return the rules that this booking was made on."""
        return rules.Offering(
            length_minutes=int((self.ends_at - self.starts_at).total_seconds() // 60),
            step_minutes=self.offering.step_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            notice_minutes=self.offering.notice_minutes,
            horizon_days=self.offering.horizon_days,
            daily_cap=self.offering.daily_cap,
            weekly_cap=self.offering.weekly_cap,
            move_cutoff_minutes=self.move_cutoff_minutes,
            cancel_cutoff_minutes=self.cancel_cutoff_minutes,
            audience=rules.Audience(self.offering.audience),
            price_minor=self.price_minor,
            currency=self.currency,
            cancellation=CancellationTerms(
                self.full_refund_hours,
                self.part_refund_hours,
                self.part_refund_percent,
                self.most_refund_percent,
            ),
        )


class BookingPerson(Base):
    """One person of a booking, with the wishes for letters; the first is the booker.

    `called` is the name to be used, "" for the given one. Letters go out from
    `letters_from_minute` to before `letters_until_minute` of the person's own day, or at any time.
    `mailbox_was_shared_at` is when the mailbox was first said to be read by others; it stays.
    """

    __tablename__ = "booking_people"
    __table_args__ = (
        Index("ix_booking_people_booking_id", "booking_id"),
        # One who booked; any who were asked along, or joining would tell whether somebody had.
        Index(
            "uq_booking_people_booker",
            "booking_id",
            unique=True,
            sqlite_where=text("role = 'booker'"),
            postgresql_where=text("role = 'booker'"),
        ),
        CheckConstraint("role IN ('booker', 'partner')", name="role"),
        Index("ix_booking_people_client_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    role: Mapped[str] = mapped_column(String(20), default="booker")
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    wants_invite: Mapped[bool] = mapped_column(default=False)
    wants_reminder: Mapped[bool] = mapped_column(default=True)
    called: Mapped[str] = mapped_column(String(200), default="")
    letters_ok: Mapped[bool] = mapped_column(default=True)
    mailbox_shared: Mapped[bool] = mapped_column(default=False)
    mailbox_was_shared_at: Mapped[datetime | None]
    letters_from_minute: Mapped[int | None]
    letters_until_minute: Mapped[int | None]
    contact_set_at: Mapped[datetime | None]
    booking: Mapped[Booking] = relationship(back_populates="people")
    client: Mapped[Client] = relationship()

    @property
    def greeting(self) -> str:
        """The name that letters and pages call this person by."""
        return self.called or self.name

    @property
    def wishes(self) -> Wishes:
        """How this person said to be written to."""
        return Wishes(
            letters_ok=self.letters_ok,
            reminder_ok=self.wants_reminder,
            mailbox_shared=self.mailbox_shared,
            mailbox_was_shared=self.mailbox_was_shared_at is not None,
            from_minute=self.letters_from_minute,
            until_minute=self.letters_until_minute,
            called=self.called,
        )
