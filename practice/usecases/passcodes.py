"""Passcodes: hashed slowly, and as slowly whether there is anything to find or not."""

from hashlib import sha256

from argon2.low_level import Type, hash_secret_raw

from practice.domain.writing import folded
from practice.models.throttle import give_back
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases.counting import Limit, count

# About 50 ms of one core and 19 MiB: more than OWASP's least for argon2id.
_ROUNDS = 3
_KIBIBYTES = 19_456


def digest_of(passcode: str, link_hash: bytes, *, tools: Tools) -> bytes:
    """Return what is kept of a passcode, salted with the private link; takes about 50 ms.

    The salt is of the link and not of the intake, so that one hash finds it among any number. It
    is stamped by the master key: the database alone is not enough to guess at it.
    """
    hashed = hash_secret_raw(
        folded(passcode).encode("utf-8", "surrogatepass"),
        sha256(f"passcode:{link_hash.hex()}".encode()).digest(),
        time_cost=_ROUNDS,
        memory_cost=_KIBIBYTES,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )
    return tools.vault.stamp(hashed, place="intakes:passcode")


def count_passcode(person_id: int, caller: str, *, tools: Tools) -> None:
    """Count a passcode, by caller and more generously by person; raises TooMany.

    Two buckets, so that a stranger who guesses cannot shut the writer out at once.
    """
    count(*_buckets(person_id, caller), tools=tools)


def forgive_passcode(person_id: int, caller: str, *, tools: Tools) -> None:
    """Give the tokens of a passcode that fitted back: only wrong ones count."""
    if not tools.rate_limits:
        return
    with unit_of_work() as session:
        for key, _, _ in _buckets(person_id, caller):
            give_back(session, key)


def _buckets(person_id: int, caller: str) -> tuple[Limit, ...]:
    return (f"passcode:{person_id}:{caller}", 5, 60), (f"passcode:{person_id}", 40, 60)
