"""The letters at the desk: where each stands, and how one reads."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from practice.domain.booking import ends_at
from practice.domain.contact import WITHHELD
from practice.domain.letters import Letter, LetterKind, moment_line
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.contact import fate_of
from practice.queries.letters import client_letter, letter_for
from practice.queries.written import Words, words_of

NO_LETTER = "There is no such letter at your desk."
ON_A_PAGE = 50

# Whether a client invited somebody is between the two until that one joins.
_SHOWN = OutboxLetter.kind != LetterKind.INVITATION

_KINDS = {
    LetterKind.CONFIRMATION: "Confirmation",
    LetterKind.REMINDER: "Reminder",
    LetterKind.MOVED: "Moved to another time",
    LetterKind.CANCELLED: "Cancelled",
    LetterKind.LINK: "Private link, sent again",
    LetterKind.REFUNDED: "Money on its way back",
    LetterKind.TOO_LATE: "Paid too late",
    LetterKind.PAYMENT_FAILED: "The bank said no",
    LetterKind.COACH_BOOKED: "New appointment",
    LetterKind.COACH_REMINDER: "Reminder",
    LetterKind.COACH_MOVED: "Appointment moved",
    LetterKind.COACH_CANCELLED: "Appointment cancelled",
    LetterKind.COACH_ASKED: "Another time asked for",
    LetterKind.COACH_CALENDAR: "A calendar that can’t be read",
}


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter of a list; `kind` and `state` in words, `is_dead` where it came back for good."""

    id: int
    kind: str
    to: str
    state: str
    is_dead: bool


@dataclass(frozen=True, slots=True)
class LettersPage:
    """One page of all letters, newest first; `older` is the number of the next page, or 0."""

    letters: tuple[LetterLine, ...]
    page: int
    newer: int
    older: int
    zone_label: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    """One letter, and what it would say now; `words` is None where there is nothing to show."""

    line: LetterLine
    booking_id: int | None
    words: Words | None
    silence: str


def letters_page(seat: Seat, page: int, *, now: datetime) -> LettersPage:
    """Return a page of the letters of a coach's desk; raises NotFound for no page."""
    seat.require(Right.DIARY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    rows = (
        reading()
        .execute(
            _lines()
            .where(at_desk_of(seat.coach_id))
            .order_by(OutboxLetter.id.desc())
            .limit(ON_A_PAGE + 1)
            .offset((page - 1) * ON_A_PAGE)
        )
        .all()
    )
    if not rows and page > 1:
        raise NotFound("There are no letters on this page.")
    return LettersPage(
        letters=tuple(_line(row, zone, now) for row in rows[:ON_A_PAGE]),
        page=page,
        newer=page - 1,
        older=page + 1 if len(rows) > ON_A_PAGE else 0,
        zone_label=zone_label(zone, now),
    )


def letter_page(seat: Seat, letter_id: int, *, tools: Tools) -> LetterPage:
    """Return one letter as it would read now; raises NotFound for another coach's.

    What was paid and goes back stands in it for those alone who may see money.
    """
    seat.require(Right.DIARY)
    now, session = tools.clock.now(), reading()
    found = session.execute(
        _lines().where(OutboxLetter.id == letter_id, at_desk_of(seat.coach_id))
    ).first()
    if found is None:
        raise NotFound(NO_LETTER)
    row = session.get_one(OutboxLetter, letter_id)
    zone = zone_named(session.get_one(Coach, seat.coach_id).zone)
    words, silence = _words_now(row, tools, now, with_sums=seat.may(Right.MONEY))
    return LetterPage(_line(found, zone, now), row.booking_id, words, silence)


def letters_of(booking_id: int, zone: ZoneInfo, now: datetime) -> tuple[LetterLine, ...]:
    """Return the letters of a booking, newest first."""
    rows = reading().execute(
        _lines()
        .where(OutboxLetter.booking_id == booking_id, _SHOWN)
        .order_by(OutboxLetter.id.desc())
    )
    return tuple(_line(row, zone, now) for row in rows)


def letters_to(
    people: Collection[int], zone: ZoneInfo, now: datetime
) -> list[tuple[datetime, LetterLine]]:
    """Return the letters to one client as these people of bookings, with when each went or goes."""
    rows = reading().execute(_lines().where(OutboxLetter.person_id.in_(people), _SHOWN))
    return [(row.sent_at or row.due_at, _line(row, zone, now)) for row in rows]


def preview(
    kind: LetterKind,
    person: BookingPerson,
    *,
    with_sums: bool = False,
    tools: Tools,
    starts_at: datetime | None = None,
) -> Words | None:
    """Return a letter to a person that is not written yet, for a start it may get."""
    now, booking = tools.clock.now(), person.booking
    row = OutboxLetter(reference="preview", kind=kind, person_id=person.id)
    letter = client_letter(kind, row, booking, tools, now)
    if starts_at is not None:
        letter = replace(letter, starts_at=starts_at, ends_at=ends_at(starts_at, booking.terms()))
    return _words(letter, tools, with_sums=with_sums)


def is_for_desk_of(session: Session, letter_id: int, coach_id: int) -> bool:
    """Tell whether a letter is one that this coach may see."""
    own = _lines().where(OutboxLetter.id == letter_id, at_desk_of(coach_id))
    return session.execute(own).first() is not None


def _lines() -> Any:
    return (
        select(
            OutboxLetter.id,
            OutboxLetter.kind,
            OutboxLetter.state,
            OutboxLetter.why,
            OutboxLetter.due_at,
            OutboxLetter.sent_at,
            BookingPerson.name.label("person"),
            Client.name.label("client"),
        )
        .outerjoin(Booking, Booking.id == OutboxLetter.booking_id)
        .outerjoin(BookingPerson, BookingPerson.id == OutboxLetter.person_id)
        .outerjoin(Client, Client.id == OutboxLetter.client_id)
    )


def at_desk_of(coach_id: int) -> ColumnElement[bool]:
    """Return what makes a letter this coach's: to her, of her bookings, or to one of her people."""
    hers = (
        select(BookingPerson.id)
        .join(Booking, Booking.id == BookingPerson.booking_id)
        .where(BookingPerson.client_id == OutboxLetter.client_id, Booking.coach_id == coach_id)
        .correlate(OutboxLetter)
    )
    about_hers = or_(
        Booking.coach_id == coach_id,
        and_(OutboxLetter.booking_id.is_(None), OutboxLetter.coach_id == coach_id),
        hers.exists(),
    )
    return and_(about_hers, _SHOWN)


def _line(row: Any, zone: ZoneInfo, now: datetime) -> LetterLine:
    kind, state = LetterKind(row.kind), LetterState(row.state)
    return LetterLine(
        id=row.id,
        kind=_KINDS[kind],
        to="You" if kind.for_coach else row.person or row.client or "Nobody",
        state=_state_line(state, row, zone, now),
        is_dead=state is LetterState.DEAD,
    )


def _state_line(state: LetterState, row: Any, zone: ZoneInfo, now: datetime) -> str:
    """Return where a letter stands: since or until when, and why where there is a reason."""
    if state is LetterState.DROPPED and row.why.startswith(WITHHELD):
        return str(row.why)
    at = row.sent_at if state is LetterState.SENT else row.due_at
    when = moment_line(at, zone, now=now)
    told = {
        LetterState.WAITING: f"Waiting until {when}" if at > now else "Waiting to go out",
        LetterState.LEASED: "On its way",
        LetterState.SENT: f"Sent {when}",
        LetterState.DROPPED: "Not needed any more",
        LetterState.DEAD: "Could not be delivered",
    }[state]
    return f"{told}. {row.why}" if row.why else told


def _words_now(
    row: OutboxLetter, tools: Tools, now: datetime, *, with_sums: bool
) -> tuple[Words | None, str]:
    if row.kind == LetterKind.LINK:
        # It names all appointments of its reader, also those with other coaches.
        return None, "It holds private links and nothing else, so its words are not shown here."
    why = fate_of(row, now=now).why
    if why:
        return None, why
    letter = letter_for(row, tools=tools, now=now)
    if letter is None:
        return None, "It would not go out any more: what it told of has changed or passed."
    words = _words(letter, tools, with_sums=with_sums)
    return words, "" if words else "It cannot be written: its address takes no letters."


def _words(letter: Letter, tools: Tools, *, with_sums: bool) -> Words | None:
    """Write a letter out for the desk: without the link, which is the client's alone."""
    if not with_sums:
        letter = replace(letter, paid="", back="", receipt="")
    if not letter.kind.for_coach:
        letter = replace(letter, link=f"{tools.base_url}/a/…", entry=None)
    return words_of(letter, tools=tools)
