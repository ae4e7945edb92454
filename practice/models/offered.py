"""Finding what is offered by the name in an address, with the coach who offers it."""

from collections.abc import Sequence

from sqlalchemy import Boolean, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from practice.domain.refusal import NotFound
from practice.models.coach import Coach
from practice.models.offering import Offering

# Made once: the front page asks these.
_PAYABLE = or_(bindparam("with_paid", type_=Boolean), Offering.price_minor == 0)
_OFFERED = (
    select(Offering, Coach)
    .join(Offering.coaches)
    .where(Offering.archived_at.is_(None), Coach.is_active, _PAYABLE)
    .order_by(Offering.position, Offering.id, Coach.position, Coach.id)
    .limit(1)
)
_FIRST = _OFFERED.where(Offering.is_shown)
_NAMED = _OFFERED.where(Offering.slug == bindparam("slug"))
_SHOWN = (
    Offering.is_shown,
    Offering.archived_at.is_(None),
    Offering.coaches.any(Coach.is_active),
    _PAYABLE,
)
_ALL = select(Offering).where(*_SHOWN).order_by(Offering.position, Offering.id)
_ANY_BESIDE = select(exists().where(*_SHOWN, Offering.id != bindparam("offering_id")))


def offered(session: Session, slug: str, *, with_paid: bool) -> tuple[Offering, Coach]:
    """Return the offering of this slug and its first coach; "" is the first one that can be booked.

    `with_paid` tells whether money can be taken: what costs any is not offered otherwise. Raises
    NotFound where it is not offered, or nobody offers it.
    """
    asked = {"slug": slug, "with_paid": with_paid}
    found = session.execute(_NAMED if slug else _FIRST, asked).first()
    if found is None:
        raise NotFound("There is nothing to book here at the moment.")
    offering, coach = found
    return offering, coach


def all_shown(session: Session, *, with_paid: bool) -> Sequence[Offering]:
    """Return all offerings that are shown and can be booked, in order; `with_paid` as above."""
    return session.scalars(_ALL, {"with_paid": with_paid}).all()


def is_more_shown(session: Session, offering_id: int, *, with_paid: bool) -> bool:
    """Tell whether any other offering is shown and can be booked; `with_paid` as above."""
    asked = {"offering_id": offering_id, "with_paid": with_paid}
    return bool(session.scalar(_ANY_BESIDE, asked))


def first_coach(session: Session) -> Coach:
    """Return the coach whom people mean who name none; raises NotFound where there is none."""
    coach = session.scalars(
        select(Coach).where(Coach.is_active).order_by(Coach.position, Coach.id).limit(1)
    ).first()
    if coach is None:
        raise NotFound("There is no coach here yet.")
    return coach
