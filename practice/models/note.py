"""A coach's own notes about a client, sealed under the client's key, and what they said before."""

import json
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.models.base import Base
from practice.ports import Vault

_BLOCK = 1024


class Note(Base):
    """A note of one coach about one client; `sequence` counts its savings, for two open tabs."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_client_id_coach_id", "client_id", "coach_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=1)
    edits: Mapped[list["NoteEdit"]] = relationship(
        cascade="all, delete-orphan", order_by="NoteEdit.id"
    )


class NoteEdit(Base):
    """What a locked note said until `replaced_at`."""

    __tablename__ = "note_edits"
    __table_args__ = (Index("ix_note_edits_note_id", "note_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime]
    replaced_at: Mapped[datetime]


def seal_note(text: str, key: Vault, row: Note | NoteEdit) -> bytes:
    """Return a text sealed for its place: this note, or this earlier text of one.

    It is filled up with blanks, which JSON lets stand at its end: lengths tell little.
    """
    written = json.dumps(text)
    return key.seal(written.ljust(-(-len(written) // _BLOCK) * _BLOCK), place=_place(row))


def open_note(row: Note | NoteEdit, key: Vault) -> str:
    """Return what a note says, or said; raises Unreadable for all but its own."""
    return str(json.loads(key.open(row.sealed, place=_place(row))))


def _place(row: Note | NoteEdit) -> str:
    return f"{row.__tablename__}:{row.uid}:text"
