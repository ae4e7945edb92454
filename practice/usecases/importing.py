"""Reading other calendars: one at a time, asked outside of any transaction, kept if it is good.

A calendar is taken up by moving its next time ahead, so that of two workers one asks, and a worker
that dies loses nothing: it is due again when that time comes. An answer counts only while nobody
has taken the calendar up since.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from practice.domain.busy import OLD_AFTER, FeedAsk, FeedTrouble, Picture, Trouble
from practice.domain.letters import LetterKind
from practice.domain.refusal import Unreadable
from practice.domain.span import Span
from practice.models.coach import Coach
from practice.models.outbox import About, is_written, write_letter
from practice.models.source import BusySpan, CalendarSource, place_of
from practice.models.unit import look, persistently, unit_of_work
from practice.ports import BusyFeeds, Tools
from practice.queries.feed import own_uids
from practice.usecases.diary import on_diary

RHYTHM: Final = timedelta(minutes=15)
_BACK_OFF: Final = (5, 10, 20, 40, 60)
_LEASE: Final = timedelta(minutes=2)
_LONGEST_WAIT: Final = timedelta(hours=2)
"""No next time lies so far ahead: one that does was told by a clock that was wrong."""
_BEHIND: Final = timedelta(days=1)
_AHEAD: Final = timedelta(days=400)
_SLACK: Final = timedelta(days=7)
_LONGEST_MARK: Final = {"etag": 300, "modified": 100}
_MOST_WARNINGS: Final = 4000


@dataclass(frozen=True, slots=True)
class _TakenUp:
    """A calendar that this worker asks now; `asked_at` and `until` tell its turn from others.

    The address in `ask` is opened only when it is asked for: a garbled one troubles no other.
    """

    id: int
    coach_id: int
    asked_at: datetime
    until: datetime
    place: str
    url_sealed: bytes
    ask: FeedAsk


def import_due(*, tools: Tools) -> int:
    """Read the one calendar that is due for longest, and return how many there were: 0 or 1.

    It may take as long as a calendar may, some 20 seconds. Raises Busy.
    """
    if tools.feeds is None:
        return 0
    taken_up = persistently(lambda: _take_up(tools))
    if taken_up is None:
        return 0
    try:
        picture = _ask(tools.feeds, taken_up, tools)
    except FeedTrouble as fault:
        _keep_trouble(taken_up, fault.trouble, tools)
    except Exception:
        _keep_trouble(taken_up, Trouble.BROKEN, tools)  # a defect: told, and no other waits for it
        raise
    else:
        _keep_picture(taken_up, picture, tools)
    return 1


def window_at(now: datetime) -> Span:
    """Return the span that is asked of a calendar at `now`: the same all day long (UTC)."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Span(midnight - _BEHIND, midnight + _AHEAD)


def _take_up(tools: Tools) -> _TakenUp | None:
    now = tools.clock.now()
    due = (
        select(CalendarSource)
        .where(or_(CalendarSource.next_at <= now, CalendarSource.next_at > now + _LONGEST_WAIT))
        .order_by(CalendarSource.next_at, CalendarSource.id)
        .limit(1)
    )
    with look() as session:
        if session.scalar(due.with_only_columns(CalendarSource.id)) is None:
            return None  # without any lock: this is asked every few seconds
    with unit_of_work() as session:
        row = session.scalar(
            due.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        )
        if row is None:
            return None
        # Each turn has an instant of its own, also where the clock stands still.
        after = row.asked_at or row.created_at
        row.asked_at = max(now, after + timedelta(microseconds=1))
        row.next_at = now + _LEASE
        zone = session.get_one(Coach, row.coach_id).zone
        return _TakenUp(
            id=row.id,
            coach_id=row.coach_id,
            asked_at=row.asked_at,
            until=row.next_at,
            place=place_of(row.uid),
            url_sealed=row.url_sealed,
            ask=_question(row, zone, tools),
        )


def _question(row: CalendarSource, zone: str, tools: Tools) -> FeedAsk:
    window = window_at(tools.clock.now())
    # "Nothing has changed" says nothing of days that the last answer did not reach.
    reaches = (
        row.known_from_at is not None
        and row.known_until_at is not None
        and row.known_from_at <= window.starts_at
        and row.known_until_at >= window.ends_at - _SLACK
    )
    is_conditional = reaches and row.good_at is not None
    return FeedAsk(
        url="",
        window=window,
        zone=zone,
        etag=row.etag if is_conditional else "",
        modified=row.modified if is_conditional else "",
        own=own_uids(row.coach_id, tools.vault),
    )


def _ask(feeds: BusyFeeds, taken_up: _TakenUp, tools: Tools) -> Picture:
    try:
        url = tools.vault.open(taken_up.url_sealed, place=taken_up.place)
    except Unreadable:
        raise FeedTrouble(Trouble.ADDRESS) from None
    ask = replace(taken_up.ask, url=url)
    picture = feeds.picture(ask, now=tools.clock.now())
    if picture.spans is None and not (ask.etag or ask.modified):
        raise FeedTrouble(Trouble.BROKEN)  # unchanged since what? nobody asked so
    return picture


def _keep_picture(taken_up: _TakenUp, picture: Picture, tools: Tools) -> None:
    now = tools.clock.now()

    def act(session: Session) -> None:
        row = _still_ours(session, taken_up)
        if row is None:
            return
        row.good_at = now
        row.trouble, row.troubled_at, row.told_at, row.failures = "", None, None, 0
        _next(row, taken_up, now + RHYTHM)
        if picture.spans is None:
            return
        window = taken_up.ask.window
        row.known_from_at, row.known_until_at = window.starts_at, window.ends_at
        row.etag, row.modified = _mark("etag", picture.etag), _mark("modified", picture.modified)
        row.warnings = "\n".join(picture.warnings)[:_MOST_WARNINGS]
        if _swap(session, row, set(picture.spans)) or not row.picture:
            row.picture = secrets.token_hex(16)

    on_diary(taken_up.coach_id, act, now=now)


def _swap(session: Session, row: CalendarSource, spans: set[Span]) -> bool:
    """Let these spans be the busy ones of a calendar; tell whether any was another before."""
    old = {
        Span(starts_at, ends_at): span_id
        for span_id, starts_at, ends_at in session.execute(
            select(BusySpan.id, BusySpan.starts_at, BusySpan.ends_at).where(
                BusySpan.source_id == row.id
            )
        )
    }
    gone = [span_id for span, span_id in old.items() if span not in spans]
    new = [span for span in spans if span not in old and span.starts_at < span.ends_at]
    for begin in range(0, len(gone), 500):  # a statement takes so many values and no more
        session.execute(delete(BusySpan).where(BusySpan.id.in_(gone[begin : begin + 500])))
    if new:
        session.execute(
            insert(BusySpan),
            [
                {
                    "source_id": row.id,
                    "coach_id": row.coach_id,
                    "starts_at": span.starts_at,
                    "ends_at": span.ends_at,
                }
                for span in new
            ],
        )
    return bool(gone or new)


def _keep_trouble(taken_up: _TakenUp, trouble: Trouble, tools: Tools) -> None:
    now = tools.clock.now()

    def act() -> None:
        with unit_of_work() as session:
            row = _still_ours(session, taken_up)
            if row is None:
                return
            minutes = _BACK_OFF[min(row.failures, len(_BACK_OFF) - 1)]
            row.failures += 1
            row.trouble = trouble.name
            row.troubled_at = row.troubled_at or now
            _next(row, taken_up, now + timedelta(minutes=minutes))
            _tell_of_old(session, row, now)

    persistently(act)


def _tell_of_old(session: Session, row: CalendarSource, now: datetime) -> None:
    """Write to the coach, once for each trouble, that a calendar was not read for a day."""
    if row.told_at is not None or row.troubled_at is None:
        return
    if now - (row.good_at or row.created_at) <= OLD_AFTER:
        return
    row.told_at = now
    dedupe = f"{LetterKind.COACH_CALENDAR}:{row.uid}:{row.troubled_at:%Y%m%dT%H%M%S%f}"
    if not is_written(session, dedupe):
        about = About(coach_id=row.coach_id, source_id=row.id)
        write_letter(session, LetterKind.COACH_CALENDAR, dedupe, about, due_at=now, now=now)


def _still_ours(session: Session, taken_up: _TakenUp) -> CalendarSource | None:
    """Return the calendar, locked; None where it was removed, or taken up by another since."""
    row = session.scalar(
        select(CalendarSource)
        .where(CalendarSource.id == taken_up.id, CalendarSource.coach_id == taken_up.coach_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return row if row is not None and row.asked_at == taken_up.asked_at else None


def _next(row: CalendarSource, taken_up: _TakenUp, at: datetime) -> None:
    if row.next_at == taken_up.until:  # else somebody pressed "Read it now" meanwhile
        row.next_at = at


def _mark(name: str, value: str) -> str:
    # A longer one is not worth keeping: cut short, it would be another's.
    return value if len(value) <= _LONGEST_MARK[name] else ""
