"""The checklist of a new practice: what is set, what is not yet, and what was put off."""

from dataclasses import dataclass

from sqlalchemy import select

from practice.domain.offering import PlaceKind
from practice.domain.roles import Right, Seat
from practice.models.coach import Coach
from practice.models.hours import WeeklyHours
from practice.models.intakes import safety_is_on
from practice.models.journal import Happening, JournalEntry
from practice.models.practice import Practice
from practice.models.unit import reading

DONE, TO_DO, PUT_OFF = "Done", "To do", "Put off"

# Key, what it is about, and what it is for. The keys are also the parts of the words' page.
_STEPS = (
    ("front", "The name of your practice", "It stands on top of every page."),
    ("photo", "A photo of you", "People like to see who they will talk with."),
    ("coach", "A few lines about you", "They stand beside your photo."),
    ("zone", "Your time zone", "Your hours are on this clock."),
    ("place", "Where you meet", "The link of your video room, a phone call or an address."),
    ("hours", "Your hours", "Only times within them can be booked."),
    ("privacy", "What you say about privacy", "It stands on the privacy page."),
    ("help", "Help lines", "They stand on every page, for whoever needs more than a talk."),
    ("before", "Before the chat", "What becomes of what one of two tells you alone."),
    ("safety", "Feeling safe", "A private part, which is off until its wording is approved."),
    ("outside", "What others may see", "The sender of letters, and the title in calendars."),
)
KEYS = frozenset(key for key, *_ in _STEPS)
# What each coach sets for herself; the others are the practice's.
OWN_KEYS = frozenset({"photo", "coach", "zone", "place", "hours"})
_FOUNDED_HOURS = {(day, 9 * 60, 17 * 60) for day in range(5)}
_OWN_ACTS = (Happening.WORDS_CHANGED, Happening.HOURS_CHANGED, Happening.OFFERING_CHANGED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `state` is Done, To do or Put off."""

    key: str
    title: str
    told: str
    state: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """All steps, and how many are still to do."""

    steps: tuple[Step, ...]
    left: int


def checklist(seat: Seat) -> Checklist:
    """Return the checklist as it stands: a coach's own steps, and for the owner the practice's."""
    seat.require(Right.SETTINGS)
    session = reading()
    practice, coach = session.get_one(Practice, 1), session.get_one(Coach, seat.coach_id)
    done = _done(practice, coach)
    steps = tuple(
        Step(key, title, told, _state(key, done, practice.put_off))
        for key, title, told in _STEPS
        if seat.may(Right.PRACTICE) or key in OWN_KEYS
    )
    return Checklist(steps, sum(step.state == TO_DO for step in steps))


def steps_left(seat: Seat) -> int:
    """Return how many steps are neither done nor put off."""
    return checklist(seat).left


def is_fresh(seat: Seat) -> bool:
    """Tell whether nothing was ever set at the desk, nor put off, since the practice was made."""
    seat.require(Right.SETTINGS)
    session = reading()
    acts = (
        select(JournalEntry.id)
        .where(
            JournalEntry.coach_id == seat.coach_id,
            JournalEntry.happening.in_([act.name for act in _OWN_ACTS]),
        )
        .limit(1)
    )
    practice = session.get_one(Practice, 1)
    return not practice.is_demo and not practice.put_off and session.scalar(acts) is None


def _done(practice: Practice, coach: Coach) -> frozenset[str]:
    truths = {
        "front": practice.name,
        "photo": coach.photo_type,
        "coach": coach.about,
        "zone": coach.zone != "UTC",
        "place": coach.place_detail or coach.place_kind != PlaceKind.VIDEO,
        "hours": _has_own_hours(coach.id),
        "privacy": practice.privacy_text,
        "help": practice.help_lines,
        "before": practice.secrets_text,
        "safety": safety_is_on(practice),
        "outside": practice.sender_name or practice.sender_address or practice.calendar_title,
    }
    return frozenset(key for key, truth in truths.items() if truth)


def _has_own_hours(coach_id: int) -> bool:
    """Tell whether the hours are other than the first ones, or were saved at least once."""
    session = reading()
    rows = session.execute(
        select(WeeklyHours.weekday, WeeklyHours.opens_minute, WeeklyHours.closes_minute).where(
            WeeklyHours.coach_id == coach_id
        )
    )
    if {tuple(row) for row in rows} != _FOUNDED_HOURS:
        return True
    saved = select(JournalEntry.id).where(
        JournalEntry.coach_id == coach_id,
        JournalEntry.happening == Happening.HOURS_CHANGED.name,
    )
    return session.scalar(saved.limit(1)) is not None


def _state(key: str, done: frozenset[str], put_off: list[str]) -> str:
    if key in done:
        return DONE
    return PUT_OFF if key in put_off else TO_DO
