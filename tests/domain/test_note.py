"""A coach's own note: when it locks, and what it may say."""

from datetime import timedelta

import pytest

from practice.domain.note import HEADINGS, MOST_LETTERS, as_kept, check_note, is_locked
from practice.domain.refusal import Invalid
from tests.fakes import NOW


def test_a_note_locks_a_day_after_it_was_begun() -> None:
    assert not is_locked(NOW, now=NOW + timedelta(hours=24, seconds=-1))
    assert is_locked(NOW, now=NOW + timedelta(hours=24))


@pytest.mark.parametrize("text", ["", " \r\n ", HEADINGS, HEADINGS.replace("\n", "\r\n") + "  "])
def test_empty_headings_say_nothing(text: str) -> None:
    with pytest.raises(Invalid, match="Write something first"):
        check_note(as_kept(text))


def test_a_note_is_as_long_as_it_says() -> None:
    check_note("x" * MOST_LETTERS)
    with pytest.raises(Invalid, match=r"at most 20,000 letters\. This has 20,001"):
        check_note("x" * (MOST_LETTERS + 1))
