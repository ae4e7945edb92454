"""The brief before a talk: the room, a folder for each, the private note, and who may not."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import event, select

from practice.models.accounts import Role, User
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.journal import Happening, JournalEntry
from practice.models.questionnaires import shipped
from practice.models.unit import unit_of_work
from tests.browser import Browser, Page
from tests.fakes import FrozenClock
from tests.looking import all_of
from tests.makers import (
    Booked,
    at,
    book_for,
    both_for,
    cancel_for,
    hold_for,
    join_for,
    make_coach,
    turn_safety_on,
)
from tests.people import ADA, BEN
from tests.sharing import BRINGS, GROWING, SAFE, write_for
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside

READINGS = {Happening.INTAKE_READ.name, Happening.PRIVATE_READ.name}
CANARY = "<script>alert(1)</script><b onclick=x>&\"'"


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        turn_safety_on()
        return book_for(ADA, at=at("Thu 10:00"))


def room(booked: Booked) -> str:
    return f"/desk/bookings/{booked.id}/brief"


def folder(booked: Booked) -> str:
    return f"{room(booked)}/{booked.person_id}"


def note(booked: Booked) -> str:
    return f"{folder(booked)}/private"


def opened(maya: Browser, booked: Booked) -> Page:
    return maya.press(maya.open(folder(booked)), "Open the folder", form=folder(booked))


def opened_note(maya: Browser, booked: Booked) -> Page:
    return maya.press(maya.open(note(booked)), "Open the private note", form=note(booked))


def readings(inside: Inside) -> list[str]:
    with inside:
        return [row.happening for row in all_of(JournalEntry) if row.happening in READINGS]


def classed(page: Page, name: str) -> list[Element]:
    return [e for e in page.tree.iter() if name in (e.get("class") or "").split()]


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def without(page: Page, name: str) -> str:
    """The words of a page but for what has this class: with "noprint", what stands on paper."""
    texts = list(_texts(page.tree, {name, "private"}))
    return " ".join(" ".join(texts).split())


def _texts(element: Element, hidden: set[str]) -> Iterator[str]:
    if not hidden & set((element.get("class") or "").split()):
        yield element.text or ""
        for child in element:
            yield from _texts(child, hidden)
            yield child.tail or ""


def make_assistant(inside: Inside) -> None:
    """Take from Maya's account all that an assistant must not do."""
    with inside, unit_of_work() as session:
        role = session.scalars(select(Role).where(Role.name == "assistant")).one()
        session.scalars(select(User)).one().roles = [role]


def couple(ada: Booked, inside: Inside) -> Booked:
    """Make Ada's booking one for two and let Ben join; return it as Ben holds it."""
    with inside:
        both_for(ada)
        return join_for(ada, BEN)


# The way there ------------------------------------------------------------------------------------


def test_the_booking_and_the_week_lead_to_the_brief_and_back(maya: Browser, ada: Booked) -> None:
    assert maya.open("/desk/").links["Before the call"] == room(ada)
    page = maya.open(maya.open(f"/desk/bookings/{ada.id}").links["Before the call"])

    assert page.h1.startswith("Ada")
    assert page.links["The booking"] == f"/desk/bookings/{ada.id}"


def test_the_way_there_is_the_same_whatever_was_written_read_or_asked(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    def outside() -> list[str]:
        paths = ("/desk/", f"/desk/bookings/{ada.id}", room(ada))
        return [_plain(maya.open(path)) for path in paths]

    before = outside()
    with inside:
        write_for(ada, BRINGS | SAFE)
    assert outside() == before
    opened(maya, ada)
    opened_note(maya, ada)
    assert outside() == before


def test_the_folder_says_that_whoever_holds_the_link_may_have_written(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS)

    assert "Whoever holds the private link can begin notes" in opened(maya, ada).text


def _plain(page: Page) -> str:
    """A page without the tokens of its forms."""
    tokens = {element.get("value", "") for element in page.find_all(name="csrf_token")}
    source = page.source
    for token in tokens:
        source = source.replace(token, "")
    return source


def test_a_cancelled_booking_still_has_its_brief(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        cancel_for(ada)

    assert "Before the call" in maya.open(f"/desk/bookings/{ada.id}").links
    maya.open(room(ada))


# The room -----------------------------------------------------------------------------------------


def test_the_room_says_who_when_and_how_to_reach_them(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside, unit_of_work() as session:
        person = session.get_one(BookingPerson, ada.person_id)
        person.called, person.mailbox_shared = "Zoe", True
        person.letters_from_minute, person.letters_until_minute = 9 * 60, 17 * 60

    page = maya.open(room(ada))

    text = page.text
    assert page.h1.startswith("Zoe")
    assert "Zoe" not in without(page, "noprint")
    assert "Thursday 4 June, 10 to 10:30am" in text
    assert "Free 30-minute chat" in text
    assert "Others can read this mailbox." in text
    assert "Letters from 9am to 5pm only" in text


def test_a_couple_is_one_room_and_two_folders(maya: Browser, ada: Booked, inside: Inside) -> None:
    ben = couple(ada, inside)
    with inside:
        write_for(ada, {"brings": {"different": "What Ada wrote."}})
        write_for(ben, {"brings": {"different": "What Ben wrote."}})

    page = maya.open(room(ada))
    assert [form.action for form in page.forms if "/brief/" in form.action] == [
        folder(ada),
        folder(ben),
    ]
    adas = maya.press(page, "Open the folder of Ada", form=folder(ada))
    assert "What Ada wrote." in adas.text
    assert "What Ben wrote." not in adas.text
    assert "Ben" not in adas.text
    bens = maya.press(page, "Open the folder of Ben", form=folder(ben))
    assert "What Ben wrote." in bens.text
    assert "What Ada wrote." not in bens.text


def test_some_minutes_alone_are_suggested_whenever_two_come(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    alone = "some minutes alone with you"
    assert alone not in maya.open(room(ada)).text
    with inside:
        both_for(ada)

    assert alone in maya.open(room(ada)).text
    assert alone in maya.open(folder(ada)).text
    ben = couple(ada, inside)
    with inside:
        write_for(ben, SAFE)
    assert alone in maya.open(room(ada)).text
    assert alone in opened(maya, ben).text


# A folder -----------------------------------------------------------------------------------------


def test_a_folder_is_closed_until_it_is_opened_and_closes_again(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        write_for(ada, BRINGS)
    page = maya.open(folder(ada))
    assert "This folder is closed." in page.text
    assert "fight" not in page.source
    assert readings(inside) == []

    page = opened(maya, ada)
    assert page.path == folder(ada)
    assert "turning into a fight." in page.text
    assert "Opened Monday 1 June, 10am." in page.text
    assert readings(inside) == ["INTAKE_READ"]
    assert "fight" in maya.open(folder(ada)).text
    assert readings(inside) == ["INTAKE_READ"]

    clock.advance(minutes=15)
    assert "fight" not in maya.open(folder(ada)).source


def test_every_block_stands_on_one_page(maya: Browser, ada: Booked, inside: Inside) -> None:
    with inside:
        write_for(ada, BRINGS | GROWING | {"hopes": {"goals": ("talking", "limits")}})

    page = opened(maya, ada)

    assert page.h1.startswith("Ada")
    assert "How to reach Ada" in page.text
    assert [words(quote) for quote in page.tree.iter("q")] == [
        "To talk without it turning into a fight."
    ]
    assert "Do you feel that you are growing in this relationship? Sometimes" in page.text
    goals = {option.id: option.label for option in shipped("full").question("goals").options}
    assert f"{goals['talking']} · {goals['limits']}" in page.text
    assert "Skipped What would make this chat worthwhile?" in page.text
    assert "Or leave it for the chat" not in page.text
    assert "Shared: Monday 1 June, 10am." in page.text
    assert "how answers are kept: Monday 1 June, 10am (text in use since" in page.text


def test_a_scale_is_a_picture_with_a_twin_in_words(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, {"brings": {"now": "4"}})

    page = opened(maya, ada)

    (picture,) = classed(page, "dots")
    assert picture.get("aria-hidden") == "true"
    circles = [part for part in picture.iter() if part.tag.endswith("circle")]
    assert [circle.get("class") for circle in circles] == [None, None, None, "here", None]
    assert "4 of 5, where 1 is “Very hard” and 5 “Very good”" in page.text


@pytest.mark.parametrize("written", [None, {}, BRINGS], ids=["not begun", "begun", "not shared"])
def test_nothing_shared_is_one_page(
    maya: Browser, ada: Booked, inside: Inside, written: Any
) -> None:
    before = _plain(opened(maya, ada))
    assert "Nothing was shared." in before
    if written is not None:
        with inside:
            write_for(ada, written, shared=[])

    assert _plain(maya.open(folder(ada))) == before


def test_markup_in_an_answer_is_text(app: Flask, ada: Booked, inside: Inside) -> None:
    browser = Browser(app, braces=True)
    with inside:
        maya = all_of(User)[0]
        write_for(ada, {"brings": {"different": f"{CANARY} {{{{ 7 * 7 }}}}", "worthwhile": "a\nb"}})
    sign_in_as(browser, maya)

    page = opened(browser, ada)  # it refuses inline scripts and handlers by itself

    assert "<script>alert" not in page.source
    assert CANARY in page.text
    assert "{{ 7 * 7 }}" in page.text


# The private note ---------------------------------------------------------------------------------


def test_the_private_note_is_behind_its_own_press(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS | SAFE)
    assert "Read before the call." not in maya.open(room(ada)).text

    page = opened(maya, ada)
    assert "Read before the call." in page.text
    assert "Trust gets broken" not in page.source
    closed = maya.open(page.links["Open when you’re alone"])
    assert "Trust gets broken" not in closed.source
    assert readings(inside) == ["INTAKE_READ"]

    read = maya.press(closed, "Open the private note")
    assert "Trust gets broken, again and again" in read.text
    assert "fight" not in read.text
    assert readings(inside) == ["INTAKE_READ", "PRIVATE_READ"]


def test_before_it_is_shared_nothing_tells_that_there_is_a_note(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS | SAFE, shared=["brings"])

    page = opened(maya, ada)

    assert "Read before the call." not in page.text
    assert not classed(page, "private")
    assert "/private" not in page.source
    assert "Nothing was shared." in opened_note(maya, ada).text


# On paper -----------------------------------------------------------------------------------------


def test_on_paper_there_are_initials_and_no_private_note(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS | SAFE)

    for page in (maya.open(room(ada)), maya.open(folder(ada)), opened(maya, ada)):
        paper = without(page, "noprint")
        assert "Ada" not in paper
        assert "A." in paper
        assert "Before the call" not in paper.partition("Thursday")[2]
        assert "private" not in paper.casefold()
    assert "fight" in paper
    (whole,) = [e for e in classed(opened_note(maya, ada), "private") if e.tag == "div"]
    assert "Trust gets broken" in words(whole)


# Who may not --------------------------------------------------------------------------------------


def sends(who: Browser, path: str) -> list[Page]:
    """What a GET and a POST of this address are answered, the latter with the own token."""
    page = who.open("/desk/", status=None)
    tokens = [form.value("csrf_token") for form in page.forms if "csrf_token" in form]
    fields = [("csrf_token", tokens[0] or "")] if tokens else []
    return [who.send(path, method="GET"), who.send(path, fields)]


def test_an_assistant_finds_no_brief_and_no_way_there(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS | SAFE)
    make_assistant(inside)

    for path in (folder(ada), note(ada)):
        assert [page.status for page in sends(maya, path)] == [404, 404]
    assert maya.open(room(ada), status=404)
    for path in ("/desk/", f"/desk/bookings/{ada.id}"):
        assert "/brief" not in maya.open(path).source
    assert readings(inside) == []


def test_another_coach_finds_no_brief(maya: Browser, ada: Booked, inside: Inside) -> None:
    with inside:
        write_for(ada, BRINGS | SAFE)
        noor = make_coach()
        with unit_of_work() as session:
            session.scalars(select(User)).one().coach_id = noor

    for path in (folder(ada), note(ada)):
        assert [page.status for page in sends(maya, path)] == [404, 404]
    assert maya.open(room(ada), status=404)
    assert readings(inside) == []


def test_strangers_are_sent_to_the_sign_in(app: Flask, ada: Booked, inside: Inside) -> None:
    stranger = Browser(app)

    for path in (room(ada), folder(ada), note(ada)):
        assert stranger.open(path).path.startswith("/desk/sign-in")
    assert readings(inside) == []


def test_a_person_of_another_booking_is_not_found_here(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        ben = book_for(BEN, at=at("Fri 10:00"))

    for path in (f"{room(ben)}/{ada.person_id}", f"{room(ada)}/999", "/desk/bookings/999/brief"):
        assert maya.open(path, status=404)


def test_a_time_that_is_held_has_no_brief(maya: Browser, ada: Booked, inside: Inside) -> None:
    with inside:
        hold_for(BEN, at=at("Fri 10:00"))
        held = next(row.id for row in all_of(Booking) if row.status == "held")

    assert maya.open(f"/desk/bookings/{held}/brief", status=404)
    assert "Before the call" not in maya.open(f"/desk/bookings/{held}").text


def test_where_the_journal_cannot_be_written_nothing_is_shown(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS | SAFE)
        engine = db.engine
    closed = [maya.open(folder(ada)), maya.open(note(ada))]

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INSERT INTO journal" in statement:
            raise OSError("disk is full")

    event.listen(engine, "before_cursor_execute", fail)
    try:
        for page in closed:
            answer = maya.press(page, form=page.path, status=500)
            assert "fight" not in answer.source
            assert "Trust" not in answer.source
    finally:
        event.remove(engine, "before_cursor_execute", fail)

    assert "fight" not in maya.open(folder(ada)).source
    assert "Trust" not in maya.open(note(ada)).source
