"""Setting the practice's own words and wishes, and putting a part of it off."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.roles import Right, Seat
from practice.domain.words import (
    STATEMENT,
    BeforeWords,
    ClockWish,
    CoachWords,
    FrontWords,
    HelpWords,
    LetterWish,
    OutsideWords,
    OwnWords,
    PlaceWish,
    PracticeWords,
    PrivacyWords,
    SafetyWords,
    Words,
)
from practice.models.coach import Coach
from practice.models.journal import Happening, tell
from practice.models.practice import Practice
from practice.models.source import ask_anew
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases.diary import on_diary


def change_words(seat: Seat, words: Words, *, tools: Tools) -> None:
    """Set one kind of the coach's own words, or for the owner the practice's, live at once."""
    seat.require(Right.SETTINGS)
    if not isinstance(words, OwnWords):
        seat.require(Right.PRACTICE)
    now, coach_id = tools.clock.now(), seat.coach_id

    def act(session: Session) -> None:
        if isinstance(words, OwnWords):
            coach = session.get_one(Coach, coach_id)
            before = coach.zone
            _set(coach, _of_the_coach(words))
            if coach.zone != before:
                ask_anew(session, coach_id, now)
        else:
            _set(session.get_one(Practice, 1), _of_the_practice(words))
        _tell(session, coach_id, now)

    # The zone decides which starts exist, so all of it goes the way of the diary.
    on_diary(coach_id, act, now=now)


def set_photo(seat: Seat, content: bytes, kind: str, *, tools: Tools) -> None:
    """Show this picture (of media type `kind`) as the coach's photo."""
    seat.require(Right.SETTINGS)
    _picture(seat.coach_id, content, kind, tools)


def remove_photo(seat: Seat, *, tools: Tools) -> None:
    """Show no photo of the coach any more, and keep none."""
    seat.require(Right.SETTINGS)
    _picture(seat.coach_id, None, "", tools)


def put_off(seat: Seat, steps: Iterable[str]) -> None:
    """Leave some steps of the practice's checklist for later."""
    seat.require(Right.PRACTICE)
    with unit_of_work() as session:
        practice = session.get_one(Practice, 1)
        # A new list, since a change within a JSON value is not seen.
        practice.put_off = sorted({*practice.put_off, *steps})


def take_up(seat: Seat, steps: Iterable[str]) -> None:
    """Put steps that were left for later back on the checklist."""
    seat.require(Right.PRACTICE)
    with unit_of_work() as session:
        practice = session.get_one(Practice, 1)
        practice.put_off = sorted(set(practice.put_off) - set(steps))


def _of_the_practice(words: PracticeWords) -> dict[str, Any]:
    match words:
        case FrontWords(name, headline, lead):
            return {"name": name, "headline": headline, "lead": lead}
        case PrivacyWords(text):
            return {"privacy_text": text}
        case HelpWords(lines):
            return {"help_lines": lines}
        case BeforeWords(href, secrets, months):
            return {"leave_href": href, "secrets_text": secrets, "keep_answers_months": months}
        case SafetyWords(approved_by, extras):
            return {"safety_approved_by": approved_by, "safety_extras": sorted(extras)}
        case OutsideWords(name, address, title, statement):
            return {
                "sender_name": name,
                "sender_address": address,
                "calendar_title": title,
                "statement": statement or STATEMENT,
            }
        case _:
            assert_never(words)


def _of_the_coach(words: OwnWords) -> dict[str, Any]:
    match words:
        case CoachWords(name, about):
            return {"name": name, "about": about}
        case ClockWish(zone):
            return {"zone": zone}
        case PlaceWish(place):
            return {"place_kind": place.kind, "place_detail": place.detail}
        case LetterWish(address, wants_reminders):
            return {"address": address, "wants_reminders": wants_reminders}
        case _:
            assert_never(words)


def _set(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _tell(session: Session, coach_id: int, now: datetime) -> None:
    tell(session, Happening.WORDS_CHANGED, actor=Actor.COACH, now=now, coach_id=coach_id)


def _picture(coach_id: int, content: bytes | None, kind: str, tools: Tools) -> None:
    now = tools.clock.now()
    with unit_of_work() as session:
        coach = session.get_one(Coach, coach_id)
        coach.photo, coach.photo_type = content, kind
        _tell(session, coach_id, now)
