"""Counting wrong links and wrong passwords, so that guessing is slow."""

from hashlib import sha256

from practice.models.throttle import give_back, take
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools


def count_guess(caller: str, *, tools: Tools) -> None:
    """Count a link that leads nowhere; raises TooMany after twenty, then ten a minute."""
    _take(f"guess:{caller}", burst=20, per_seconds=6, tools=tools)


def count_sign_in(caller: str, address: str, *, tools: Tools) -> None:
    """Count a try to sign in, by caller and by account; raises TooMany, and never locks out."""
    for key, burst, per_seconds in _sign_in_buckets(caller, address):
        _take(key, burst=burst, per_seconds=per_seconds, tools=tools)


def forgive_sign_in(caller: str, address: str, *, tools: Tools) -> None:
    """Give the tokens of a sign-in that succeeded back: only wrong passwords count."""
    if not tools.rate_limits:
        return
    with unit_of_work() as session:
        for key, _, _ in _sign_in_buckets(caller, address):
            give_back(session, key)


def _sign_in_buckets(caller: str, address: str) -> tuple[tuple[str, int, int], ...]:
    account = sha256(address.strip().casefold().encode()).hexdigest()[:40]
    return (
        (f"sign-in:{caller}", 10, 30),
        (f"sign-in-as:{caller[:8]}:{account}", 8, 60),
    )


def _take(key: str, *, burst: int, per_seconds: int, tools: Tools) -> None:
    if not tools.rate_limits:
        return

    def act() -> None:
        with unit_of_work() as session:
            take(session, key, burst=burst, per_seconds=per_seconds, now=tools.clock.now())

    persistently(act)
