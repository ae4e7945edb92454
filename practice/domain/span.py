"""A span of time between two instants, and instants as whole seconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def as_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC; one without a zone or beyond the calendar is ValueError."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no zone; only aware instants are understood")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{instant} lies outside the years 1 to 9999 in UTC") from error


def moved(instant: datetime, by: timedelta) -> datetime:
    """Return the UTC instant that much later, stopping at the ends of the calendar."""
    try:
        return as_utc(instant) + by
    except OverflowError:
        return _FIRST if by < timedelta() else _LAST


def second_of(instant: datetime) -> int:
    """Return the last whole second since 1970 (UTC) that is not after the instant."""
    return (instant - _EPOCH) // _SECOND


def second_from(instant: datetime) -> int:
    """Return the first whole second since 1970 (UTC) that is not before the instant."""
    return -((_EPOCH - instant) // _SECOND)


@lru_cache(maxsize=16_384)
def instant_of(second: int) -> datetime:
    """Return the aware UTC instant of a second since 1970, stopping at the ends of the calendar."""
    # Remembered, since every reader of a page is shown the same few thousand starts.
    # Not datetime.fromtimestamp, which refuses instants before 1970 on some machines.
    return moved(_EPOCH, timedelta(seconds=second))


@dataclass(frozen=True, slots=True)
class Span:
    """The time from `starts_at` up to, and without, `ends_at`; both aware, kept in UTC."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        # Two datetimes of one zone compare by what the clock shows, which is wrong where the
        # clock goes back. In UTC that cannot happen, so it happens nowhere behind this line.
        object.__setattr__(self, "starts_at", as_utc(self.starts_at))
        object.__setattr__(self, "ends_at", as_utc(self.ends_at))
        if self.ends_at < self.starts_at:
            raise ValueError(f"a span cannot end ({self.ends_at}) before it starts")

    def overlaps(self, other: "Span") -> bool:
        """Whether both share time: touching shares none, and a span of no length never does."""
        return max(self.starts_at, other.starts_at) < min(self.ends_at, other.ends_at)

    def without(self, others: "Iterable[Span]") -> "list[Span]":
        """Return what is left of the span, in order, where the others are left out."""
        left, begin = [], self.starts_at
        for each in sorted(others, key=lambda one: one.starts_at):
            if each.starts_at > begin and each.overlaps(self):
                left.append(Span(begin, each.starts_at))
            if each.overlaps(self):
                begin = max(begin, each.ends_at)
        if begin < self.ends_at:
            left.append(Span(begin, self.ends_at))
        return left

    def widened(self, before_minutes: int, after_minutes: int) -> "Span":
        """Return the span with so many minutes more on either side."""
        return Span(
            moved(self.starts_at, -timedelta(minutes=before_minutes)),
            moved(self.ends_at, timedelta(minutes=after_minutes)),
        )
