"""The coach's own words and wishes, each kind as it is set at the desk."""

from dataclasses import dataclass

from practice.domain.offering import Place


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
class OutsideWords:
    """What others may see of a letter and a calendar entry; "" is the house's own."""

    sender_name: str
    sender_address: str
    calendar_title: str


@dataclass(frozen=True, slots=True)
class LetterWish:
    """Where the coach's own letters go, and whether she is reminded of appointments."""

    address: str
    wants_reminders: bool


Words = (
    FrontWords
    | CoachWords
    | ClockWish
    | PlaceWish
    | PrivacyWords
    | HelpWords
    | OutsideWords
    | LetterWish
)
