"""Blocking time: a coach keeps it for herself, and opens it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.availability import Holding
from practice.domain.booking import Actor
from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.repeating import LONGEST_DAYS, Repeat, Stretch, spans_of
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import zone_named
from practice.models.coach import Coach
from practice.models.journal import Happening, tell
from practice.models.occupancy import Block, Occupancy
from practice.models.unit import reading
from practice.ports import Tools
from practice.usecases.diary import on_diary

IN_THE_WAY = "Somebody is booked in this time. Nothing was blocked yet."
NOTHING_LEFT = "There is no free time left to block here: all of it is taken already."
NO_BLOCK = "There is no such blocked time in your diary."


@dataclass(frozen=True, slots=True)
class Blocked:
    """Time that was blocked: the block's id, and how many of its spans were left out whole."""

    block_id: int
    left_out: int


def block(seat: Seat, span: Span, note: str, *, around: bool, tools: Tools) -> int:
    """Block what is free of a span and return the block's id; what is blocked already stays so.

    Where somebody is booked inside, it is refused, or with `around` the block leaves that time
    out. Raises Invalid (past, too long), NotAllowed (somebody booked, nothing left), Busy.
    """
    seat.require(Right.DIARY)
    now = tools.clock.now()
    _check_span(span, now)
    return _block(seat.coach_id, [span], note, None, around=around, now=now).block_id


def block_often(
    seat: Seat, stretch: Stretch, repeat: Repeat | None, note: str, *, around: bool, tools: Tools
) -> Blocked:
    """Block what is free of a stretch, once or repeating, all as one block.

    Each time is at the same hours of the coach's clock. Raises as `block` does, and Invalid where
    it can't repeat like that.
    """
    seat.require(Right.DIARY)
    now = tools.clock.now()
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    spans = spans_of(stretch, repeat, zone)
    if not spans:
        raise Invalid("The end comes after the beginning, please.", field="until")
    _check_span(spans[-1] if repeat else spans[0], now)
    return _block(seat.coach_id, spans, note, repeat, around=around, now=now)


def _block(
    coach_id: int,
    spans: list[Span],
    note: str,
    repeat: Repeat | None,
    *,
    around: bool,
    now: datetime,
) -> Blocked:
    def act(session: Session) -> Blocked:
        taken = _taken_in(session, coach_id, Span(spans[0].starts_at, spans[-1].ends_at))
        if not around and any(
            _in_the_way(row, now) and Span(row.starts_at, row.ends_at).overlaps(span)
            for row in taken
            for span in spans
        ):
            raise NotAllowed(IN_THE_WAY)
        others = [Span(row.starts_at, row.ends_at) for row in taken]
        left = [without(span, others) for span in spans]
        if not any(left):
            raise NotAllowed(NOTHING_LEFT)
        pieces = [piece for each in left for piece in each]
        block_id = _add(session, coach_id, note, pieces, repeat, now)
        _journal(session, Happening.BLOCKED, coach_id, pieces[0].starts_at, now)
        return Blocked(block_id, sum(1 for each in left if not each))

    return on_diary(coach_id, act, now=now)


def open_one(seat: Seat, block_id: int, span_id: int, *, tools: Tools) -> bool:
    """Open one span of a block again; tell whether anything of the block is left.

    Raises NotFound for what is another's, Busy.
    """
    seat.require(Right.DIARY)
    now = tools.clock.now()

    def act(session: Session) -> bool:
        found = _own(session, block_id, seat.coach_id)
        row = session.get(Occupancy, span_id)
        if row is None or row.block_id != found.id:
            raise NotFound(NO_BLOCK)
        _journal(session, Happening.UNBLOCKED, seat.coach_id, row.starts_at, now)
        session.delete(row)
        session.flush()
        wanted = select(Occupancy.id).where(Occupancy.block_id == block_id).limit(1)
        is_left = session.scalar(wanted) is not None
        if not is_left:
            session.delete(found)
        return is_left

    return on_diary(seat.coach_id, act, now=now)


def unblock(seat: Seat, block_id: int, *, tools: Tools) -> datetime:
    """Open blocked time again and return where it began; raises NotFound for another's, Busy."""
    seat.require(Right.DIARY)
    coach_id, now = seat.coach_id, tools.clock.now()

    def act(session: Session) -> datetime:
        found = _own(session, block_id, coach_id)
        rows = list(session.scalars(select(Occupancy).where(Occupancy.block_id == block_id)))
        began = min((row.starts_at for row in rows), default=found.created_at)
        for row in rows:
            session.delete(row)
        session.flush()  # the spans first: they refer to the block
        session.delete(found)
        _journal(session, Happening.UNBLOCKED, coach_id, began, now)
        return began

    return on_diary(coach_id, act, now=now)


def _own(session: Session, block_id: int, coach_id: int) -> Block:
    found = session.get(Block, block_id)
    if found is None or found.coach_id != coach_id:
        raise NotFound(NO_BLOCK)
    return found


def without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """Return what is left of a span, in order, when the taken spans are left out."""
    left, begin = [], span.starts_at
    inside = (each for each in taken if each.overlaps(span))
    for each in sorted(inside, key=lambda one: one.starts_at):
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


def _add(
    session: Session,
    coach_id: int,
    note: str,
    pieces: list[Span],
    repeat: Repeat | None,
    now: datetime,
) -> int:
    made = Block(coach_id=coach_id, note=note, created_at=now)
    if repeat is not None:
        made.every_weeks, made.until_on = repeat.every_weeks, repeat.until_on
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
