"""A letter as it should read at this moment, or nothing where it tells of what is no more."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from practice.domain.booking import Status
from practice.domain.contact import TOO_LATE_TO_REMIND, plainest, withheld
from practice.domain.letters import CalendarEntry, Letter, LetterKind, LinkTo, Method, day_line
from practice.domain.money import Money
from practice.domain.zone import zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.link import person_token
from practice.models.outbox import OutboxLetter
from practice.models.payment import Payment, Refund, paid_payment, refunds_since
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.account import reset_letter
from practice.queries.calendar_entry import entry_of
from practice.queries.calendars import calendar_letter
from practice.queries.coach_letter import coach_letter
from practice.queries.contact import people_with_links, wishes_of
from practice.queries.house import House, house
from practice.queries.invitation import invitation_letter
from practice.queries.paying import nearest_starts
from practice.queries.place import meeting
from practice.queries.reminders import reminder_before
from practice.queries.sign_in import sign_in_letter

_REMINDERS = {LetterKind.REMINDER, LetterKind.COACH_REMINDER}
_MOVES = {LetterKind.MOVED, LetterKind.COACH_MOVED}
_CANCELLATIONS = {LetterKind.CANCELLED, LetterKind.COACH_CANCELLED}
_NOT_BOOKED = {LetterKind.TOO_LATE, LetterKind.PAYMENT_FAILED}
_OF_MONEY = {LetterKind.REFUNDED, *_NOT_BOOKED}
_WITHOUT_ENTRY = {*_REMINDERS, *_OF_MONEY}


def letter_for(row: OutboxLetter, *, tools: Tools, now: datetime) -> Letter | None:
    """Return the letter of an outbox row as of `now`; None if superseded or without a reader."""
    kind = LetterKind(row.kind)
    if kind in _OF_NO_BOOKING:
        return _OF_NO_BOOKING[kind](row, tools, now)
    booking = reading().get_one(Booking, row.booking_id, populate_existing=True)
    if not _still_true(kind, row, booking, now):
        return None
    if kind.for_coach:
        return _booking_letter(kind, row, booking, tools, now)
    if reading().get_one(BookingPerson, row.person_id).client.erased_at is not None:
        return None
    return client_letter(kind, row, booking, tools, now)


def _still_true(kind: LetterKind, row: OutboxLetter, booking: Booking, now: datetime) -> bool:
    if kind is LetterKind.REFUNDED:
        return True  # whatever became of the booking since
    if kind in _NOT_BOOKED:
        return booking.status != Status.CONFIRMED
    if row.sequence != booking.sequence:
        return False
    if kind in _CANCELLATIONS:
        return booking.status == Status.CANCELLED
    if kind in _REMINDERS and now >= booking.starts_at - TOO_LATE_TO_REMIND:
        return False
    return booking.status == Status.CONFIRMED


def client_letter(
    kind: LetterKind, row: OutboxLetter, booking: Booking, tools: Tools, now: datetime
) -> Letter:
    """Return a booking's letter to the person of this row, whether or not it is in the post yet."""
    ours = house()
    person = reading().get_one(BookingPerson, row.person_id)
    # Who waits to pay, or paid too late, was given no private link.
    has_link = booking.confirmed_at is not None
    link = (
        f"{tools.base_url}/a/{person_token(reading(), person.id, tools.vault)}" if has_link else ""
    )
    how = meeting(booking.place, booking.coach.name)
    wishes = wishes_of(person)
    letter = Letter(
        kind=kind,
        reference=row.reference,
        now=now,
        to_name=person.greeting,
        to_address=person.client.address,
        from_name=ours.sender_name,
        from_address=ours.sender_address,
        coach_name=booking.coach.name,
        practice_name=ours.name,
        zone=zone_named(person.zone),
        link=link,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        was_at=booking.moved_from_at if kind in _MOVES else None,
        place_lines=how.lines,
        join_href=how.join_href,
        with_reminder=bool(reminder_before(person, now)),
        words=booking.offering.confirmation_words if kind is LetterKind.CONFIRMATION else "",
        entry=_entry(kind, booking, person, ours, link, now),
        **_of_money(kind, row, person, tools, now),
    )
    return plainest(letter) if wishes.mailbox_shared else letter


def _entry(
    kind: LetterKind, booking: Booking, person: BookingPerson, ours: House, link: str, now: datetime
) -> CalendarEntry | None:
    if not person.wants_invite or kind in _WITHOUT_ENTRY:
        return None
    method: Method = "CANCEL" if kind in _CANCELLATIONS else "REQUEST"
    return entry_of(
        booking,
        ours,
        method=method,
        now=now,
        link=link,
        attendee=(person.greeting, person.client.address),
    )


def _of_money(
    kind: LetterKind, row: OutboxLetter, person: BookingPerson, tools: Tools, now: datetime
) -> dict[str, Any]:
    """Return what a letter tells of money: to who paid, and nothing where nothing was to be paid.

    Amounts are of the moment of sending; a receipt keeps the day on which it was paid.
    """
    booking = person.booking
    if kind in _NOT_BOOKED:
        return {
            "back": _amount_of(row),
            "nearest": nearest_starts(booking, now=now) if kind is LetterKind.TOO_LATE else (),
            "pick_href": _pick_href(booking, tools),
        }
    if kind is LetterKind.REFUNDED:
        return {"back": _amount_of(row)}
    if kind not in {LetterKind.CONFIRMATION, LetterKind.CANCELLED} or person.role != "booker":
        return {}
    payment = _payment_of(booking)
    if payment is None or payment.paid_at is None:
        return {}
    day = day_line(payment.paid_at, zone_named(person.zone), now=now)
    return {
        "paid": f"{payment.received} on {day}",
        "receipt": payment.reference,
        "back": _back(payment, booking),
    }


def _payment_of(booking: Booking) -> Payment | None:
    return paid_payment(reading(), booking.id) if booking.price_minor else None


def _back(payment: Payment, booking: Booking) -> str:
    """Say what goes back because a booking was cancelled; before that, what would if all does."""
    if booking.cancelled_at is None:
        return str(payment.kept)
    minor = sum(
        refund.amount_minor
        for refund in refunds_since(reading(), booking.id, booking.cancelled_at)
        if refund.payment_id == payment.id
    )
    return str(Money(minor, payment.received.currency)) if minor else ""


def _amount_of(row: OutboxLetter) -> str:
    refund = reading().get(Refund, row.refund_id) if row.refund_id else None
    return str(refund.money) if refund is not None else ""


def _pick_href(booking: Booking, tools: Tools) -> str:
    """Return where a time of the same kind can be chosen, or of any kind where it can't be."""
    if tools.payments is None or booking.offering.archived_at is not None:
        return f"{tools.base_url}/"
    return f"{tools.base_url}/sessions/{booking.offering.slug}"


def _booking_letter(
    kind: LetterKind, row: OutboxLetter, booking: Booking, tools: Tools, now: datetime
) -> Letter:
    how = meeting(booking.place, booking.coach.name)
    payment = _payment_of(booking)
    return coach_letter(
        row,
        booking.coach,
        link=f"{tools.base_url}/desk/bookings/{booking.id}",
        now=now,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        was_at=booking.moved_from_at if kind in _MOVES else None,
        place_lines=how.lines,
        join_href=how.join_href,
        client_name=", ".join(person.name for person in booking.people),
        offering_name=booking.offering_name,
        paid=str(payment.received) if payment is not None else "",
        back=_back(payment, booking) if payment is not None else "",
    )


def _link_letter(row: OutboxLetter, tools: Tools, now: datetime) -> Letter | None:
    """Return the letter with all links of a client's coming appointments; None for nobody's."""
    client = reading().get(Client, row.client_id) if row.client_id else None
    if client is None:
        return None
    coming = [
        person
        for person in people_with_links(client.id, now)
        if not withheld(LetterKind.LINK, wishes_of(person))
    ]
    if not coming:
        return None
    ours = house()
    links = tuple(
        LinkTo(
            person.booking.starts_at,
            f"{tools.base_url}/a/{person_token(reading(), person.id, tools.vault)}",
        )
        for person in coming
    )
    return Letter(
        kind=LetterKind.LINK,
        reference=row.reference,
        now=now,
        to_name=coming[0].greeting,
        to_address=client.address,
        from_name=ours.sender_name,
        from_address=ours.sender_address,
        coach_name=ours.coach_name,
        practice_name=ours.name,
        zone=zone_named(coming[0].zone),
        link=links[0].link,
        links=links,
    )


def _asked_letter(row: OutboxLetter, tools: Tools, now: datetime) -> Letter:
    coach = reading().get_one(Coach, row.coach_id)
    return coach_letter(row, coach, link=f"{tools.base_url}/desk/", now=now)


_OF_NO_BOOKING: Mapping[LetterKind, Callable[[OutboxLetter, Tools, datetime], Letter | None]] = {
    LetterKind.LINK: _link_letter,
    LetterKind.SIGN_IN: sign_in_letter,
    LetterKind.INVITATION: invitation_letter,
    LetterKind.COACH_ASKED: _asked_letter,
    LetterKind.COACH_RESET: reset_letter,
    LetterKind.COACH_CALENDAR: calendar_letter,
}
