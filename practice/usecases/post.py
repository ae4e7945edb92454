"""Sending what waits in the outbox: lease, write out, hand over, mark; a bad one stops none."""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from practice.domain.contact import HELD_BACK
from practice.domain.defect import where_raised
from practice.models.outbox import LetterState, OutboxLetter, anything_due, lease_due
from practice.models.unit import look, persistently, reading, unit_of_work
from practice.ports import MailDelayed, MailRefused, Tools
from practice.queries.contact import Fate, fate_of
from practice.queries.letters import letter_for
from practice.usecases.retrying import next_try

log = logging.getLogger("practice.post")

_AT_ONCE = 10
_LEASE = timedelta(minutes=5)
# Two days, at an hour apart: a mail server may be away for a night.
_TRIES = 50
_TRIES_OF_A_DEFECT = 10


def deliver_due(owner: str, *, tools: Tools) -> int:
    """Send what is due, at most ten letters, for a worker called `owner`; return how many.

    At least once: after a crash between sending and marking a letter goes twice, with the same
    Message-ID.
    """
    for done in range(_AT_ONCE):
        row = _lease(owner, tools)
        if row is None:
            return done
        _deliver(row, tools)
    return _AT_ONCE


def _lease(owner: str, tools: Tools) -> OutboxLetter | None:
    """Lease one letter: a slow mail server must not outlast the lease of those behind it."""
    now = tools.clock.now()
    with look() as session:
        if not anything_due(session, now):
            return None
    with unit_of_work() as session:
        leased = lease_due(session, owner=owner, count=1, now=now, leased_until=now + _LEASE)
    return leased[0] if leased else None


def _deliver(row: OutboxLetter, tools: Tools) -> None:
    now = tools.clock.now()
    try:
        fate = fate_of(row, now=now)
        letter = letter_for(row, tools=tools, now=now) if _may_go(fate, now) else None
        reading().rollback()  # nothing of ours is open while the outside world is spoken to
        if not _may_go(fate, now):
            _hold_back(row, fate)
            return
        if letter is None:
            _mark(row, LetterState.DROPPED, why="What it told of has changed since.")
            return
        tools.mailer.send(tools.letters.render(letter))
    except MailRefused as refusal:
        _mark(row, LetterState.DEAD, why=str(refusal))
    except MailDelayed as delay:
        _later(row, str(delay), now, _TRIES)
    except Exception as fault:  # noqa: BLE001 - one that cannot be written must not stop the others
        log.error("letter %s could not be written\n%s", row.id, where_raised(fault))  # noqa: TRY400
        _later(row, "It could not be written.", now, _TRIES_OF_A_DEFECT)
    else:
        _mark(row, LetterState.SENT, sent_at=now)


def _may_go(fate: Fate, now: datetime) -> bool:
    return not fate.why and fate.at <= now


def _hold_back(row: OutboxLetter, fate: Fate) -> None:
    """Withhold a letter as its reader wished, or let it wait for her hours: that is no try."""
    if fate.why:
        _mark(row, LetterState.DROPPED, why=fate.why)
        return
    _mark(
        row, LetterState.WAITING, why=HELD_BACK, due_at=fate.at, attempts=max(row.attempts - 1, 0)
    )


def _later(row: OutboxLetter, why: str, now: datetime, tries: int) -> None:
    if row.attempts >= tries:
        _mark(row, LetterState.DEAD, why=why)
        return
    _mark(row, LetterState.WAITING, why=why, due_at=next_try(row.attempts, now))


def _mark(row: OutboxLetter, state: LetterState, *, why: str = "", **values: Any) -> None:
    """Write down what became of a letter, unless another worker has taken it over since."""

    def act() -> None:
        with unit_of_work() as session:
            session.execute(
                update(OutboxLetter)
                .where(OutboxLetter.id == row.id, OutboxLetter.leased_by == row.leased_by)
                .values(state=state, why=why[:200], leased_by=None, leased_until=None, **values)
            )

    persistently(act)
