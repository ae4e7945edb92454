"""What a practice offers, and which coaches offer it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.domain import offering as rules
from practice.domain.refunding import CancellationTerms
from practice.models.base import Base
from practice.models.coach import Coach

offering_coaches = Table(
    "offering_coaches",
    Base.metadata,
    Column("offering_id", ForeignKey("offerings.id", ondelete="CASCADE"), primary_key=True),
    Column("coach_id", ForeignKey("coaches.id", ondelete="CASCADE"), primary_key=True),
)


class Offering(Base):
    """A kind of meeting; lengths in minutes, price in minor units of its currency.

    `confirmation_words` are the coach's own, for the first letter. The reminder goes
    `reminder_hours` before the start, none where that is 0.
    """

    __tablename__ = "offerings"
    __table_args__ = (
        CheckConstraint("length_minutes BETWEEN 5 AND 720", name="length"),
        CheckConstraint("step_minutes BETWEEN 5 AND 720", name="step"),
        CheckConstraint("price_minor >= 0", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(500), default="")
    length_minutes: Mapped[int] = mapped_column(default=30)
    step_minutes: Mapped[int] = mapped_column(default=30)
    buffer_before_minutes: Mapped[int] = mapped_column(default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(default=0)
    notice_minutes: Mapped[int] = mapped_column(default=0)
    horizon_days: Mapped[int | None]
    daily_cap: Mapped[int | None]
    weekly_cap: Mapped[int | None]
    move_cutoff_minutes: Mapped[int] = mapped_column(default=0)
    cancel_cutoff_minutes: Mapped[int] = mapped_column(default=0)
    audience: Mapped[str] = mapped_column(String(20), default=rules.Audience.EITHER)
    place_kind: Mapped[str | None] = mapped_column(String(20))
    place_detail: Mapped[str] = mapped_column(String(500), default="")
    questionnaire: Mapped[str] = mapped_column(String(20), default="none")
    intake_cutoff_minutes: Mapped[int] = mapped_column(default=0)
    price_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    full_refund_hours: Mapped[int] = mapped_column(default=24)
    part_refund_hours: Mapped[int] = mapped_column(default=0)
    part_refund_percent: Mapped[int] = mapped_column(default=0)
    confirmation_words: Mapped[str] = mapped_column(String(1000), default="")
    reminder_hours: Mapped[int] = mapped_column(default=24)
    is_shown: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None]
    coaches: Mapped[list[Coach]] = relationship(secondary=offering_coaches, order_by=Coach.position)

    def terms(self) -> rules.Offering:
        """Return what the domain decides with."""
        return rules.Offering(
            length_minutes=self.length_minutes,
            step_minutes=self.step_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            notice_minutes=self.notice_minutes,
            horizon_days=self.horizon_days,
            daily_cap=self.daily_cap,
            weekly_cap=self.weekly_cap,
            move_cutoff_minutes=self.move_cutoff_minutes,
            cancel_cutoff_minutes=self.cancel_cutoff_minutes,
            audience=rules.Audience(self.audience),
            price_minor=self.price_minor,
            currency=self.currency,
            cancellation=CancellationTerms(
                self.full_refund_hours, self.part_refund_hours, self.part_refund_percent
            ),
        )

    def place(self, coach: Coach) -> rules.Place:
        """Return where to meet: the offering's own place, or else the coach's."""
        if self.place_kind is None:
            return coach.place
        return rules.Place(rules.PlaceKind(self.place_kind), self.place_detail)
