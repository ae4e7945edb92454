"""Two clients who are a couple to their coach: a link between two files, which stay apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
