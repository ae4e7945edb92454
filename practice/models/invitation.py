"""An invitation of the other person of a booking for two, made by the one who booked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from practice.models.base import Base
from practice.models.booking import Booking
from practice.models.link import Link, Purpose


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


def invitation_of(session: Session, booking_id: int) -> Invitation | None:
    """Return the invitation of a booking, if one was made."""
    return session.scalar(
        select(Invitation)
        .where(Invitation.booking_id == booking_id)
        .execution_options(populate_existing=True)
    )


def link_to_join(session: Session, booking_id: int) -> Link | None:
    """Return the one link by which others may join a booking, if it was made."""
    return session.scalar(
        select(Link).where(Link.booking_id == booking_id, Link.purpose == Purpose.INVITATION)
    )


def place_of_address(invitation: Invitation) -> str:
    """Return where the address of an invitation is sealed for."""
    return f"invitations:{invitation.reference}:address"
