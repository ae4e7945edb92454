"""Accounts at the desk: the set-up link, passwords and a way to a new one, signing in."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from flask_security.utils import hash_password, verify_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.client import address_key
from practice.domain.letters import LetterKind
from practice.domain.refusal import Invalid, NotFound
from practice.domain.roles import Right, Seat
from practice.models.accounts import User, new_stamp
from practice.models.base import WRITING
from practice.models.journal import Happening, tell
from practice.models.link import Link, Opens, Purpose, link_of, new_link, use_up, use_up_all
from practice.models.outbox import About, write_letter
from practice.models.throttle import take
from practice.models.unit import commit_joined, persistently, reading, unit_of_work
from practice.ports import Tools
from practice.usecases.counting import bucket_of
from practice.usecases.guessing import count_sign_in, forgive_sign_in
from practice.usecases.second_factor import check_code, forget_factor
from practice.usecases.sessions import end_all

SET_UP_WITHIN: Final = timedelta(hours=24)
RESET_WITHIN: Final = timedelta(minutes=30)
_USED: Final = "This link was used already."


def begin_signing_in() -> None:
    """Begin the transaction of a sign-in as a writing one, for it may end in a better hash."""
    session = reading()
    session.rollback()
    session.connection(execution_options={WRITING: True})


def finish_signing_in() -> None:
    """Commit what the sign-in changed: the hash of a password may have become a better one."""
    commit_joined()


def make_set_up_link(address: str, *, tools: Tools) -> str:
    """Return a one-time address (24 hours) at which a coach sets a password; raises NotFound."""
    now = tools.clock.now()
    with unit_of_work() as session:
        user = session.scalar(select(User).where(User.email == address_key(address)))
        if user is None:
            raise NotFound("There is no coach with this address.")
        token = new_link(
            session,
            Purpose.SET_UP,
            Opens(user_id=user.id),
            vault=tools.vault,
            now=now,
            expires_at=now + SET_UP_WITHIN,
        )
    return f"{tools.base_url}/desk/set-up/{token}"


def ask_reset(address: str, caller: str, *, tools: Tools) -> None:
    """Have a way to a new password sent to an account; known and unknown addresses cost the same.

    For an unknown one the link opens nothing, and the worker drops its letter. Raises TooMany.
    """
    now, key = tools.clock.now(), address_key(address)

    def act() -> None:
        with unit_of_work() as session:
            if tools.rate_limits:
                take(session, f"reset:{caller}", burst=10, per_seconds=60, now=now)
                whose = bucket_of("reset-of", key, tools=tools)
                take(session, whose, burst=3, per_seconds=1200, now=now)
            found = session.execute(
                select(User.id, User.coach_id).where(User.email == key, User.active)
            ).first()
            user_id, coach_id = found or (None, None)
            new_link(
                session,
                Purpose.RESET,
                Opens(user_id=user_id),
                vault=tools.vault,
                now=now,
                expires_at=now + RESET_WITHIN,
            )
            write_letter(
                session,
                LetterKind.COACH_RESET,
                f"reset:{secrets.token_hex(8)}",
                About(user_id=user_id),
                due_at=now,
                now=now,
            )
            tell(session, Happening.RESET_ASKED, actor=Actor.HOUSE, now=now, coach_id=coach_id)

    persistently(act)


def set_up_address(token: str, *, purpose: Purpose = Purpose.SET_UP, tools: Tools) -> str:
    """Return whose account an unused link to a password opens; raises NotFound."""
    link = _unused(token, purpose, tools)
    return str(reading().get_one(User, link.user_id).email)


def reset_address(token: str, *, tools: Tools) -> str:
    """Return whose account an unused link to a new password opens; raises NotFound."""
    return set_up_address(token, purpose=Purpose.RESET, tools=tools)


def set_password(
    token: str, password: str, *, purpose: Purpose = Purpose.SET_UP, tools: Tools
) -> None:
    """Set the password of a link's account, once; all its sessions end. Raises NotFound.

    Nobody is signed in by it: a second factor is asked for afterwards as ever.
    """
    now = tools.clock.now()
    _unused(token, purpose, tools)
    hashed = hash_password(password)  # slow on purpose, so before the transaction
    with unit_of_work() as session:
        link = link_of(session, purpose, token, now=now)
        if link is None or link.user_id is None or not use_up(session, link, now):
            raise NotFound(_USED)
        user = session.get_one(User, link.user_id, populate_existing=True)
        if not user.active:
            raise NotFound(_USED)
        _give_password(session, user, hashed, now)


def reset_password(token: str, password: str, *, tools: Tools) -> None:
    """Set a new password by the link of a letter, once; all sessions end. Raises NotFound."""
    set_password(token, password, purpose=Purpose.RESET, tools=tools)


def change_password(seat: Seat, password: str, *, keep: int, tools: Tools) -> str:
    """Set another password of the own account; every session but `keep` ends, and every link.

    Returns the account's new stamp, which the session that is kept has to carry from now on.
    """
    seat.require(Right.SELF)
    hashed = hash_password(password)
    with unit_of_work() as session:
        user = session.get_one(User, seat.user_id, populate_existing=True)
        use_up_all(session, user.id, tools.clock.now())
        _give_password(session, user, hashed, tools.clock.now(), keep=keep)
        return user.fs_uniquifier


def _give_password(
    session: Session, user: User, hashed: str, now: datetime, *, keep: int | None = None
) -> None:
    user.password = hashed
    user.fs_uniquifier = new_stamp()
    end_all(session, user.id, now, but=keep)
    tell(session, Happening.SET_UP, actor=Actor.COACH, now=now, coach_id=user.coach_id)


def take_factor_away(address: str, *, tools: Tools) -> None:
    """Take the second factor of an account away, by who runs the house; raises NotFound.

    All its sessions end; the password is asked for as ever.
    """
    now = tools.clock.now()
    with unit_of_work() as session:
        user = session.scalar(select(User).where(User.email == address_key(address)))
        if user is None:
            raise NotFound("There is no coach with this address.")
        forget_factor(session, user.id, now)
        end_all(session, user.id, now)


def has_factor(user_id: int) -> bool:
    """Tell whether an account has a second factor."""
    return reading().get_one(User, user_id).totp_since_at is not None


def check_proof(seat: Seat, password: str, code: str, caller: str, *, tools: Tools) -> None:
    """Check that who is signed in knows the password, and has the second factor where one is set.

    Throttled like the sign-in. Raises Invalid, TooMany, Busy.
    """
    seat.require(Right.SELF)
    user = reading().get_one(User, seat.user_id)
    address, hashed = user.email, user.password
    count_sign_in(caller, address, tools=tools)
    if hashed is None or not verify_password(password, hashed):
        raise Invalid("That is not your password.", field="password")
    if has_factor(seat.user_id):
        check_code(seat.user_id, code, caller, tools=tools)
    forgive_sign_in(caller, address, tools=tools)


def _unused(token: str, purpose: Purpose, tools: Tools) -> Link:
    link = link_of(reading(), purpose, token, now=tools.clock.now())
    if link is None or link.used_at is not None or link.user_id is None:
        raise NotFound(_USED)
    return link
