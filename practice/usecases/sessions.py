"""Who is signed in where: a row for each sign-in, so that it can be seen and ended.

The browser holds a random number in its signed cookie, the row its SHA-256 alone. A session ends
with sign-out, after twelve idle hours, after fourteen days, when it is revoked, and with every
other one of the account when its password changes. A cookie of an ended one is worth nothing.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.refusal import Busy, NotFound
from practice.domain.roles import Right, Seat
from practice.models.accounts import User
from practice.models.desk_session import DeskSession
from practice.models.journal import Happening, tell
from practice.models.unit import act_as, reading, unit_of_work
from practice.ports import Tools

_SEEN_EVERY: Final = timedelta(minutes=1)

_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "a Mac"), ("CrOS", "a Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account that is signed in, and in which session; `seen_at` is when it was last there."""

    user: User
    session_id: int
    seen_at: datetime


def device_of(user_agent: str) -> str:
    """Say in a few words what a browser calls itself: "Firefox on Linux"."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    words = " on ".join(part for part in (browser, system) if part)
    return words or re.sub(r"[^\w ./-]", "", user_agent)[:40].strip() or "A browser"


def begin_session(user_id: int, user_agent: str, *, tools: Tools) -> str:
    """Begin a session of an account that has shown all it must; return its random number."""
    token, now = secrets.token_urlsafe(32), tools.clock.now()
    with unit_of_work() as session:
        act_as(user_id)
        session.add(
            DeskSession(
                user_id=user_id,
                token_hash=_hash(token),
                device=device_of(user_agent),
                created_at=now,
                seen_at=now,
            )
        )
        tell_of_account(session, Happening.SIGNED_IN, user_id, now)
    return token


def signed_in(token: str, stamp: str, *, now: datetime) -> SignedIn | None:
    """Return who is signed in with a session's number and an account's stamp, if it goes on."""
    found = (
        reading()
        .execute(
            select(User, DeskSession)
            .join(DeskSession, DeskSession.user_id == User.id)
            .where(DeskSession.token_hash == _hash(token), User.fs_uniquifier == stamp)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if found is None:
        return None
    user, row = found
    if not user.active or not row.goes_on(now):
        return None
    return SignedIn(user, row.id, row.seen_at)


def come_in(it: SignedIn, *, now: datetime) -> None:
    """Act from here on as who is signed in, and note at most once a minute that she is there.

    Where the database is busy, it is not noted.
    """
    user_id = it.user.id
    _note_seen(it, now)
    act_as(user_id)


def _note_seen(it: SignedIn, now: datetime) -> None:
    if now - it.seen_at < _SEEN_EVERY:
        return
    try:
        with unit_of_work() as session:
            session.execute(
                update(DeskSession).where(DeskSession.id == it.session_id).values(seen_at=now)
            )
    except Busy:
        return


def sign_out(session_id: int, *, tools: Tools) -> None:
    """End the session of who leaves."""
    now = tools.clock.now()
    with unit_of_work() as session:
        row = session.get(DeskSession, session_id)
        if row is None or row.ended_at is not None:
            return
        row.ended_at = now
        tell_of_account(session, Happening.SIGNED_OUT, row.user_id, now)


def end_session(seat: Seat, session_id: int, *, tools: Tools) -> None:
    """End a session of the own account; raises NotFound for all others and for ended ones."""
    seat.require(Right.SELF)
    now = tools.clock.now()
    with unit_of_work() as session:
        row = session.get(DeskSession, session_id, populate_existing=True)
        if row is None or row.user_id != seat.user_id or not row.goes_on(now):
            raise NotFound("There is no such session.")
        row.ended_at = now
        tell_of_account(session, Happening.SESSION_ENDED, seat.user_id, now)


def end_others(seat: Seat, session_id: int, *, tools: Tools) -> None:
    """End every session of the own account but this one."""
    seat.require(Right.SELF)
    now = tools.clock.now()
    with unit_of_work() as session:
        if end_all(session, seat.user_id, now, but=session_id):
            tell_of_account(session, Happening.SESSION_ENDED, seat.user_id, now)


def end_all(session: Session, user_id: int, now: datetime, *, but: int | None = None) -> int:
    """End the sessions of an account in the open unit, but for one; return how many there were."""
    ended = session.scalars(
        update(DeskSession)
        .where(
            DeskSession.user_id == user_id,
            DeskSession.ended_at.is_(None),
            DeskSession.id != (but or 0),
        )
        .values(ended_at=now)
        .returning(DeskSession.id)
    ).all()
    return len(ended)


def tell_of_account(session: Session, happening: Happening, user_id: int, now: datetime) -> None:
    """Add to the journal what happened to an account; who did it is whoever acts."""
    coach_id = session.scalar(select(User.coach_id).where(User.id == user_id))
    tell(session, happening, actor=Actor.COACH, now=now, coach_id=coach_id)


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
