"""Who may sign in at the desk, and as what: inviting, changing roles and diaries, closing.

All acts lock the practice's row first, so that of two at once neither overlooks the other: no
address gets two accounts, and the last owner stays.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.client import address_key
from practice.domain.letters import LetterKind
from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.roles import Right, Role, Seat
from practice.models.accounts import Role as RoleRow
from practice.models.accounts import User, new_stamp
from practice.models.coach import Coach
from practice.models.journal import Happening, tell
from practice.models.link import Opens, Purpose, new_link
from practice.models.outbox import About, write_letter
from practice.models.practice import Practice
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools
from practice.usecases.accounts import SET_UP_WITHIN
from practice.usecases.coaches import add_coach
from practice.usecases.second_factor import forget_factor
from practice.usecases.sessions import end_all, tell_of_account

T = TypeVar("T")

_TAKEN: Final = "There is an account with this address already."
_LAST_OWNER: Final = "Somebody has to stay the owner. Make another account an owner first."
_NO_DIARY: Final = "Choose at least one diary."


def invite_coach(seat: Seat, name: str, address: str, zone: str, *, tools: Tools) -> str:
    """Let somebody coach here, with an account; return the link at which a password is set.

    The same link goes to the address. Raises Invalid for an address that has an account, Busy.
    """
    seat.require(Right.TEAM)

    def act(session: Session) -> str:
        _check_free(session, address)
        coach_id = add_coach(seat, name, address, zone, tools=tools)
        return _make(session, name, address, Role.COACH, [coach_id], tools)

    return _one_at_a_time(act)


def invite_assistant(
    seat: Seat, name: str, address: str, coach_ids: Sequence[int], *, tools: Tools
) -> str:
    """Let somebody keep diaries of coaches; return the link at which a password is set.

    The same link goes to the address. Raises Invalid for an address that has an account and where
    no diary is chosen, Busy.
    """
    seat.require(Right.TEAM)

    def act(session: Session) -> str:
        _check_free(session, address)
        diaries = _diaries(session, coach_ids)
        if not diaries:
            raise Invalid(_NO_DIARY, field="diaries")
        return _make(session, name, address, Role.ASSISTANT, [each.id for each in diaries], tools)

    return _one_at_a_time(act)


def send_set_up(seat: Seat, user_id: int, *, tools: Tools) -> str:
    """Make a new link at which somebody sets a password, send it, and return it."""
    seat.require(Right.TEAM)

    def act(session: Session) -> str:
        user = _account(session, user_id)
        tell_of_account(session, Happening.RESET_ASKED, user.id, tools.clock.now())
        return _link(session, user, tools)

    return _one_at_a_time(act)


def set_role(seat: Seat, user_id: int, role: Role, *, tools: Tools) -> None:
    """Make a coach an owner, or an owner a coach; raises NotFound, NotAllowed.

    An assistant has no diary of her own, so she becomes neither.
    """
    seat.require(Right.TEAM)

    def act(session: Session) -> None:
        user = _account(session, user_id)
        now_is = role_of(user)
        if Role.ASSISTANT in {now_is, role}:
            raise NotAllowed("An assistant has no own diary. Invite her as a coach instead.")
        if now_is is role:
            return
        if role is not Role.OWNER:
            _check_other_owner(session, user)
        user.roles = [_role(session, role)]
        tell_of_account(session, Happening.ROLE_CHANGED, user.id, tools.clock.now())

    _one_at_a_time(act)


def set_diaries(seat: Seat, user_id: int, coach_ids: Sequence[int], *, tools: Tools) -> None:
    """Say whose diaries an account keeps, besides the own one; raises NotFound, Invalid."""
    seat.require(Right.TEAM)

    def act(session: Session) -> None:
        user = _account(session, user_id)
        diaries = _diaries(session, coach_ids)
        if role_of(user) is Role.ASSISTANT:
            if not diaries:
                raise Invalid(_NO_DIARY, field="diaries")
            user.coach_id = diaries[0].id
        user.diaries = [each for each in diaries if each.id != user.coach_id]
        tell_of_account(session, Happening.ROLE_CHANGED, user.id, tools.clock.now())

    _one_at_a_time(act)


def reset_factor(seat: Seat, user_id: int, *, tools: Tools) -> None:
    """Take the second factor of a colleague away who lost phone and codes; raises NotFound.

    All sessions of the account end; the password is asked for as ever.
    """
    seat.require(Right.TEAM)

    def act(session: Session) -> None:
        now = tools.clock.now()
        if user_id == seat.user_id:
            raise NotAllowed("Your own second factor you change on your account’s page.")
        user = _account(session, user_id)
        forget_factor(session, user.id, now)
        end_all(session, user.id, now)

    _one_at_a_time(act)


def close_account(seat: Seat, user_id: int, *, tools: Tools) -> None:
    """Let nobody sign in with an account any more; its sessions end. Raises NotFound, NotAllowed.

    The coach stays: bookings, hours and offerings are as they were.
    """
    seat.require(Right.TEAM)

    def act(session: Session) -> None:
        now = tools.clock.now()
        user = _account(session, user_id)
        if role_of(user) is Role.OWNER:
            _check_other_owner(session, user)
        user.active = False
        user.fs_uniquifier = new_stamp()
        end_all(session, user.id, now)
        tell_of_account(session, Happening.ACCOUNT_CLOSED, user.id, now)

    _one_at_a_time(act)


def role_of(user: User) -> Role:
    """Return what an account is; the highest where a row tells several."""
    held = {row.name for row in user.roles}
    return next((role for role in Role if role in held), Role.ASSISTANT)


def _one_at_a_time(act: Callable[[Session], T]) -> T:
    def once() -> T:
        with unit_of_work() as session:
            session.get_one(Practice, 1, with_for_update=True, populate_existing=True)
            return act(session)

    return persistently(once)


def _check_free(session: Session, address: str) -> None:
    """Raise Invalid where the address has an account: none is ever overwritten."""
    known = select(User.id).where(User.email == address_key(address))
    if session.scalar(known) is not None:
        raise Invalid(_TAKEN, field="address")


def _make(
    session: Session, name: str, address: str, role: Role, coach_ids: Sequence[int], tools: Tools
) -> str:
    now = tools.clock.now()
    own, *others = coach_ids
    user = User(
        email=address_key(address),
        name=name,
        coach_id=own,
        create_datetime=now,
        roles=[_role(session, role)],
        diaries=_diaries(session, others),
    )
    session.add(user)
    session.flush()
    tell(session, Happening.ACCOUNT_MADE, actor=Actor.COACH, now=now, coach_id=own)
    return _link(session, user, tools)


def _link(session: Session, user: User, tools: Tools) -> str:
    now = tools.clock.now()
    token = new_link(
        session,
        Purpose.SET_UP,
        Opens(user_id=user.id),
        vault=tools.vault,
        now=now,
        expires_at=now + SET_UP_WITHIN,
    )
    about = About(user_id=user.id)
    dedupe = f"set-up:{user.id}:{now:%Y%m%dT%H%M%S.%f}"
    write_letter(session, LetterKind.COACH_RESET, dedupe, about, due_at=now, now=now)
    return f"{tools.base_url}/desk/set-up/{token}"


def _account(session: Session, user_id: int) -> User:
    user = session.get(User, user_id, populate_existing=True)
    if user is None or not user.active:
        raise NotFound("There is no such account.")
    return user


def _diaries(session: Session, coach_ids: Sequence[int]) -> list[Coach]:
    found = session.scalars(select(Coach).where(Coach.id.in_(coach_ids)).order_by(Coach.id))
    return list(found)


def _role(session: Session, role: Role) -> RoleRow:
    return session.scalars(select(RoleRow).where(RoleRow.name == role.value)).one()


def _check_other_owner(session: Session, user: User) -> None:
    others = select(User.id).where(
        User.active, User.id != user.id, User.roles.any(RoleRow.name == Role.OWNER.value)
    )
    if session.scalar(others.limit(1)) is None:
        raise NotAllowed(_LAST_OWNER)
