"""Erasing one person as a whole, with all that the practice knows: the keys first, then the rows.

Payments and refunds stay as amounts, for the books; so do the times of appointments, the ledger of
consents and the journal, which all name nobody any more. Whoever came along stays as she is.
"""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.client import ERASED_NAME, address_key
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.models.base import settle_files
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client, anonymise
from practice.models.clients import NO_CLIENT, came_to
from practice.models.couple import forget_couples
from practice.models.intake import Intake
from practice.models.intakes import forget_words, keys_of
from practice.models.invitation import Invitation
from practice.models.journal import Happening, tell
from practice.models.keys import destroy_keys
from practice.models.link import Link
from practice.models.note import Note, NoteEdit
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.time_request import TimeRequest
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools
from practice.queries.erasure import has_coming, is_paying

COMING = "Cancel what is to come first. Nothing was erased."
PAYING = "A payment is still under way. Nothing was erased; try again in an hour."
# Where somebody is, which her appointments knew as well.
_NO_ZONE = "UTC"


def erase_client(seat: Seat, client_id: int, *, tools: Tools) -> None:
    """Erase a client of this diary for the whole practice; one who is erased stays so.

    Raises NotFound, NotAllowed (something is to come, or being paid for), Busy. Safe to repeat,
    also after a crash in between: once the keys are gone, the words are.
    """
    seat.require(Right.EXPORT)
    now = tools.clock.now()

    def destroy() -> bool:
        with unit_of_work() as session:
            client = _locked(session, seat, client_id, now)
            if client is not None:
                destroy_keys(session, _keys(session, client))
            return client is not None

    def forget() -> None:
        with unit_of_work() as session:
            client = _locked(session, seat, client_id, now)
            if client is None:
                return
            _forget(session, client, now)
            tell(
                session,
                Happening.PERSON_ERASED,
                actor=Actor.COACH,
                now=now,
                coach_id=seat.coach_id,
                client_id=client_id,
            )

    if persistently(destroy):
        persistently(forget)
    settle_files()


def _locked(session: Session, seat: Seat, client_id: int, now: datetime) -> Client | None:
    """Return the client, whom nobody books for until the act ends; None where she is erased."""
    client = session.scalar(
        select(Client)
        .where(Client.id == client_id, came_to(seat.coach_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if client is None:
        raise NotFound(NO_CLIENT)
    if client.erased_at is not None:
        return None
    if has_coming(session, client_id, now):
        raise NotAllowed(COMING)
    if is_paying(session, client_id):
        raise NotAllowed(PAYING)
    return client


def _keys(session: Session, client: Client) -> list[str]:
    hers = select(BookingPerson.id).where(BookingPerson.client_id == client.id)
    own = [client.key_id] if client.key_id else []
    return own + keys_of(session, Intake.person_id.in_(hers))


def _forget(session: Session, client: Client, now: datetime) -> None:
    """Forget all that names a client. Each statement may be done again."""
    rows = session.execute(
        select(BookingPerson.id, BookingPerson.booking_id, BookingPerson.role).where(
            BookingPerson.client_id == client.id
        )
    ).all()
    people = [row.id for row in rows]
    bookings = [row.booking_id for row in rows]
    booked = [row.booking_id for row in rows if row.role == "booker"]
    keys = _keys(session, client)  # begun since the others were destroyed
    destroy_keys(session, keys)
    forget_words(session, keys, now)
    _forget_notes(session, client.id)
    forget_couples(session, client.id)
    _forget_letters(session, client.id, people, bookings)
    _forget_links(session, people, booked)
    _forget_invited(session, bookings)
    _forget_requests(session, client.address)
    _anonymise_people(session, people)
    _anonymise_bookings(session, booked)
    anonymise(client, now)


def _forget_notes(session: Session, client_id: int) -> None:
    notes = select(Note.id).where(Note.client_id == client_id)
    session.execute(delete(NoteEdit).where(NoteEdit.note_id.in_(notes)))
    session.execute(delete(Note).where(Note.client_id == client_id))


def _forget_letters(
    session: Session, client_id: int, people: list[int], bookings: list[int]
) -> None:
    """Drop what waits, and forget what mail servers said of it: they like to quote the address."""
    invitation = (OutboxLetter.kind == "invitation") & OutboxLetter.booking_id.in_(bookings)
    hers = or_(OutboxLetter.person_id.in_(people), OutboxLetter.client_id == client_id, invitation)
    underway = OutboxLetter.state.in_((LetterState.WAITING, LetterState.LEASED))
    session.execute(
        update(OutboxLetter)
        .where(hers, underway)
        # No lease: a worker that is at it must not write down any more how it went.
        .values(state=LetterState.DROPPED, leased_by=None, leased_until=None)
    )
    session.execute(update(OutboxLetter).where(hers).values(why="", client_id=None))


def _forget_links(session: Session, people: list[int], booked: list[int]) -> None:
    session.execute(delete(Link).where(Link.person_id.in_(people)))
    session.execute(delete(Link).where(Link.booking_id.in_(booked), Link.person_id.is_(None)))


def _forget_invited(session: Session, bookings: list[int]) -> None:
    session.execute(
        update(Invitation).where(Invitation.booking_id.in_(bookings)).values(address_sealed=None)
    )


def _forget_requests(session: Session, address: str) -> None:
    key = address_key(address)
    rows = session.execute(select(TimeRequest.id, TimeRequest.address))
    hers = [row.id for row in rows if address_key(row.address) == key]
    session.execute(delete(TimeRequest).where(TimeRequest.id.in_(hers)))


def _anonymise_people(session: Session, people: list[int]) -> None:
    session.execute(
        update(BookingPerson)
        .where(BookingPerson.id.in_(people))
        .values(
            name=ERASED_NAME,
            called="",
            zone=_NO_ZONE,
            letters_ok=False,
            wants_invite=False,
            wants_reminder=False,
            mailbox_shared=False,
            mailbox_was_shared_at=None,
            letters_from_minute=None,
            letters_until_minute=None,
            contact_set_at=None,
        )
    )


def _anonymise_bookings(session: Session, booked: list[int]) -> None:
    session.execute(
        update(Booking)
        .where(Booking.id.in_(booked))
        .values(zone=_NO_ZONE, held_by=None, held_from=None, request_key=None)
    )
