"""When a coach is busy by her other calendars, as the diary asks: one list, and kept in memory.

A picture has a random name, and a new one whenever its spans change. So a page asks for the names
only, and what was read under the same names once is still true.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from practice.domain.availability import Holding, Taken
from practice.domain.busy import OLD_AFTER, WhenOld, merged
from practice.domain.span import Span
from practice.models.source import BusySpan

_MOST_SPANS = 40_000
_FOR_EVER = datetime.max.replace(tzinfo=UTC)

_SPANS = (
    select(BusySpan.starts_at, BusySpan.ends_at)
    .where(BusySpan.coach_id == bindparam("coach_id"))
    .order_by(BusySpan.starts_at)
)


@dataclass(frozen=True, slots=True)
class PictureMark:
    """What a diary must know of a calendar that gave a picture: its name, and what it covers."""

    picture: str
    when_old: str
    good_at: datetime
    known_from_at: datetime
    known_until_at: datetime


class _Kept:
    """The lists that were asked for last, by the names of their pictures; for several threads."""

    def __init__(self) -> None:
        self._lists: OrderedDict[frozenset[str], tuple[Taken, ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, names: frozenset[str]) -> tuple[Taken, ...] | None:
        with self._lock:
            found = self._lists.get(names)
            if found is not None:
                self._lists.move_to_end(names)
            return found

    def put(self, names: frozenset[str], taken: tuple[Taken, ...]) -> None:
        with self._lock:
            self._lists[names] = taken
            while sum(map(len, self._lists.values())) > _MOST_SPANS and len(self._lists) > 1:
                self._lists.popitem(last=False)


_KEPT = _Kept()


def busy_elsewhere(
    session: Session, coach_id: int, marks: Sequence[PictureMark], window: Span
) -> list[Taken]:
    """Return what other calendars take of a window: what they say, and all that they do not know.

    What lies outside of a picture is taken: beyond it, and before it, where it was read while the
    clock of this machine was ahead. So is everything by a picture that is old, where the coach
    chose to close the diary then.
    """
    known = _known(session, coach_id, marks)
    first = bisect_right(known, window.starts_at, key=lambda each: each.span.ends_at)
    last = bisect_left(known, window.ends_at, key=lambda each: each.span.starts_at)
    return [*known[first:last], *_unknown(marks, window)]


def _known(session: Session, coach_id: int, marks: Iterable[PictureMark]) -> tuple[Taken, ...]:
    names = frozenset(mark.picture for mark in marks)
    found = _KEPT.get(names)
    if found is None:
        rows = session.execute(_SPANS, {"coach_id": coach_id})
        spans = merged(Span(starts_at, ends_at) for starts_at, ends_at in rows)
        found = tuple(Taken(span, Holding.EXTERNAL) for span in spans)
        _KEPT.put(names, found)
    return found


def _unknown(marks: Sequence[PictureMark], window: Span) -> list[Taken]:
    until = min(mark.known_until_at for mark in marks)
    taken = [Taken(Span(until, _FOR_EVER), Holding.EXTERNAL)]
    since = max(mark.known_from_at for mark in marks)
    if since > window.starts_at:
        taken.append(Taken(Span(window.starts_at, since), Holding.EXTERNAL))
    closing = [mark.good_at for mark in marks if mark.when_old == WhenOld.CLOSE]
    if closing:
        oldest = min(closing)
        span = Span(oldest, _FOR_EVER)
        taken.append(Taken(span, Holding.EXTERNAL, blocks_from=oldest + OLD_AFTER))
    return taken
