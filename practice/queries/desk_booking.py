"""The pages of one booking at the desk: all about it, moving it, cancelling it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from practice.domain.booking import Actor, Status
from practice.domain.cancelling import may_undo
from practice.domain.letters import LetterKind, clock, day_line, moment_line, spoken, when_line
from practice.domain.offering import is_web_link
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import local_date, offset, zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.clients import file_id
from practice.models.coach import Coach
from practice.models.journal import Happening, JournalEntry
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.calendars import is_busy_elsewhere
from practice.queries.contact import delay, silence, wishes_of
from practice.queries.desk_letters import LetterLine, letters_of, preview
from practice.queries.desk_money import (
    Back,
    BookingMoney,
    back_of,
    money_of,
    no_show_money_went,
)
from practice.queries.picking import diary_of
from practice.queries.place import meeting
from practice.queries.times import Day, days_of, next_starts
from practice.queries.week import initials, kind_of, who_label
from practice.queries.written import Words

NO_BOOKING = "There is no such booking in your diary."
_SOON = timedelta(hours=1)
_DAYS_SUGGESTED = 3
_BY_EITHER = {each.name for each in (Happening.MOVED, Happening.CANCELLED, Happening.RESTORED)}
# Each would tell that somebody wrote, or wrote in private, to whoever looks at the diary.
_UNTOLD = [each.name for each in (Happening.INTAKE_READ, Happening.PRIVATE_READ, Happening.ERASED)]


@dataclass(frozen=True, slots=True)
class DeskPerson:
    """Somebody who comes; `also_when` is the time on her own clock where that differs.

    `reach` says how to reach this person, a sentence a line. `client_id` is whose file leads on,
    0 where there is none; who was erased has no address.
    """

    client_id: int
    name: str
    address: str
    mailto: str
    also_when: str
    zone_label: str
    reach: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline."""

    when: str
    sentence: str
    who: str


@dataclass(frozen=True, slots=True)
class DeskBookingPage:
    """A booking as its coach sees it.

    `state` is held, pending, booked, past, done, no_show, cancelled or ended. `money` is None where
    it costs nothing. `may_mark` tells whether "they did not come" can be said, `may_unmark` whether
    that can be taken back; `may_close` tells the same of "it took place", which is taken back from
    the state done. `is_busy_elsewhere` tells whether another calendar of the coach is busy then.
    """

    id: int
    state: str
    state_line: str
    title: str
    kind: str
    offering: str
    when: str
    week: str
    zone_label: str
    who: str
    people: tuple[DeskPerson, ...]
    place_lines: tuple[str, ...]
    join_href: str
    may_change: bool
    may_undo: bool
    may_mark: bool
    may_unmark: bool
    may_close: bool
    money: BookingMoney | None
    letters: tuple[LetterLine, ...]
    timeline: tuple[Told, ...]
    is_busy_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Moving or cancelling: what stands, the letter that will go, and times that are open.

    `told` are the names of those who get the letter, "" for nobody; `silences` says who gets none
    and why, or gets it later. `back` is what can go back to who has paid.
    """

    id: int
    state: str
    name: str
    when: str
    zone: ZoneInfo
    zone_label: str
    may_change: bool
    words: Words | None
    told: str
    silences: tuple[str, ...]
    days: tuple[Day, ...] = ()
    back: Back | None = None


@dataclass(frozen=True, slots=True)
class NextCard:
    """The next booking."""

    booking_id: int
    client_id: int
    soon: str
    name: str
    at: str
    kind: str
    offering: str
    who: str
    join_href: str


def booking_page(seat: Seat, booking_id: int, *, tools: Tools) -> DeskBookingPage:
    """Return a booking of a coach's own diary; raises NotFound for all others."""
    now = tools.clock.now()
    booking = own(seat, booking_id)
    zone = zone_named(booking.coach.zone)
    state = _state(booking, now)
    how = meeting(booking.place, booking.coach.name)
    gone = booking.cancellation
    year, week, _ = local_date(booking.starts_at, zone).isocalendar()
    return DeskBookingPage(
        id=booking.id,
        state=state,
        state_line=_state_line(booking, state, zone, now),
        title=names_of(booking),
        kind=kind_of(booking.price_minor),
        offering=booking.offering_name,
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        week=f"{year}-W{week:02}",
        zone_label=zone_label(zone, booking.starts_at),
        who=who_label(booking.who),
        people=tuple(_person(person, booking, zone, now) for person in booking.people),
        place_lines=how.lines[:1] if how.join_href else how.lines,
        join_href=how.join_href,
        may_change=state == "booked",
        may_undo=gone is not None and may_undo(gone, booking.starts_at, by=Actor.COACH, now=now),
        may_mark=may_mark(booking, now),
        may_unmark=booking.status == Status.NO_SHOW and not no_show_money_went(booking.id),
        may_close=booking.status == Status.CONFIRMED and booking.ends_at <= now,
        money=money_of(booking, zone, now),
        letters=letters_of(booking.id, zone, now),
        timeline=_timeline(booking, zone, now),
        is_busy_elsewhere=state == "booked"
        and is_busy_elsewhere(seat.coach_id, Span(booking.starts_at, booking.ends_at)),
    )


def change_page(seat: Seat, booking_id: int, *, now: datetime) -> ChangePage:
    """Return what stands before a booking is changed; raises NotFound."""
    return _change(own(seat, booking_id), LetterKind.MOVED, now)


def move_page(seat: Seat, booking_id: int, *, tools: Tools) -> ChangePage:
    """Return what moving a booking needs: the next open times, and the letter; raises NotFound."""
    now = tools.clock.now()
    booking = own(seat, booking_id)
    page = _change(booking, LetterKind.MOVED, now)
    if not page.may_change:
        return page
    diary = diary_of(booking.offering, booking.coach, "", but_booking=booking.id)
    diary = replace(diary, terms=booking.terms())
    starts = [start for start in next_starts(diary, now) if start != booking.starts_at]
    example = starts[0] if starts else booking.starts_at
    return replace(
        page,
        days=days_of(starts, diary, now=now)[:_DAYS_SUGGESTED],
        words=_preview(LetterKind.MOVED, booking, tools, starts_at=example),
    )


def cancel_page(seat: Seat, booking_id: int, *, tools: Tools) -> ChangePage:
    """Return what cancelling a booking needs: the letter that will go; raises NotFound.

    What can go back, and what the letter says of it, is for those alone who may see money.
    """
    now, with_sums = tools.clock.now(), seat.may(Right.MONEY)
    booking = own(seat, booking_id)
    page = _change(booking, LetterKind.CANCELLED, now)
    if not page.may_change:
        return page
    words = _preview(LetterKind.CANCELLED, booking, tools, with_sums=with_sums)
    return replace(page, words=words, back=back_of(booking, now) if with_sums else None)


def next_card(seat: Seat, *, hides_names: bool, now: datetime) -> NextCard | None:
    """Return the booking that is next, or going on now; None where nothing is to come."""
    seat.require(Right.DIARY)
    row = (
        reading()
        .execute(
            select(
                Booking.id,
                Booking.starts_at,
                Booking.ends_at,
                Booking.who,
                Booking.offering_name,
                Booking.price_minor,
                Booking.place_detail,
                BookingPerson.name,
                BookingPerson.client_id,
                Coach.zone,
            )
            .join(Coach, Coach.id == Booking.coach_id)
            .outerjoin(
                BookingPerson,
                and_(BookingPerson.booking_id == Booking.id, BookingPerson.role == "booker"),
            )
            .where(
                Booking.coach_id == seat.coach_id,
                Booking.status == Status.CONFIRMED,
                # Both, so that the index on the start serves: no meeting is longer than a day.
                Booking.starts_at > now - timedelta(days=2),
                Booking.ends_at > now,
            )
            .order_by(Booking.starts_at)
            .limit(1)
        )
        .first()
    )
    if row is None:
        return None
    zone, name = zone_named(row.zone), row.name or "Somebody"
    return NextCard(
        booking_id=row.id,
        client_id=row.client_id or 0,
        soon=_soon(row.starts_at, row.ends_at, zone, now),
        name=initials(name) if hides_names else name,
        at=clock(row.starts_at, zone),
        kind=kind_of(row.price_minor),
        offering=row.offering_name,
        who=who_label(row.who),
        join_href=row.place_detail if is_web_link(row.place_detail) else "",
    )


def own(seat: Seat, booking_id: int) -> Booking:
    """Return a booking of a seat's diary; raises NotFound for all others."""
    seat.require(Right.DIARY)
    booking = reading().get(Booking, booking_id)
    if booking is None or booking.coach_id != seat.coach_id:
        raise NotFound(NO_BOOKING)
    return booking


def _change(booking: Booking, kind: LetterKind, now: datetime) -> ChangePage:
    zone = zone_named(booking.coach.zone)
    state = _state(booking, now)
    silences = [silence(person, kind) for person in booking.people]
    told = [one.name for one, why in zip(booking.people, silences, strict=True) if not why]
    return ChangePage(
        id=booking.id,
        state=state,
        name=names_of(booking),
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone=zone,
        zone_label=zone_label(zone, booking.starts_at),
        may_change=state == "booked",
        words=None,
        told=" and ".join(told),
        silences=tuple(
            sentence
            for person, why in zip(booking.people, silences, strict=True)
            if (sentence := why or delay(person, zone, now=now))
        ),
    )


def _preview(
    kind: LetterKind,
    booking: Booking,
    tools: Tools,
    *,
    with_sums: bool = False,
    starts_at: datetime | None = None,
) -> Words | None:
    """Return the letter to the first of those who get one."""
    reader = next((person for person in booking.people if not silence(person, kind)), None)
    if reader is None:
        return None
    return preview(kind, reader, with_sums=with_sums, tools=tools, starts_at=starts_at)


def may_mark(booking: Booking, now: datetime) -> bool:
    """Tell whether it can be said of a booking that nobody came."""
    return booking.status == Status.CONFIRMED and booking.starts_at <= now


def names_of(booking: Booking) -> str:
    """Return the names of all who come."""
    return " and ".join(person.name for person in booking.people) or "Being booked now"


def _state(booking: Booking, now: datetime) -> str:
    if booking.status == Status.CANCELLED:
        return "cancelled"
    if booking.status == Status.EXPIRED:
        return "ended"
    if booking.status == Status.HELD:
        return "held"
    if booking.status in {Status.PENDING, Status.NO_SHOW, Status.DONE}:
        return str(booking.status)
    stands = booking.status == Status.CONFIRMED and booking.ends_at > now
    return "booked" if stands else "past"


def _state_line(booking: Booking, state: str, zone: ZoneInfo, now: datetime) -> str:
    if state == "cancelled" and booking.cancelled_at is not None:
        by = "you" if booking.cancelled_by == Actor.COACH else "the client"
        return f"Cancelled by {by}, {moment_line(booking.cancelled_at, zone, now=now)}"
    return {
        "held": "Somebody is booking this time now",
        "pending": "Being paid for",
        "booked": "Booked",
        "no_show": "They did not come",
        "done": "It took place",
        "past": "Past",
        "ended": "The hold ended without a booking",
    }.get(state, "")


def _person(
    person: BookingPerson, booking: Booking, coach_zone: ZoneInfo, now: datetime
) -> DeskPerson:
    zone = zone_named(person.zone)
    same = offset(zone, booking.starts_at) == offset(coach_zone, booking.starts_at)
    return DeskPerson(
        client_id=file_id(person),
        name=person.name,
        address=person.client.address,
        mailto=f"mailto:{quote(person.client.address, safe='@')}",
        also_when="" if same else when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone_label=zone_label(zone, booking.starts_at),
        reach=reach(person),
    )


def reach(person: BookingPerson, *, with_name: bool = True) -> tuple[str, ...]:
    """Return how to reach a person of a booking, a sentence a line."""
    wishes = wishes_of(person)
    lines = []
    if with_name and wishes.called:
        lines.append(f"Name to use: {wishes.called}.")
    if not wishes.letters_ok:
        lines.append("No letters, please. None goes out.")
    elif not wishes.reminder_ok:
        lines.append("No reminder.")
    if wishes.mailbox_shared:
        lines.append("Others can read this mailbox. Letters say when, and nothing else.")
    elif wishes.mailbox_was_shared:
        lines.append("Others could read this mailbox once. No letter that is a way in goes there.")
    if wishes.from_minute is not None and wishes.until_minute is not None:
        hours = f"{spoken(wishes.from_minute)} to {spoken(wishes.until_minute)}"
        clock_label = zone_label(zone_named(person.zone), person.booking.starts_at)
        lines.append(f"Letters from {hours} only, {clock_label}.")
    return tuple(lines) or ("Nothing was asked for. Letters go out at any time.",)


def _timeline(booking: Booking, zone: ZoneInfo, now: datetime) -> tuple[Told, ...]:
    entries = reading().scalars(
        select(JournalEntry)
        .where(JournalEntry.booking_id == booking.id, JournalEntry.happening.not_in(_UNTOLD))
        .order_by(JournalEntry.at.desc(), JournalEntry.id.desc())
    )
    return tuple(_told(entry, booking, zone, now) for entry in entries)


def _told(entry: JournalEntry, booking: Booking, zone: ZoneInfo, now: datetime) -> Told:
    name = _who_acted(entry, booking)
    who = {Actor.CLIENT: name, Actor.COACH: "You"}.get(Actor(entry.actor), "The house")
    sentence = Happening[entry.happening].value
    if entry.happening == Happening.MOVED.name and entry.starts_at is not None:
        day = day_line(entry.starts_at, zone, now=now)
        sentence = f"The appointment was moved to {day}, {clock(entry.starts_at, zone)}."
    return Told(moment_line(entry.at, zone, now=now), sentence, who)


def _who_acted(entry: JournalEntry, booking: Booking) -> str:
    own = [person.name for person in booking.people if person.id == entry.person_id]
    if own:
        return own[0]
    if len(booking.people) > 1 and entry.happening in _BY_EITHER:
        return "One of them"  # either may move and cancel, and it is written down for neither
    return booking.people[0].name if booking.people else "The client"


def _soon(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, now: datetime) -> str:
    if starts_at <= now:
        return f"Now, until {clock(ends_at, zone)}"
    if starts_at - now < _SOON:
        minutes = max(1, round((starts_at - now).total_seconds() / 60))
        return f"Next, in {minutes} minute{'' if minutes == 1 else 's'}"
    days = (local_date(starts_at, zone) - local_date(now, zone)).days
    day = {0: "today", 1: "tomorrow"}.get(days) or f"on {day_line(starts_at, zone, now=now)}"
    return f"Next, {day} at {clock(starts_at, zone)}"
