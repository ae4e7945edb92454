"""With whom somebody meets who takes anybody: the work is spread, and nobody waits long for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Load:
    """What a coach has to do: `upcoming` bookings from now on, and the order on the team's list.

    `busy_until` is when the latest of all bookings ends or ended, None for one who had none.
    """

    coach_id: int
    upcoming: int
    busy_until: datetime | None
    position: int


def in_turn(loads: Iterable[Load]) -> list[int]:
    """Return the ids of these coaches, whose turn it is first.

    Fewest upcoming bookings, then idle for longest, then by position.
    """
    return [load.coach_id for load in sorted(loads, key=_turn)]


def with_whom(names: Sequence[str]) -> str:
    """Say who meets somebody who books: one of them, or the first of several who is free."""
    if len(names) <= 1:
        return f"With {names[0]}" if names else ""
    return f"With the first of us who is free: {either(names)}"


def either(names: Sequence[str]) -> str:
    """Return names of which one will do: "Maya", "Maya or Noor", "Maya, Noor or Sam"."""
    return " or ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _turn(load: Load) -> tuple[int, datetime, int, int]:
    return load.upcoming, load.busy_until or _NEVER, load.position, load.coach_id
