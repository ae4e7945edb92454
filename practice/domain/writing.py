"""Writing before a talk: how long a sitting lasts, the way back, until when, and for how long."""

import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil
from typing import Final

from practice.domain.booking import Status
from practice.domain.cancelling import spoken_minutes
from practice.domain.questionnaire import (
    Answer,
    Answers,
    Merged,
    Questionnaire,
    Section,
    merge,
    visible,
)
from practice.domain.refusal import Invalid, NotAllowed, TooLate

AWAY_AFTER: Final = timedelta(minutes=30)
LONGEST_SITTING: Final = timedelta(hours=12)
SEEN_EVERY: Final = timedelta(minutes=1)
CODE_FOR: Final = timedelta(minutes=30)
SITTINGS_FOR: Final = timedelta(days=1)
NOTHING_ASKED: Final = (
    "Nothing new can be begun here for this appointment. What was written before stays with "
    "whoever wrote it."
)

_FEW_SECONDS: Final = 15
_SLACK: Final = 5  # a wait of 61 seconds is "about a minute"
_SHORTEST: Final = 6
_LONGEST: Final = 200
# More than this is not even looked at: nobody types it, and folding it would cost the house.
_MOST_READ: Final = 1000


def spoken_wait(seconds: int) -> str:
    """Say for how long to wait, rounded up: "in a few seconds", "in about 5 minutes"."""
    if seconds <= _FEW_SECONDS:
        return "in a few seconds"
    minutes = ceil((seconds - _SLACK) / 60)
    return "in about a minute" if minutes == 1 else f"in about {minutes} minutes"


# What is tried first wherever lists of stolen passwords are used.
_COMMON: Final = frozenset(
    """
    password password1 passwort passw0rd passcode secret1 qwerty qwerty1 qwerty123 qwertz azerty
    1q2w3e 1q2w3e4r abc123 a1b2c3 111222 112233 121212 123123 123321 123654 159753 1234567890
    iloveyou letmein welcome welcome1 sunshine princess football baseball dragon monkey master
    shadow superman batman michael jordan hunter2 trustno1 changeme
    """.split()  # noqa: SIM905 - a list of words reads better as words
)


class WayBack(StrEnum):
    """How somebody comes back to the own words: a passcode, or a code that is mailed each time."""

    PASSCODE = "passcode"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Start:
    """What somebody chose before the first answer: "full" or "short", and the way back."""

    questionnaire: str
    way_back: str
    passcode: str = ""


def is_away(last_seen_at: datetime, *, now: datetime) -> bool:
    """Tell whether a browser was idle for so long that somebody else may sit there by `now`."""
    return now >= last_seen_at + AWAY_AFTER


def is_over(began_at: datetime, *, now: datetime) -> bool:
    """Tell whether a browser sat there for so long that the way back is asked for once more."""
    return now >= began_at + LONGEST_SITTING


def is_to_be_seen(last_seen_at: datetime, *, now: datetime) -> bool:
    """Tell whether it is worth writing down that a browser was seen again at `now`."""
    return now >= last_seen_at + SEEN_EVERY


def folded(passcode: str) -> str:
    """Return a passcode as it is compared: the same however a keyboard writes it, no edges."""
    return unicodedata.normalize("NFKC", passcode[:_MOST_READ]).strip()


def check_passcode(passcode: str) -> None:
    """Raise Invalid unless a passcode is one that a second guess does not find."""
    told = folded(passcode)
    if len(told) < _SHORTEST:
        raise Invalid(f"Use at least {_SHORTEST} characters.", field="passcode")
    if len(passcode) > _LONGEST or len(told) > _LONGEST:
        raise Invalid(f"Use at most {_LONGEST} characters.", field="passcode")
    if len(set(told.casefold())) == 1:
        raise Invalid("Use more than one character again and again.", field="passcode")
    if told.casefold() in _COMMON or _is_row(told.casefold()):
        raise Invalid("Many people use this one, so it is soon guessed.", field="passcode")


def _is_row(told: str) -> bool:
    """Tell whether these are neighbours all along, as in 234567 or fedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(told)}
    return steps in ({1}, {-1})


def lengths(offered: str) -> tuple[str, ...]:
    """Return which questionnaires can be begun where an offering names "full", "short", "none"."""
    return {"full": ("full", "short"), "short": ("short",)}.get(offered, ())


def check_start(start: Start, offered: str, *, can_be_mailed: bool) -> None:
    """Raise Invalid where what was chosen is not to be had, NotAllowed where nothing is asked."""
    if not lengths(offered):
        raise NotAllowed(NOTHING_ASKED)
    if start.questionnaire not in lengths(offered):
        raise Invalid("Choose one of the two lengths.", field="questionnaire")
    if start.way_back not in set(WayBack):
        raise Invalid("Choose how to come back.", field="way_back")
    if start.way_back == WayBack.PASSCODE:
        check_passcode(start.passcode)
    elif not can_be_mailed:
        raise Invalid(
            "With your wishes for letters no code can be mailed, so choose a passcode.",
            field="way_back",
        )


def may_write(status: str, starts_at: datetime, cutoff_minutes: int, *, now: datetime) -> bool:
    """Tell whether sections may still be written, changed and shared at `now`."""
    in_time = now < starts_at and now <= starts_at - timedelta(minutes=cutoff_minutes)
    return status == Status.CONFIRMED and in_time


def check_write(status: str, starts_at: datetime, cutoff_minutes: int, *, now: datetime) -> None:
    """Raise NotAllowed or TooLate, with a sentence, where nothing may be written any more."""
    if may_write(status, starts_at, cutoff_minutes, now=now):
        return
    is_over = status in {Status.DONE, Status.NO_SHOW}
    if status != Status.CONFIRMED and not is_over:
        raise NotAllowed("This appointment is cancelled, so nothing can be changed here.")
    if is_over or starts_at <= now:
        raise TooLate("It has begun, so this can’t be changed any more. You can still delete it.")
    raise TooLate(
        f"This can be changed until {spoken_minutes(cutoff_minutes)} before. "
        "You can still delete it."
    )


def settle(
    section: Section,
    stored: Answers,
    typed: Mapping[str, Answer | None],
    seen: Mapping[str, str],
) -> Merged:
    """Join what was typed in a section with what is kept of it by now.

    What the page itself hides is left aside, whatever was sent for it. What another tab hid while
    it was being typed is a conflict, and so is the choice that hid it: no words go unseen.
    """
    on_page = _within(section, {**stored, **typed})
    told = {name: answer for name, answer in typed.items() if name in on_page}
    merged = merge(section, stored, told, seen)
    still = _within(section, merged.answers)
    conflicts = set(merged.conflicts)
    for question in section.questions:
        new = told.get(question.id)
        was_taken = new is not None and new == merged.answers.get(question.id)
        if was_taken and new != stored.get(question.id) and question.id not in still:
            conflicts |= {question.id} | ({question.when.question} if question.when else set())
    return Merged(merged.answers, frozenset(conflicts))


def _within(section: Section, answers: Mapping[str, Answer | None]) -> set[str]:
    """Tell what a section shows by its own answers, as if those of all others showed it all."""
    here = {question.id for question in section.questions}
    shown: set[str] = set()
    for question in section.questions:
        if question.when is None or question.when.question not in here:
            shown.add(question.id)
        elif question.when.question in shown:
            basis = answers.get(question.when.question) or ()
            chosen = {basis} if isinstance(basis, str) else set(basis)
            if chosen & set(question.when.any_of):
                shown.add(question.id)
    return shown


def shown_of(questionnaire: Questionnaire, kept: Mapping[str, Answers]) -> frozenset[str]:
    """Tell the ids of all questions that are shown to whom these sections' answers are."""
    return visible(questionnaire, {name: a for part in kept.values() for name, a in part.items()})


def months_before(now: datetime, months: int) -> datetime:
    """Return the instant so many calendar months before `now`, on the month's last day at most."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)
