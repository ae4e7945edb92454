"""Wishes for a time that is not offered; what was written lies sealed."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import Base


class TimeRequest(Base):
    """A wish for another time, from somebody who found none that fits."""

    __tablename__ = "time_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id"))
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    message_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
