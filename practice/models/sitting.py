"""Sittings: a browser in which somebody has shown that the words are hers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.models.base import Base
from practice.models.intake import Intake


class Sitting(Base):
    """One open intake in one browser, found by the SHA-256 of its random token."""

    __tablename__ = "sittings"
    __table_args__ = (
        Index("ix_sittings_intake_id", "intake_id"),
        Index("ix_sittings_last_seen_at", "last_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    intake: Mapped[Intake] = relationship()
