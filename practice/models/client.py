"""Clients: people who booked, found again by their address."""

from datetime import datetime

from sqlalchemy import Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.client import ERASED_NAME, address_key, search_key
from practice.models.base import Base
from practice.models.upsert import add_unless_there


class Client(Base):
    """A person who booked; the name is the first one given and is never overwritten by others.

    `search_key` holds what the person is searched by: the name, the address, and other names that
    were given with it. `key_id` names the data key of what coaches note about this person; it stays
    once the person is erased, so that a key which comes back is known.
    """

    __tablename__ = "clients"
    __table_args__ = (
        Index("ix_clients_search_key", "search_key"),
        # Few are erased, and the keys of those are looked for again and again.
        Index(
            "ix_clients_erased_at",
            "erased_at",
            sqlite_where=text("erased_at IS NOT NULL"),
            postgresql_where=text("erased_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    search_key: Mapped[str] = mapped_column(String(600), default="")
    created_at: Mapped[datetime]
    key_id: Mapped[str | None] = mapped_column(String(32))
    erased_at: Mapped[datetime | None]


def client_at(session: Session, name: str, address: str, now: datetime) -> Client:
    """Return the client with this address, made at `now` where there is none yet."""
    key = address_key(address)
    # Locked as a foreign key does, but before: whoever is being erased is somebody new after it.
    wanted = select(Client).where(Client.address_key == key)
    locked = wanted.with_for_update(read=True, key_share=True)
    client = session.scalar(locked)
    if client is None:
        # Two coaches' writers may meet here: the address is unique, so the first one stays.
        add_unless_there(
            session,
            Client,
            name=name,
            address=address,
            address_key=key,
            search_key=search_key(name, address),
            created_at=now,
        )
        client = session.scalars(locked).one()
    _be_found_by(client, name)
    return client


def anonymise(client: Client, now: datetime) -> None:
    """Forget who a client was; whoever comes with the address again is somebody new."""
    client.name, client.address, client.search_key = ERASED_NAME, "", ""
    client.address_key = f"erased:{client.id}"
    client.erased_at = client.erased_at or now


def _be_found_by(client: Client, name: str) -> None:
    """Let a client be found by another name that was given with the address."""
    if search_key(name) not in client.search_key:
        client.search_key = search_key(client.search_key, name)
