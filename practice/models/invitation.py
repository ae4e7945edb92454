"""An invitation of the other person of a booking for two, made by the one who booked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.models.base import Base
from practice.models.booking import Booking


class Invitation(Base):
    """One invitation a booking; the address lies sealed, and is deleted when nothing came of it.

    `reference` is the row's name in places of sealing. `answered_at` is when it was taken up or
    declined, which nobody who invited may learn.
    """

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_sent_at", "sent_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), unique=True)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship()
