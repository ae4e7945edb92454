"""The pages on which a time is picked: the next days, a month, a zone."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from practice.domain.booking import Who
from practice.domain.cancelling import spoken_minutes
from practice.domain.offering import Audience
from practice.domain.refunding import spoken_terms
from practice.domain.refusal import Invalid, NotFound
from practice.domain.span import Span
from practice.domain.zone import known_zones, local_date, midnight, zone_label, zone_named
from practice.models.coach import Coach
from practice.models.offered import is_more_shown, offered
from practice.models.offering import Offering
from practice.models.unit import reading
from practice.queries.times import Day, Diary, days_of, months_label, next_starts, starts_in

_LAST_YEAR = 9998


@dataclass(frozen=True, slots=True)
class PickPage:
    """The picker. `state` is open, none (nothing free) or paused (nothing offered).

    `price` ("€90") and `terms` are "" where nothing is to be paid; `is_more` tells whether anything
    else is offered. `coaches` are the names of those who offer it.
    """

    state: str
    eyebrow: str
    headline: str
    lead: str
    who: str
    audience: str
    days: tuple[Day, ...]
    months_label: str
    zone: str
    zone_label: str
    month: str
    offering: str
    is_more: bool = False
    price: str = ""
    terms: str = ""
    error: str = ""
    coaches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One date of a month; `href` query values are made by the page."""

    number: int
    on: str
    free: bool
    label: str
    today: bool


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month of dates, and the times of one of them."""

    title: str
    month: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[Cell | None, ...], ...]
    previous: str
    previous_label: str
    next: str
    next_label: str
    day: Day | None
    who: str
    audience: str
    zone: str
    zone_label: str
    offering: str


@dataclass(frozen=True, slots=True)
class ZonesPage:
    """The zones of the world by region."""

    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    zone: str


def pick_page(
    slug: str,
    zone_name: str,
    *,
    who: str,
    chosen: date | None,
    now: datetime,
    with_paid: bool,
    error: str = "",
) -> PickPage:
    """Return the picker of an offering ("" is the first) in the viewer's zone ("" is the coach's).

    `with_paid` tells whether money can be taken. Raises Invalid for a name that is no zone, and
    NotFound for an unknown slug.
    """
    try:
        offering, coaches = offered(reading(), slug, with_paid=with_paid)
    except NotFound:
        if slug:
            raise
        return _paused(now)
    diary = diary_of_any(offering, coaches, zone_name)
    terms = diary.terms
    days = days_of(next_starts(diary, now), diary, now=now, chosen=chosen)
    return PickPage(
        state="open" if days else "none",
        eyebrow=_length(offering) if slug else offering.name,
        headline=offering.name if slug else "",
        lead=offering.about if slug else "",
        who=who if who in set(Who) else Who.ME,
        audience=offering.audience,
        days=days,
        months_label=months_label(days),
        zone=str(diary.viewer),
        zone_label=zone_label(diary.viewer, now),
        month=f"{local_date(now, diary.viewer):%Y-%m}",
        offering=slug,
        is_more=is_more_shown(reading(), offering.id, with_paid=with_paid),
        price=str(terms.price) if terms.is_paid else "",
        terms=spoken_terms(terms.cancellation) if terms.is_paid else "",
        error=error,
        coaches=tuple(coach.name for coach in coaches),
    )


def month_page(
    slug: str,
    zone_name: str,
    month: str,
    *,
    who: str,
    chosen: date | None,
    now: datetime,
    with_paid: bool,
) -> MonthPage:
    """Return a month ("2026-06") of an offering; raises NotFound for what is no month."""
    first = _first_of(month)
    offering, coaches = offered(reading(), slug, with_paid=with_paid)
    diary = diary_of_any(offering, coaches, zone_name)
    following = _step(first, 1)
    window = Span(midnight(first, diary.viewer), midnight(following, diary.viewer))
    starts = starts_in(diary, window, now)
    days = days_of(starts, diary, now=now, chosen=chosen)
    today = local_date(now, diary.viewer)
    before = _step(first, -1)
    return MonthPage(
        title=_titled(first),
        month=month,
        weekdays=tuple(calendar.day_abbr),
        weeks=_weeks(first, {day.on for day in days}, today),
        previous=f"{before:%Y-%m}" if first > today else "",
        previous_label=calendar.month_name[before.month],
        next=f"{following:%Y-%m}" if (following - today).days < 365 else "",  # noqa: PLR2004
        next_label=calendar.month_name[following.month],
        day=next((day for day in days if chosen and day.on == chosen.isoformat()), None),
        who=who if who in set(Who) else Who.ME,
        audience=offering.audience,
        zone=str(diary.viewer),
        zone_label=zone_label(diary.viewer, now),
        offering=slug,
    )


def zones_page(zone_name: str) -> ZonesPage:
    """Return all zones worth choosing from, grouped by region."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in known_zones():
        region, _, place = name.partition("/")
        groups.setdefault(region, []).append((name, (place or name).replace("_", " ")))
    return ZonesPage(
        groups=tuple((region, tuple(places)) for region, places in groups.items()),
        zone=zone_name or default_zone(),
    )


def known_or_default(zone_name: str) -> str:
    """Return the name if it is a zone's, or else the zone of the first coach."""
    return known_or(zone_name, "") or default_zone()


def known_or(zone_name: str, otherwise: str) -> str:
    """Return the name if it is a zone's, or else the other one."""
    try:
        return str(zone_named(zone_name))
    except Invalid:
        return otherwise


def default_zone() -> str:
    """Return the zone of the first coach, or UTC where there is none yet."""
    try:
        return offered(reading(), "", with_paid=True)[1][0].zone
    except NotFound:
        return "UTC"


def diary_of(
    offering: Offering, coach: Coach, zone_name: str, *, but_booking: int | None = None
) -> Diary:
    """Return whose times are looked at, and on which clock; raises Invalid for what is no zone."""
    return diary_of_any(offering, (coach,), zone_name, but_booking=but_booking)


def diary_of_any(
    offering: Offering,
    coaches: tuple[Coach, ...],
    zone_name: str,
    *,
    but_booking: int | None = None,
) -> Diary:
    """Return the times of any of these coaches, on the viewer's clock or else the first one's.

    Raises Invalid for what is no zone.
    """
    first = zone_named(coaches[0].zone)
    viewer: ZoneInfo = zone_named(zone_name) if zone_name else first
    is_one_zone = len({coach.zone for coach in coaches}) == 1
    told = first if is_one_zone else viewer
    return Diary(coaches, offering.terms(), viewer, told, but_booking)


def _paused(now: datetime) -> PickPage:
    return PickPage(
        "paused", "", "", "", Who.ME, Audience.EITHER, (), "", "UTC", "UTC", f"{now:%Y-%m}", ""
    )


def _length(offering: Offering) -> str:
    length = spoken_minutes(offering.length_minutes)
    price = str(offering.terms().price) if offering.price_minor else "free"
    return f"{length}, {price}"


def _first_of(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as fault:
        raise NotFound("There is no such month.") from fault
    if not 1970 < first.year < _LAST_YEAR:  # noqa: PLR2004 - before that no clock here was set
        raise NotFound("There is no such month.")
    return first


def _step(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _titled(first: date) -> str:
    return f"{calendar.month_name[first.month]} {first.year}"


def _weeks(first: date, free: set[str], today: date) -> tuple[tuple[Cell | None, ...], ...]:
    return tuple(
        tuple(
            None
            if on.month != first.month
            else Cell(
                number=on.day,
                on=on.isoformat(),
                free=on.isoformat() in free,
                label=f"{calendar.day_name[on.weekday()]} {on.day} {calendar.month_name[on.month]}",
                today=on == today,
            )
            for on in week
        )
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    )
