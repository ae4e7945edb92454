"""Throttles: one table of token buckets, keyed by a hash so that no address lies there."""

from datetime import datetime

from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.refusal import TooMany
from practice.models.base import Base
from practice.models.upsert import add_unless_there


class Bucket(Base):
    """A bucket of tokens: each act takes one, time fills it again."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tokens: Mapped[float]
    refilled_at: Mapped[datetime]


def take(session: Session, key: str, *, burst: int, per_seconds: int, now: datetime) -> None:
    """Take a token from a bucket of `burst`, one new every `per_seconds`; raises TooMany."""
    bucket = session.get(Bucket, key, with_for_update=True, populate_existing=True)
    if bucket is None:
        add_unless_there(session, Bucket, key=key, tokens=float(burst), refilled_at=now)
        bucket = session.get_one(Bucket, key, with_for_update=True, populate_existing=True)
    gone = max((now - bucket.refilled_at).total_seconds(), 0)
    tokens = min(burst, bucket.tokens + gone / per_seconds)
    if tokens < 1:
        wait = int((1 - tokens) * per_seconds) + 1
        raise TooMany(
            "That was a lot of tries in a short time. Please wait a little and try again.",
            retry_after=wait,
        )
    bucket.tokens = tokens - 1
    bucket.refilled_at = now


def give_back(session: Session, key: str) -> None:
    """Put a token back into a bucket."""
    session.execute(update(Bucket).where(Bucket.key == key).values(tokens=Bucket.tokens + 1))
