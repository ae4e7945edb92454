"""The feed of a diary: what her own calendar may show of an appointment, and under which UID."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from practice.domain.letters import clean_line

TITLE: Final = "Appointment"
BLOCKED: Final = "Blocked"


class FeedNames(StrEnum):
    """How names stand in a feed."""

    FULL = "full"
    FIRST = "first"
    INITIALS = "initials"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One line of a feed; instants are aware, `stamp_at` is when it became as it is.

    `href` leads to its page at the desk, or is "".
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamp_at: datetime
    title: str
    href: str = ""


def feed_title(names: Sequence[str], how: str) -> str:
    """Return the title of an appointment with these people: neutral, with names as chosen."""
    shown = [called for name in names if (called := _shown(clean_line(name), how))]
    return f"{TITLE}: {' and '.join(shown)}" if shown else TITLE


def own_mark(stamp: bytes) -> str:
    """Return what the UIDs of one coach's feed end in, from what only this house can stamp.

    It is not the same for all: somebody's invite to a coach who is a client elsewhere, or with a
    colleague, must keep that time busy when it is read back.
    """
    return f"-{sha256(stamp).hexdigest()[:16]}@practice.invalid"


def _shown(name: str, how: str) -> str:
    parts = name.split()
    if not parts or how not in set(FeedNames) - {FeedNames.NONE}:
        return ""
    if how == FeedNames.FULL:
        return name
    if how == FeedNames.FIRST:
        return parts[0]
    return " ".join(f"{part[0].upper()}." for part in parts)
