"""Why a time is not offered, in a sentence, and where that can be changed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from practice.domain.availability import Holding, Taken
from practice.domain.cancelling import spoken_minutes
from practice.domain.hours import Rules
from practice.domain.letters import clock, moment_line, spoken, time_range, when_line
from practice.domain.offering import Offering as Terms
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.why import Reason, Why, start_or_reason, why_not
from practice.domain.zone import local_date, zone_label, zone_named
from practice.models.booking import BookingPerson
from practice.models.coach import Coach
from practice.models.diary import rules_and_taken, rules_of
from practice.models.occupancy import Block, Occupancy
from practice.models.offering import Offering, offering_coaches
from practice.models.unit import reading
from practice.queries.week import initials

_FAR = 9000
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_KINDS = {
    Holding.CONFIRMED: "booking",
    Holding.PENDING: "booking",
    Holding.BLOCKED: "block",
    Holding.EXTERNAL: "calendars",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as a coach reads it.

    `place` is where it can be changed: hours, date, offering, payments, calendars, booking or block
    (whose row `id` is), or "" for nowhere. `is_offered` tells that clients can book it,
    `is_lasting` that not even the coach can by hand.
    """

    sentence: str
    place: str
    id: int = 0
    on: str = ""
    is_offered: bool = False
    is_lasting: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """An offering to ask about."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class WhyDesk:
    """What can be asked about: the offerings, on which clock, and which date it is there."""

    offerings: tuple[Choice, ...]
    zone: ZoneInfo
    zone_label: str
    today: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer about one offering and one moment."""

    offering: Choice
    when: str
    told: Told


@dataclass(frozen=True, slots=True)
class _Asked:
    """In which diary, by which terms and when it is asked."""

    coach_id: int
    offering: Offering
    rules: Rules
    now: datetime
    hides_names: bool

    @property
    def terms(self) -> Terms:
        return self.offering.terms()

    @property
    def zone(self) -> ZoneInfo:
        return self.rules.zone


def why_desk(seat: Seat, *, now: datetime) -> WhyDesk:
    """Return what a coach can ask about: all that she offers, the first first."""
    seat.require(Right.DIARY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    rows = reading().execute(
        select(Offering.id, Offering.name)
        .join(offering_coaches, offering_coaches.c.offering_id == Offering.id)
        .where(offering_coaches.c.coach_id == seat.coach_id, Offering.archived_at.is_(None))
        .order_by(Offering.position, Offering.id)
    )
    choices = tuple(Choice(row.id, row.name) for row in rows)
    return WhyDesk(choices, zone, zone_label(zone, now), local_date(now, zone).isoformat())


def why_page(
    seat: Seat,
    offering_id: int,
    on: date,
    minute: int,
    *,
    now: datetime,
    can_charge: bool,
    hides_names: bool = False,
) -> Answered:
    """Return why an offering can't be booked at a minute (0 to 1439) of a date; raises NotFound."""
    seat.require(Right.DIARY)
    session = reading()
    coach = session.get_one(Coach, seat.coach_id)
    offering = session.get(Offering, offering_id)
    if offering is None or coach not in offering.coaches:
        raise NotFound("There is no such offering of yours.")
    zone = zone_named(coach.zone)
    start = start_or_reason(on, minute, zone)
    choice = Choice(offering.id, offering.name)
    if isinstance(start, Reason):
        told = Told(f"The clock skips {spoken(minute)} on that date, so it never comes.", "")
        told = replace(told, is_lasting=True)
        return Answered(choice, f"{on.day} {on:%B %Y}, {spoken(minute)}", told)
    rules, taken = rules_and_taken(session, coach, offering.terms(), Span(start, start))
    asked = _Asked(seat.coach_id, offering, rules, now, hides_names)
    found = why_not(rules, taken, offering.terms(), start, now=now)
    told = _before(offering, found, can_charge=can_charge) or told_of(found, asked, start)
    told = replace(told, is_lasting=found.is_lasting or offering.archived_at is not None)
    return Answered(choice, moment_line(start, zone, now=now), told)


def warning_sentences(
    seat: Seat, offering_id: int, reasons: tuple[Reason, ...], start: datetime, *, now: datetime
) -> tuple[str, ...]:
    """Return what speaks against a start, a sentence for each reason."""
    seat.require(Right.DIARY)
    coach = reading().get_one(Coach, seat.coach_id)
    rules = rules_of(reading(), coach.id, coach.zone)
    offering = reading().get_one(Offering, offering_id)
    asked = _Asked(coach.id, offering, rules, now, hides_names=False)
    return tuple(told_of(reason, asked, start).sentence for reason in reasons)


def _before(offering: Offering, found: Reason, *, can_charge: bool) -> Told | None:
    """Return what keeps all of an offering's times from being offered."""
    if offering.archived_at is not None:
        return Told("You don’t offer this any more, so none of its times is offered.", "offering")
    if offering.price_minor and not can_charge:
        return Told("Nobody sees what costs something until payments are set up.", "payments")
    if found.why is Why.OFFERED and not offering.is_shown:
        sentence = "It is offered to everybody who has the secret link, and to nobody else."
        return Told(sentence, "offering", offering.id, is_offered=True)
    return None


def told_of(reason: Reason, asked: _Asked, start: datetime) -> Told:
    """Return one reason in words."""
    terms, zone = asked.terms, asked.zone
    on = local_date(start, zone)
    if reason.why in {Why.TAKEN, Why.CLOSE} and reason.by is not None:
        return _met(reason, reason.by, asked)
    if reason.why in {Why.CLOSED, Why.CLOSING}:
        place = "date" if reason.is_date else "hours"
        return Told(_of_hours(reason, asked, on), place, on=on.isoformat())
    if reason.why is Why.OFFERED:
        return Told("It is offered: clients can book it.", "", is_offered=True)
    sentence = {
        Why.PAST: "This time is over.",
        Why.STEP: f"There is a start every {spoken_minutes(terms.step_minutes)}, counted from the "
        "beginning of your hours, and this lies between two of them.",
        Why.HORIZON: f"It can be booked {terms.horizon_days} days ahead at most, and this is "
        "further away.",
        Why.NOTICE: f"It can be booked until {spoken_minutes(terms.notice_minutes)} before it "
        "starts, and that is over.",
        Why.DAY_FULL: f"There may be {terms.daily_cap} a day, and that day has as many.",
        Why.WEEK_FULL: f"There may be {terms.weekly_cap} a week, and that week has as many.",
    }[reason.why]
    return Told(sentence, "" if reason.why is Why.PAST else "offering", asked.offering.id)


def _of_hours(reason: Reason, asked: _Asked, on: date) -> str:
    if reason.why is Why.CLOSING and reason.reach is not None:
        length = spoken_minutes(asked.terms.length_minutes)
        return f"It takes {length}, and your hours end at {clock(reason.reach, asked.zone)}."
    openings = asked.rules.openings(on.toordinal())
    day = "On that date" if reason.is_date else f"On {_DAYS[on.weekday()]}"
    if not openings:
        return f"{day} you have no hours."
    hours = " and ".join(
        f"{spoken(each.opens_minute)} to {spoken(each.closes_minute)}" for each in openings
    )
    return f"{day} your hours are {hours}."


def _met(reason: Reason, by: Taken, asked: _Asked) -> Told:
    """Tell what takes the time, or is too close to it."""
    what, row_id = _what(by, asked)
    place = _KINDS.get(by.kind, "")
    if reason.why is Why.TAKEN:
        return Told(f"{what}.", place, row_id)
    pause = max(
        asked.terms.buffer_before_minutes,
        asked.terms.buffer_after_minutes,
        by.pad_before_minutes,
        by.pad_after_minutes,
    )
    return Told(f"{what}, and between two a pause of up to {pause} minutes is kept.", place, row_id)


def _what(by: Taken, asked: _Asked) -> tuple[str, int]:
    zone, now = asked.zone, asked.now
    if by.kind is Holding.EXTERNAL:
        if by.span.ends_at.year > _FAR:
            return "What your other calendars say of this time is not known", 0
        return (
            f"Your other calendar is busy {time_range(by.span.starts_at, by.span.ends_at, zone)}",
            0,
        )
    when = when_line(by.span.starts_at, by.span.ends_at, zone, now=now)
    if by.kind is Holding.HELD:
        return f"Somebody is booking {when} at this moment", 0
    row = _row_of(by, asked.coach_id)
    if by.kind is Holding.BLOCKED:
        return (
            f"You blocked {when}{f' ({row.note})' if row and row.note else ''}",
            row.block_id if row else 0,
        )
    name = (row.name if row else "") or "Somebody"
    shown = initials(name) if asked.hides_names else name
    verb = "is paying for" if by.kind is Holding.PENDING else "is booked"
    return f"{shown} {verb} {when}", row.booking_id if row else 0


def _row_of(by: Taken, coach_id: int) -> Any:
    wanted = (
        select(Occupancy.booking_id, Occupancy.block_id, Block.note, BookingPerson.name)
        .outerjoin(Block, Block.id == Occupancy.block_id)
        .outerjoin(
            BookingPerson,
            and_(BookingPerson.booking_id == Occupancy.booking_id, BookingPerson.role == "booker"),
        )
        .where(
            Occupancy.coach_id == coach_id,
            Occupancy.starts_at == by.span.starts_at,
            Occupancy.ends_at == by.span.ends_at,
        )
    )
    return reading().execute(wanted).first()
