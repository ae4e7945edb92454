"""The own account at the desk: second factor and sessions; and the letter with a way back in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from practice.domain.letters import Letter, LetterKind, moment_line
from practice.domain.roles import Right, Role, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.accounts import User
from practice.models.coach import Coach
from practice.models.desk_session import IDLE, LONGEST, DeskSession, RecoveryCode
from practice.models.link import Link, Purpose
from practice.models.outbox import OutboxLetter
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.house import house

_JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One sign-in that goes on; `is_here` for the one that asks."""

    id: int
    device: str
    since: str
    seen: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The own account: `factor_since` is "" without a second factor, `codes_left` counts codes."""

    address: str
    name: str
    role: Role
    zone: str
    zone_label: str
    factor_since: str
    codes_left: int
    sessions: tuple[SessionLine, ...]


def account_page(seat: Seat, session_id: int, *, now: datetime) -> AccountPage:
    """Return the own account as it stands."""
    seat.require(Right.SELF)
    user = reading().get_one(User, seat.user_id, populate_existing=True)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    since = user.totp_since_at
    return AccountPage(
        address=user.email,
        name=user.name
        or (user.coach.name if user.coach and seat.role is not Role.ASSISTANT else ""),
        role=seat.role,
        zone=zone.key,
        zone_label=zone_label(zone, now),
        factor_since=moment_line(since, zone, now=now) if since else "",
        codes_left=_codes_left(user.id),
        sessions=tuple(
            SessionLine(
                id=row.id,
                device=row.device,
                since=moment_line(row.created_at, zone, now=now),
                seen="just now"
                if now - row.seen_at < _JUST_NOW
                else moment_line(row.seen_at, zone, now=now),
                is_here=row.id == session_id,
            )
            for row in _sessions(user.id, now)
        ),
    )


def address_of(user_id: int, stamp: str) -> str | None:
    """Return the address of an account with this stamp, or None where it has another by now."""
    found: str | None = reading().scalar(
        select(User.email).where(User.id == user_id, User.fs_uniquifier == stamp, User.active)
    )
    return found


def reset_letter(row: OutboxLetter, tools: Tools, now: datetime) -> Letter | None:
    """Return the letter with the newest way to a new password; None where nobody waits for one."""
    user = reading().get(User, row.user_id, populate_existing=True) if row.user_id else None
    link = _living(row.user_id, now) if user is not None else None
    if user is None or link is None or not user.active:
        return None
    ours = house()
    coach = user.coach
    end = "reset" if link.purpose == Purpose.RESET else "set-up"
    return Letter(
        kind=LetterKind.COACH_RESET,
        reference=row.reference,
        now=now,
        to_name=user.name or (coach.name if coach else ""),
        to_address=user.email,
        from_name=ours.sender_name,
        from_address=ours.sender_address,
        coach_name=ours.coach_name,
        practice_name=ours.name,
        zone=zone_named(coach.zone if coach else "UTC"),
        link=f"{tools.base_url}/desk/{end}/{link.token(tools.vault)}",
    )


def _living(user_id: int | None, now: datetime) -> Link | None:
    return reading().scalar(
        select(Link)
        .where(
            Link.user_id == user_id,
            Link.purpose.in_((Purpose.RESET, Purpose.SET_UP)),
            Link.used_at.is_(None),
            Link.expires_at > now,
        )
        .order_by(Link.id.desc())
        .limit(1)
    )


def _codes_left(user_id: int) -> int:
    left = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return reading().scalar(left) or 0


def _sessions(user_id: int, now: datetime) -> list[DeskSession]:
    return list(
        reading().scalars(
            select(DeskSession)
            .where(
                DeskSession.user_id == user_id,
                DeskSession.ended_at.is_(None),
                DeskSession.seen_at > now - IDLE,
                DeskSession.created_at > now - LONGEST,
            )
            .order_by(DeskSession.seen_at.desc(), DeskSession.id.desc())
            .execution_options(populate_existing=True)
        )
    )
