"""Sittings: a browser in which somebody has shown that the words are hers."""

import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ForeignKey, Index, LargeBinary, delete, select, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from practice.domain.refusal import Away, Closed, OtherNotes
from practice.domain.writing import is_away, is_over, is_to_be_seen
from practice.models.base import Base
from practice.models.intake import Intake


class Sitting(Base):
    """One open intake in one browser, found by the SHA-256 of its random token.

    `came_back` tells that a passcode or a mailed code was shown. Whoever only began has shown
    nothing, and so reaches nothing else that was written from the same link.
    """

    __tablename__ = "sittings"
    __table_args__ = (
        Index("ix_sittings_intake_id", "intake_id"),
        Index("ix_sittings_last_seen_at", "last_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    came_back: Mapped[bool]
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    intake: Mapped[Intake] = relationship()


def new_sitting(session: Session, intake_id: int, *, came_back: bool, now: datetime) -> str:
    """Remember that a browser sits at an intake; return the token that it is to carry."""
    token = secrets.token_urlsafe(24)
    session.add(
        Sitting(
            token_hash=_hash(token),
            intake_id=intake_id,
            came_back=came_back,
            began_at=now,
            last_seen_at=now,
        )
    )
    return token


def sitting_of(session: Session, token: str) -> Sitting:
    """Return the sitting of a browser, idle or not; raises Closed where there is none."""
    sitting = session.scalar(
        select(Sitting)
        .where(Sitting.token_hash == _hash(token))
        .options(joinedload(Sitting.intake))
        .execution_options(populate_existing=True)
    )
    if sitting is None or sitting.intake.erased_at is not None:
        raise Closed("Your notes are closed in this browser.")
    return sitting


def living_sitting(session: Session, token: str, *, now: datetime) -> Sitting:
    """Return the sitting of a browser; raises Closed, Away (idle or open too long)."""
    sitting = sitting_of(session, token)
    if is_away(sitting.last_seen_at, now=now) or is_over(sitting.began_at, now=now):
        raise Away("You were away for a while, so this page is closed. Nothing is lost.")
    return sitting


def check_meant(sitting: Sitting, reference: str) -> None:
    """Raise OtherNotes unless a page of the intake that is open was pressed.

    Two people may use one browser after each other, and a tab of the first is still there.
    """
    if sitting.intake.reference != reference:
        raise OtherNotes


def see(session: Session, sitting: Sitting, now: datetime) -> None:
    """Note that somebody is there; once a minute is enough."""
    if is_to_be_seen(sitting.last_seen_at, now=now):
        # By a statement: one that was left meanwhile is missed by nobody, and costs no save.
        session.execute(update(Sitting).where(Sitting.id == sitting.id).values(last_seen_at=now))


def end_sitting(session: Session, token: str) -> None:
    """End a sitting, if there is one."""
    session.execute(delete(Sitting).where(Sitting.token_hash == _hash(token)))


def end_sittings(session: Session, intake_ids: Collection[int]) -> None:
    """End every sitting at these intakes, in whatever browser."""
    session.execute(delete(Sitting).where(Sitting.intake_id.in_(intake_ids)))


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
