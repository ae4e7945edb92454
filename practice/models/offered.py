"""Finding what is offered by the name in an address, with the coach who offers it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from practice.domain.refusal import NotFound
from practice.models.coach import Coach
from practice.models.offering import Offering

# Made once: the front page asks this.
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
    """Return the offering of this slug, or the first shown one for "", and its first coach.

    Raises NotFound where it is not offered, or nobody offers it.
    """
    wanted = select(Offering).where(Offering.archived_at.is_(None))
    if slug:
        wanted = wanted.where(Offering.slug == slug)
    else:
        wanted = wanted.where(Offering.is_shown).order_by(Offering.position, Offering.id)
    offering = session.scalars(wanted.limit(1)).first()
    coaches = [coach for coach in offering.coaches if coach.is_active] if offering else []
    if offering is None or not coaches:
        raise NotFound("There is nothing to book here at the moment.")
    return offering, coaches[0]


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
