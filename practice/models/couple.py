"""Two clients who are a couple to their coach: a link between two files, which stay apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.models.base import Base


class Couple(Base):
    """A link between two clients, as one coach sees them; the smaller id comes first."""

    __tablename__ = "couples"
    __table_args__ = (
        UniqueConstraint("coach_id", "first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
        Index("ix_couples_second_id", "second_id"),
        Index("ix_couples_first_id", "first_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id"))
    first_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    linked_at: Mapped[datetime]


def couple_of(session: Session, coach_id: int, one_id: int, other_id: int) -> Couple | None:
    """Return the link between two clients of a coach, or None."""
    first, second = sorted((one_id, other_id))
    return session.scalar(
        select(Couple).where(
            Couple.coach_id == coach_id, Couple.first_id == first, Couple.second_id == second
        )
    )


def linked_with(session: Session, coach_id: int, client_id: int) -> list[int]:
    """Return the ids of the clients with whom a client is linked, as one coach sees them."""
    rows = session.scalars(
        select(Couple)
        .where(
            Couple.coach_id == coach_id,
            or_(Couple.first_id == client_id, Couple.second_id == client_id),
        )
        .order_by(Couple.id)
    )
    return [row.second_id if row.first_id == client_id else row.first_id for row in rows]


def forget_couples(session: Session, client_id: int) -> None:
    """Delete every link of a client, whichever coach made it."""
    session.execute(
        delete(Couple).where(or_(Couple.first_id == client_id, Couple.second_id == client_id))
    )
