"""What is offered: a kind of meeting with its length, its step and the terms it is booked on."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from practice.domain.money import Money
from practice.domain.refunding import CancellationTerms


class Audience(StrEnum):
    """Who an offering is for."""

    ONE = "one"
    COUPLE = "couple"
    EITHER = "either"


class Questions(StrEnum):
    """Which questionnaire people may fill in before they talk."""

    FULL = "full"
    SHORT = "short"
    NONE = "none"


class PlaceKind(StrEnum):
    """How the people of a booking meet."""

    VIDEO = "video"
    PHONE = "phone"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Place:
    """Where or how to meet: `detail` is the video link, the phone arrangement or the address."""

    kind: PlaceKind = PlaceKind.VIDEO
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Offering:
    """The terms of an offering, all lengths in minutes unless the name says otherwise.

    `horizon_days`, `daily_cap` and `weekly_cap` are None where there is no limit. `price_minor` is
    in minor units of `currency` (ISO 4217); 0 is free.
    """

    length_minutes: int
    step_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    notice_minutes: int = 0
    horizon_days: int | None = None
    daily_cap: int | None = None
    weekly_cap: int | None = None
    move_cutoff_minutes: int = 0
    cancel_cutoff_minutes: int = 0
    audience: Audience = Audience.EITHER
    price_minor: int = 0
    currency: str = "EUR"
    cancellation: CancellationTerms = field(default_factory=CancellationTerms)

    @property
    def price(self) -> Money:
        """What it costs."""
        return Money(self.price_minor, self.currency)

    @property
    def is_paid(self) -> bool:
        """Whether it costs anything."""
        return self.price_minor > 0


REMINDERS: Final = {0: "", 1: "an hour before", 2: "2 hours before"} | {
    24: "the day before",
    48: "2 days before",
}
"""When a reminder can go, by hours before the start, as people are told; 0 is never."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An offering as a coach writes it down; `place` is None where it is the coach's own.

    What was written can be changed and shared until `intake_cutoff_minutes` before the start.
    `confirmation_words` stand in the first letter, and `reminder_hours` is one of REMINDERS.
    """

    name: str
    about: str
    terms: Offering
    place: Place | None
    is_shown: bool
    questions: Questions = Questions.NONE
    intake_cutoff_minutes: int = 0
    confirmation_words: str = ""
    reminder_hours: int = 24


def is_web_link(text: str) -> bool:
    """Tell whether a text is a plain http(s) link, and not a scheme that runs something."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)
