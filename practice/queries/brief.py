"""The brief: what a coach reads before a talk, each person's folder for itself.

The shared room reads nothing that anybody wrote. A folder is shown only for a while after its
reading was written into the journal, and never with anything that was shared after that; the
private note is a folder of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Who
from practice.domain.letters import day_line, moment_line, when_line
from practice.domain.questionnaire import (
    RATHER_TALK,
    Answers,
    Kind,
    Question,
    Section,
    visible,
)
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.answers import Shared, readable_private, readable_sections, whole_of
from practice.models.booking import Booking, BookingPerson
from practice.models.clients import file_id
from practice.models.consent import Consent, ConsentText, consents_of
from practice.models.intakes import living_intakes
from practice.models.journal import Happening, JournalEntry
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.desk_booking import reach
from practice.queries.week import initials, kind_of, who_label

NO_BRIEF = "There is no such brief in your diary."
# So long a page that was opened can be loaded again, printed, or come back to.
STAYS_OPEN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who comes; `reach` says how to reach this person, a sentence a line.

    `client_id` is whose file leads on, 0 where there is none.
    """

    id: int
    client_id: int
    name: str
    initials: str
    reach: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoomPage:
    """A booking before the talk, the same whatever anybody wrote or shared."""

    booking_id: int
    title: str
    initials: str
    when: str
    zone_label: str
    offering: str
    kind: str
    who: str
    is_for_two: bool
    people: tuple[Guest, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; `step` is the place on a scale from 1 to 5, None where it is no such answer."""

    label: str
    words: tuple[str, ...]
    is_quote: bool
    step: int | None = None
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One section as it was shared: what was said, and which questions were left open.

    `shared` says when, "" where that is when the whole sheet was.
    """

    title: str
    shared: str
    said: tuple[Said, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was shared of one intake, on which agreement."""

    title: str
    shared: str
    agreed: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class FolderPage:
    """One person's folder; closed until its reading is in the journal.

    `has_note` tells that a private note was shared; no page but an open folder says so.
    """

    room: RoomPage
    person: Guest
    is_open: bool
    opened: str
    sheets: tuple[Sheet, ...]
    has_note: bool


def room_page(seat: Seat, booking_id: int, *, now: datetime) -> RoomPage:
    """Return the shared room of a booking in a coach's own diary; raises NotFound."""
    seat.require(Right.ANSWERS)
    return _room(_own(booking_id, seat.coach_id), now)


def folder_page(seat: Seat, booking_id: int, person_id: int, *, tools: Tools) -> FolderPage:
    """Return a person's folder, open where its reading was written down; raises NotFound."""
    seat.require(Right.ANSWERS)
    return _folder(booking_id, person_id, seat.coach_id, tools, is_private=False)


def note_page(seat: Seat, booking_id: int, person_id: int, *, tools: Tools) -> FolderPage:
    """Return a person's private note, open where that reading was written down; NotFound."""
    seat.require(Right.ANSWERS)
    return _folder(booking_id, person_id, seat.coach_id, tools, is_private=True)


def person_in(booking_id: int, person_id: int, coach_id: int) -> BookingPerson:
    """Return a person of a booking in a coach's own diary; raises NotFound."""
    people = _own(booking_id, coach_id).people
    found = next((person for person in people if person.id == person_id), None)
    if found is None:
        raise NotFound(NO_BRIEF)
    return found


def _own(booking_id: int, coach_id: int) -> Booking:
    booking = reading().get(Booking, booking_id)
    if booking is None or booking.coach_id != coach_id or not booking.people:
        raise NotFound(NO_BRIEF)
    return booking


def _room(booking: Booking, now: datetime) -> RoomPage:
    zone = zone_named(booking.coach.zone)
    people = tuple(_guest(person) for person in booking.people)
    return RoomPage(
        booking_id=booking.id,
        title=" and ".join(guest.name for guest in people),
        initials=" and ".join(guest.initials for guest in people),
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone_label=zone_label(zone, booking.starts_at),
        offering=booking.offering_name,
        kind=kind_of(booking.price_minor),
        who=who_label(booking.who),
        is_for_two=booking.who == Who.BOTH,
        people=people,
    )


def _guest(person: BookingPerson) -> Guest:
    # By the name to use, and on paper by its initials: so it must not stand among the lines.
    lines = reach(person, with_name=False)
    return Guest(person.id, file_id(person), person.greeting, initials(person.greeting), lines)


# One folder ---------------------------------------------------------------------------------------


def _folder(
    booking_id: int, person_id: int, coach_id: int, tools: Tools, *, is_private: bool
) -> FolderPage:
    now, session = tools.clock.now(), reading()
    person = person_in(booking_id, person_id, coach_id)
    zone = zone_named(person.booking.coach.zone)
    opened_at = _opened_at(session, person_id, coach_id, now, is_private=is_private)
    found: list[Shared] = []
    if opened_at is not None:
        read = readable_private if is_private else readable_sections
        found = read(session, person_id, vault=tools.vault)
    return FolderPage(
        room=_room(person.booking, now),
        person=_guest(person),
        is_open=opened_at is not None,
        opened=moment_line(opened_at, zone, now=now) if opened_at else "",
        sheets=tuple(_sheet(session, shared, zone, now) for shared in found),
        has_note=opened_at is not None
        and not is_private
        and _shared_at(session, person_id, is_private=True) is not None,
    )


def _opened_at(
    session: Session, person_id: int, coach_id: int, now: datetime, *, is_private: bool
) -> datetime | None:
    """Return when a coach opened a folder, if that is not long ago and covers all that is in it."""
    happening = Happening.PRIVATE_READ if is_private else Happening.INTAKE_READ
    at: datetime | None = session.scalar(
        select(JournalEntry.at)
        .where(
            JournalEntry.person_id == person_id,
            JournalEntry.coach_id == coach_id,
            JournalEntry.happening == happening.name,
            JournalEntry.at > now - STAYS_OPEN,
        )
        .order_by(JournalEntry.at.desc())
        .limit(1)
    )
    if at is None:
        return None
    shared_at = _shared_at(session, person_id, is_private=is_private)
    # What was shared since is another reading: who wrote it is to see that it was read.
    return None if shared_at is not None and shared_at > at else at


def _shared_at(session: Session, person_id: int, *, is_private: bool) -> datetime | None:
    """Return when something of this kind was shared last that may be read; opens nothing."""
    intakes = living_intakes(session, person_id)
    agreed = consents_of(session, [intake.id for intake in intakes])
    return max(
        (
            row.shared_at
            for intake in intakes
            if intake.id in agreed and agreed[intake.id].is_given
            for row in intake.sections
            if row.shared_at is not None
            and whole_of(intake).section(row.section).is_private is is_private
        ),
        default=None,
    )


def _sheet(session: Session, shared: Shared, zone: ZoneInfo, now: datetime) -> Sheet:
    questionnaire = shared.questionnaire
    answers = {
        name: answer for part in shared.sections.values() for name, answer in part.answers.items()
    }
    shown = visible(questionnaire, answers)
    last = moment_line(max(shared.shared_at.values()), zone, now=now)
    when = {name: moment_line(at, zone, now=now) for name, at in shared.shared_at.items()}
    return Sheet(
        title=questionnaire.title,
        shared=last,
        agreed=_agreed(session, shared.agreed, zone, now),
        parts=tuple(
            _part(section, answers, shown, "" if when[section.id] == last else when[section.id])
            for section in questionnaire.sections
            if section.id in shared.sections
        ),
    )


def _part(section: Section, answers: Answers, shown: frozenset[str], shared: str) -> Part:
    return Part(
        title=section.title,
        shared=shared,
        said=tuple(_said(q, answers) for q in section.questions if q.id in answers),
        # Only what the shared answers led to: of the others nobody is to learn why.
        skipped=tuple(
            q.label
            for q in section.questions
            if q.id in shown and q.id not in answers and not _is_way_around(q)
        ),
    )


def _is_way_around(question: Question) -> bool:
    """Tell whether a question only offers not to answer the others: nobody skips that."""
    return bool(question.options) and all(option.id == RATHER_TALK for option in question.options)


def _said(question: Question, answers: Answers) -> Said:
    answer = answers[question.id]
    words = question.words(answer)
    if question.kind is not Kind.SCALE or not isinstance(answer, str) or not answer.isdigit():
        return Said(question.label, words, is_quote=question.kind.is_text)
    twin = f"{answer} of 5, where 1 is “{question.low}” and 5 “{question.high}”"
    return Said(question.label, words, is_quote=False, step=int(answer), twin=twin)


def _agreed(session: Session, consent: Consent, zone: ZoneInfo, now: datetime) -> str:
    text = session.get_one(ConsentText, consent.version)
    since = day_line(text.first_used_at, zone, now=now)
    return f"{moment_line(consent.at, zone, now=now)} (text in use since {since})"
