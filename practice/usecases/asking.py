"""Asking for a time that is not offered."""

import secrets
from dataclasses import dataclass

from practice.domain.booking import Actor
from practice.domain.letters import LetterKind
from practice.models.journal import Happening, tell
from practice.models.offered import first_coach
from practice.models.outbox import About, write_letter
from practice.models.throttle import take
from practice.models.time_request import TimeRequest
from practice.models.unit import persistently, reading, unit_of_work
from practice.ports import Tools


@dataclass(frozen=True, slots=True)
class TimeWish:
    """What somebody wrote who found no time that fits."""

    name: str
    email: str
    message: str
    zone: str


def ask(wish: TimeWish, caller: str, *, tools: Tools) -> None:
    """Keep a wish for another time, its words sealed, and tell the coach. Raises TooMany."""
    now = tools.clock.now()
    coach_id = first_coach(reading()).id
    reference = secrets.token_hex(16)

    def act() -> None:
        with unit_of_work() as session:
            if tools.rate_limits:
                take(session, f"ask:{caller}", burst=5, per_seconds=600, now=now)
            session.add(
                TimeRequest(
                    coach_id=coach_id,
                    reference=reference,
                    name=wish.name,
                    address=wish.email,
                    message_sealed=tools.vault.seal(
                        wish.message, place=f"time_requests:{reference}:message"
                    ),
                    zone=wish.zone,
                    created_at=now,
                )
            )
            write_letter(
                session,
                LetterKind.COACH_ASKED,
                f"asked:{reference}",
                About(coach_id=coach_id),
                due_at=now,
                now=now,
            )
            tell(session, Happening.ASKED, actor=Actor.CLIENT, now=now, coach_id=coach_id)

    persistently(act)
