"""A letter to a coach, whatever it is about: who it is from, and how the reader is addressed."""

from datetime import datetime
from typing import Any

from practice.domain.letters import Letter, LetterKind
from practice.domain.zone import zone_named
from practice.models.coach import Coach
from practice.models.outbox import OutboxLetter
from practice.queries.house import house


def coach_letter(
    row: OutboxLetter, coach: Coach, *, link: str, now: datetime, **told: Any
) -> Letter:
    """Return the letter of an outbox row to a coach, with what it tells (fields of `Letter`)."""
    ours = house()
    return Letter(
        kind=LetterKind(row.kind),
        reference=row.reference,
        now=now,
        to_name=coach.name,
        to_address=coach.address,
        from_name=ours.sender_name,
        from_address=ours.sender_address,
        coach_name=coach.name,
        practice_name=ours.name,
        zone=zone_named(coach.zone),
        link=link,
        **told,
    )
