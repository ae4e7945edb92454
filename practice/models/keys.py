"""Making, opening and destroying the data keys under which people's answers are sealed.

A key lies in `person_keys`, wrapped by the master key. Destroying it erases all that was sealed
under it, wherever copies of that may lie.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from practice.models.client import Client
from practice.models.intake import Intake
from practice.models.person_key import PersonKey
from practice.models.vault import KEY_BYTES, DataVault, unreadable
from practice.ports import Vault


def new_key(session: Session, *, vault: Vault, now: datetime) -> str:
    """Make a data key, keep it wrapped by the master vault, and return its id (32 hex letters)."""
    key_id = secrets.token_hex(16)
    wrapped = vault.seal(secrets.token_hex(KEY_BYTES), place=_place(key_id))
    # Never a mapped object: a session would remember it, and go on showing what was destroyed.
    session.execute(
        insert(PersonKey).values(id=key_id, wrapped=wrapped, master_id=vault.key_id, created_at=now)
    )
    return key_id


def opened(session: Session, key_id: str, *, vault: Vault) -> Vault | None:
    """Return the vault of a data key, or None where it was destroyed.

    Raises Unreadable where the row was altered, or wrapped by another master key.
    """
    row = session.execute(
        select(PersonKey.wrapped, PersonKey.master_id).where(PersonKey.id == key_id)
    ).one_or_none()
    if row is None:
        return None
    if row.master_id != vault.key_id:
        raise unreadable(_place(key_id))
    return DataVault(bytes.fromhex(vault.open(row.wrapped, place=_place(key_id))), key_id)


def destroy_keys(session: Session, ids: Collection[str]) -> None:
    """Destroy these data keys, for ever once the unit of work commits; unknown ids are no error."""
    if ids:
        session.execute(delete(PersonKey).where(PersonKey.id.in_(ids)))


def destroy_left_keys(session: Session) -> None:
    """Destroy the keys of what was erased, which came back with an older copy of the keys."""
    for erased in _erased():
        session.execute(delete(PersonKey).where(PersonKey.id.in_(erased)))


def are_keys_left(session: Session) -> bool:
    """Tell whether there is a key of an intake or a client that is erased."""
    left = (select(PersonKey.id).where(PersonKey.id.in_(erased)).limit(1) for erased in _erased())
    return any(session.scalar(found) is not None for found in left)


def _erased() -> tuple[Select[Any], ...]:
    """Return the names of all keys that must not be there any more."""
    return (
        select(Intake.key_id).where(Intake.erased_at.is_not(None)),
        select(Intake.private_key_id).where(Intake.erased_at.is_not(None)),
        select(Client.key_id).where(Client.erased_at.is_not(None), Client.key_id.is_not(None)),
    )


def _place(key_id: str) -> str:
    return f"person_keys:{key_id}:wrapped"
