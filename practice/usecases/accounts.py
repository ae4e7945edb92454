"""Accounts at the desk: the set-up link, the first password, signing in."""

from datetime import timedelta

from flask_security.utils import hash_password, verify_password
from sqlalchemy import select

from practice.domain.booking import Actor
from practice.domain.client import address_key
from practice.domain.refusal import Invalid, NotFound
from practice.domain.roles import Right, Seat
from practice.models.accounts import User, new_stamp
from practice.models.base import WRITING
from practice.models.journal import Happening, tell
from practice.models.link import Link, Opens, Purpose, link_of, new_link, use_up
from practice.models.unit import commit_joined, reading, unit_of_work
from practice.ports import Tools
from practice.usecases.guessing import count_sign_in, forgive_sign_in

SET_UP_WITHIN = timedelta(hours=24)


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


def set_up_address(token: str, *, tools: Tools) -> str:
    """Return whose account an unused set-up link opens; raises NotFound."""
    link = _unused(token, tools)
    return str(reading().get_one(User, link.user_id).email)


def set_password(token: str, password: str, *, tools: Tools) -> None:
    """Set the password of a set-up link's account, once; all its sessions end. Raises NotFound."""
    now = tools.clock.now()
    _unused(token, tools)
    hashed = hash_password(password)  # slow on purpose, so before the transaction
    with unit_of_work() as session:
        link = link_of(session, Purpose.SET_UP, token, now=now)
        if link is None or not use_up(session, link, now):
            raise NotFound("This link was used already.")
        user = session.get_one(User, link.user_id)
        user.password = hashed
        user.fs_uniquifier = new_stamp()
        tell(session, Happening.SET_UP, actor=Actor.COACH, now=now, coach_id=user.coach_id)


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
    forgive_sign_in(caller, address, tools=tools)


def _unused(token: str, tools: Tools) -> Link:
    link = link_of(reading(), Purpose.SET_UP, token, now=tools.clock.now())
    if link is None or link.used_at is not None:
        raise NotFound("This link was used already.")
    return link
