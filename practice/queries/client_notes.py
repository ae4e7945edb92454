"""A coach's own notes about a client: which there are, and one of them, opened."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from practice.domain.letters import moment_line
from practice.domain.note import LOCKS_AFTER, is_locked
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking
from practice.models.client import Client
from practice.models.clients import client_of
from practice.models.coach import Coach
from practice.models.keys import opened
from practice.models.note import Note, NoteEdit, open_note
from practice.models.unit import reading
from practice.ports import Tools, Vault

NO_NOTE = "There is no such note of yours."


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note of a list; its words stay closed. `about` names the appointment before it."""

    id: int
    written: str
    about: str
    state: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a note said before a later change."""

    text: str
    written: str
    replaced: str


@dataclass(frozen=True, slots=True)
class NotePage:
    """A note, opened; `seen` counts its savings, `locks` says since or until when it is open."""

    client_id: int
    client: str
    id: int
    uid: str
    seen: int
    text: str
    written: str
    saved: str
    about: str
    is_locked: bool
    locks: str
    earlier: tuple[Earlier, ...]
    zone_label: str


@dataclass(frozen=True, slots=True)
class NewNotePage:
    """Whom a new note is about."""

    client_id: int
    client: str


def notes_of(seat: Seat, client_id: int, *, now: datetime) -> tuple[NoteLine, ...]:
    """Return the notes of a coach about a client, newest first; opens none. Raises NotFound."""
    seat.require(Right.NOTES)
    client_of(reading(), client_id, seat.coach_id)
    zone = diary_zone(seat)
    changes = select(func.count(NoteEdit.id)).where(NoteEdit.note_id == Note.id).scalar_subquery()
    rows = reading().execute(
        select(Note, Booking, changes)
        .outerjoin(Booking, Booking.id == Note.booking_id)
        .where(Note.client_id == client_id, Note.coach_id == seat.coach_id)
        .order_by(Note.created_at.desc(), Note.id.desc())
    )
    return tuple(
        NoteLine(
            id=note.id,
            written=moment_line(note.created_at, zone, now=now),
            about=_about(booking, zone, now),
            state=_state(note, changed, now),
        )
        for note, booking, changed in rows
    )


def new_note_page(seat: Seat, client_id: int) -> NewNotePage:
    """Return whom a new note is about; raises NotFound."""
    seat.require(Right.NOTES)
    client = client_of(reading(), client_id, seat.coach_id)
    return NewNotePage(client.id, client.name)


def note_page(seat: Seat, client_id: int, note_id: int, *, tools: Tools) -> NotePage:
    """Return one note of a coach, opened; raises NotFound, Unreadable."""
    seat.require(Right.NOTES)
    now, session = tools.clock.now(), reading()
    client = client_of(session, client_id, seat.coach_id)
    note = session.get(Note, note_id, populate_existing=True)
    if note is None or (note.client_id, note.coach_id) != (client.id, seat.coach_id):
        raise NotFound(NO_NOTE)
    key, zone = note_key(client, vault=tools.vault), diary_zone(seat)
    booking = session.get(Booking, note.booking_id) if note.booking_id else None
    return NotePage(
        client_id=client.id,
        client=client.name,
        id=note.id,
        uid=note.uid,
        seen=note.sequence,
        text=open_note(note, key),
        written=moment_line(note.created_at, zone, now=now),
        saved=moment_line(note.saved_at, zone, now=now),
        about=_about(booking, zone, now),
        is_locked=is_locked(note.created_at, now=now),
        locks=moment_line(note.created_at + LOCKS_AFTER, zone, now=now),
        earlier=tuple(_earlier(edit, key, zone, now) for edit in reversed(note.edits)),
        zone_label=zone_label(zone, now),
    )


def note_key(client: Client, *, vault: Vault) -> Vault:
    """Return what opens the notes about a client; raises NotFound where it is destroyed."""
    key = opened(reading(), client.key_id, vault=vault) if client.key_id else None
    if key is None:
        raise NotFound(NO_NOTE)
    return key


def diary_zone(seat: Seat) -> ZoneInfo:
    """Return the zone on whose clock a diary runs."""
    seat.require(Right.NOTES)
    return zone_named(reading().get_one(Coach, seat.coach_id).zone)


def _about(booking: Booking | None, zone: ZoneInfo, now: datetime) -> str:
    return f"After {moment_line(booking.starts_at, zone, now=now)}" if booking else ""


def _state(note: Note, changed: int, now: datetime) -> str:
    if changed:
        return f"Locked, changed {'once' if changed == 1 else f'{changed} times'} since"
    return "Locked" if is_locked(note.created_at, now=now) else "Not locked yet"


def _earlier(edit: NoteEdit, key: Vault, zone: ZoneInfo, now: datetime) -> Earlier:
    return Earlier(
        text=open_note(edit, key),
        written=moment_line(edit.written_at, zone, now=now),
        replaced=moment_line(edit.replaced_at, zone, now=now),
    )
