"""The desk: the week, one booking, blocked time, letters, and wishes for other times."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from practice.models.accounts import User
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.occupancy import Block, Occupancy
from practice.models.outbox import OutboxLetter
from practice.models.time_request import TimeRequest
from practice.models.unit import unit_of_work
from practice.ports import MailRefused
from tests.browser import Browser, Page
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, dump, letters, the_booking
from tests.makers import (
    Booked,
    at,
    book_for,
    cancel_for,
    change_offering,
    deliver_all,
    give_date,
    give_hours,
    give_password,
    hold_for,
    make_coach,
)
from tests.people import ADA, BEN, CLEO, MAYA, Person
from tests.web.conftest import Inside


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        return book_for(ADA, at=at("Thu 10:00"))


def events(page: Page, day: str) -> list[str]:
    """What stands under a day of a week, in order."""
    found = page.find(id=f"day-{day}")
    assert found is not None
    section = next(each for each in page.tree.iter("section") if found in list(each))
    return [" ".join("".join(item.itertext()).split()) for item in section.iter("li")]


def rows(page: Page) -> list[str]:
    """The classes of all events of a week, in order."""
    kinds = (item.get("class", "") for item in page.tree.iter("li"))
    return [" ".join(kind.split()) for kind in kinds if kind.startswith("event")]


def suggested(page: Page) -> list[str]:
    """The times that can be pressed."""
    return [time for form in page.forms for time in form.choices("t")]


def asked(maya: Browser, inside: Inside, path: str) -> tuple[Page, list[str]]:
    """A page, and the SQL that it took. No context may be open while a request is made."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    with inside:
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        return maya.open(path), sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


# The week


def test_a_week_shows_who_is_booked_held_and_blocked(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00"))
        cancelled = book_for(CLEO, at=at("Wed 15:00"))
        cancel_for(cancelled)
        hold_for(BEN, at=at("Tue 14:00"))
    maya.press(
        maya.open("/desk/blocks/new"),
        "Block this time",
        on="2026-06-04",
        since="12:00",
        until="13:00",
        note="Lunch",
    )

    page = maya.open("/desk/?week=2026-W23")

    assert page.h1 == "1 to 5 June"
    assert "London time (BST, UTC+1)" in page.text
    assert events(page, "2026-06-02") == [
        "10 to 10:30am 10am AdaA. Just me",
        "2 to 2:30pm 2pm Being booked until 10:15am",
    ]
    assert events(page, "2026-06-03") == []
    assert events(page, "2026-06-04") == ["12 midday to 1pm 12 midday Lunch"]
    assert rows(page) == [
        "event free at-10 q-0 for-0 r-2",
        "event held at-14 q-0 for-0 r-2",
        "event blocked at-12 q-0 for-1 r-0",
    ]
    assert page.find(id="day-2026-06-06") is None
    clock.advance(minutes=16)
    assert len(events(maya.open("/desk/"), "2026-06-02")) == 1


def test_on_a_free_sunday_the_desk_opens_the_week_that_comes(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00", week=1))
    clock.advance(days=6)

    assert maya.open("/desk/").h1 == "8 to 12 June"


def test_weeks_are_turned_over_and_names_stay_hidden(maya: Browser, inside: Inside) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00", week=1))

    page = maya.open("/desk/")
    hidden = maya.open(page.links["Hide names"])
    following = maya.open(
        next(
            link.get("href", "")
            for link in hidden.tree.iter("a")
            if link.get("aria-label") == "Next week"
        )
    )

    assert following.h1 == "8 to 12 June"
    assert "Ada" not in following.text
    assert events(following, "2026-06-09") == ["10 to 10:30am 10am A. Just me"]
    assert "Ada" in maya.open(following.links["Show names"]).text
    assert maya.open(following.links["Today"]).h1 == "1 to 5 June"


@pytest.mark.parametrize(
    "week", ["garbage", "2026-W54", "2026-W00", "0000-W01", "9999-W01", "٢٠٢٦-W01", "2026-W1"]
)
def test_what_is_no_week_is_not_there(maya: Browser, week: str) -> None:
    assert maya.open(f"/desk/?week={week}", status=404)


@pytest.mark.parametrize("week", ["1971-W01", "9997-W52", "2020-W53"])
def test_weeks_at_the_ends_of_the_calendar(maya: Browser, week: str) -> None:
    assert maya.open(f"/desk/?week={week}").find_all(id="needs")


def test_a_weekend_stands_there_when_something_does(maya: Browser, inside: Inside) -> None:
    with inside:
        give_hours({"Sat": ["10:00-12:00"]})
    page = maya.open("/desk/")
    assert page.find(id="day-2026-06-06") is not None
    assert page.find(id="day-2026-06-07") is None


def test_the_night_the_clocks_change_keeps_its_rows(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        give_hours({"Sun": ["00:00-06:00"]})
        change_offering(notice_minutes=0, buffer_after_minutes=0)
    clock.at = datetime(2026, 10, 20, 9, tzinfo=UTC)
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 1am in London, for the first time
    with inside:
        for person, hours in ((ADA, 0), (BEN, 1), (CLEO, 2)):
            book_for(person, at=first + timedelta(hours=hours))

    page = maya.open("/desk/?week=2026-W43")

    assert "The clocks change on Sunday 25 October: UTC+1 before, UTC after" in page.text
    assert [line.split(" ")[0] for line in events(page, "2026-10-25")] == ["1", "1", "2"]
    assert (
        rows(page)
        == [
            "event free at-1 q-0 for-0 r-1",
            "event free at-1 q-1 for-0 r-1",
            "event free at-2 q-0 for-0 r-2",
        ]
        or rows(page)[2] == "event free at-2 q-0 for-0 r-2"
    )


def test_what_is_over_is_still_there_and_time_past_midnight_is_in_both_days(
    maya: Browser, ada: Booked, clock: FrozenClock
) -> None:
    page = maya.open("/desk/blocks/new")
    maya.press(
        page,
        "Block this time",
        on="2026-06-04",
        last="2026-06-05",
        since="22:00",
        until="02:00",
    )
    clock.at = at("Fri 12:00")

    page = maya.open("/desk/")

    assert events(page, "2026-06-04")[-1].startswith("from 10pm")
    assert events(page, "2026-06-05")[0].startswith("until 2am")
    assert "event free at-10 q-0 for-0 r-2 over" in rows(page)
    assert "Nothing is booked yet" in page.text


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (at("Mon 08:00"), "Next, on Thursday 4 June at 10am"),
        (at("Wed 18:00"), "Next, tomorrow at 10am"),
        (at("Thu 08:00"), "Next, today at 10am"),
        (at("Thu 09:36"), "Next, in 24 minutes"),
        (at("Thu 10:10"), "Now, until 10:30am"),
    ],
)
def test_the_next_card_says_how_soon(
    maya: Browser, ada: Booked, clock: FrozenClock, when: datetime, told: str
) -> None:
    clock.at = when
    page = maya.open("/desk/?week=2026-W23")
    assert told in page.text
    assert page.links["Join call"] == "https://meet.example/maya"
    assert page.links["See booking"] == f"/desk/bookings/{ada.id}"


def test_a_full_week_asks_the_database_no_more_than_an_empty_one(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        change_offering(notice_minutes=0, buffer_after_minutes=0)
    _, few = asked(maya, inside, "/desk/?week=2026-W24")
    with inside:
        for number in range(50):
            start = at("Mon 09:00", week=1) + timedelta(
                days=number // 10, minutes=30 * (number % 10)
            )
            book_for(Person(f"P{number}", f"p{number}@mail.example"), at=start)

    page, many = asked(maya, inside, "/desk/?week=2026-W24")

    assert len(rows(page)) == 50
    assert len(many) == len(few)
    assert len([sql for sql in many if "bookings" in sql or "occupancies" in sql]) <= 6


def test_what_needs_the_coach_is_each_an_act(maya: Browser, inside: Inside, ada: Booked) -> None:
    maya.press(
        maya.open("/ask"), "Send", name="Nia", email="nia@mail.example", message="Saturdays?"
    )
    with inside:
        give_date(date(2026, 6, 4))
        with unit_of_work() as session:
            session.query(OutboxLetter).filter_by(kind="confirmation").update({"state": "dead"})

    page = maya.open("/desk/?week=2026-W23")

    assert page.links["One letter could not be delivered"] == "/desk/letters"
    assert page.links["Nia asked for another time"] == "/desk/requests"
    assert page.links["Ada is booked on a day off"] == f"/desk/bookings/{ada.id}"
    assert page.links["Finish setting up"] == "/desk/checklist"
    hidden = maya.open(page.links["Hide names"])
    assert "Nia" not in hidden.text
    assert "Ada" not in hidden.text


# One booking


def test_a_booking_tells_all_that_the_coach_may_know(maya: Browser, inside: Inside) -> None:
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"), zone="Europe/Berlin")

    page = maya.open(f"/desk/bookings/{ada.id}")

    assert page.h1 == "Ada"
    assert "Thursday 4 June, 10 to 10:30am" in page.text
    assert "Thursday 4 June, 11 to 11:30am Berlin time (CEST, UTC+2)" in page.text
    assert page.links[ADA.email] == f"mailto:{ADA.email}"
    assert "The appointment was booked. Ada" in page.text
    assert "Confirmation" in page.links
    assert ada.token not in page.source


def test_another_coachs_booking_is_not_there(maya: Browser, inside: Inside, ada: Booked) -> None:
    with inside:
        other = make_coach()
        with unit_of_work() as session:
            session.query(Occupancy).update({"coach_id": other})
            session.get_one(Booking, ada.id).coach_id = other
    before = _still(inside)
    for path in ("", "/move", "/cancel"):
        assert maya.open(f"/desk/bookings/{ada.id}{path}", status=404)
    token = maya.open("/desk/").form("sign-out").value("csrf_token")
    for path in ("/move", "/cancel", "/undo"):
        sent = [("csrf_token", token), ("on", "2026-06-05"), ("at", "10:00")]
        assert maya.send(f"/desk/bookings/{ada.id}{path}", sent).status == 404
    letter = _letter_ids(inside)[0]
    assert maya.open(f"/desk/letters/{letter}", status=404)
    assert "Ada" not in maya.open("/desk/letters").text
    assert "Ada" not in maya.open("/desk/?week=2026-W23").text
    assert _still(inside) == before


def test_the_coach_moves_outside_of_the_hours_and_the_client_hears_of_it(
    maya: Browser, inside: Inside, ada: Booked, postbox: Postbox
) -> None:
    page = maya.open(f"/desk/bookings/{ada.id}/move")
    assert "Your appointment has moved" in page.text
    assert ada.token not in page.source

    moved = maya.press(page, "Move and tell Ada", on="2026-06-06", at="20:15")

    assert moved.path.startswith(f"/desk/bookings/{ada.id}")
    assert "Saturday 6 June, 8:15 to 8:45pm" in moved.text
    assert "moved to Saturday 6 June, 8:15pm. You" in moved.text
    with inside:
        assert the_booking(ada).starts_at == at("Sat 20:15")
        deliver_all()
    assert "Your appointment has moved" in [post.subject for post in postbox.to(ADA.email)]


def test_a_suggested_time_moves_it_with_one_press(
    maya: Browser, inside: Inside, ada: Booked
) -> None:
    page = maya.open(f"/desk/bookings/{ada.id}/move")
    assert "2026-06-04T09:00:00Z" not in suggested(page)

    maya.press(page, suggested(page)[0])

    with inside:
        assert the_booking(ada).starts_at == at("Tue 09:00")


def test_a_move_onto_somebody_offers_the_nearest_and_keeps_what_was_typed(
    maya: Browser, inside: Inside, ada: Booked
) -> None:
    with inside:
        book_for(BEN, at=at("Fri 14:00"))
    page = maya.open(f"/desk/bookings/{ada.id}/move")

    taken = maya.press(page, "Move and tell Ada", on="2026-06-05", at="14:15", status=409)

    form = taken.form("Move and tell Ada")
    assert (form.value("on"), form.value("at")) == ("2026-06-05", "14:15")
    assert "Nothing was moved" in taken.text
    near = next(each for each in taken.forms if len(each.choices("t")) == 3)
    maya.press(taken, near.choices("t")[0], form=near)
    with inside:
        assert the_booking(ada).starts_at != at("Thu 10:00")


@pytest.mark.parametrize(
    ("on", "time", "told"),
    [
        ("2027-03-28", "01:30", "There is no 01:30 on 28 March 2027"),
        ("2026-05-29", "10:00", "still to come"),
        ("2026-06-31", "10:00", "Enter a date"),
        ("9999-12-31", "10:00", "Enter a date"),
        ("2026-06-05", "25:00", "Enter a time"),
        ("2026-06-05", "", "Enter a time"),
    ],
)
def test_a_time_that_is_none_is_named_beside_its_field(
    maya: Browser, inside: Inside, ada: Booked, on: str, time: str, told: str
) -> None:
    page = maya.open(f"/desk/bookings/{ada.id}/move")

    wrong = maya.press(page, "Move and tell Ada", on=on, at=time, status=422)

    assert told in wrong.errors
    assert wrong.find_all(**{"aria-invalid": "true"})
    assert wrong.form("Move and tell Ada").value("on") == on
    with inside:
        assert the_booking(ada).starts_at == at("Thu 10:00")


def test_a_tampered_suggestion_changes_nothing(maya: Browser, inside: Inside, ada: Booked) -> None:
    token = maya.open(f"/desk/bookings/{ada.id}/move").form("Move and tell").value("csrf_token")
    sent = [("csrf_token", token), ("t", "yesterday")]
    assert maya.send(f"/desk/bookings/{ada.id}/move", sent).status == 422
    with inside:
        assert the_booking(ada).starts_at == at("Thu 10:00")


def test_the_coach_cancels_after_reading_the_letter_and_takes_it_back(
    maya: Browser, inside: Inside, ada: Booked, postbox: Postbox
) -> None:
    page = maya.open(f"/desk/bookings/{ada.id}/cancel")
    assert "Your appointment is cancelled" in page.text
    assert page.links["Keep it"] == f"/desk/bookings/{ada.id}"
    with inside:
        assert the_booking(ada).status == "confirmed"

    cancelled = maya.press(page, "Cancel it")

    assert "Cancelled by you" in cancelled.text
    restored = maya.press(cancelled, "Take it back")
    assert "stands again" in restored.text
    with inside:
        assert the_booking(ada).status == "confirmed"
        deliver_all()
    assert [post.subject for post in postbox.to(ADA.email)] == [
        "Your appointment on Thursday 4 June"
    ]


def test_after_ten_minutes_a_cancellation_stays(
    maya: Browser, inside: Inside, ada: Booked, clock: FrozenClock
) -> None:
    page = maya.press(maya.open(f"/desk/bookings/{ada.id}/cancel"), "Cancel it")
    clock.advance(minutes=11)

    late = maya.press(page, "Take it back", status=409)

    assert "too late" in late.text
    assert "Take it back" not in late.text
    with inside:
        assert the_booking(ada).status == "cancelled"


def test_what_the_client_cancelled_the_coach_cannot_take_back(
    maya: Browser, inside: Inside, ada: Booked
) -> None:
    with inside:
        cancel_for(ada)
    page = maya.open(f"/desk/bookings/{ada.id}")
    assert "Cancelled by the client" in page.text
    assert "Take it back" not in page.text
    assert "Move" not in page.links


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_what_is_over_is_not_changed_and_nobody_is_written_to(
    maya: Browser, inside: Inside, ada: Booked, clock: FrozenClock, act: str
) -> None:
    page = maya.open(f"/desk/bookings/{ada.id}/{act}")
    clock.at = at("Thu 11:00")
    before = _still(inside)
    if act == "move":
        over = maya.press(page, "Move and tell Ada", on="2026-06-05", at="10:00", status=409)
    else:
        over = maya.press(page, "Cancel it", status=409)
    assert "can’t be changed any more" in over.text
    assert _still(inside) == before


# Blocked time


def test_a_block_in_the_way_of_somebody_names_them_and_goes_around(
    maya: Browser, inside: Inside, ada: Booked
) -> None:
    page = maya.open("/desk/blocks/new?on=2026-06-04")
    assert page.form("since").value("on") == "2026-06-04"

    asked = maya.press(
        page, "Block this time", since="09:00", until="12:00", note="Supervision", status=409
    )

    assert asked.links["Ada"] == f"/desk/bookings/{ada.id}"
    assert "Thursday 4 June, 10 to 10:30am" in asked.text
    with inside:
        assert all_of(Block) == []
    week = maya.press(asked, "Block the free time around them")
    assert "This time is blocked." in week.text
    assert [line.split(" ")[-1] for line in events(week, "2026-06-04")] == [
        "Supervision",
        "me",
        "Supervision",
    ]


def test_whole_days_are_blocked_and_opened_again(maya: Browser, inside: Inside) -> None:
    page = maya.open("/desk/blocks/new")
    week = maya.press(
        page, "Block this time", on="2026-06-08", last="2026-06-10", all_day=True, note="Away"
    )
    assert week.h1 == "8 to 12 June"
    assert rows(week) == ["event blocked at-9 q-0 for-8 r-0"] * 3
    assert events(week, "2026-06-09") == ["All day All day Away"]

    block = maya.open(
        next(
            link for link in (a.get("href", "") for a in week.tree.iter("a")) if "/blocks/1" in link
        )
    )
    assert block.h1 == "Away"
    opened = maya.press(block, "Open this time again")

    assert "This time is open again." in opened.text
    assert rows(opened) == []
    assert maya.open("/desk/blocks/1", status=404)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"on": "2026-05-29", "since": "09:00", "until": "10:00"}, "passed"),
        ({"since": "12:00", "until": "11:00"}, "The end comes after the beginning"),
        ({"since": "", "until": "11:00"}, "Enter a time"),
        ({"since": "09:00", "until": "soon"}, "Enter a time"),
        ({"on": "tomorrow", "since": "09:00", "until": "10:00"}, "Enter a date"),
        ({"since": "09:00", "until": "10:00", "last": "2026-05-01"}, "before the first"),
        ({"all_day": True, "last": "2028-01-01"}, "a year"),
        ({"on": "2027-03-28", "since": "01:15", "until": "03:00"}, "There is no 01:15"),
        ({"on": "2027-03-28", "since": "00:15", "until": "01:30"}, "There is no 01:30"),
        ({"since": "09:00", "until": "10:00", "note": "n" * 201}, "200 letters"),
    ],
)
def test_a_block_that_makes_no_sense_is_named_and_kept(
    maya: Browser, inside: Inside, typed: dict[str, Any], told: str
) -> None:
    page = maya.open("/desk/blocks/new")

    wrong = maya.press(page, "Block this time", status=422, **typed)

    assert told in wrong.errors
    with inside:
        assert all_of(Block) == []


def test_time_that_is_blocked_already_says_so(maya: Browser) -> None:
    sent: dict[str, Any] = {"on": "2026-06-04", "since": "09:00", "until": "10:00"}
    maya.press(maya.open("/desk/blocks/new"), "Block this time", **sent)
    again = maya.press(maya.open("/desk/blocks/new"), "Block this time", status=409, **sent)
    assert "There is no free time left" in again.text
    assert "around them" not in again.text


def test_another_coachs_block_stays_closed_to_others(
    app: Flask, maya: Browser, inside: Inside
) -> None:
    maya.press(maya.open("/desk/blocks/new"), "Block this time", on="2026-06-04", all_day=True)
    with inside:
        noor = make_coach()
        with unit_of_work() as session:
            session.query(User).update({"coach_id": noor})
    assert maya.open("/desk/blocks/1", status=404)
    token = maya.open("/desk/blocks/new").form("since").value("csrf_token")
    assert maya.send("/desk/blocks/1/remove", [("csrf_token", token)]).status == 404
    with inside:
        assert len(all_of(Block)) == 1


# Letters


def test_letters_tell_their_state_and_how_they_read(
    maya: Browser, inside: Inside, ada: Booked, postbox: Postbox
) -> None:
    page = maya.open("/desk/letters")
    assert "Waiting until Wednesday 3 June, 10am" in page.text
    assert "Waiting to go out" in page.text
    with inside:
        deliver_all()
        sent = next(row.id for row in letters(kind="confirmation"))

    assert "Sent Monday 1 June, 10am" in maya.open("/desk/letters").text
    letter = maya.open(f"/desk/letters/{sent}")

    assert "Your appointment on Thursday 4 June" in letter.text
    assert ada.token not in letter.source
    told = body(postbox.to(ADA.email)[0]).replace(f"/a/{ada.token}", "/a/…")
    assert " ".join(told.split()) in letter.text


def test_a_letter_that_came_back_is_sent_once_more(
    maya: Browser, inside: Inside, ada: Booked, postbox: Postbox
) -> None:
    postbox.troubles = [MailRefused("The server refused the address.")] * 2
    with inside:
        deliver_all()
        dead = next(row.id for row in letters(kind="confirmation"))
    page = maya.open(f"/desk/letters/{dead}")
    assert "Could not be delivered. The server refused the address." in page.text

    again = maya.press(page, "Try again")

    assert "waits to be sent again" in again.text
    assert "Try again" not in again.text
    with inside:
        assert [row.attempts for row in all_of(OutboxLetter, OutboxLetter.id == dead)] == [0]
        deliver_all()
    assert postbox.subjects == ["Your appointment on Thursday 4 June"]
    late = maya.press(page, "Try again", status=409)
    assert "has not come back" in late.text


def test_a_letter_of_links_keeps_its_words(maya: Browser, inside: Inside, ada: Booked) -> None:
    maya.press(maya.open("/my-link"), form="email", email=ADA.email)
    maya.press(maya.open("/my-link"), form="email", email="nobody@mail.example")
    page = maya.open("/desk/letters")
    assert page.text.count("Private link, sent again") == 1
    letter = maya.open(page.links["Private link, sent again"])
    assert "its words are not shown here" in letter.text
    assert ada.token not in letter.source


def test_letters_come_in_pages_of_fifty(maya: Browser, inside: Inside) -> None:
    with inside:
        for number in range(18):
            start = at("Tue 09:00") + timedelta(
                days=number // 8, hours=number % 8 if number < 16 else number - 16
            )
            book_for(Person(f"P{number}", f"p{number}@mail.example"), at=start)
    first = maya.open("/desk/letters")
    second = maya.open(first.links["Older letters"])
    counts = [len(re.findall(r'scope="row"', page.source)) for page in (first, second)]
    assert counts[0] == 50
    assert counts[1] > 0
    assert maya.open(second.links["Newer letters"]).h1 == "Letters"
    for garbage in ("0", "-1", "x", "3", "9999999", "²"):
        assert maya.open(f"/desk/letters?page={garbage}", status=404)


# Wishes


def test_a_wish_is_read_and_marked_as_answered(maya: Browser, inside: Inside) -> None:
    maya.press(
        maya.open("/ask?zone=Europe/Berlin"),
        "Send",
        name="Nia",
        email="nia@mail.example",
        message="Saturday mornings,\nor late.",
    )
    maya.press(maya.open("/ask"), "Send", name="Bo", email="bo@mail.example", message="Sundays?")
    page = maya.open("/desk/requests")
    assert "Saturday mornings, or late." in page.text
    assert "Berlin time (CEST, UTC+2)" in page.text
    assert page.links["Write to nia@mail.example"] == "mailto:nia@mail.example"
    with inside:
        wish = all_of(TimeRequest)[0]
        assert b"Saturday" not in wish.message_sealed

    answered = maya.press(page, "Mark as answered", form=f"/{wish.id}/answered")

    assert [
        each.get("href") for each in answered.tree.iter("a") if "nia@" in each.get("href", "")
    ] == []
    assert "Nia, Monday 1 June" in answered.text
    with inside:
        assert all_of(TimeRequest)[0].answered_at is not None
    assert maya.press(page, "Mark as answered", form=f"/{wish.id}/answered").status == 200


def test_another_coachs_wish_is_not_there(maya: Browser, inside: Inside) -> None:
    maya.press(maya.open("/ask"), "Send", name="Nia", email="n@mail.example", message="Sundays?")
    page = maya.open("/desk/requests")
    with inside:
        noor = make_coach()
        with unit_of_work() as session:
            session.query(User).update({"coach_id": noor})
    assert maya.press(page, "Mark as answered", status=404)
    assert "Nia" not in maya.open("/desk/requests").text


# Getting in


def test_strangers_are_sent_to_the_sign_in_and_come_back_to_where_they_wanted(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        password = give_password()
    asked = browser.open("/desk/letters")
    assert asked.path.startswith("/desk/sign-in")
    assert (
        browser.press(asked, form="password", email=MAYA.email, password=password).h1 == "Letters"
    )


def test_every_wrong_sign_in_reads_the_same(browser: Browser, inside: Inside) -> None:
    with inside:
        give_password()
    told = set()
    for email, password in (
        (MAYA.email, "not it at all"),
        ("nobody@mail.example", "not it at all"),
        (MAYA.email, ""),
        ("", ""),
    ):
        page = browser.press(
            browser.open("/desk/sign-in"),
            form="password",
            email=email,
            password=password,
            status=422,
        )
        told.add(page.errors)
    assert told == {"Something needs another look That email and password don’t go together."}


def test_signing_out_is_a_press(maya: Browser) -> None:
    out = maya.press(maya.open("/desk/letters"), "Sign out")
    assert out.path == "/"
    assert maya.open("/desk/").path.startswith("/desk/sign-in")


def _still(inside: Inside) -> object:
    with inside:
        return dump(without={"throttles"})


def _letter_ids(inside: Inside) -> list[int]:
    with inside:
        return [row.id for row in letters()]
