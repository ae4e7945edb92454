"""Which keys a house was made with, so that it never starts with others and shows nothing for them.

The mark lies among the answers: the id of the master key, and of the ring that lies in the place
of the keys. A ring that is not there means that keys.db, or the schema, is lost or another's.
"""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, String, Table, inspect, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.refusal import Unreadable
from practice.models.base import KEYS, Base
from practice.models.intake import Intake
from practice.models.keys import opened
from practice.models.link import Link
from practice.models.person_key import PersonKey
from practice.models.upsert import add_unless_there
from practice.ports import Vault


class KeyMark(Base):
    """The one row that names the master key and the ring of this house."""

    __tablename__ = "key_marks"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    master_id: Mapped[str] = mapped_column(String(16))
    ring_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]


class KeyRing(Base):
    """The name of the place of the keys, kept in that place."""

    __tablename__ = "key_rings"
    __table_args__ = {"schema": KEYS}  # noqa: RUF012 - SQLAlchemy's own way

    id: Mapped[str] = mapped_column(String(32), primary_key=True)


class KeyFault(StrEnum):
    """Why a house must not start, in a sentence for its owner."""

    MASTER = (
        "The master key is not the one that this practice was made with, so nothing that people "
        "wrote could be read: put the right one back (PRACTICE_MASTER_KEY, or master.key in the "
        "instance folder)."
    )
    RING = (
        "The keys of people’s answers are missing, or belong to another practice: put keys.db "
        "(on PostgreSQL, the schema keys) back from its newest copy."
    )


def key_fault(session: Session, vault: Vault) -> KeyFault | None:
    """Return what is wrong with the keys at hand, or None; a database without tables is well."""
    mark = _mark(session)
    if mark is None:
        # New, or older than the mark: what is sealed there already has to open.
        return None if _opens_what_is_there(session, vault) else KeyFault.MASTER
    if mark.master_id != vault.key_id:
        return KeyFault.MASTER
    if _anybody_wrote(session) and not _has_ring(session, mark.ring_id):
        return KeyFault.RING
    return None


def lacks_mark(session: Session) -> bool:
    """Tell whether a migrated house has no mark yet, or lost a ring that nobody has used."""
    mark = _mark(session)
    if mark is None:
        return _has_table(session, KeyMark)
    return not _has_ring(session, mark.ring_id)


def mark_keys(session: Session, vault: Vault, now: datetime) -> None:
    """Mark a house that lacks its mark, after `key_fault` found nothing wrong."""
    ring_id = _new_ring(session)
    add_unless_there(
        session, KeyMark, id=1, master_id=vault.key_id, ring_id=ring_id, created_at=now
    )
    mark = _mark(session)
    if not _has_ring(session, mark.ring_id):
        session.execute(update(KeyMark).values(ring_id=ring_id))


def _opens_what_is_there(session: Session, vault: Vault) -> bool:
    """Tell whether the newest of each kind that is sealed opens with this master key."""
    try:
        if _has_table(session, PersonKey):
            newest = select(PersonKey.id).order_by(PersonKey.created_at.desc()).limit(1)
            key_id = session.scalar(newest)
            if key_id is not None:
                opened(session, key_id, vault=vault)
        if _has_table(session, Link):
            columns = (Link.purpose, Link.token_hash, Link.token_sealed)
            row = session.execute(select(*columns).order_by(Link.id.desc()).limit(1)).first()
            if row is not None:
                # Not from the session: this table may be older than its class.
                Link(**row._asdict()).token(vault)
    except Unreadable:
        return False
    return True


def _mark(session: Session) -> Any:
    if not _has_table(session, KeyMark):
        return None
    return session.execute(select(KeyMark.master_id, KeyMark.ring_id)).first()


def _has_ring(session: Session, ring_id: str) -> bool:
    return all(_has_table(session, row) for row in (PersonKey, KeyRing)) and (
        session.scalar(select(KeyRing.id).where(KeyRing.id == ring_id)) is not None
    )


def _anybody_wrote(session: Session) -> bool:
    living = select(Intake.id).where(Intake.erased_at.is_(None)).limit(1)
    return session.scalar(living) is not None


def _new_ring(session: Session) -> str:
    """Lay a new ring into the place of the keys, making what of that place is missing."""
    rows = (PersonKey, KeyRing)
    if not all(_has_table(session, row) for row in rows):
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {KEYS}"))
        Base.metadata.create_all(connection, tables=[cast("Table", row.__table__) for row in rows])
    ring_id = secrets.token_hex(16)
    add_unless_there(session, KeyRing, id=ring_id)
    return ring_id


def _has_table(session: Session, row: type[Base]) -> bool:
    table = cast("Table", row.__table__)
    return inspect(session.connection()).has_table(table.name, schema=table.schema)
