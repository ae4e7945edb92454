"""The coach's own words and wishes, each kind as it is set at the desk."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from practice.domain.offering import Place

LEAVE_HREF: Final = "https://www.bbc.com/weather"


class Wording(NamedTuple):
    """A text to start from, and what it is called."""

    title: str
    text: str


# Nobody can be spared the choice, so there is no wording that holds without one.
SECRETS_WORDINGS: Final = {
    "apart": Wording(
        "Kept apart",
        "What you write or say alone stays between you and your coach, also when you come as two. "
        "It isn’t passed on, and isn’t hinted at. If keeping it would stand in the way of talks "
        "for both, your coach tells you so and offers talks alone.",
    ),
    "asked": Wording(
        "Brought in when you say so",
        "What you write or say alone is yours. If it matters for talks of you both, your coach "
        "asks you whether, when and how it is said, and says nothing before you agree. What you "
        "write about feeling safe is never brought up with the other person.",
    ),
    "open": Wording(
        "No secrets in talks for two",
        "When you come as two, your coach keeps nothing from either of you that matters for your "
        "work together, and would talk to you alone before bringing it up. Please share only what "
        "may be spoken about. What you write about feeling safe stays out of this: it is never "
        "brought up with the other person.",
    ),
}
# No user and password, no backslash: two readers of such an address may be led to two places.
_WAY_OUT = re.compile(
    r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?([/?#][!-\[\]-~]*)?", re.ASCII | re.IGNORECASE
)
# What stands on bank statements unless the practice chose otherwise.
STATEMENT: Final = "APPOINTMENT"
_STATEMENT = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9.\- ]{1,22}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FrontWords:
    """What the practice is called, and what its front page says first; "" is the house's own."""

    name: str
    headline: str
    lead: str


@dataclass(frozen=True, slots=True)
class CoachWords:
    """What the coach is called, and what is told of her."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class ClockWish:
    """The zone (an IANA name) on whose clock the diary runs."""

    zone: str


@dataclass(frozen=True, slots=True)
class PlaceWish:
    """Where or how to meet, unless an offering says otherwise."""

    place: Place


@dataclass(frozen=True, slots=True)
class PrivacyWords:
    """What the privacy page says beside the house's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class HelpWords:
    """The help lines, one a line: "Name: how to reach"."""

    lines: str


@dataclass(frozen=True, slots=True)
class BeforeWords:
    """What holds for writing before the talk.

    `leave_href` is where "Leave this page" leads ("" is LEAVE_HREF), `secrets` what becomes of
    what one of two tells alone, and answers are kept for `keep_months` after the last appointment.
    """

    leave_href: str
    secrets: str
    keep_months: int


@dataclass(frozen=True, slots=True)
class SafetyWords:
    """Who approved the wording of the private section ("" turns it off), and its extra items."""

    approved_by: str
    extras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutsideWords:
    """What others may see of a letter, a calendar entry and a bank statement.

    "" is the house's own.
    """

    sender_name: str
    sender_address: str
    calendar_title: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class LetterWish:
    """Where the coach's own letters go, and whether she is reminded of appointments."""

    address: str
    wants_reminders: bool


PracticeWords = FrontWords | PrivacyWords | HelpWords | BeforeWords | SafetyWords | OutsideWords
OwnWords = CoachWords | ClockWish | PlaceWish | LetterWish
Words = PracticeWords | OwnWords


def is_statement(text: str) -> bool:
    """Tell whether a text can stand on bank statements, after the payment account's own words.

    At most 22 letters, digits, spaces, dots and dashes of ASCII, one of them a letter
    (https://docs.stripe.com/get-started/account/statement-descriptors).
    """
    return _STATEMENT.fullmatch(text) is not None


def is_way_out(text: str) -> bool:
    """Tell whether a text is a plain https address, to which everybody can be sent."""
    return _WAY_OUT.fullmatch(text) is not None
