"""Inviting another person to a booking for two, and what that person makes of it.

Whoever booked holds the link as well and may open it, or join by another address, to learn whether
somebody joined. So it answers everybody alike for ever: each address that joins gets a person and a
link of its own, by letter, and a second time the same link again.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.client import address_key
from practice.domain.letters import LetterKind
from practice.domain.refusal import NotAllowed, NotFound, TooMany
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client, client_at
from practice.models.invitation import Invitation, invitation_of, link_to_join, place_of_address
from practice.models.journal import Happening, JournalEntry, tell
from practice.models.link import NOTHING, Opens, Purpose, link_of, new_link, new_person_link
from practice.models.outbox import About, write_letter
from practice.models.throttle import take
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.appointment import person_of
from practice.queries.invitation import is_booker_of_two, is_to_come
from practice.usecases.counting import bucket_of
from practice.usecases.diary import on_diary
from practice.usecases.letters import tell_joined

ENDED = "This appointment can’t be joined any more."
_DAY = 24 * 60 * 60
_NEW_A_DAY = 4
_SENT = "The letter was sent already. One is all that we send."


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody says who was invited and would like to come."""

    name: str
    email: str
    zone: str


def make_link(token: str, caller: str, *, tools: Tools) -> None:
    """Make the one link by which others may join; asked again, it stays the same.

    Raises NotFound, NotAllowed, TooMany, Busy.
    """

    def act(session: Session, booking: Booking) -> None:
        _count(session, f"invite:{caller}", tools)
        _made(session, booking, tools)

    _on_own(token, act, tools)


def send_invitation(token: str, address: str, caller: str, *, tools: Tools) -> None:
    """Write the one letter of an invitation, its address sealed until it is not needed any more.

    Raises NotFound, NotAllowed (it was sent already), TooMany, Busy.
    """
    now = tools.clock.now()

    def act(session: Session, booking: Booking) -> None:
        _count(session, f"invite:{caller}", tools)
        invitation = _made(session, booking, tools)
        if invitation.sent_at is not None:
            raise NotAllowed(_SENT)
        invitation.sent_at = now
        invitation.address_sealed = tools.vault.seal(address, place=place_of_address(invitation))
        write_letter(
            session,
            LetterKind.INVITATION,
            f"invitation:{booking.id}",
            About(booking_id=booking.id),
            due_at=now,
            now=now,
        )

    _on_own(token, act, tools)


def join(token: str, joining: Joining, caller: str, *, tools: Tools) -> None:
    """Let somebody come who was invited, and send her own link to the address that she gave.

    Joined by this address before, she is sent the same link again. Where that would be too many
    letters, nothing is sent and nobody added, and the answer is the same: whoever types others'
    addresses must not learn it. Raises NotFound, NotAllowed (it is over), TooMany, Busy.
    """
    now = tools.clock.now()

    def act(session: Session, booking: Booking) -> None:
        _count(session, f"join:{caller}", tools)
        known = _joined_at(session, booking, joining.email)
        if not _may_write(session, booking, joining.email, tools, is_new=known is None):
            _send_link(session, None, now)
        elif known is not None:
            _send_link(session, known, now)
        else:
            client = client_at(session, joining.name, joining.email, now)
            _add(session, booking, client.id, joining, tools)
        _answered(session, booking, tools)

    _on_invited(token, act, tools)


def decline(token: str, caller: str, *, tools: Tools) -> None:
    """Forget the address of an invitation; nobody is told. Raises NotFound, TooMany, Busy."""

    def act(session: Session, booking: Booking) -> None:
        _count(session, f"join:{caller}", tools)
        _answered(session, booking, tools)

    _on_invited(token, act, tools)


def _on_own(token: str, act: Callable[[Session, Booking], None], tools: Tools) -> None:
    """Do an act on the booking for two of whoever booked it, while it is still to come."""
    person = person_of(token, tools=tools)
    if not is_booker_of_two(person):
        raise NotFound(NOTHING)
    _on(person.booking.id, person.booking.coach_id, act, tools)


def _on_invited(token: str, act: Callable[[Session, Booking], None], tools: Tools) -> None:
    link = link_of(reading(), Purpose.INVITATION, token, now=tools.clock.now())
    if link is None or link.booking_id is None:
        raise NotFound(NOTHING)
    booking = reading().get_one(Booking, link.booking_id)
    _on(booking.id, booking.coach_id, act, tools)


def _on(
    booking_id: int, coach_id: int, act: Callable[[Session, Booking], None], tools: Tools
) -> None:
    now = tools.clock.now()

    def once(session: Session) -> None:
        booking = session.get_one(Booking, booking_id, populate_existing=True)
        if not is_to_come(booking, now):
            raise NotAllowed(ENDED)
        act(session, booking)

    on_diary(coach_id, once, now=now)


def _count(session: Session, key: str, tools: Tools) -> None:
    if tools.rate_limits:
        take(session, key, burst=10, per_seconds=360, now=tools.clock.now())


def _made(session: Session, booking: Booking, tools: Tools) -> Invitation:
    """Return the invitation of a booking and see to its link, both made where they are missing."""
    now = tools.clock.now()
    found = invitation_of(session, booking.id)
    if found is None:
        found = Invitation(reference=secrets.token_hex(16), booking_id=booking.id, created_at=now)
        session.add(found)
    if link_to_join(session, booking.id) is None:
        new_link(
            session, Purpose.INVITATION, Opens(booking_id=booking.id), vault=tools.vault, now=now
        )
    return found


def _answered(session: Session, booking: Booking, tools: Tools) -> None:
    invitation = invitation_of(session, booking.id)
    if invitation is not None:
        invitation.answered_at = tools.clock.now()
        invitation.address_sealed = None


def _joined_at(session: Session, booking: Booking, address: str) -> int | None:
    """Return the client who joined a booking by this address, or None."""
    return session.scalar(
        select(Client.id)
        .join(BookingPerson, BookingPerson.client_id == Client.id)
        .where(
            BookingPerson.booking_id == booking.id,
            BookingPerson.role == "partner",
            Client.address_key == address_key(address),
        )
    )


def _may_write(
    session: Session, booking: Booking, address: str, tools: Tools, *, is_new: bool
) -> bool:
    """Tell whether an address may be written to: three times a day, four new ones a booking."""
    if not tools.rate_limits:
        return True
    now = tools.clock.now()
    whose = bucket_of("joined-to", address_key(address), tools=tools)
    try:
        take(session, whose, burst=3, per_seconds=_DAY, now=now)
    except TooMany:
        return False
    # Counted, not taken from a bucket: making that one would tell that nobody came before.
    came = session.scalar(
        select(func.count()).where(
            JournalEntry.booking_id == booking.id,
            JournalEntry.happening == Happening.PARTNER_JOINED.name,
            JournalEntry.at > now - timedelta(seconds=_DAY),
        )
    )
    return not is_new or (came or 0) < _NEW_A_DAY


def _send_link(session: Session, client_id: int | None, now: datetime) -> None:
    """Write the letter with the links of a client; without one, the worker drops it."""
    dedupe = f"joined:{secrets.token_hex(8)}"
    write_letter(session, LetterKind.LINK, dedupe, About(client_id=client_id), due_at=now, now=now)


def _add(
    session: Session, booking: Booking, client_id: int, joining: Joining, tools: Tools
) -> None:
    now = tools.clock.now()
    person = BookingPerson(
        booking_id=booking.id,
        client_id=client_id,
        role="partner",
        name=joining.name,
        zone=joining.zone,
    )
    booking.people.append(person)
    new_person_link(session, person, vault=tools.vault, now=now)
    tell_joined(session, person, now=now)
    tell(
        session,
        Happening.PARTNER_JOINED,
        actor=Actor.CLIENT,
        now=now,
        coach_id=booking.coach_id,
        booking_id=booking.id,
        person_id=person.id,
        starts_at=booking.starts_at,
    )
