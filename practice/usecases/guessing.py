"""Counting wrong links and wrong passwords, so that guessing is slow."""

from practice.models.throttle import give_back
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases.counting import Limit, bucket_of, count


def count_guess(caller: str, *, tools: Tools) -> None:
    """Count a link that leads nowhere; raises TooMany after twenty, then ten a minute."""
    count((f"guess:{caller}", 20, 6), tools=tools)


def count_sign_in(caller: str, address: str, *, tools: Tools) -> None:
    """Count a try to sign in, by caller and by account; raises TooMany, and never locks out."""
    for limit in _sign_in_buckets(caller, address, tools):
        count(limit, tools=tools)


def forgive_sign_in(caller: str, address: str, *, tools: Tools) -> None:
    """Give the tokens of a sign-in that succeeded back: only wrong passwords count."""
    if not tools.rate_limits:
        return
    with unit_of_work() as session:
        for key, _, _ in _sign_in_buckets(caller, address, tools):
            give_back(session, key)


def _sign_in_buckets(caller: str, address: str, tools: Tools) -> tuple[Limit, ...]:
    account = f"{caller}:{address.strip().casefold()}"
    return (
        (f"sign-in:{caller}", 10, 30),
        (bucket_of("sign-in-as", account, tools=tools), 8, 60),
    )
