"""The pages of what is offered: the list, one offering, and what clients see of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from practice.domain.cancelling import spoken_minutes
from practice.domain.letters import moment_line
from practice.domain.offering import Offering as Terms
from practice.domain.offering import Place, PlaceKind, Questions
from practice.domain.refunding import spoken_terms
from practice.domain.refusal import NotFound
from practice.domain.zone import zone_label
from practice.models.coach import Coach
from practice.models.offering import Offering, offering_coaches
from practice.models.unit import reading
from practice.queries.picking import diary_of
from practice.queries.times import next_starts

STARTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What clients see of an offering: its next starts, each as a line."""

    name: str
    starts: tuple[str, ...]
    zone_label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One offering on the list; `slug` makes its link.

    `price` is "Free" for what costs nothing; `back` says what goes back of one that costs something
    when it is cancelled.
    """

    id: int
    name: str
    length: str
    price: str
    back: str
    slug: str
    is_shown: bool
    is_first: bool


@dataclass(frozen=True, slots=True)
class OfferingsPage:
    """All offerings in their order, and apart from them the archived ones.

    `any_paid` tells whether any that is offered costs something.
    """

    rows: tuple[Row, ...]
    archived: tuple[Row, ...]
    any_paid: bool


@dataclass(frozen=True, slots=True)
class OfferingPage:
    """One offering with all its terms."""

    id: int
    name: str
    about: str
    slug: str
    terms: Terms
    place: Place | None
    questions: Questions
    intake_cutoff_minutes: int
    is_shown: bool
    is_archived: bool
    is_only_shown: bool
    back: str
    seen: Seen | None


def offerings_page(coach_id: int) -> OfferingsPage:
    """Return everything that a coach offers or has offered."""
    offered = _offered(coach_id)
    current = [offering for offering in offered if offering.archived_at is None]
    first = current[0].id if current else None
    return OfferingsPage(
        rows=tuple(_row(each, is_first=each.id == first) for each in current),
        archived=tuple(
            _row(each, is_first=False) for each in offered if each.archived_at is not None
        ),
        any_paid=any(each.terms().is_paid for each in current),
    )


def offering_page(coach_id: int, offering_id: int, *, now: datetime) -> OfferingPage:
    """Return an offering of a coach; raises NotFound."""
    offered = _offered(coach_id)
    offering = next((each for each in offered if each.id == offering_id), None)
    if offering is None:
        raise NotFound("There is no such offering.")
    shown = [each.id for each in offered if each.is_shown and each.archived_at is None]
    kind = offering.place_kind
    return OfferingPage(
        id=offering.id,
        name=offering.name,
        about=offering.about,
        slug=offering.slug,
        terms=offering.terms(),
        place=Place(PlaceKind(kind), offering.place_detail) if kind else None,
        questions=Questions(offering.questionnaire),
        intake_cutoff_minutes=offering.intake_cutoff_minutes,
        is_shown=offering.is_shown,
        is_archived=offering.archived_at is not None,
        is_only_shown=shown == [offering.id],
        back=_back(offering.terms()),
        seen=None if offering.archived_at else seen_by_clients(coach_id, offering.id, now=now),
    )


def seen_by_clients(coach_id: int, offering_id: int | None, *, now: datetime) -> Seen | None:
    """Return the next starts of an offering (None is the first shown one), or None without one."""
    wanted = [
        each
        for each in _offered(coach_id)
        if each.archived_at is None and (each.id == offering_id if offering_id else each.is_shown)
    ]
    if not wanted:
        return None
    diary = diary_of(wanted[0], reading().get_one(Coach, coach_id), "")
    zone = diary.coach_zone
    return Seen(
        name=wanted[0].name,
        starts=tuple(
            moment_line(start, zone, now=now) for start in next_starts(diary, now)[:STARTS_SHOWN]
        ),
        zone_label=zone_label(zone, now),
    )


def _offered(coach_id: int) -> list[Offering]:
    return list(
        reading().scalars(
            select(Offering)
            .join(offering_coaches, offering_coaches.c.offering_id == Offering.id)
            .where(offering_coaches.c.coach_id == coach_id)
            .order_by(Offering.position, Offering.id)
        )
    )


def _back(terms: Terms) -> str:
    return spoken_terms(terms.cancellation) if terms.is_paid else ""


def _row(offering: Offering, *, is_first: bool) -> Row:
    terms = offering.terms()
    return Row(
        id=offering.id,
        name=offering.name,
        length=spoken_minutes(offering.length_minutes),
        price=str(terms.price) if terms.is_paid else "Free",
        back=_back(terms),
        slug=offering.slug,
        is_shown=offering.is_shown,
        is_first=is_first,
    )
