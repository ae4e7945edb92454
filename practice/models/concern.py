"""What stands strange about money, until a coach has looked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.payment import ConcernKind
from practice.models.base import Base
from practice.models.payment import Payment
from practice.models.upsert import add_unless_there


class Concern(Base):
    """Something about money that a coach has to look at; every coach, where `coach_id` is unset.

    `dedupe` is the same for the same trouble. `detail` is the service's own name of the thing.
    """

    __tablename__ = "concerns"
    __table_args__ = (Index("ix_concerns_settled_at", "settled_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    detail: Mapped[str] = mapped_column(String(255), default="")
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


def raise_concern(
    session: Session,
    kind: ConcernKind,
    dedupe: str,
    *,
    now: datetime,
    payment: Payment | None = None,
    detail: str = "",
    anew: bool = False,
) -> None:
    """Write down that a coach has to look at something, once for the same trouble.

    With `anew`, one that somebody has looked at already is to be looked at again.
    """
    told = f"{kind}:{dedupe}"[:200]
    add_unless_there(
        session,
        Concern,
        dedupe=told,
        kind=kind,
        coach_id=payment.coach_id if payment else None,
        payment_id=payment.id if payment else None,
        detail=detail[:255],
        raised_at=now,
    )
    if anew:
        session.execute(update(Concern).where(Concern.dedupe == told).values(settled_at=None))
