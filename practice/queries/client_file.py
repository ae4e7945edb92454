"""The file of one client: who it is, what comes, and one timeline of all that was.

It opens nothing that anybody wrote: of answers and notes it says that they are there, and when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from practice.domain.booking import Status, Who
from practice.domain.client import masked
from practice.domain.letters import day_line, moment_line, when_line
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.answers import whole_of
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.clients import client_of, people_of
from practice.models.coach import Coach
from practice.models.consent import Consent, consents_of
from practice.models.couple import linked_with
from practice.models.intake import Intake
from practice.models.intakes import living_intakes
from practice.models.journal import Happening, JournalEntry
from practice.models.payment import Payment
from practice.models.unit import reading
from practice.queries.desk_booking import reach
from practice.queries.desk_letters import letters_to
from practice.queries.desk_money import summary_of
from practice.queries.week import initials

ON_A_PAGE = 40
NO_LINES = "There is nothing on this page of the file."


class LineKind(StrEnum):
    """What stands in a timeline, by the name that its filter has in the address."""

    APPOINTMENTS = "appointments"
    LETTERS = "letters"
    PAYMENTS = "payments"
    SHARED = "shared"
    CONSENTS = "consents"
    READINGS = "readings"


_TITLES = {
    LineKind.APPOINTMENTS: "Appointments",
    LineKind.LETTERS: "Letters",
    LineKind.PAYMENTS: "Payments",
    LineKind.SHARED: "Shared",
    LineKind.CONSENTS: "Consents",
    LineKind.READINGS: "On record",
}
_NEEDS = {
    LineKind.APPOINTMENTS: Right.CLIENTS,
    LineKind.LETTERS: Right.CLIENTS,
    LineKind.PAYMENTS: Right.MONEY,
    LineKind.SHARED: Right.ANSWERS,
    LineKind.CONSENTS: Right.ANSWERS,
    LineKind.READINGS: Right.ANSWERS,
}
_STATES = {
    Status.HELD: "Being booked",
    Status.PENDING: "Being paid for",
    Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Ended without an appointment",
    Status.DONE: "Took place",
    Status.NO_SHOW: "Nobody came",
}
# That a private note was opened is said as of all else that was shared.
_ON_RECORD = {
    Happening.INTAKE_READ: "What was shared was opened.",
    Happening.PRIVATE_READ: "What was shared was opened.",
    Happening.EXPORTED: Happening.EXPORTED.value,
    Happening.LINKED: Happening.LINKED.value,
    Happening.UNLINKED: Happening.UNLINKED.value,
}
_UNPAID_SHOWN = ("open", "processing", "failed")


@dataclass(frozen=True, slots=True)
class Coming:
    """An appointment that is to come."""

    booking_id: int
    when: str
    offering: str
    state: str


class Line(NamedTuple):
    """One line of the timeline; `href_of` names what it leads to: booking, letter, brief or ""."""

    at: datetime
    kind: LineKind
    when: str
    title: str
    detail: str
    href_of: str = ""
    booking_id: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Other:
    """Another client: somebody linked, or with whom an appointment was shared."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A client as one coach sees her; `kinds` are the filters that may be chosen, by title."""

    id: int
    name: str
    address: str
    called: str
    reach: tuple[str, ...]
    since: str
    coming: tuple[Coming, ...]
    linked: tuple[Other, ...]
    suggested: tuple[Other, ...]
    lines: tuple[Line, ...]
    kind: str
    kinds: tuple[tuple[str, str], ...]
    page: int
    newer: int
    older: int
    hides_names: bool
    zone_label: str


@dataclass(frozen=True, slots=True)
class _Here:
    """What every line is written with."""

    coach_id: int
    people: tuple[BookingPerson, ...]
    zone: ZoneInfo
    now: datetime

    def when(self, at: datetime) -> str:
        return moment_line(at, self.zone, now=self.now)

    @property
    def ids(self) -> list[int]:
        return [person.id for person in self.people]


def client_file(
    seat: Seat, client_id: int, kind: str, page: int, *, hides_names: bool, now: datetime
) -> ClientFile:
    """Return the file of a client of this diary, of `kind` lines only or all; raises NotFound."""
    seat.require(Right.CLIENTS)
    session = reading()
    client = client_of(session, client_id, seat.coach_id)
    people = people_of(session, client_id, seat.coach_id)
    coach = session.get_one(Coach, seat.coach_id)
    here = _Here(seat.coach_id, tuple(people), zone_named(coach.zone), now)
    kinds = [each for each in LineKind if seat.may(_NEEDS[each])]
    if kind and kind not in kinds:
        raise NotFound(NO_LINES)
    lines = _timeline(client, here, [LineKind(kind)] if kind else kinds)
    first = (page - 1) * ON_A_PAGE
    if page > 1 and first >= len(lines):
        raise NotFound(NO_LINES)
    found = ClientFile(
        id=client.id,
        name=client.name,
        address=client.address,
        called=people[0].called,
        reach=reach(people[0], with_name=False),
        since=day_line(client_since(client, people), here.zone, now=now),
        coming=tuple(_coming(here)),
        linked=_others(linked_with(session, seat.coach_id, client_id)),
        suggested=(),
        lines=tuple(lines[first : first + ON_A_PAGE]),
        kind=kind,
        kinds=tuple((each.value, _TITLES[each]) for each in kinds),
        page=page,
        newer=page - 1,
        older=page + 1 if len(lines) > first + ON_A_PAGE else 0,
        hides_names=hides_names,
        zone_label=zone_label(here.zone, now),
    )
    found = replace(found, suggested=_suggested(client_id, here, found.linked))
    return _hidden(found) if hides_names else found


def client_since(client: Client, people: Sequence[BookingPerson]) -> datetime:
    """Return since when somebody is a client in this diary: other coaches' are not told of."""
    first = min(person.booking.created_at for person in people)
    return max(client.created_at, first)


def shares_a_booking(client_id: int, other_id: int, coach_id: int) -> bool:
    """Tell whether two clients came, or come, to one appointment with a coach."""
    people = people_of(reading(), client_id, coach_id)
    return any(other_id == each.client_id for each in _beside(client_id, people))


def _beside(client_id: int, people: Iterable[BookingPerson]) -> list[BookingPerson]:
    ids = [person.booking_id for person in people]
    rows = reading().scalars(
        select(BookingPerson)
        .where(BookingPerson.booking_id.in_(ids), BookingPerson.client_id != client_id)
        .order_by(BookingPerson.id)
    )
    return list(rows)


def _suggested(client_id: int, here: _Here, linked: tuple[Other, ...]) -> tuple[Other, ...]:
    known = {other.id for other in linked}
    beside = dict.fromkeys(each.client_id for each in _beside(client_id, here.people))
    return _others([other_id for other_id in beside if other_id not in known])


def _others(ids: list[int]) -> tuple[Other, ...]:
    rows = reading().execute(
        select(Client.id, Client.name).where(Client.id.in_(ids), Client.erased_at.is_(None))
    )
    names = {row.id: row.name for row in rows}
    return tuple(Other(each, names[each]) for each in ids if each in names)


def _hidden(found: ClientFile) -> ClientFile:
    return replace(
        found,
        name=initials(found.name),
        address=masked(found.address),
        called=initials(found.called) if found.called else "",
        linked=tuple(Other(each.id, initials(each.name)) for each in found.linked),
        suggested=tuple(Other(each.id, initials(each.name)) for each in found.suggested),
    )


def _coming(here: _Here) -> Iterable[Coming]:
    for person in reversed(here.people):
        booking = person.booking
        if booking.status == Status.CONFIRMED and booking.ends_at > here.now:
            yield Coming(
                booking.id,
                when_line(booking.starts_at, booking.ends_at, here.zone, now=here.now),
                booking.offering_name,
                _for_whom(booking),
            )


def _for_whom(booking: Booking) -> str:
    return "For two" if booking.who == Who.BOTH else "Alone"


# The timeline -------------------------------------------------------------------------------------


def _timeline(client: Client, here: _Here, kinds: list[LineKind]) -> list[Line]:
    lines = {
        LineKind.APPOINTMENTS: _appointments,
        LineKind.LETTERS: _letters,
        LineKind.PAYMENTS: _payments,
        LineKind.SHARED: _shared,
        LineKind.CONSENTS: _consents,
    }
    found = [line for kind in kinds if kind in lines for line in lines[kind](here)]
    if LineKind.READINGS in kinds:
        found += _readings(client.id, here)
    return sorted(found, key=lambda line: (line.at, line.kind, line.number), reverse=True)


def _appointments(here: _Here) -> Iterable[Line]:
    for person in here.people:
        booking = person.booking
        yield Line(
            booking.starts_at,
            LineKind.APPOINTMENTS,
            here.when(booking.starts_at),
            booking.offering_name,
            f"{_state(booking, here.now)}. {_for_whom(booking)}.",
            "booking",
            booking.id,
            booking.id,
        )


def _state(booking: Booking, now: datetime) -> str:
    if booking.status == Status.CONFIRMED:
        return "Booked" if booking.ends_at > now else "Past"
    return _STATES[Status(booking.status)]


def _letters(here: _Here) -> Iterable[Line]:
    for at, letter in letters_to(here.ids, here.zone, here.now):
        yield Line(
            at,
            LineKind.LETTERS,
            here.when(at),
            f"Letter: {letter.kind}",
            letter.state,
            "letter",
            number=letter.id,
        )


def _payments(here: _Here) -> Iterable[Line]:
    # What was paid is between the one who booked and the coach.
    booked = [person.booking_id for person in here.people if person.role == "booker"]
    rows = reading().scalars(
        select(Payment)
        .where(
            Payment.booking_id.in_(booked),
            or_(Payment.paid_at.is_not(None), Payment.state.in_(_UNPAID_SHOWN)),
        )
        .options(selectinload(Payment.refunds))
    )
    for payment in rows:
        at = payment.paid_at or payment.opened_at
        money = payment.received if payment.paid_at else payment.price
        yield Line(
            at,
            LineKind.PAYMENTS,
            here.when(at),
            str(money),
            summary_of(payment).told,
            "booking",
            payment.booking_id,
            payment.id,
        )


def _shared(here: _Here) -> Iterable[Line]:
    for person in who_wrote(here.people):
        for at in shared_moments(person):
            yield Line(
                at,
                LineKind.SHARED,
                here.when(at),
                "Something was shared",
                f"Before {here.when(person.booking.starts_at)}",
                "brief",
                person.booking_id,
                person.id,
            )


def who_wrote(people: Sequence[BookingPerson]) -> list[BookingPerson]:
    """Return those of these people who began an intake; of most appointments there is none."""
    ids = [person.id for person in people]
    found = select(Intake.person_id).where(Intake.person_id.in_(ids), Intake.erased_at.is_(None))
    wrote = set(reading().scalars(found))
    return [person for person in people if person.id in wrote]


def shared_moments(person: BookingPerson) -> list[datetime]:
    """Return when something was shared last of each intake that a coach may read; opens none.

    Of what is private no page but an open brief tells.
    """
    intakes = living_intakes(reading(), person.id)
    agreed = consents_of(reading(), [intake.id for intake in intakes])
    given = [each for each in intakes if each.id in agreed and agreed[each.id].is_given]
    return [at for intake in given if (at := _shared_at(intake)) is not None]


def _shared_at(intake: Intake) -> datetime | None:
    whole = whole_of(intake)
    return max(
        (
            row.shared_at
            for row in intake.sections
            if row.shared_at is not None and not whole.section(row.section).is_private
        ),
        default=None,
    )


def _consents(here: _Here) -> Iterable[Line]:
    people = {person.id: person for person in here.people}
    for line in reading().scalars(select(Consent).where(Consent.person_id.in_(people))):
        before = people[line.person_id].booking.starts_at
        yield Line(
            line.at,
            LineKind.CONSENTS,
            here.when(line.at),
            "Agreed that answers are kept" if line.is_given else "Took the agreement back",
            f"Before {here.when(before)}",
            number=line.id,
        )


def _readings(client_id: int, here: _Here) -> Iterable[Line]:
    rows = reading().scalars(
        select(JournalEntry).where(
            JournalEntry.coach_id == here.coach_id,
            JournalEntry.happening.in_([each.name for each in _ON_RECORD]),
            or_(JournalEntry.person_id.in_(here.ids), JournalEntry.client_id == client_id),
        )
    )
    for row in rows:
        yield Line(
            row.at,
            LineKind.READINGS,
            here.when(row.at),
            _ON_RECORD[Happening[row.happening]],
            "",
            number=row.id,
        )
