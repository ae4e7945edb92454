"""Everything about one person, to take along: a value of plain texts, numbers and lists.

Its keys are promised in docs/export.md. What names somebody else is left out, and so is what the
person never shared: that is hers, and her own page hands it out.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import or_, select

from practice.domain.booking import Who
from practice.domain.roles import Right, Seat
from practice.models.answers import readable_sections
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.clients import client_of, people_of
from practice.models.coach import Coach
from practice.models.consent import ConsentText, ledger_of
from practice.models.journal import Happening, JournalEntry
from practice.models.note import Note, NoteEdit, open_note
from practice.models.outbox import OutboxLetter
from practice.models.payment import Payment, Refund
from practice.models.practice import Practice
from practice.models.unit import reading
from practice.ports import Tools, Vault
from practice.queries.client_file import client_since, shared_moments, who_wrote
from practice.queries.client_notes import note_key

FORMAT: Final = "practice.person/1"
LEFT_OUT: Final = (
    "What was written and never shared is not in this file: nobody but its writer can open it.",
    "What was shared in the private section is not in this file, by a rule of this house.",
    "The words of letters are not kept. This file says which there were, and when each went.",
    "Whatever names another person is left out: that is the other person’s own.",
    "Appointments with other coaches of this practice are in their own files.",
)
WITHOUT_NOTES: Final = "The coach’s own notes are not in this file."

# Of an appointment that somebody else booked, only what befell it for both.
_FOR_BOTH = {
    each.name
    for each in (
        *(Happening.MOVED, Happening.CANCELLED, Happening.RESTORED),
        *(Happening.DONE, Happening.NOT_DONE, Happening.NO_SHOW, Happening.CAME_AFTER_ALL),
    )
}
# Each would tell what the export leaves out, or belongs to the house.
_UNTOLD = {Happening.PRIVATE_READ.name, Happening.NOTE_WRITTEN.name, Happening.NOTE_CHANGED.name}


def export_of(seat: Seat, client_id: int, *, with_notes: bool, tools: Tools) -> dict[str, Any]:
    """Return everything that is stored about a client of this diary; raises NotFound, Unreadable.

    It opens what was shared: so it is to be in the journal before.
    """
    seat.require(Right.EXPORT)
    session = reading()
    client = client_of(session, client_id, seat.coach_id)
    people = people_of(session, client_id, seat.coach_id)
    found = {
        "format": FORMAT,
        "made_at": _at(tools.clock.now()),
        "practice": session.get_one(Practice, 1).name,
        "coach": session.get_one(Coach, seat.coach_id).name,
        "left_out": [*LEFT_OUT, *(() if with_notes else (WITHOUT_NOTES,))],
        "person": _person(client, people),
        "appointments": [_appointment(person) for person in people],
        "letters": _letters(people),
        "payments": _payments(people),
        "consents": _consents(people),
        "shared": [part for person in who_wrote(people) for part in _shared(person, tools.vault)],
        "journal": _journal(client, people, seat.coach_id),
    }
    if with_notes:
        seat.require(Right.NOTES)
        found["notes"] = _notes(client, seat.coach_id, tools.vault)
    return found


def people_who_shared(seat: Seat, client_id: int) -> list[BookingPerson]:
    """Return the client as the people of appointments before which something was shared."""
    people = people_of(reading(), client_id, seat.coach_id)
    return [person for person in who_wrote(people) if shared_moments(person)]


def _at(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else None


def _person(client: Client, people: list[BookingPerson]) -> dict[str, Any]:
    return {
        "name": client.name,
        "address": client.address,
        "name_to_use": people[0].called or None,
        "client_since": _at(client_since(client, people)),
    }


def _appointment(person: BookingPerson) -> dict[str, Any]:
    booking, is_booker = person.booking, person.role == "booker"
    return {
        "reference": booking.uid,
        "offering": booking.offering_name,
        "starts_at": _at(booking.starts_at),
        "ends_at": _at(booking.ends_at),
        "state": booking.status,
        "for_two": booking.who == Who.BOTH,
        "came_as": person.role,
        "name_given": person.name,
        "zone": person.zone,
        "booked_at": _at(booking.confirmed_at),
        "moved_at": _at(booking.moved_at),
        "cancelled_at": _at(booking.cancelled_at),
        "cancelled_by": booking.cancelled_by,
        "price_minor": booking.price_minor if is_booker else None,
        "currency": booking.currency if is_booker else None,
        "wishes": {
            "letters": person.letters_ok,
            "reminder": person.wants_reminder,
            "calendar_invite": person.wants_invite,
            "mailbox_shared": person.mailbox_shared,
            "from_minute": person.letters_from_minute,
            "until_minute": person.letters_until_minute,
            "set_at": _at(person.contact_set_at),
        },
    }


def _letters(people: list[BookingPerson]) -> list[dict[str, Any]]:
    uids = {person.booking_id: person.booking.uid for person in people}
    rows = reading().scalars(
        select(OutboxLetter)
        .where(OutboxLetter.person_id.in_([person.id for person in people]))
        .order_by(OutboxLetter.id)
    )
    return [
        {
            "kind": row.kind,
            "appointment": uids.get(row.booking_id) if row.booking_id else None,
            "state": row.state,
            "written_at": _at(row.created_at),
            "sent_at": _at(row.sent_at),
        }
        for row in rows
    ]


def _payments(people: list[BookingPerson]) -> list[dict[str, Any]]:
    booked = {person.booking_id: person.booking.uid for person in people if _is_booker(person)}
    rows = reading().scalars(
        select(Payment).where(Payment.booking_id.in_(booked)).order_by(Payment.id)
    )
    return [
        {
            "reference": row.reference,
            "appointment": booked[row.booking_id],
            "state": row.state,
            "asked_minor": row.amount_minor,
            "currency": row.currency,
            "received_minor": row.received_minor,
            "received_currency": row.received_currency,
            "opened_at": _at(row.opened_at),
            "paid_at": _at(row.paid_at),
            "refunds": [_refund(refund) for refund in row.refunds],
        }
        for row in rows
    ]


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "reference": refund.reference,
        "state": refund.state,
        "reason": refund.reason,
        "amount_minor": refund.amount_minor,
        "currency": refund.money.currency,
        "asked_at": _at(refund.created_at),
        "done_at": _at(refund.done_at),
    }


def _consents(people: list[BookingPerson]) -> list[dict[str, Any]]:
    return [
        {
            "appointment": person.booking.uid,
            "given": line.is_given,
            "at": _at(line.at),
            "text": reading().get_one(ConsentText, line.version).text,
            "text_version": line.version,
        }
        for person in people
        for line in ledger_of(reading(), person.id)
    ]


def _shared(person: BookingPerson, vault: Vault) -> list[dict[str, Any]]:
    return [
        {
            "appointment": person.booking.uid,
            "questionnaire": sheet.questionnaire.title,
            "sections": [
                {
                    "title": sheet.questionnaire.section(name).title,
                    "shared_at": _at(sheet.shared_at[name]),
                    "answers": [
                        {"question": each.label, "answer": list(each.words(part.answers[each.id]))}
                        for each in sheet.questionnaire.section(name).questions
                        if each.id in part.answers
                    ],
                }
                for name, part in sheet.sections.items()
            ],
        }
        for sheet in readable_sections(reading(), person.id, vault=vault)
    ]


def _journal(client: Client, people: list[BookingPerson], coach_id: int) -> list[dict[str, Any]]:
    of_booking = {person.booking_id: person for person in people}
    ids = {person.id for person in people}
    rows = reading().execute(
        select(JournalEntry, Booking.uid)
        .outerjoin(Booking, Booking.id == JournalEntry.booking_id)
        .where(
            JournalEntry.coach_id == coach_id,
            or_(
                JournalEntry.client_id == client.id,
                JournalEntry.booking_id.in_(of_booking),
                JournalEntry.person_id.in_(ids),
            ),
            JournalEntry.happening.not_in(_UNTOLD),
        )
        .order_by(JournalEntry.at, JournalEntry.id)
    )
    return [
        {
            "at": _at(row.at),
            "what": Happening[row.happening].value,
            "by": row.actor,
            "appointment": uid,
        }
        for row, uid in rows
        if _is_own(row, client, ids, of_booking)
    ]


def _is_own(
    row: JournalEntry, client: Client, ids: set[int], of_booking: dict[int, BookingPerson]
) -> bool:
    """Tell whether a line is this person's, and not of the other one of a booking for two."""
    if row.person_id is not None:
        return row.person_id in ids
    if row.client_id is not None:
        return row.client_id == client.id
    person = of_booking.get(row.booking_id or 0)
    return person is not None and (_is_booker(person) or row.happening in _FOR_BOTH)


def _is_booker(person: BookingPerson) -> bool:
    return person.role == "booker"


def _notes(client: Client, coach_id: int, vault: Vault) -> list[dict[str, Any]]:
    rows = list(
        reading().scalars(
            select(Note)
            .where(Note.client_id == client.id, Note.coach_id == coach_id)
            .order_by(Note.created_at, Note.id)
        )
    )
    key = note_key(client, vault=vault) if rows else None
    return [_note(row, key) for row in rows if key is not None]


def _note(row: Note, key: Vault) -> dict[str, Any]:
    return {
        "written_at": _at(row.created_at),
        "saved_at": _at(row.saved_at),
        "text": open_note(row, key),
        "earlier": [_earlier(edit, key) for edit in row.edits],
    }


def _earlier(edit: NoteEdit, key: Vault) -> dict[str, Any]:
    return {
        "written_at": _at(edit.written_at),
        "replaced_at": _at(edit.replaced_at),
        "text": open_note(edit, key),
    }
