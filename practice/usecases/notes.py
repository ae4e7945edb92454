"""A coach's own notes: saved while they are typed, locked after a day, changed visibly after that.

They lie sealed under the client's own data key, and belong to the coach who wrote them.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.note import as_kept, check_note, is_locked
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.clients import client_of, with_coach
from practice.models.journal import Happening, tell
from practice.models.keys import new_key, opened
from practice.models.note import Note, NoteEdit, open_note, seal_note
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools, Vault
from practice.queries.client_notes import NO_NOTE

LOCKED = "This note is locked by now. Save to keep your change beside what it said."


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed; `uid` names the note (32 hex letters), `seen` which of its savings.

    `by_itself` tells that the page saves it, and nobody pressed.
    """

    uid: str
    seen: int
    text: str
    by_itself: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a draft: `theirs` is what another tab saved meanwhile, None if it is kept."""

    note_id: int
    seen: int
    at: datetime
    theirs: str | None = None


def new_uid() -> str:
    """Return a fresh name for a note that is begun."""
    return secrets.token_hex(16)


def save(seat: Seat, client_id: int, draft: Draft, *, tools: Tools) -> Saved:
    """Keep a note about a client, begun by its first saving; nothing of another tab is lost.

    Raises NotFound, Invalid (nothing is said, or too much), NotAllowed (it was locked meanwhile,
    and nobody pressed), Unreadable, Busy.
    """
    seat.require(Right.NOTES)
    text = as_kept(draft.text)
    check_note(text)
    now = tools.clock.now()

    def act() -> Saved:
        with unit_of_work() as session:
            client = client_of(session, client_id, seat.coach_id, lock=True)
            key = _key(session, client, tools.vault, now)
            note = session.scalar(select(Note).where(Note.uid == draft.uid))
            if note is None:
                return _begin(session, seat, client, draft.uid, text, key, now)
            if (note.client_id, note.coach_id) != (client.id, seat.coach_id):
                raise NotFound(NO_NOTE)
            return _go_on(session, seat, note, draft, text, key, now)

    return persistently(act)


def _begin(
    session: Session, seat: Seat, client: Client, uid: str, text: str, key: Vault, now: datetime
) -> Saved:
    note = Note(
        uid=uid,
        client_id=client.id,
        coach_id=seat.coach_id,
        booking_id=_last_talk(session, client.id, seat.coach_id, now),
        created_at=now,
        saved_at=now,
        sequence=1,
    )
    note.sealed = seal_note(text, key, note)
    session.add(note)
    _tell(session, seat, client.id, Happening.NOTE_WRITTEN, now)
    session.flush()
    return Saved(note.id, note.sequence, now)


def _go_on(
    session: Session, seat: Seat, note: Note, draft: Draft, text: str, key: Vault, now: datetime
) -> Saved:
    stands = open_note(note, key)
    if text == stands:
        return Saved(note.id, note.sequence, note.saved_at)
    if draft.seen != note.sequence:
        return Saved(note.id, note.sequence, note.saved_at, theirs=stands)
    if is_locked(note.created_at, now=now):
        if draft.by_itself:
            raise NotAllowed(LOCKED)
        _keep_earlier(note, stands, key, now)
        _tell(session, seat, note.client_id, Happening.NOTE_CHANGED, now)
    note.sealed, note.saved_at = seal_note(text, key, note), now
    note.sequence += 1
    return Saved(note.id, note.sequence, now)


def _keep_earlier(note: Note, stands: str, key: Vault, now: datetime) -> None:
    edit = NoteEdit(uid=new_uid(), written_at=note.saved_at, replaced_at=now)
    edit.sealed = seal_note(stands, key, edit)
    note.edits.append(edit)


def _key(session: Session, client: Client, vault: Vault, now: datetime) -> Vault:
    """Return the key of a client's notes, made with the first of them."""
    if client.key_id is None:
        client.key_id = new_key(session, vault=vault, now=now)
    key = opened(session, client.key_id, vault=vault)
    if key is None:
        raise NotFound(NO_NOTE)  # destroyed: this person is being erased
    return key


def _last_talk(session: Session, client_id: int, coach_id: int, now: datetime) -> int | None:
    """Return the last appointment that had begun, which a new note is most likely about."""
    return session.scalar(
        select(Booking.id)
        .join(BookingPerson)
        .where(
            BookingPerson.client_id == client_id,
            with_coach(coach_id),
            Booking.cancelled_at.is_(None),
            Booking.starts_at <= now,
        )
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .limit(1)
    )


def _tell(
    session: Session, seat: Seat, client_id: int, happening: Happening, now: datetime
) -> None:
    tell(
        session,
        happening,
        actor=Actor.COACH,
        now=now,
        coach_id=seat.coach_id,
        client_id=client_id,
    )
