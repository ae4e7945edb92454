"""Sittings: beginning to write, coming back to it, and leaving.

The booking's private link says which person it is and proves nothing more: somebody else may hold
it. So nothing here tells, by an answer or by its cost, whether anything was begun from a link.
"""

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from practice.domain.contact import withheld
from practice.domain.letters import LetterKind
from practice.domain.refusal import Busy, NotAllowed, NotFound
from practice.domain.writing import (
    CODE_FOR,
    Start,
    WayBack,
    check_start,
    check_write,
    is_to_be_seen,
)
from practice.models.booking import BookingPerson
from practice.models.intake import Intake
from practice.models.intakes import intake_by_passcode, intakes_by_code, lock_intake, others_of
from practice.models.keys import new_key
from practice.models.link import (
    NOTHING,
    Opens,
    Purpose,
    new_link,
    person_link_hash,
    private_link,
    spend,
    unspent,
)
from practice.models.outbox import About, write_letter
from practice.models.questionnaires import shipped
from practice.models.sitting import (
    check_meant,
    end_sitting,
    end_sittings,
    living_sitting,
    new_sitting,
    see,
    sitting_of,
)
from practice.models.throttle import take
from practice.models.unit import look, persistently, reading, unit_of_work
from practice.ports import Tools
from practice.usecases.counting import count
from practice.usecases.passcodes import count_passcode, digest_of, forgive_passcode

DOES_NOT_FIT = "That passcode doesn’t fit. Nothing is lost: try again, or begin afresh."


@dataclass(frozen=True, slots=True)
class Began:
    """A sitting was begun: the token that the browser carries from here on."""

    token: str


def begin(token: str, start: Start, caller: str, *, tools: Tools) -> Began:
    """Begin a new intake from a booking's private link, always another one, and sit down at it.

    Raises NotFound, Invalid with its field, NotAllowed (nothing is asked, or cancelled), TooLate
    past the cut-off, TooMany, Busy.
    """
    now = tools.clock.now()
    link = private_link(reading(), token, now=now)
    person = reading().get_one(BookingPerson, link.person_id)
    booking, offering = person.booking, person.booking.offering
    # Her own wishes alone: those of another booking would tell whoever booked with her address.
    can_be_mailed = not withheld(LetterKind.SIGN_IN, person.wishes)
    check_start(start, offering.questionnaire, can_be_mailed=can_be_mailed)
    check_write(booking.status, booking.starts_at, offering.intake_cutoff_minutes, now=now)
    count((f"begin:{link.person_id}:{caller}", 10, 300), tools=tools)
    digest = None
    if start.way_back == WayBack.PASSCODE:
        digest = digest_of(start.passcode, link.token_hash, tools=tools)
    with unit_of_work() as session:
        # The keys first and by themselves: a key without an intake harms nobody.
        keys = [new_key(session, vault=tools.vault, now=now) for _ in range(2)]
    with unit_of_work() as session:
        intake = Intake(
            reference=secrets.token_hex(16),
            person_id=link.person_id,
            questionnaire=start.questionnaire,
            version=shipped(start.questionnaire).version,
            way_back=start.way_back,
            passcode_digest=digest,
            key_id=keys[0],
            private_key_id=keys[1],
            created_at=now,
        )
        session.add(intake)
        session.flush()
        return Began(new_sitting(session, intake.id, came_back=False, now=now))


def come_back(token: str, passcode: str, caller: str, *, tools: Tools) -> Began:
    """Sit down again at what a passcode opens; the same work whether anything was ever begun.

    Raises NotFound (no such link), NotAllowed (no such passcode), TooMany, Busy.
    """
    now = tools.clock.now()
    link = private_link(reading(), token, now=now)
    count_passcode(link.person_id, caller, tools=tools)
    digest = digest_of(passcode, link.token_hash, tools=tools)
    with look() as session:
        intake = intake_by_passcode(session, link.person_id, digest)
    if intake is None:
        raise NotAllowed(DOES_NOT_FIT, field="passcode")
    began = _sit_down(intake.id, now)
    forgive_passcode(link.person_id, caller, tools=tools)
    return began


def come_back_here(sitting_token: str, passcode: str, caller: str, *, tools: Tools) -> Began:
    """Go on at the intake of an idle sitting, which a passcode opens again.

    Raises NotFound (no such sitting), NotAllowed (another passcode), TooMany, Busy.
    """
    now = tools.clock.now()
    with look() as session:  # nothing of ours is open while the passcode is hashed
        intake = sitting_of(session, sitting_token).intake
        intake_id, person_id, kept = intake.id, intake.person_id, intake.passcode_digest
        salt = person_link_hash(session, person_id)
    count_passcode(person_id, caller, tools=tools)
    digest = digest_of(passcode, salt, tools=tools)
    if kept is None or not hmac.compare_digest(digest, kept):
        raise NotAllowed(DOES_NOT_FIT, field="passcode")
    began = _sit_down(intake_id, now, instead_of=sitting_token)
    forgive_passcode(person_id, caller, tools=tools)
    return began


def ask_code(token: str, caller: str, *, tools: Tools) -> None:
    """Have a fresh code mailed to the person of a private link, where there is a use for one.

    One letter is always written; the worker drops it unless something was begun that a code opens.
    Raises NotFound (no such link), TooMany, Busy.
    """
    now = tools.clock.now()
    _ask(private_link(reading(), token, now=now).person_id, caller, now, tools)


def ask_code_here(sitting_token: str, caller: str, *, tools: Tools) -> None:
    """Have a fresh code mailed to whoever sits there, idle or not; raises as `ask_code`."""
    person_id = sitting_of(reading(), sitting_token).intake.person_id
    _ask(person_id, caller, tools.clock.now(), tools)


def spend_code(code: str, chosen: str = "", *, tools: Tools) -> Began | None:
    """Use a mailed code up and sit down at the intake that it opens.

    None where it opens several and none is chosen yet, by its reference: then it is not used up.
    For somebody else who holds the link may have begun the newest one, and reads what is put
    there. Raises NotFound where the code is unknown, used or late, or all was deleted since; Busy.
    """
    now = tools.clock.now()
    with unit_of_work() as session:
        link = unspent(session, Purpose.WAY_BACK, code, now)
        intakes = intakes_by_code(session, link.person_id) if link is not None else []
        if len(intakes) > 1 and not chosen:
            return None
        intake = next((each for each in intakes if chosen in {"", each.reference}), None)
        if intake is None or spend(session, Purpose.WAY_BACK, code, now) is None:
            raise NotFound(NOTHING)
        return _alone_at(session, intake.id, now)


def switch(sitting_token: str, intake_reference: str, *, meant: str, tools: Tools) -> Began:
    """Go over from the intake that is meant to another that the same way back opens.

    Raises NotFound, Away, OtherNotes, Busy.
    """
    now = tools.clock.now()
    with unit_of_work() as session:
        sitting = living_sitting(session, sitting_token, now=now)
        check_meant(sitting, meant)
        for intake in others_of(session, sitting):
            if intake.reference == intake_reference:
                end_sitting(session, sitting_token)
                return _alone_at(session, intake.id, now)
        raise NotFound(NOTHING)


def close_everywhere(sitting_token: str, *, meant: str, tools: Tools) -> None:
    """End every sitting at the intake that is meant, and at what the same way back opens.

    Raises NotFound, Away, OtherNotes, Busy.
    """
    now = tools.clock.now()

    def act() -> None:
        with unit_of_work() as session:
            sitting = living_sitting(session, sitting_token, now=now)
            check_meant(sitting, meant)
            others = others_of(session, sitting)
            end_sittings(session, [sitting.intake_id, *(intake.id for intake in others)])

    persistently(act)


def touch(sitting_token: str, *, tools: Tools) -> None:
    """Note that somebody is there, once a minute at most; raises NotFound, Away, Busy."""
    now = tools.clock.now()
    seen_at = living_sitting(reading(), sitting_token, now=now).last_seen_at
    if is_to_be_seen(seen_at, now=now):
        with unit_of_work() as session:
            see(session, living_sitting(session, sitting_token, now=now), now)


def leave(sitting_token: str, *, tools: Tools) -> None:  # noqa: ARG001 (as every act)
    """End a sitting; nothing is said where there is none, and nothing keeps a person here."""

    def act() -> None:
        with unit_of_work() as session:
            end_sitting(session, sitting_token)

    with suppress(Busy):  # it ends by itself when it was idle for long
        persistently(act)


def _sit_down(intake_id: int, now: datetime, *, instead_of: str = "") -> Began:
    with unit_of_work() as session:
        if instead_of:
            end_sitting(session, instead_of)
        return _alone_at(session, intake_id, now)


def _alone_at(session: Session, intake_id: int, now: datetime) -> Began:
    # One browser at a time: whoever only began these notes has shown nothing, and may be somebody
    # else who waits for what is put there. The lock: it may have been deleted during the hash.
    intake = lock_intake(session, intake_id)
    end_sittings(session, [intake.id])
    return Began(new_sitting(session, intake.id, came_back=True, now=now))


def _ask(person_id: int, caller: str, now: datetime, tools: Tools) -> None:
    def act() -> None:
        with unit_of_work() as session:
            if tools.rate_limits:
                # By caller alone: a bucket of the person would tell somebody else who holds the
                # link, in the same flat as well, that codes were asked for. The worker keeps
                # a mailbox from floods.
                take(session, f"code:{caller}", burst=10, per_seconds=60, now=now)
            new_link(
                session,
                Purpose.WAY_BACK,
                Opens(person_id=person_id),
                vault=tools.vault,
                now=now,
                expires_at=now + CODE_FOR,
            )
            _write_code(session, person_id, now)

    persistently(act)


def _write_code(session: Session, person_id: int, now: datetime) -> None:
    # Of the person alone: under a booking, the coach's list would tell that somebody writes.
    write_letter(
        session,
        LetterKind.SIGN_IN,
        f"sign-in:{secrets.token_hex(8)}",
        About(person_id=person_id),
        due_at=now,
        now=now,
    )
