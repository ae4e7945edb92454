"""How big each part of the battery is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one run of the battery; every number can be given on the command line."""

    seed: int = 1
    processes: int = 32
    rounds: int = 100
    side_rounds: int = 100
    control_rounds: int = 50
    late_rounds: int = 200
    attempts: int = 10_000
    starts: int = 100
    web_workers: int = 8
    callers: int = 48
    kills: int = 150
    kill_workers: int = 4
    kill_callers: int = 12
    mail_letters: int = 60
    mail_kills: int = 20
    restarts: int = 8
    lock_rounds: int = 3
    locked_seconds: float = 10.0
    deadline_seconds: float = 900.0


WHOLE = Plan()
SHORT = Plan(
    processes=8,
    rounds=10,
    side_rounds=4,
    control_rounds=10,
    late_rounds=12,
    attempts=300,
    starts=10,
    web_workers=2,
    callers=16,
    kills=8,
    kill_workers=2,
    kill_callers=8,
    mail_letters=8,
    mail_kills=2,
    restarts=1,
    lock_rounds=1,
    locked_seconds=1.5,
    deadline_seconds=120.0,
)
