"""Clients: people who booked, found again by their address."""

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.client import address_key
from practice.models.base import Base
from practice.models.upsert import add_unless_there


class Client(Base):
    """A person who booked; the name is the first one given and is never overwritten by others.

    `key_id` names the data key of what coaches note about this person.
    """

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320), unique=True)
    created_at: Mapped[datetime]
    key_id: Mapped[str | None] = mapped_column(String(32))
    erased_at: Mapped[datetime | None]


def client_at(session: Session, name: str, address: str, now: datetime) -> Client:
    """Return the client with this address, made at `now` where there is none yet."""
    key = address_key(address)
    wanted = select(Client).where(Client.address_key == key)
    client = session.scalar(wanted)
    if client is None:
        # Two coaches' writers may meet here: the address is unique, so the first one stays.
        add_unless_there(
            session, Client, name=name, address=address, address_key=key, created_at=now
        )
        client = session.scalars(wanted).one()
    return client
