"""Who is signed in where, and the codes that stand in for a lost second factor."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import Base

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=14)


class DeskSession(Base):
    """One sign-in in one browser, found by the SHA-256 of its random number.

    `device` is what the browser calls itself, in a few words. One that ended stays ended.
    """

    __tablename__ = "desk_sessions"
    __table_args__ = (Index("ix_desk_sessions_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def goes_on(self, now: datetime) -> bool:
        """Tell whether it was not ended, and neither idle nor open for too long."""
        is_young = now - self.seen_at < IDLE and now - self.created_at < LONGEST
        return self.ended_at is None and is_young


class RecoveryCode(Base):
    """A code that signs in once without the second factor; kept as an HMAC only."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
