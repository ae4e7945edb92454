"""Erasing: the keys first, in a transaction of their own, and then the rows that they opened."""

from datetime import datetime

from sqlalchemy import ColumnElement

from practice.domain.booking import Actor
from practice.models.intake import Intake
from practice.models.intakes import forget_codes, forget_words, keys_of
from practice.models.journal import Happening, tell
from practice.models.keys import destroy_keys
from practice.models.unit import look, persistently, unit_of_work


def erase(which: ColumnElement[bool], now: datetime) -> None:
    """Let nobody ever read these intakes again; safe to repeat, also after a crash. Raises Busy."""
    with look() as session:
        # Two names of no key where there is none: the statements are the same either way.
        keys = keys_of(session, which) or ["", ""]

    def destroy() -> None:
        with unit_of_work() as session:
            destroy_keys(session, keys)

    def forget() -> None:
        with unit_of_work() as session:
            forget_words(session, keys, now)

    # Once the keys are gone the words are: whatever happens to the rows after that.
    persistently(destroy)
    persistently(forget)


def erase_person(person_id: int, now: datetime) -> None:
    """Let nobody ever read what a person of a booking wrote, and tell that person's ledger."""
    erase(Intake.person_id == person_id, now)

    def forget() -> None:
        with unit_of_work() as session:
            forget_codes(session, person_id)
            # Under no booking and no coach: it would tell that something had been written.
            tell(session, Happening.ERASED, actor=Actor.CLIENT, now=now, person_id=person_id)

    persistently(forget)
