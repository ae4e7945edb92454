"""The pages of what is offered: the list, one offering, and what clients see of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from practice.domain.assigning import with_whom
from practice.domain.cancelling import spoken_minutes
from practice.domain.letters import moment_line
from practice.domain.offering import Offering as Terms
from practice.domain.offering import Place, PlaceKind, Questions
from practice.domain.refunding import spoken_terms
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label
from practice.models.coach import Coach
from practice.models.offered import coaches_of
from practice.models.offering import Offering
from practice.models.unit import reading
from practice.queries.picking import diary_of_any
from practice.queries.times import next_starts

STARTS_SHOWN = 5
_OFFERED = select(Offering).order_by(Offering.position, Offering.id)


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
    when it is cancelled. `whom` says with whom it is, where that is not always the same coach.
    """

    id: int
    name: str
    length: str
    price: str
    back: str
    slug: str
    is_shown: bool
    is_first: bool
    is_last: bool
    whom: str


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
    confirmation_words: str
    reminder_hours: int
    is_shown: bool
    is_archived: bool
    is_only_shown: bool
    back: str
    seen: Seen | None
    coach_ids: tuple[int, ...]


def offerings_page(seat: Seat) -> OfferingsPage:
    """Return everything that a coach offers or has offered, and for the owner what anybody does."""
    seat.require(Right.SETTINGS)
    offered = _offered(seat)
    current = [offering for offering in offered if offering.archived_at is None]
    first, last = (current[0].id, current[-1].id) if current else (None, None)
    whom = _whom(offered)
    return OfferingsPage(
        rows=tuple(
            _row(each, whom, is_first=each.id == first, is_last=each.id == last) for each in current
        ),
        archived=tuple(
            _row(each, whom, is_first=False, is_last=False)
            for each in offered
            if each.archived_at is not None
        ),
        any_paid=any(each.terms().is_paid for each in current),
    )


def offering_page(seat: Seat, offering_id: int, *, now: datetime) -> OfferingPage:
    """Return an offering of a coach, or any for the owner; raises NotFound."""
    seat.require(Right.SETTINGS)
    offered = _offered(seat)
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
        confirmation_words=offering.confirmation_words,
        reminder_hours=offering.reminder_hours,
        is_shown=offering.is_shown,
        is_archived=offering.archived_at is not None,
        is_only_shown=shown == [offering.id],
        back=_back(offering.terms()),
        seen=None if offering.archived_at else _seen(offering, tuple(offering.coaches), now),
        coach_ids=tuple(coach.id for coach in offering.coaches if coach.is_active),
    )


def coach_choices(seat: Seat) -> tuple[tuple[int, str], ...]:
    """Return, as (id, name), all who could offer something, for the owner to choose from.

    There are none for others, and none where there is nobody to choose from.
    """
    if not seat.may(Right.TEAM):
        return ()
    rows = reading().execute(
        select(Coach.id, Coach.name).where(Coach.is_active).order_by(Coach.position, Coach.id)
    )
    found = tuple((row.id, row.name) for row in rows)
    return found if len(found) > 1 else ()


def seen_by_clients(coach_id: int, *, now: datetime) -> Seen | None:
    """Return this coach's own next starts of what she offers first, or None without any."""
    offered = reading().scalars(_OFFERED.where(_by(coach_id)))
    first = next((each for each in offered if each.is_shown and each.archived_at is None), None)
    return _seen(first, (reading().get_one(Coach, coach_id),), now) if first else None


def _seen(offering: Offering, coaches: tuple[Coach, ...], now: datetime) -> Seen | None:
    here = tuple(coach for coach in coaches if coach.is_active)
    if not here:
        return None
    diary = diary_of_any(offering, here, "")
    zone = diary.viewer
    return Seen(
        name=offering.name,
        starts=tuple(
            moment_line(start, zone, now=now) for start in next_starts(diary, now)[:STARTS_SHOWN]
        ),
        zone_label=zone_label(zone, now),
    )


def _offered(seat: Seat) -> list[Offering]:
    wanted = _OFFERED if seat.may(Right.TEAM) else _OFFERED.where(_by(seat.coach_id))
    return list(reading().scalars(wanted))


def _by(coach_id: int) -> ColumnElement[bool]:
    return Offering.coaches.any(Coach.id == coach_id)


def _whom(offerings: list[Offering]) -> dict[int, str]:
    """Return with whom each is, nothing where one and the same coach offers everything."""
    coaches = coaches_of(reading(), [each.id for each in offerings])
    several = len({name for names in coaches.values() for name in names}) > 1
    return {key: with_whom(names) for key, names in coaches.items()} if several else {}


def _back(terms: Terms) -> str:
    return spoken_terms(terms.cancellation) if terms.is_paid else ""


def _row(offering: Offering, whom: dict[int, str], *, is_first: bool, is_last: bool) -> Row:
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
        is_last=is_last,
        whom=whom.get(offering.id, ""),
    )
