"""When a coach works: weekly hours on the coach's clock, and dates that differ from them."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.models.base import Base


class WeeklyHours(Base):
    """One opening of a weekday (0 is Monday), in minutes after the coach's midnight."""

    __tablename__ = "weekly_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens_minute AND opens_minute < closes_minute", name="order"),
        CheckConstraint("closes_minute <= 1440", name="within_a_day"),
        Index("ix_weekly_hours_coach_id", "coach_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]


class DateException(Base):
    """A date on which the weekly hours do not hold: other openings, or none (closed)."""

    __tablename__ = "date_exceptions"
    __table_args__ = (UniqueConstraint("coach_id", "on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id", ondelete="CASCADE"))
    on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    openings: Mapped[list["ExceptionHours"]] = relationship(
        cascade="all, delete-orphan", order_by="ExceptionHours.opens_minute"
    )


class ExceptionHours(Base):
    """One opening of an exceptional date, in minutes after the coach's midnight."""

    __tablename__ = "exception_hours"
    __table_args__ = (
        CheckConstraint("0 <= opens_minute AND opens_minute < closes_minute", name="order"),
        CheckConstraint("closes_minute <= 1440", name="within_a_day"),
        Index("ix_exception_hours_exception_id", "exception_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exception_id: Mapped[int] = mapped_column(ForeignKey("date_exceptions.id", ondelete="CASCADE"))
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]
