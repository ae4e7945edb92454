"""Counting wrong links and wrong passwords, so that guessing is slow."""

from hashlib import sha256

from practice.models.throttle import take
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools


def count_guess(caller: str, *, tools: Tools) -> None:
    """Count a link that leads nowhere; raises TooMany after twenty, then ten a minute."""
    _take(f"guess:{caller}", burst=20, per_seconds=6, tools=tools)


def count_sign_in(caller: str, address: str, *, tools: Tools) -> None:
    """Count a try to sign in, by caller and by account; raises TooMany, and never locks out."""
    account = sha256(address.strip().casefold().encode()).hexdigest()[:40]
    _take(f"sign-in:{caller}", burst=10, per_seconds=30, tools=tools)
    _take(f"sign-in-as:{caller[:8]}:{account}", burst=8, per_seconds=60, tools=tools)


def _take(key: str, *, burst: int, per_seconds: int, tools: Tools) -> None:
    if not tools.rate_limits:
        return

    def act() -> None:
        with unit_of_work() as session:
            take(session, key, burst=burst, per_seconds=per_seconds, now=tools.clock.now())

    persistently(act)
