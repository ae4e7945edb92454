"""Blocking time: a coach keeps it for herself, and opens it again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.availability import Holding
from practice.domain.booking import Actor
from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.span import Span
from practice.models.journal import Happening, tell
from practice.models.occupancy import Block, Occupancy
from practice.ports import Tools
from practice.usecases.diary import on_diary

LONGEST_DAYS = 366

IN_THE_WAY = "Somebody is booked in this time. Nothing was blocked yet."
NOTHING_LEFT = "There is no free time left to block here: all of it is taken already."
NO_BLOCK = "There is no such blocked time in your diary."


def block(coach_id: int, span: Span, note: str, *, around: bool, tools: Tools) -> int:
    """Block what is free of a span and return the block's id; what is blocked already stays so.

    Where somebody is booked inside, it is refused, or with `around` the block leaves that time
    out. Raises Invalid (past, too long), NotAllowed (somebody booked, nothing left), Busy.
    """
    now = tools.clock.now()
    _check_span(span, now)

    def act(session: Session) -> int:
        taken = _taken_in(session, coach_id, span)
        if not around and any(_in_the_way(row, now) for row in taken):
            raise NotAllowed(IN_THE_WAY)
        pieces = without(span, (Span(row.starts_at, row.ends_at) for row in taken))
        if not pieces:
            raise NotAllowed(NOTHING_LEFT)
        block_id = _add(session, coach_id, note, pieces, now)
        _journal(session, Happening.BLOCKED, coach_id, span.starts_at, now)
        return block_id

    return on_diary(coach_id, act, now=now)


def unblock(coach_id: int, block_id: int, *, tools: Tools) -> datetime:
    """Open blocked time again and return where it began; raises NotFound for another's, Busy."""
    now = tools.clock.now()

    def act(session: Session) -> datetime:
        found = session.get(Block, block_id)
        if found is None or found.coach_id != coach_id:
            raise NotFound(NO_BLOCK)
        rows = list(session.scalars(select(Occupancy).where(Occupancy.block_id == block_id)))
        began = min((row.starts_at for row in rows), default=found.created_at)
        for row in rows:
            session.delete(row)
        session.flush()  # the spans first: they refer to the block
        session.delete(found)
        _journal(session, Happening.UNBLOCKED, coach_id, began, now)
        return began

    return on_diary(coach_id, act, now=now)


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """Return what is left of a span, in order, when the taken spans are left out."""
    left, begin = [], span.starts_at
    for each in sorted(taken, key=lambda one: one.starts_at):
        if each.starts_at > begin:
            left.append(Span(begin, min(each.starts_at, span.ends_at)))
        begin = max(begin, each.ends_at)
    if begin < span.ends_at:
        left.append(Span(begin, span.ends_at))
    return left


def _check_span(span: Span, now: datetime) -> None:
    if span.starts_at >= span.ends_at:
        raise Invalid("The end comes after the beginning, please.", field="until")
    if span.ends_at <= now:
        raise Invalid("This time has passed already.", field="on")
    if span.ends_at - span.starts_at > timedelta(days=LONGEST_DAYS):
        raise Invalid("Please block at most a year at once.", field="last")


def _taken_in(session: Session, coach_id: int, span: Span) -> list[Occupancy]:
    return list(
        session.scalars(
            select(Occupancy).where(
                Occupancy.coach_id == coach_id,
                Occupancy.ends_at > span.starts_at,
                Occupancy.starts_at < span.ends_at,
            )
        )
    )


def _in_the_way(row: Occupancy, now: datetime) -> bool:
    # Who has been here today is not in the way of keeping the rest of the day.
    return row.status != Holding.BLOCKED and row.ends_at > now


def _add(session: Session, coach_id: int, note: str, pieces: list[Span], now: datetime) -> int:
    made = Block(coach_id=coach_id, note=note, created_at=now)
    session.add(made)
    session.flush()
    session.add_all(
        Occupancy(
            coach_id=coach_id,
            block_id=made.id,
            status=Holding.BLOCKED,
            starts_at=piece.starts_at,
            ends_at=piece.ends_at,
        )
        for piece in pieces
    )
    session.flush()
    return made.id


def _journal(
    session: Session, happening: Happening, coach_id: int, starts_at: datetime, now: datetime
) -> None:
    tell(
        session,
        happening,
        actor=Actor.COACH,
        now=now,
        coach_id=coach_id,
        starts_at=starts_at,
    )
