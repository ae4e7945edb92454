"""The other calendars of a coach: adding one, changing what it is used for, removing it."""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.busy import WhenOld, calendar_address
from practice.domain.letters import clean_line
from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.models.journal import Happening, tell
from practice.models.source import BusySpan, CalendarSource, place_of
from practice.ports import Tools
from practice.usecases.diary import on_diary

MOST: Final = 20
LONGEST_NAME: Final = 200

NO_CALENDAR: Final = "There is no such calendar in your diary."


@dataclass(frozen=True, slots=True)
class NewSource:
    """A calendar as somebody asks for it to be read."""

    name: str
    url: str
    when_old: WhenOld


def add_source(seat: Seat, wanted: NewSource, *, tools: Tools) -> int:
    """Have a calendar read into the diary, at once and then always; return its id.

    Raises Invalid (no address of a calendar, read already), NotAllowed (too many), Busy.
    """
    seat.require(Right.CALENDARS)
    now = tools.clock.now()
    address, name = calendar_address(wanted.url), _name(wanted.name)

    def act(session: Session) -> int:
        others = session.scalars(
            select(CalendarSource).where(CalendarSource.coach_id == seat.coach_id)
        ).all()
        if any(other.url(tools.vault) == address.url for other in others):
            raise Invalid("This calendar is read into your diary already.", field="url")
        if len(others) >= MOST:
            raise NotAllowed(f"At most {MOST} calendars can be read. Remove one first, please.")
        uid = secrets.token_hex(16)
        source = CalendarSource(
            coach_id=seat.coach_id,
            uid=uid,
            name=name,
            shown=address.shown,
            url_sealed=tools.vault.seal(address.url, place=place_of(uid)),
            when_old=wanted.when_old,
            created_at=now,
            next_at=now,
        )
        session.add(source)
        session.flush()
        _journal(session, Happening.CALENDAR_ADDED, seat, tools)
        return source.id

    return on_diary(seat.coach_id, act, now=now)


def change_source(
    seat: Seat, source_id: int, name: str, when_old: WhenOld, *, tools: Tools
) -> None:
    """Call a calendar something else, or choose anew what an old picture means.

    Raises NotFound, Invalid, Busy.
    """
    seat.require(Right.CALENDARS)
    called = _name(name)

    def act(session: Session) -> None:
        source = _own(session, seat, source_id)
        if (source.name, source.when_old) == (called, when_old):
            return
        source.name, source.when_old = called, when_old
        _journal(session, Happening.CALENDAR_CHANGED, seat, tools)

    on_diary(seat.coach_id, act, now=tools.clock.now())


def read_now(seat: Seat, source_id: int, *, tools: Tools) -> None:
    """Let the worker read a calendar as soon as it can; raises NotFound, Busy."""
    seat.require(Right.CALENDARS)
    now = tools.clock.now()

    def act(session: Session) -> None:
        source = _own(session, seat, source_id)
        source.next_at = min(source.next_at, now)

    on_diary(seat.coach_id, act, now=now)


def remove_source(seat: Seat, source_id: int, *, tools: Tools) -> None:
    """Read a calendar no more; what it kept busy is free from now on. Raises NotFound, Busy."""
    seat.require(Right.CALENDARS)

    def act(session: Session) -> None:
        source = _own(session, seat, source_id)
        session.execute(delete(BusySpan).where(BusySpan.source_id == source.id))
        session.delete(source)
        _journal(session, Happening.CALENDAR_REMOVED, seat, tools)

    on_diary(seat.coach_id, act, now=tools.clock.now())


def _name(typed: str) -> str:
    name = clean_line(typed)
    if not name:
        raise Invalid("Give the calendar a name, please.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Use at most {LONGEST_NAME} letters, please.", field="name")
    return name


def _own(session: Session, seat: Seat, source_id: int) -> CalendarSource:
    source = session.scalar(
        select(CalendarSource)
        .where(CalendarSource.id == source_id, CalendarSource.coach_id == seat.coach_id)
        .execution_options(populate_existing=True)
    )
    if source is None:
        raise NotFound(NO_CALENDAR)
    return source


def _journal(session: Session, happening: Happening, seat: Seat, tools: Tools) -> None:
    tell(
        session,
        happening,
        actor=Actor.COACH,
        now=tools.clock.now(),
        coach_id=seat.coach_id,
    )
