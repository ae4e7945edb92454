"""Safe contact: the page on which a person says how to be reached, and what letters keep to."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Status
from practice.domain.contact import (
    MAILBOX_SHARED,
    NO_LETTERS,
    Wishes,
    send_at,
    strictest,
    untimely,
    withheld,
)
from practice.domain.letters import LetterKind, moment_line
from practice.domain.offering import REMINDERS
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.outbox import OutboxLetter
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.appointment import person_of


@dataclass(frozen=True, slots=True)
class ContactPage:
    """What a person said of letters to her; `link` is her own page, the one way back without.

    `reminder` says when a reminder goes ("the day before"), "" where none does.
    """

    token: str
    link: str
    name: str
    wishes: Wishes
    zone_label: str
    is_set: bool
    reminder: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to become of a letter that is due: `why` it is withheld, or when it may go."""

    why: str
    at: datetime


def contact_page(token: str, *, tools: Tools) -> ContactPage:
    """Return what the person of a private link wished; raises NotFound."""
    person = person_of(token, tools=tools)
    return ContactPage(
        token=token,
        link=f"{tools.base_url}/a/{token}",
        name=person.name,
        wishes=person.wishes,
        zone_label=zone_label(zone_named(person.zone), tools.clock.now()),
        is_set=person.contact_set_at is not None,
        reminder=REMINDERS.get(person.booking.offering.reminder_hours, ""),
    )


def wishes_of(person: BookingPerson) -> Wishes:
    """Return what letters to a person keep to: her own wishes, once she has said any.

    Until then those of the same mailbox count, too: one that others read stays one when she books
    again. That it ever was one counts even then. No page shows her these, for anybody may book with
    any address.
    """
    rows = reading().scalars(
        select(BookingPerson)
        .where(
            BookingPerson.client_id == person.client_id,
            BookingPerson.contact_set_at.is_not(None),
        )
        .order_by(BookingPerson.contact_set_at.desc(), BookingPerson.id.desc())
    )
    others = [other.wishes for other in rows]
    if person.contact_set_at is None:
        return strictest(person.wishes, others)
    ever = person.wishes.mailbox_was_shared or any(each.mailbox_was_shared for each in others)
    return replace(person.wishes, mailbox_was_shared=ever)


def fate_of(row: OutboxLetter, *, now: datetime) -> Fate:
    """Return whether a letter may go at `now`, by the wishes of its reader."""
    kind = LetterKind(row.kind)
    people = _readers(reading(), row, now)
    if not people:
        return Fate("", now)
    fates = [_fate(kind, person, now) for person in people]
    # A letter with several links goes with those that may go.
    return next((fate for fate in fates if not fate.why), fates[0])


def people_with_links(client_id: int, now: datetime) -> list[BookingPerson]:
    """Return a client's coming appointments, as their person, in order of time."""
    return list(
        reading().scalars(
            select(BookingPerson)
            .join(Booking)
            .where(
                BookingPerson.client_id == client_id,
                Booking.status == Status.CONFIRMED,
                Booking.ends_at > now,
            )
            .order_by(Booking.starts_at, BookingPerson.id)
            .execution_options(populate_existing=True)
        )
    )


def silence(person: BookingPerson, kind: LetterKind) -> str:
    """Say at the desk why no letter of this kind would go to a person, or ""."""
    why = withheld(kind, wishes_of(person))
    told = {NO_LETTERS: "asked for none.", MAILBOX_SHARED: "others can read the mailbox."}
    return (
        f"No letter goes to {person.name}: {told.get(why, 'asked for no reminder.')}" if why else ""
    )


def delay(person: BookingPerson, coach_zone: ZoneInfo, *, now: datetime) -> str:
    """Say at the desk until when a letter to a person would wait, or ""."""
    at = send_at(now, wishes_of(person), zone_named(person.zone))
    if at <= now:
        return ""
    when = moment_line(at, coach_zone, now=now)
    return f"The letter to {person.name} waits until {when}, for the hours asked for."


def _readers(session: Session, row: OutboxLetter, now: datetime) -> list[BookingPerson]:
    if row.person_id is not None:
        return [session.get_one(BookingPerson, row.person_id, populate_existing=True)]
    if row.kind == LetterKind.LINK and row.client_id is not None:
        return people_with_links(row.client_id, now)
    return []


def _fate(kind: LetterKind, person: BookingPerson, now: datetime) -> Fate:
    wishes = wishes_of(person)
    why = withheld(kind, wishes)
    if why:
        return Fate(why, now)
    at = send_at(now, wishes, zone_named(person.zone))
    starts_at = person.booking.starts_at
    return Fate(untimely(kind, at, now=now, starts_at=starts_at), at)
