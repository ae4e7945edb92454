from datetime import date, timedelta

import pytest

from practice.domain.hours import DateHours, Opening
from practice.domain.refusal import Invalid, NotFound, TimeTaken
from practice.domain.roles import Role
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.hours import DateException, ExceptionHours, WeeklyHours
from practice.models.journal import Happening, JournalEntry
from practice.queries.desk_hours import hours_page
from practice.usecases.hours import remove_dates, set_dates, set_weekly_hours
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import at, book_for, hold_for, seat_of, the_tools

TODAY = NOW.date()
MORNING = (Opening(9 * 60, 12 * 60),)


def set_week(weekly: dict[int, tuple[Opening, ...]]) -> None:
    set_weekly_hours(seat_of(), weekly, tools=the_tools())
    db.session.remove()


def put(first: date, last: date | None = None, *openings: Opening, note: str = "") -> None:
    set_dates(seat_of(), DateHours(first, last or first, openings, note), tools=the_tools())
    db.session.remove()


def told() -> list[str]:
    return [entry.happening for entry in all_of(JournalEntry)]


def test_the_new_week_holds_instead_of_the_old_one() -> None:
    set_week({2: (Opening(0, 60), Opening(23 * 60, 1440))})

    rows = [(row.weekday, row.opens_minute, row.closes_minute) for row in all_of(WeeklyHours)]
    assert sorted(rows) == [(2, 0, 60), (2, 1380, 1440)]
    assert told().count(Happening.HOURS_CHANGED.name) == 1


def test_a_booking_outside_the_new_hours_stays_and_is_named() -> None:
    inside = book_for(at=at("Tue 10:00"))
    book_for(at=at("Tue 15:00"))

    set_week({1: MORNING})

    page = hours_page(seat_of(), now=NOW)
    assert [(row.when, row.name) for row in page.stranded] == [
        ("Tuesday 2 June, 3 to 3:30pm", "Ada")
    ]
    assert inside.id not in {row.booking_id for row in page.stranded}
    assert {booking.status for booking in all_of(Booking)} == {"confirmed"}


def test_what_the_new_hours_exclude_cannot_be_booked_any_more() -> None:
    set_week({1: MORNING})

    hold_for(at=at("Tue 11:30"))
    with pytest.raises(TimeTaken):
        hold_for(at=at("Wed 10:00"), browser="another")


def test_a_range_of_dates_is_closed_and_shown_as_one() -> None:
    first = TODAY + timedelta(days=1)
    book_for(at=at("Tue 10:00"))

    put(first, first + timedelta(days=13), note="Away")

    page = hours_page(seat_of(), now=NOW)
    assert [(entry.label, entry.hours, entry.note) for entry in page.dates] == [
        ("Tuesday 2 June to Monday 15 June", "Closed", "Away")
    ]
    assert len(all_of(DateException)) == 14
    assert len(page.stranded) == 1
    with pytest.raises(TimeTaken):
        hold_for(at=at("Tue 11:00"), browser="another")


def test_other_hours_on_a_date_replace_what_was_said_of_it() -> None:
    put(TODAY, None, Opening(600, 660))
    put(TODAY, None, Opening(1200, 1260), Opening(1300, 1440))

    (entry,) = hours_page(seat_of(), now=NOW).dates
    assert entry.hours == "20:00 to 21:00, 21:40 to 00:00"
    assert len(all_of(ExceptionHours)) == 2


def test_removing_dates_brings_the_week_back_and_leaves_the_others() -> None:
    put(TODAY, TODAY + timedelta(days=3))

    remove_dates(seat_of(), TODAY, TODAY + timedelta(days=1), tools=the_tools())
    db.session.remove()

    assert [row.on for row in all_of(DateException)] == [
        TODAY + timedelta(days=2),
        TODAY + timedelta(days=3),
    ]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (TODAY - timedelta(days=1), TODAY, "first"),
        (TODAY, TODAY - timedelta(days=1), "last"),
        (TODAY, TODAY + timedelta(days=366), "last"),
        (date(9999, 12, 30), date.max, "last"),
    ],
)
def test_dates_that_are_past_too_many_or_too_far_are_refused(
    first: date, last: date, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put(first, last)

    assert refused.value.field == field
    assert all_of(DateException) == []


def test_366_dates_are_not_too_many() -> None:
    put(TODAY, TODAY + timedelta(days=365))

    assert len(all_of(DateException)) == 366


def test_who_keeps_a_diary_sets_no_hours_of_it() -> None:
    ola = seat_of(role=Role.ASSISTANT)

    with pytest.raises(NotFound):
        set_weekly_hours(ola, {}, tools=the_tools())
    with pytest.raises(NotFound):
        set_dates(ola, DateHours(TODAY, TODAY, (), ""), tools=the_tools())
    with pytest.raises(NotFound):
        remove_dates(ola, TODAY, TODAY, tools=the_tools())
