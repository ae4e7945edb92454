"""Finding what is offered by the name in an address, with the coaches who offer it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Boolean, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from practice.domain.assigning import Load
from practice.domain.booking import Status
from practice.domain.refusal import NotFound
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.offering import Offering, offering_coaches

# Made once: the front page asks these.
_PAYABLE = or_(bindparam("with_paid", type_=Boolean), Offering.price_minor == 0)
_OFFERED = (
    select(Offering, Coach)
    .join(Offering.coaches)
    .where(Offering.archived_at.is_(None), Coach.is_active, _PAYABLE)
    .order_by(Coach.position, Coach.id)
)
_NAMED = _OFFERED.where(Offering.slug == bindparam("slug"))
_SHOWN = (
    Offering.is_shown,
    Offering.archived_at.is_(None),
    Offering.coaches.any(Coach.is_active),
    _PAYABLE,
)
_FIRST = _OFFERED.where(
    Offering.id
    == select(Offering.id)
    .where(*_SHOWN)
    .order_by(Offering.position, Offering.id)
    .limit(1)
    .scalar_subquery()
)
_ALL = select(Offering).where(*_SHOWN).order_by(Offering.position, Offering.id)
_ANY_BESIDE = select(exists().where(*_SHOWN, Offering.id != bindparam("offering_id")))

_NAMES = (
    select(offering_coaches.c.offering_id, Coach.name)
    .join(Coach, Coach.id == offering_coaches.c.coach_id)
    .where(Coach.is_active, offering_coaches.c.offering_id.in_(bindparam("ids", expanding=True)))
    .order_by(Coach.position, Coach.id)
)
_COMING = (Status.PENDING, Status.CONFIRMED)
_HERS = Booking.coach_id == Coach.id
_LOADS = select(
    Coach.id,
    select(func.count())
    .where(_HERS, Booking.status.in_(_COMING), Booking.starts_at > bindparam("now"))
    .scalar_subquery(),
    # Of one coach no two overlap, so what starts last ends last, and the index has it at once.
    select(Booking.ends_at)
    .where(_HERS, Booking.status.in_((*_COMING, Status.DONE, Status.NO_SHOW)))
    .order_by(Booking.starts_at.desc())
    .limit(1)
    .scalar_subquery(),
    Coach.position,
).where(Coach.id.in_(bindparam("ids", expanding=True)))


def offered(session: Session, slug: str, *, with_paid: bool) -> tuple[Offering, tuple[Coach, ...]]:
    """Return the offering of this slug and its coaches; "" is the first one that can be booked.

    There is at least one coach, and they stand in the order of the team's list. `with_paid` tells
    whether money can be taken: what costs any is not offered otherwise. Raises NotFound where it
    is not offered, or nobody offers it.
    """
    asked = {"slug": slug, "with_paid": with_paid}
    found = session.execute(_NAMED if slug else _FIRST, asked).all()
    if not found:
        raise NotFound("There is nothing to book here at the moment.")
    return found[0].Offering, tuple(row.Coach for row in found)


def all_shown(session: Session, *, with_paid: bool) -> Sequence[Offering]:
    """Return all offerings that are shown and can be booked, in order; `with_paid` as above."""
    return session.scalars(_ALL, {"with_paid": with_paid}).all()


def is_more_shown(session: Session, offering_id: int, *, with_paid: bool) -> bool:
    """Tell whether any other offering is shown and can be booked; `with_paid` as above."""
    asked = {"offering_id": offering_id, "with_paid": with_paid}
    return bool(session.scalar(_ANY_BESIDE, asked))


def coaches_of(session: Session, offering_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the names of those who offer each of these, in the order of the team's list."""
    names: dict[int, tuple[str, ...]] = {}
    for offering_id, name in session.execute(_NAMES, {"ids": offering_ids}):
        names[offering_id] = (*names.get(offering_id, ()), name)
    return names


def loads_of(session: Session, coaches: Sequence[Coach], now: datetime) -> list[Load]:
    """Return what these coaches have to do from `now` on, and until when they were busy."""
    rows = session.execute(_LOADS, {"ids": [coach.id for coach in coaches], "now": now})
    return [Load(*row) for row in rows]


def first_coach(session: Session) -> Coach:
    """Return the coach whom people mean who name none; raises NotFound where there is none."""
    coach = session.scalars(
        select(Coach).where(Coach.is_active).order_by(Coach.position, Coach.id).limit(1)
    ).first()
    if coach is None:
        raise NotFound("There is no coach here yet.")
    return coach
