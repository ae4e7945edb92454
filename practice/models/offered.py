"""Finding what is offered by the name in an address, with the coach who offers it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from practice.domain.refusal import NotFound
from practice.models.coach import Coach
from practice.models.offering import Offering

# Made once: the front page asks these.
_OFFERED = (
    select(Offering, Coach)
    .join(Offering.coaches)
    .where(Offering.archived_at.is_(None), Coach.is_active)
    .order_by(Offering.position, Offering.id, Coach.position, Coach.id)
    .limit(1)
)
_FIRST = _OFFERED.where(Offering.is_shown)
_NAMED = _OFFERED.where(Offering.slug == bindparam("slug"))
_BESIDE = (
    select(Offering.slug, Offering.name, Offering.length_minutes)
    .where(
        Offering.is_shown,
        Offering.archived_at.is_(None),
        Offering.id != bindparam("offering_id"),
        Offering.coaches.any(Coach.is_active),
    )
    .order_by(Offering.position, Offering.id)
)


def offered(session: Session, slug: str) -> tuple[Offering, Coach]:
    """Return the offering of this slug and its first coach; "" is the first one that can be booked.

    Raises NotFound where it is not offered, or nobody offers it.
    """
    found = session.execute(_NAMED if slug else _FIRST, {"slug": slug}).first()
    if found is None:
        raise NotFound("There is nothing to book here at the moment.")
    offering, coach = found
    return offering, coach


def shown_beside(session: Session, offering_id: int) -> Sequence[tuple[str, str, int]]:
    """Return slug, name and length (minutes) of the other offerings that are shown, in order."""
    rows = session.execute(_BESIDE, {"offering_id": offering_id})
    return [(slug, name, minutes) for slug, name, minutes in rows]


def first_coach(session: Session) -> Coach:
    """Return the coach whom people mean who name none; raises NotFound where there is none."""
    coach = session.scalars(
        select(Coach).where(Coach.is_active).order_by(Coach.position, Coach.id).limit(1)
    ).first()
    if coach is None:
        raise NotFound("There is no coach here yet.")
    return coach
