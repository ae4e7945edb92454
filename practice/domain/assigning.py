"""With whom somebody meets who takes anybody: the work is spread, and nobody waits long for it."""

from collections.abc import Iterable
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


def _turn(load: Load) -> tuple[int, datetime, int, int]:
    return load.upcoming, load.busy_until or _NEVER, load.position, load.coach_id
