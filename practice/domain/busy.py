"""Busy times in a coach's other calendars: what is asked of a calendar, and what may go wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from practice.domain.refusal import Invalid
from practice.domain.span import Span

OLD_AFTER: Final = timedelta(hours=24)
"""A picture that was not confirmed for so long is old: the coach is told, and decides."""


class WhenOld(StrEnum):
    """What a coach wants of a calendar whose picture is old."""

    KEEP = "keep"
    CLOSE = "close"


class Trouble(StrEnum):
    """Why a calendar gave no new picture; the value is the sentence that a coach reads."""

    ADDRESS = (
        "This is not the address of a calendar, or it names a port. "
        "It begins with https:// or webcal://."
    )
    PRIVATE = "This address leads to a machine that is not on the open internet."
    UNKNOWN = "There is no machine of this name."
    AWAY = "The calendar could not be reached."
    UNPROVEN = "The calendar’s server could not prove that it is the one it says it is."
    SLOW = "The calendar took too long to answer."
    REFUSED = "The calendar refused the address. It may have been revoked."
    GONE = "There is no calendar at this address any more."
    FAILED = "The calendar’s own server had a fault."
    REDIRECTS = "The address leads on and on, or to somewhere that is not safe."
    LARGE = "The calendar is larger than 5 MB."
    NO_CALENDAR = "What came is not a calendar, but perhaps a page that asks to sign in."
    CUT_OFF = "The calendar ended in the middle."
    TOO_MUCH = "The calendar has an event that repeats every few minutes, or too many events."
    BROKEN = "The calendar could not be understood."


class FeedTrouble(Exception):
    """A calendar gave no new picture; `trouble` tells why. It names no address."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.name)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class FeedAsk:
    """A question to a calendar, when it is busy in `window`.

    `zone` is the IANA name of the coach's clock, for floating times and whole days. `etag` and
    `modified` are what the last answer carried, "" for none. Events whose UID ends in `own` ("" for
    none) are ours, come back from a calendar that reads our feed: they are not busy twice.
    """

    url: str
    window: Span
    zone: str
    etag: str = ""
    modified: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """When a calendar is busy: spans in order that neither overlap nor touch; None is unchanged.

    `warnings` are sentences on what was blocked on doubt, at most twenty.
    """

    spans: tuple[Span, ...] | None
    etag: str = ""
    modified: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OldCalendar:
    """A calendar that was not read for a day, as a letter tells of it.

    `why` is a sentence, `read` when it was read last ("" for never), `closes` tells whether the
    coach wants nobody to book by an old picture.
    """

    name: str
    why: str
    read: str
    closes: bool


def is_old(good_at: datetime, *, now: datetime) -> bool:
    """Tell whether a picture that was last confirmed at `good_at` is old at `now`."""
    return now - good_at > OLD_AFTER


LONGEST_ADDRESS: Final = 2000
_PRINTABLE: Final = re.compile(r"[!-~\u00a1-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class CalendarAddress:
    """The secret address of a calendar, and what of it a page may show."""

    url: str
    shown: str


def calendar_address(typed: str) -> CalendarAddress:
    """Return the address that somebody typed; raises Invalid for what can be none.

    Where it leads is asked each time that it is fetched, and not here.
    """
    url = typed.strip()
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        raise Invalid(Trouble.ADDRESS.value, field="url") from None
    if parts.scheme.lower() not in {"https", "webcal"} or not host:
        raise Invalid(Trouble.ADDRESS.value, field="url")
    if len(url) > LONGEST_ADDRESS or not _PRINTABLE.fullmatch(url):
        raise Invalid(Trouble.ADDRESS.value, field="url")
    if "@" in parts.netloc:
        raise Invalid("Leave the name and the password out of the address, please.", field="url")
    return CalendarAddress(url, f"{host}/…")


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return when at least one of the spans is, in order; what touches is one. They come sorted."""
    found: list[Span] = []
    for span in spans:
        if found and span.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, span.ends_at))
        else:
            found.append(span)
    return found
