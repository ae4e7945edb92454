"""Who may sign in at the desk: the list of accounts, and one of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from practice.domain.letters import moment_line
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Role, Seat
from practice.domain.zone import zone_named
from practice.models.accounts import User
from practice.models.coach import Coach
from practice.models.desk_session import DeskSession
from practice.models.unit import reading


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as its owner sees it; `last` is the last sign-in, "" for never."""

    id: int
    name: str
    address: str
    role: Role
    diaries: tuple[str, ...]
    diary_ids: tuple[int, ...]
    has_factor: bool
    is_set_up: bool
    is_open: bool
    is_self: bool
    last: str


@dataclass(frozen=True, slots=True)
class Diary:
    """A diary that can be kept; `is_here` for the one that lies open."""

    coach_id: int
    name: str
    is_here: bool = False


def team_page(seat: Seat, *, now: datetime) -> tuple[AccountLine, ...]:
    """Return all accounts, those that are closed last."""
    seat.require(Right.TEAM)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    seen = {
        user_id: moment_line(at, zone, now=now)
        for user_id, at in reading().execute(
            select(DeskSession.user_id, func.max(DeskSession.created_at)).group_by(
                DeskSession.user_id
            )
        )
    }
    users = reading().scalars(
        select(User)
        .options(selectinload(User.roles), selectinload(User.diaries), selectinload(User.coach))
        .order_by(User.active.desc(), User.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_line(user, seat, seen.get(user.id, "")) for user in users)


def account_line(seat: Seat, user_id: int, *, now: datetime) -> AccountLine:
    """Return one account; raises NotFound."""
    found = next((line for line in team_page(seat, now=now) if line.id == user_id), None)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def all_diaries(seat: Seat) -> tuple[Diary, ...]:
    """Return the diaries of all who coach here."""
    seat.require(Right.TEAM)
    rows = reading().execute(
        select(Coach.id, Coach.name).where(Coach.is_active).order_by(Coach.position, Coach.id)
    )
    return tuple(Diary(coach_id, name) for coach_id, name in rows)


def kept_diaries(seat: Seat) -> tuple[Diary, ...]:
    """Return the diaries that can be opened from a seat, the own one first; () for only one."""
    seat.require(Right.SELF)
    user = reading().get_one(User, seat.user_id)
    if not user.diaries or user.coach is None:
        return ()
    coaches = [user.coach, *sorted(user.diaries, key=lambda each: each.name)]
    return tuple(Diary(each.id, each.name, each.id == seat.coach_id) for each in coaches)


def _line(user: User, seat: Seat, last: str) -> AccountLine:
    held = {row.name for row in user.roles}
    role = next((each for each in Role if each in held), Role.ASSISTANT)
    coaches = [*([user.coach] if user.coach else []), *user.diaries]
    own = user.coach.name if user.coach and role is not Role.ASSISTANT else user.email
    return AccountLine(
        id=user.id,
        name=user.name or own,
        address=user.email,
        role=role,
        diaries=tuple(each.name for each in coaches),
        diary_ids=tuple(each.id for each in coaches),
        has_factor=user.has_factor,
        is_set_up=user.password is not None,
        is_open=user.active,
        is_self=user.id == seat.user_id,
        last=last,
    )
