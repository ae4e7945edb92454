"""Safe contact: whether, when and how a person may be written to, as she wished.

What is refused is withheld with a sentence that the desk shows; what may go waits for her hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Final
from zoneinfo import ZoneInfo

from practice.domain.letters import Letter, LetterKind
from practice.domain.span import instant_of
from practice.domain.zone import DAY_SECONDS, local_date, stretches, wall_second

WITHHELD: Final = "Withheld"
NO_LETTERS: Final = f"{WITHHELD}: asked for no letters."
NO_REMINDER: Final = f"{WITHHELD}: asked for no reminder."
MAILBOX_SHARED: Final = f"{WITHHELD}: others can read this mailbox."
TOO_LATE: Final = f"{WITHHELD}: at the hours asked for it would come too late."
OUTSIDE_HOURS: Final = f"{WITHHELD}: outside of the hours asked for."
HELD_BACK: Final = "Held back for the hours asked for."

# Later than this before the start, a reminder helps nobody.
TOO_LATE_TO_REMIND: Final = timedelta(minutes=15)

_DAY_MINUTES = DAY_SECONDS // 60
# A window that the clock skips comes again the day after; a whole date can be skipped, too.
_DAYS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person may be written to, with hours as minutes of her own day, or at any time.

    Hours that end before they begin go past midnight. `called` is the name to use, or "". A mailbox
    that ever was shared stays one for letters that open the way: whoever holds the link can say
    that it is none any more, and would read the answers with the next code.
    """

    letters_ok: bool = True
    reminder_ok: bool = True
    mailbox_shared: bool = False
    mailbox_was_shared: bool = False
    from_minute: int | None = None
    until_minute: int | None = None
    called: str = ""

    def __post_init__(self) -> None:
        if (self.from_minute is None) != (self.until_minute is None):
            raise ValueError("Hours have a begin and an end.")
        if self.from_minute is not None and self.from_minute == self.until_minute:
            raise ValueError("Hours that end as they begin are none.")


def opens_the_way(kind: LetterKind) -> bool:
    """Tell whether a letter is nothing but a way in, for whoever reads the mailbox."""
    return kind in {LetterKind.LINK, LetterKind.SIGN_IN}


def withheld(kind: LetterKind, wishes: Wishes) -> str:
    """Return why a letter of this kind must not go to somebody with these wishes, or ""."""
    if kind.for_coach or kind is LetterKind.INVITATION:
        return ""  # neither goes to a person of whom wishes are known
    if not wishes.letters_ok:
        return NO_LETTERS
    if (wishes.mailbox_shared or wishes.mailbox_was_shared) and opens_the_way(kind):
        return MAILBOX_SHARED
    if kind is LetterKind.REMINDER and not wishes.reminder_ok:
        return NO_REMINDER
    return ""


def send_at(due_at: datetime, wishes: Wishes, zone: ZoneInfo) -> datetime:
    """Return the first instant from `due_at` (aware) on that lies within the hours asked for."""
    if wishes.from_minute is None or wishes.until_minute is None:
        return due_at
    windows = _of_one_day(wishes.from_minute, wishes.until_minute)
    first_day = local_date(due_at, zone).toordinal()
    for day in range(first_day, first_day + _DAYS_AHEAD):
        # Stretch by stretch, so that the clock is right on both sides of a change.
        for since, until, ahead in stretches(zone, day):
            for opens, closes in windows:
                begin = instant_of(max(since, wall_second(day, opens) - ahead))
                end = instant_of(min(until, wall_second(day, closes) - ahead))
                if max(begin, due_at) < end:
                    return max(begin, due_at)
    return due_at


def untimely(kind: LetterKind, at: datetime, *, now: datetime, starts_at: datetime | None) -> str:
    """Return why a letter that could go only at `at` must not go at all, or ""."""
    if at <= now:
        return ""
    if kind is LetterKind.SIGN_IN:
        return OUTSIDE_HOURS  # it is of use for minutes only
    reminds = kind is LetterKind.REMINDER and starts_at is not None
    if reminds and starts_at is not None and at >= starts_at - TOO_LATE_TO_REMIND:
        return TOO_LATE
    return ""


def plainest(letter: Letter) -> Letter:
    """Return a letter for a mailbox that others read: that there is an appointment, and when."""
    return replace(
        letter,
        is_plain=True,
        coach_name="",
        link="",
        links=(),
        was_at=None,
        place_lines=(),
        join_href="",
        with_reminder=False,
        words="",
        entry=None,
        paid="",
        receipt="",
        back="",
        nearest=(),
        pick_href="",
    )


def strictest(own: Wishes, others: Iterable[Wishes]) -> Wishes:
    """Return wishes that hold back all that these or others of the same mailbox hold back.

    For somebody who has not said anything yet: a mailbox that others read stays one. Whether a
    reminder is wanted, and the name to use, are asked at each booking and are hers as they stand.
    """
    return reduce(_stricter, others, own)


def _stricter(own: Wishes, other: Wishes) -> Wishes:
    hours = own if own.from_minute is not None else other
    return replace(
        own,
        letters_ok=own.letters_ok and other.letters_ok,
        mailbox_shared=own.mailbox_shared or other.mailbox_shared,
        mailbox_was_shared=own.mailbox_was_shared or other.mailbox_was_shared,
        from_minute=hours.from_minute,
        until_minute=hours.until_minute,
    )


def _of_one_day(opens: int, closes: int) -> tuple[tuple[int, int], ...]:
    if opens < closes:
        return ((opens, closes),)
    return ((0, closes), (opens, _DAY_MINUTES))
