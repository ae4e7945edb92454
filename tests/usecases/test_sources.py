"""Other calendars: who may add them, what an address may be, and that it lies nowhere open."""

import pytest

from practice.domain.busy import WhenOld, calendar_address
from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.roles import Role
from practice.models.journal import JournalEntry
from practice.models.source import BusySpan, CalendarSource
from practice.usecases.sources import (
    MOST,
    NewSource,
    add_source,
    change_source,
    read_now,
    remove_source,
)
from tests.fakes import FrozenClock
from tests.feeding import (
    URL,
    add_calendar,
    busy,
    import_all,
    reading_calendars,
    seat_of,
    source,
    spans_of,
)
from tests.looking import all_of, dump
from tests.makers import at, make_coach, the_tools

OTHER = "https://other.example/b.ics"


def test_a_calendar_is_due_at_once_and_its_address_lies_sealed(clock: FrozenClock) -> None:
    made = source(add_calendar("  My\u200b own ", URL, when_old=WhenOld.CLOSE))

    assert (made.name, made.shown, made.when_old) == ("My own", "calendar.example/…", "close")
    assert (made.next_at, made.good_at) == (clock.now(), None)
    assert made.url(the_tools().vault) == URL
    assert b"secret-part" not in made.url_sealed
    assert "secret-part" not in repr(dump())
    assert [row.happening for row in all_of(JournalEntry)] == ["CALENDAR_ADDED"]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "calendar.example/a.ics",
        "http://calendar.example/a.ics",
        "ftp://calendar.example/a.ics",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///a.ics",
        "https://[::1/a.ics",
        "https://calendar.example/a b.ics",
        "https://calendar.example/a\r\nHost: x",
        "https://calendar.example/a\u200b.ics\x00",
        "https://sam:pw@calendar.example/a.ics",
        "https://@calendar.example/a.ics",
        "https://" + "x" * 64 + ".example/",
        "https://calendar.example/" + "x" * 2000,
    ],
)
def test_what_is_no_address_of_a_calendar_is_refused_beside_the_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        calendar_address(typed)

    assert refused.value.field == "url"
    assert "calendar.example" not in refused.value.sentence


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("https://calendar.example/x?token=1#y", "calendar.example/…"),
        (" webcal://Calendar.Example/x ", "calendar.example/…"),
        ("HTTPS://calendar.example", "calendar.example/…"),
        ("https://bücher.example/x", "xn--bcher-kva.example/…"),
    ],
)
def test_of_an_address_only_the_machine_is_shown(typed: str, shown: str) -> None:
    assert calendar_address(typed).shown == shown
    assert calendar_address(typed).url == typed.strip()


def test_the_same_calendar_is_not_read_twice_and_a_name_is_needed() -> None:
    add_calendar()

    with pytest.raises(Invalid, match="already"):
        add_calendar("Again")
    for name in ("", "\u200b \u2060", "x" * 201):
        with pytest.raises(Invalid) as refused:
            add_calendar(name, OTHER)
        assert refused.value.field == "name"
    assert len(all_of(CalendarSource)) == 1


def test_at_most_twenty_calendars_are_read_for_each_coach() -> None:
    for number in range(MOST):
        add_calendar(url=f"https://calendar.example/{number}")

    with pytest.raises(NotAllowed, match="20"):
        add_calendar(url=OTHER)
    noor = make_coach()
    assert add_calendar(url=OTHER, seat=seat_of(noor))


def test_a_calendar_is_renamed_asked_again_and_removed_with_its_spans(clock: FrozenClock) -> None:
    with reading_calendars() as calendars:
        calendars.say(busy((at("Tue 10:00"), at("Tue 11:00"))))
        made = add_calendar()
        import_all()
        assert len(spans_of(made)) == 1

        change_source(seat_of(), made, "Work", WhenOld.CLOSE, tools=the_tools())
        change_source(seat_of(), made, "Work", WhenOld.CLOSE, tools=the_tools())
        read_now(seat_of(), made, tools=the_tools())
        assert (source(made).name, source(made).when_old) == ("Work", "close")
        assert source(made).next_at == clock.now()

        remove_source(seat_of(), made, tools=the_tools())

    assert all_of(CalendarSource) == []
    assert all_of(BusySpan) == []
    assert [row.happening for row in all_of(JournalEntry)] == [
        "CALENDAR_ADDED",
        "CALENDAR_CHANGED",
        "CALENDAR_REMOVED",
    ]


def test_an_assistant_a_keeper_and_another_coach_reach_no_calendar() -> None:
    made = add_calendar()
    noor = make_coach()
    keeper = seat_of()
    others = [
        seat_of(noor, Role.COACH),
        seat_of(role=Role.ASSISTANT),
        type(keeper)(user_id=2, role=Role.OWNER, coach_id=1, is_own=False),
    ]
    before = dump()

    for seat in others:
        with pytest.raises(NotFound):
            change_source(seat, made, "x", WhenOld.KEEP, tools=the_tools())
        with pytest.raises(NotFound):
            read_now(seat, made, tools=the_tools())
        with pytest.raises(NotFound):
            remove_source(seat, made, tools=the_tools())
    for seat in others[1:]:
        with pytest.raises(NotFound):
            add_source(seat, NewSource("x", OTHER, WhenOld.KEEP), tools=the_tools())

    assert dump() == before
