"""A coach's own note: how long it is open, how long it may be, and headings to start from."""

from datetime import datetime, timedelta
from typing import Final

from practice.domain.refusal import Invalid

LOCKS_AFTER: Final = timedelta(hours=24)
MOST_LETTERS: Final = 20_000
HEADINGS: Final = "What mattered:\n\n\nAgreed step:\n\n\nFor next time:\n"


def is_locked(created_at: datetime, *, now: datetime) -> bool:
    """Tell whether a note keeps what it said: from a day after it was begun."""
    return now >= created_at + LOCKS_AFTER


def as_kept(text: str) -> str:
    """Return a note as it is kept: one kind of line end, nothing blank around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def check_note(text: str) -> None:
    """Raise Invalid for a note that says nothing, or more than can be kept."""
    if not text or text == as_kept(HEADINGS):
        raise Invalid("Write something first.", field="text")
    if len(text) > MOST_LETTERS:
        raise Invalid(
            f"Use at most {MOST_LETTERS:,} letters. This has {len(text):,}.", field="text"
        )
