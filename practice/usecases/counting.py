"""Counting tries by themselves: they stay counted, whatever becomes of what was tried."""

from practice.models.throttle import take
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools

Limit = tuple[str, int, int]
"""A key, how many at once, and after how many seconds there is one more."""


def bucket_of(kind: str, about: str, *, tools: Tools) -> str:
    """Return a bucket's key for an address: nobody who reads the table can guess whose it is."""
    return f"{kind}:{tools.vault.stamp(about.encode(), place=f'throttles:{kind}').hex()[:40]}"


def count(*limits: Limit, tools: Tools) -> None:
    """Count a try against each limit, or against none where one is reached; raises TooMany, Busy.

    Nothing is counted where the throttles are off.
    """
    if not tools.rate_limits:
        return

    def act() -> None:
        with unit_of_work() as session:
            for key, burst, per_seconds in limits:
                take(session, key, burst=burst, per_seconds=per_seconds, now=tools.clock.now())

    persistently(act)
