"""Inviting another person along: the booker's page, the letter, and what the invited one sees.

Nothing here depends on whether somebody joined or declined: the booker may look at all of it.
"""

from dataclasses import dataclass
from datetime import datetime

from practice.domain.booking import Status, Who
from practice.domain.letters import Letter, LetterKind, clean_line, when_line
from practice.domain.refusal import Invalid, NotFound
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.invitation import invitation_of, link_to_join, place_of_address
from practice.models.link import NOTHING, Purpose, link_of
from practice.models.outbox import OutboxLetter
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.appointment import person_of
from practice.queries.house import house
from practice.queries.picking import known_or
from practice.queries.written import Words, words_of

_NOT_ADDRESSED = "Enter an email address, like name@example.com."


@dataclass(frozen=True, slots=True)
class InvitePage:
    """The booker's page for inviting; `link` is "" until she asked for it."""

    token: str
    when: str
    zone_label: str
    stands: bool
    is_sent: bool
    link: str


@dataclass(frozen=True, slots=True)
class InvitedPage:
    """What somebody sees who was invited; `stands` while the appointment is still to come.

    Its time is told on the clock of `zone`: the coach's, unless another was chosen.
    """

    token: str
    stands: bool
    asker: str
    coach_name: str
    when: str
    zone: str
    zone_label: str


def invite_page(token: str, *, tools: Tools) -> InvitePage:
    """Return the page of a booker who comes as two; raises NotFound for everybody else."""
    now = tools.clock.now()
    booking, zone_name = _own(token, tools)
    zone = zone_named(zone_name)
    made = invitation_of(reading(), booking.id)
    return InvitePage(
        token=token,
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone_label=zone_label(zone, booking.starts_at),
        stands=is_to_come(booking, now),
        is_sent=made is not None and made.sent_at is not None,
        link=_join_href(booking, tools),
    )


def invitation_words(token: str, address: str, *, tools: Tools) -> Words:
    """Return the letter that would go to an address, word for word; raises NotFound, Invalid."""
    booking, _ = _own(token, tools)
    letter = _letter(booking, address, "preview", tools, tools.clock.now())
    words = words_of(letter, tools=tools)
    if words is None:
        raise Invalid(_NOT_ADDRESSED, field="email")
    return words


def invitation_letter(row: OutboxLetter, tools: Tools, now: datetime) -> Letter | None:
    """Return the letter of an invitation, or None once its address or appointment is gone."""
    booking = reading().get_one(Booking, row.booking_id, populate_existing=True)
    made = invitation_of(reading(), booking.id)
    if made is None or made.address_sealed is None or not is_to_come(booking, now):
        return None
    address = tools.vault.open(made.address_sealed, place=place_of_address(made))
    return _letter(booking, address, row.reference, tools, now)


def invited_page(token: str, *, zone_name: str = "", tools: Tools) -> InvitedPage:
    """Return what an invitation leads to, the same whatever came of it; raises NotFound."""
    now = tools.clock.now()
    link = link_of(reading(), Purpose.INVITATION, token, now=now)
    if link is None or link.booking_id is None:
        raise NotFound(NOTHING)
    booking = reading().get_one(Booking, link.booking_id)
    # The coach's clock: that of the booker would tell where she is.
    zone = zone_named(known_or(zone_name, booking.coach.zone))
    return InvitedPage(
        token=token,
        stands=is_to_come(booking, now),
        asker=_asker(booking),
        coach_name=booking.coach.name,
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone=str(zone),
        zone_label=zone_label(zone, booking.starts_at),
    )


def is_to_come(booking: Booking, now: datetime) -> bool:
    """Tell whether somebody can still be asked along, or join, at `now`."""
    return booking.status == Status.CONFIRMED and booking.ends_at > now


def is_booker_of_two(person: BookingPerson) -> bool:
    """Tell whether this person may invite: who was invited does not invite others."""
    return person.role == "booker" and person.booking.who == Who.BOTH


def _own(token: str, tools: Tools) -> tuple[Booking, str]:
    person = person_of(token, tools=tools)
    if not is_booker_of_two(person):
        raise NotFound(NOTHING)
    return person.booking, person.zone


def _letter(booking: Booking, address: str, reference: str, tools: Tools, now: datetime) -> Letter:
    ours = house()
    return Letter(
        kind=LetterKind.INVITATION,
        reference=reference,
        now=now,
        to_name="",
        to_address=address,
        from_name=ours.sender_name,
        from_address=ours.sender_address,
        coach_name="",
        practice_name="",
        zone=zone_named(booking.coach.zone),
        link=_join_href(booking, tools),
        asker=_asker(booking),
    )


def _join_href(booking: Booking, tools: Tools) -> str:
    link = link_to_join(reading(), booking.id)
    return f"{tools.base_url}/p/{link.token(tools.vault)}" if link is not None else ""


def _asker(booking: Booking) -> str:
    """Return the first name of who booked, as she wants to be called, and no more of it."""
    booker = next((one for one in booking.people if one.role == "booker"), None)
    return clean_line(booker.greeting).partition(" ")[0] if booker else ""
