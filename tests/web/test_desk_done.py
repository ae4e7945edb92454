"""Whether an appointment took place: asked gently, said with one press, and taken back."""

import pytest

from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Role, Seat
from practice.models.booking import Booking
from practice.models.journal import JournalEntry
from practice.usecases import no_show
from practice.usecases.done import mark_done, take_done_back
from tests.browser import Browser
from tests.fakes import FrozenClock
from tests.looking import all_of
from tests.makers import at, book_for, cancel_for, change_offering, make_coach, the_tools
from tests.people import ADA, BEN
from tests.web.conftest import Inside


def test_what_is_over_is_asked_after_and_answered_with_a_press(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        change_offering(notice_minutes=0)
        made = book_for(ADA, at=at("Mon 14:00"))
        book_for(BEN, at=at("Tue 10:00"))
    assert "Did it take place?" not in maya.open("/desk/").text
    clock.at = at("Mon 14:45")
    week = maya.open("/desk/?names=hidden")
    page = maya.open(week.links["Did it take place? A."])
    page = maya.press(page, "It took place")
    assert "It is noted that this took place." in page.text
    assert "names=hidden" in page.path
    assert "Did it take place?" not in maya.open("/desk/").text
    assert "Took place" in maya.open("/desk/day").text
    page = maya.press(page, "It did not take place after all")
    assert page.find(id="took-place") is not None
    with inside:
        told = all_of(JournalEntry, JournalEntry.booking_id == made.id)
        assert [row.happening for row in told][-2:] == ["DONE", "NOT_DONE"]


def test_only_what_is_over_and_stands_took_place(
    inside: Inside, coach: int, clock: FrozenClock
) -> None:
    seat = Seat(1, Role.ASSISTANT, coach)
    with inside:
        tools = the_tools()
        coming, gone, missed = (
            book_for(ADA, at=at(f"Tue {hour}:00")) for hour in ("10", "11", "12")
        )
        cancel_for(gone)
        with pytest.raises(NotAllowed, match="over yet"):
            mark_done(seat, coming.id, tools=tools)
        clock.at = at("Tue 13:00")
        no_show.mark(seat, missed.id, None, tools=tools)
        for other, told in ((gone, "doesn’t stand"), (missed, "nobody came")):
            with pytest.raises(NotAllowed, match=told):
                mark_done(seat, other.id, tools=tools)
            with pytest.raises(NotAllowed):
                take_done_back(seat, other.id, tools=tools)
        mark_done(seat, coming.id, tools=tools)
        mark_done(seat, coming.id, tools=tools)
        with pytest.raises(NotAllowed):
            no_show.mark(seat, coming.id, None, tools=tools)
        assert len(all_of(JournalEntry, JournalEntry.happening == "DONE")) == 1
        with pytest.raises(NotFound):
            mark_done(Seat(2, Role.OWNER, make_coach()), coming.id, tools=tools)
        assert {row.status for row in all_of(Booking, Booking.id == coming.id)} == {"done"}
