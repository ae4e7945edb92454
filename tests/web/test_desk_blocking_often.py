"""Blocking time again and again: at the same hours of the clock, around whoever is booked."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.repeating import Repeat, Stretch, spans_of
from practice.domain.roles import Role, Seat
from practice.domain.span import Span
from practice.models.base import db
from practice.models.journal import JournalEntry
from practice.models.occupancy import Block, Occupancy
from practice.usecases.blocking import block_often, open_one
from tests.browser import Browser
from tests.looking import all_of
from tests.makers import at, book_for, make_coach, the_tools
from tests.people import ADA
from tests.web.conftest import Inside

LONDON = ZoneInfo("Europe/London")
LUNCH = Stretch(date(2026, 6, 2), 12 * 60, date(2026, 6, 2), 13 * 60)


def test_it_keeps_to_the_clock_when_the_clocks_change() -> None:
    early = Stretch(date(2026, 10, 18), 8 * 60, date(2026, 10, 18), 9 * 60)
    spans = spans_of(early, Repeat(1, date(2026, 11, 1)), LONDON)
    assert [each.starts_at.hour for each in spans] == [7, 8, 8]
    assert all(each.ends_at - each.starts_at == timedelta(hours=1) for each in spans)


def test_what_the_clock_skips_is_left_out() -> None:
    night = Stretch(date(2026, 3, 22), 60, date(2026, 3, 22), 105)
    repeat = Repeat(1, date(2026, 4, 5))
    # On 29 March the clock goes from 1 to 2 at night: nothing is left of that time.
    assert [each.starts_at.day for each in spans_of(night, repeat, LONDON)] == [22, 5]
    longer = Stretch(date(2026, 3, 22), 90, date(2026, 3, 22), 150)
    second = spans_of(longer, repeat, LONDON)[1]
    begin = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert second == Span(begin, begin + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("stretch", "repeat", "field"),
    [
        (LUNCH, Repeat(3, date(2026, 7, 1)), "every"),
        (LUNCH, Repeat(1, date(2026, 6, 1)), "until_on"),
        (LUNCH, Repeat(1, date(2027, 6, 4)), "until_on"),
        (Stretch(date(2026, 6, 2), 0, date(2026, 6, 9), 60), Repeat(1, date(2026, 7, 1)), "every"),
    ],
)
def test_what_cannot_repeat_is_refused(stretch: Stretch, repeat: Repeat, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        spans_of(stretch, repeat, LONDON)
    assert refused.value.field == field


def test_it_goes_around_what_is_booked_and_one_or_all_can_be_opened(
    inside: Inside, coach: int
) -> None:
    seat, repeat = Seat(1, Role.ASSISTANT, coach), Repeat(2, date(2026, 6, 30))
    with inside:
        book_for(ADA, at=at("Tue 12:00", week=2))
        with pytest.raises(NotAllowed):
            block_often(seat, LUNCH, repeat, "Lunch", around=False, tools=the_tools())
        assert all_of(Block) == []
        made = block_often(seat, LUNCH, repeat, "Lunch", around=True, tools=the_tools())
        db.session.remove()
        rows = all_of(Occupancy, Occupancy.block_id == made.block_id)
        begun = [at("Tue 12:00"), at("Tue 12:30", week=2), at("Tue 12:00", week=4)]
        assert sorted(row.starts_at for row in rows) == begun
        (block,) = all_of(Block)
        assert (block.every_weeks, block.until_on) == (2, date(2026, 6, 30))
        other = Seat(2, Role.OWNER, make_coach())
        with pytest.raises(NotFound):
            open_one(other, made.block_id, rows[0].id, tools=the_tools())
        for number, row in enumerate(rows):
            is_left = open_one(seat, made.block_id, row.id, tools=the_tools())
            assert is_left == (number < 2)
        db.session.remove()
        assert all_of(Block) == []
        told = all_of(JournalEntry, JournalEntry.happening == "UNBLOCKED")
        assert len(told) == 3


def test_the_pages_block_every_week_name_who_is_in_the_way_and_open_one_time(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        book_for(ADA, at=at("Thu 12:00", week=1))
    typed = {"on": "2026-06-04", "since": "12:00", "until": "12:30", "note": "Lunch"}
    asked = maya.open("/desk/blocks/new?names=hidden")
    wrong = maya.press(asked, "Block this time", status=422, every="1", **typed)
    assert "Enter the date until which it repeats" in wrong.errors
    page = maya.press(
        wrong, "Block this time", status=409, every="1", until_on="2026-06-18", **typed
    )
    assert "Thursday 11 June, 12 midday to 12:30pm" in page.text
    page = maya.press(page, "Block the free time around them")
    assert page.h1 == "Lunch"
    assert "Every week, until Thursday 18 June" in page.text
    assert "The others were taken already" in page.text
    page = maya.press(page, "Open again: Thursday 4 June, 12 midday to 12:30pm")
    assert "names=hidden" in page.path
    assert "Thursday 4 June" not in page.text
    page = maya.press(page, "Open this time again")
    with inside:
        assert all_of(Block) == []
