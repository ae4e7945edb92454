"""Booking: alone or as two, with a thumb, a mouse or a mistaken double click."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from practice.models.base import db
from practice.models.booking import Booking
from practice.models.outbox import OutboxLetter
from tests.people import ADA, BEN, MAYA
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    BOOK,
    EMAIL,
    NAME,
    Hands,
    book,
    button,
    expect_booked,
    open_letter,
    pick,
    say_who,
    time_button,
)

pytestmark = pytest.mark.browser

EVERYBODY = pytest.mark.parametrize(
    ("js", "size"),
    [(False, PHONE), (True, DESK), (False, (360, 740))],
    ids=["no-js", "desk", "small"],
)


@EVERYBODY
def test_ada_books_with_two_presses_and_two_fields(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    hands = Hands(page)

    page.goto("/")
    hands.press(time_button(page, "9am"))
    expect(page.get_by_text("Tuesday 2 June, 9 to 9:30am")).to_be_visible()
    hands.type(NAME, ADA.name)
    hands.type(EMAIL, ADA.email)
    hands.press(button(page, BOOK))

    expect_booked(page)
    expect(page.get_by_text("Tuesday 2 June, 9 to 9:30am")).to_be_visible()
    assert (hands.presses, hands.fields) == (2, 2)
    house.deliver()
    assert len(house.letters_to(ADA.email)) == 1
    assert len(house.letters_to(MAYA.email)) == 1


@EVERYBODY
def test_ada_changes_her_mind_from_her_letter(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    book(page, "9am")
    house.deliver()

    [letter] = house.letters_to(ADA.email)
    assert letter["Subject"] == "Your appointment on Tuesday 2 June"
    open_letter(page, letter)
    page.locator("a[href*='/a/']").click()
    expect_booked(page)
    link = page.url

    page.get_by_role("link", name="Move it").click()
    expect(page.get_by_text("This time stays yours until you press another one.")).to_be_visible()
    page.get_by_role("radio", name="Wed 3").check()
    time_button(page, "4pm").click()
    expect(page.get_by_role("status")).to_contain_text("Your appointment has moved.")
    expect(page.get_by_text("Wednesday 3 June, 4 to 4:30pm")).to_be_visible()
    assert page.url.startswith(link), "a moved booking keeps its link"
    house.deliver()
    assert house.letters_to(ADA.email)[-1]["Subject"] == "Your appointment has moved"

    page.get_by_role("link", name="Cancel it").click()
    expect(page.get_by_role("link", name="Keep it")).to_be_visible()
    button(page, "Cancel it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This appointment is cancelled")
    house.deliver()
    assert house.letters_to(ADA.email)[-1]["Subject"] == "Your appointment is cancelled"

    button(page, "Take it back").click()
    expect(page.get_by_role("status")).to_have_text("Your appointment stands again.")
    expect_booked(page)


def test_both_of_them_book_one_time_and_only_ada_is_written_to(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive(js=False)
    page.goto("/")
    page.get_by_role("radio", name="Both of us").check()
    time_button(page, "10am").click()
    expect(page.get_by_text("to your partner only if you ask us to")).to_be_visible()
    say_who(page, ADA)
    button(page, BOOK).click()

    expect_booked(page)
    house.deliver()
    assert len(house.letters_to("@")) == 2
    assert len(house.letters_to(ADA.email)) == len(house.letters_to(MAYA.email)) == 1


def test_ada_alone_becomes_both_later(arrive: Arrive) -> None:
    page = arrive(js=False)
    book(page, "10am")

    button(page, "We’ll both come").click()

    expect(page.get_by_role("status")).to_contain_text("You are coming as two.")
    expect(button(page, "We’ll both come")).to_have_count(0)


def test_a_calendar_file_is_there_to_download(arrive: Arrive) -> None:
    page = arrive()
    book(page, "9am")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the calendar file").click()

    assert download.value.path().read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_a_double_click_books_once(arrive: Arrive, house: LiveHouse, js: bool) -> None:
    page = arrive(js=js)
    page.goto("/")
    time_button(page, "9am").dblclick(no_wait_after=True)
    page.wait_for_url("**/book/h/*")
    say_who(page, ADA)
    button(page, BOOK).dblclick(no_wait_after=True)

    expect_booked(page)
    assert _count(house) == (1, 2)


def test_going_back_after_booking_shows_the_booking(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive()
    link = book(page, "9am")

    page.go_back()

    expect_booked(page)
    assert page.url == link
    assert _count(house) == (1, 2)


def test_a_mistake_is_told_beside_the_field_and_nothing_typed_is_lost(arrive: Arrive) -> None:
    page = arrive(js=False)
    pick(page, "9am")
    page.get_by_label(EMAIL).fill("ada at mail")
    page.get_by_label("Send a calendar invitation too").check()
    with page.expect_response("**/book/h/*") as answer:
        button(page, BOOK).click()

    assert answer.value.status == 422
    expect(page).to_have_title("Error: Your details – Lantern")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label(NAME)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label(EMAIL)).to_have_value("ada at mail")
    expect(page.get_by_label("Send a calendar invitation too")).to_be_checked()
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label(NAME)).to_be_focused()


def test_ben_loses_the_race_and_keeps_all_that_he_typed(arrive: Arrive, house: LiveHouse) -> None:
    ben = arrive(js=False)
    pick(ben, "9am")
    house.clock.advance(minutes=16)
    book(arrive(js=False), "9am")

    say_who(ben, BEN)
    ben.get_by_label("One reminder the day before").uncheck()
    with ben.expect_response("**/book/h/*") as answer:
        button(ben, BOOK).click()

    assert answer.value.status == 409
    expect(ben.get_by_role("alert")).to_be_focused()
    expect(ben.get_by_role("heading", level=1)).to_have_text("That time has gone")
    expect(ben.get_by_text(BEN.email)).to_be_visible()
    expect(ben.get_by_role("radio")).to_have_count(3)
    button(ben, "Book this time instead").click()
    expect_booked(ben, BEN)
    with house.app.app_context():
        booked = db.session.scalars(select(Booking).where(Booking.status == "confirmed")).all()
        assert len({booking.starts_at for booking in booked}) == 2
        wishes = {p.name: p.wants_reminder for booking in booked for p in booking.people}
    assert wishes == {ADA.name: True, BEN.name: False}


def test_a_hold_that_has_run_out_loses_nothing_while_the_time_is_free(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive(js=False)
    pick(page, "9am")
    say_who(page, ADA)
    house.clock.advance(hours=2)

    button(page, BOOK).click()

    expect_booked(page)


def test_a_press_on_a_time_that_has_just_gone_offers_the_nearest(arrive: Arrive) -> None:
    ben, ada = arrive(js=False), arrive(js=False)
    ben.goto("/")
    book(ada, "9am")

    with ben.expect_response("**/book/hold") as answer:
        time_button(ben, "9am").click()

    assert answer.value.status == 409
    expect(ben.get_by_role("alert")).to_be_focused()
    nearest = ben.locator("button.time")
    expect(nearest).to_have_count(3)
    nearest.first.click()
    ben.wait_for_url("**/book/h/*")
    expect(ben.get_by_label(NAME)).to_be_visible()


def _count(house: LiveHouse) -> tuple[int, int]:
    """How many bookings there are, and how many letters about them that go at once."""
    now = house.clock.now()
    with house.app.app_context():
        bookings = db.session.scalar(select(func.count()).select_from(Booking))
        letters = select(func.count()).select_from(OutboxLetter).where(OutboxLetter.due_at <= now)
        return bookings or 0, db.session.scalar(letters) or 0
