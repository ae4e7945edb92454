"""Private links: 128-bit random tokens, each for one purpose, found by their SHA-256."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import ForeignKey, Index, LargeBinary, String, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.refusal import NotFound
from practice.models.base import Base
from practice.models.booking import BookingPerson
from practice.ports import Vault

NOTHING = "There is nothing at this address. Please look at the link in your letter once more."


class Purpose(StrEnum):
    """What a link is good for; it opens nothing else."""

    HOLD = "hold"
    APPOINTMENT = "appointment"
    SET_UP = "set-up"
    WAY_BACK = "way-back"
    INVITATION = "invitation"
    RESET = "reset"
    FEED = "feed"


class Link(Base):
    """A private link; the token itself lies sealed here, so that later letters carry the same."""

    __tablename__ = "links"
    __table_args__ = (
        Index("ix_links_booking_id", "booking_id"),
        Index("ix_links_person_id", "person_id"),
        Index(
            "ix_links_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    token_sealed: Mapped[bytes] = mapped_column(LargeBinary(128))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("booking_people.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    def token(self, vault: Vault) -> str:
        """Return the token that opens this link."""
        return vault.open(self.token_sealed, place=_place(self.purpose, self.token_hash))


@dataclass(frozen=True, slots=True)
class Opens:
    """What a link opens, as ids."""

    booking_id: int | None = None
    person_id: int | None = None
    user_id: int | None = None
    coach_id: int | None = None


def new_link(
    session: Session,
    purpose: Purpose,
    opens: Opens,
    *,
    vault: Vault,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Remember a new link and return its token."""
    token = secrets.token_urlsafe(16)
    hashed = _hash(token)
    session.add(
        Link(
            purpose=purpose,
            token_hash=hashed,
            token_sealed=vault.seal(token, place=_place(purpose, hashed)),
            booking_id=opens.booking_id,
            person_id=opens.person_id,
            user_id=opens.user_id,
            coach_id=opens.coach_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


def new_person_link(session: Session, person: BookingPerson, *, vault: Vault, now: datetime) -> str:
    """Give somebody who was added to a booking the private link to it; return its token."""
    session.flush()  # until then a new person has no id
    return new_link(
        session,
        Purpose.APPOINTMENT,
        Opens(booking_id=person.booking_id, person_id=person.id),
        vault=vault,
        now=now,
    )


def link_of(session: Session, purpose: Purpose, token: str, *, now: datetime) -> Link | None:
    """Return the link that a token opens for this purpose at `now`, or None."""
    link = session.scalar(
        select(Link).where(Link.token_hash == _hash(token), Link.purpose == purpose)
    )
    if link is None or (link.expires_at is not None and link.expires_at <= now):
        return None
    return link


@dataclass(frozen=True, slots=True)
class PrivateLink:
    """What the private link of an appointment names; `token_hash` is the link's own row's."""

    booking_id: int
    person_id: int
    token_hash: bytes


def private_link(session: Session, token: str, *, now: datetime) -> PrivateLink:
    """Return what a private link names at `now`; raises NotFound, the same for every reason."""
    link = link_of(session, Purpose.APPOINTMENT, token, now=now)
    if link is None or link.booking_id is None or link.person_id is None:
        raise NotFound(NOTHING)
    return PrivateLink(link.booking_id, link.person_id, link.token_hash)


def use_up(session: Session, link: Link, now: datetime) -> bool:
    """Use a link to a password up, and all others of its account; tell whether it was unused."""
    return link.id in use_up_all(session, link.user_id, now)


def use_up_all(session: Session, user_id: int | None, now: datetime) -> list[int]:
    """Use every link to a password of an account up, in whichever letter; return their ids."""
    return list(
        session.scalars(
            update(Link)
            .where(
                Link.user_id == user_id,
                Link.purpose.in_((Purpose.SET_UP, Purpose.RESET)),
                Link.used_at.is_(None),
            )
            .values(used_at=now)
            .returning(Link.id)
        )
    )


def unspent(session: Session, purpose: Purpose, token: str, now: datetime) -> Link | None:
    """Return a link that opens something once and has not yet; None where it opens nothing."""
    link = link_of(session, purpose, token, now=now)
    return link if link is not None and link.used_at is None else None


def spend(session: Session, purpose: Purpose, token: str, now: datetime) -> Link | None:
    """Use a link up that opens something once; None where it is unknown, used already or late."""
    return session.scalars(
        update(Link)
        .where(
            Link.token_hash == _hash(token),
            Link.purpose == purpose,
            Link.used_at.is_(None),
            Link.expires_at > now,
        )
        .values(used_at=now)
        .returning(Link)
    ).one_or_none()


def living_link(
    session: Session, purpose: Purpose, person_id: int | None, *, now: datetime
) -> Link | None:
    """Return the newest link of a person that is neither used nor late at `now`, or None."""
    return session.scalar(
        select(Link)
        .where(
            Link.person_id == person_id,
            Link.purpose == purpose,
            Link.used_at.is_(None),
            Link.expires_at > now,
        )
        .order_by(Link.id.desc())
        .limit(1)
    )


def person_token(session: Session, person_id: int, vault: Vault) -> str:
    """Return the token of a person's appointment link."""
    link = session.scalars(
        select(Link).where(Link.person_id == person_id, Link.purpose == Purpose.APPOINTMENT)
    ).one()
    return link.token(vault)


def person_link_hash(session: Session, person_id: int) -> bytes:
    """Return the hash of a person's appointment link, which salts that person's passcodes."""
    return session.scalars(
        select(Link.token_hash).where(
            Link.person_id == person_id, Link.purpose == Purpose.APPOINTMENT
        )
    ).one()


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _place(purpose: str, hashed: bytes) -> str:
    return f"links:{hashed.hex()}:{purpose}"
