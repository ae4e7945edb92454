"""Clients at the desk: finding them, the file of one, couples, and who may see what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from practice.models.booking import BookingPerson
from practice.models.client import Client
from practice.models.couple import Couple
from practice.models.journal import Happening, JournalEntry
from tests.browser import Browser, Page
from tests.fakes import FrozenClock
from tests.looking import all_of, dump, statements
from tests.makers import (
    Booked,
    at,
    book_for,
    both_for,
    cancel_for,
    change_person,
    deliver_all,
    give_hours,
    hold_for,
    join_for,
    make_coach,
    make_offering,
    turn_safety_on,
)
from tests.people import ADA, BEN, CLEO, Person
from tests.sharing import BRINGS, SAFE, write_for
from tests.web.conftest import Inside
from tests.web.people_at_the_desk import desk_of, proved

CANARY = "<script>alert(1)</script><b onclick=x>&\"'"


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        turn_safety_on()
        return book_for(ADA, at=at("Thu 10:00"))


def client_id(inside: Inside, person: Person = ADA) -> int:
    with inside:
        return all_of(Client, Client.address == person.email)[0].id


def file_of(inside: Inside, person: Person = ADA) -> str:
    return f"/desk/clients/{client_id(inside, person)}"


def rows(page: Page) -> list[str]:
    return [" ".join("".join(row.itertext()).split()) for row in page.tree.iter("tr")][1:]


def lines(page: Page) -> list[str]:
    """The lines of the timeline, in their order."""
    items = [e for e in page.tree.iter("ol") if e.get("class") == "timeline"]
    return [" ".join("".join(line.itertext()).split()) for ol in items for line in ol]


def found(maya: Browser, query: str) -> list[str]:
    page = maya.open("/desk/clients", query=[("q", query)])
    return [row.partition(" ")[0] for row in rows(page)]


def elsewhere(inside: Inside, person: Person = BEN) -> tuple[int, Booked]:
    """Somebody's appointment with another coach; return that coach's id, and the booking."""
    with inside:
        noor = make_coach()
        give_hours({"Thu": ["09:00-17:00"]}, coach_id=noor)
        make_offering("with-noor", coaches=[noor])
        return noor, book_for(person, at=at("Thu 12:00"), offering="with-noor")


# Finding ------------------------------------------------------------------------------------------


def test_clients_stand_by_their_latest_appointment_and_are_found_by_name_and_address(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        for person, when in (
            (BEN, "Tue 10:00"),
            (Person("Zoë Ångström", "z_a@x.example"), "Wed 9:00"),
        ):
            book_for(person, at=at(when))
        cancel_for(book_for(CLEO, at=at("Fri 10:00")))

    listed = maya.open("/desk/clients")
    assert [row.partition(" ")[0] for row in rows(listed)] == ["Cleo", "Ada", "Zoë", "Ben"]
    assert "Thursday 4 June" in rows(listed)[1]
    assert found(maya, "zoe ANG") == ["Zoë"]
    assert found(maya, "mail.example b") == ["Ben"]
    assert found(maya, "%") == found(maya, "_d") == found(maya, "\\") == []
    assert found(maya, "z_a@") == ["Zoë"]
    assert "Nobody in this diary fits" in maya.open("/desk/clients?q=nobody").text


def test_a_client_is_found_by_every_name_that_was_given(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        book_for(replace(ADA, name="Adelaide Lovelace"), at=at("Fri 10:00"))

    assert found(maya, "lovelace") == found(maya, "ada") == ["Ada"]


def test_many_clients_stand_on_pages_and_a_page_that_is_none_is_not_found(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        for number in range(26):
            cancel_for(
                book_for(Person(f"P{number:02}", f"p{number}@x.example"), at=at("Thu 10:00"))
            )

    for query in ("", "?q=p"):
        first = maya.open(f"/desk/clients{query}")
        second = maya.open(first.links["Next page"])
        assert (len(rows(first)), len(rows(second))) == (25, 1)
        assert "Next page" not in second.links
        assert len({*rows(first), *rows(second)}) == 26
    for page in ("3", "0", "-1", "x", "9" * 400, "٣"):
        maya.open("/desk/clients", query=[("page", page)], status=404)


def test_a_search_of_any_size_is_harmless(maya: Browser, ada: Booked) -> None:
    for query in ("a%" * 25_000, "\0", "\ud83d", "'; DROP TABLE clients; --", "a " * 100):
        page = maya.open(
            "/desk/clients", query=[("q", query.encode("utf-8", "replace"))], status=None
        )
        assert page.status == (400 if query == "\0" else 422 if len(query) > 200 else 200)
    too_long = maya.open("/desk/clients", query=[("q", "x" * 201)], status=422)
    assert "Use at most 200 letters" in too_long.errors
    assert found(maya, "ada") == ["Ada"]


def test_who_only_began_to_book_is_no_client(maya: Browser, inside: Inside, ada: Booked) -> None:
    with inside:
        hold_for(BEN, at=at("Fri 10:00"))

    assert [row.partition(" ")[0] for row in rows(maya.open("/desk/clients"))] == ["Ada"]


# The file -----------------------------------------------------------------------------------------


def test_the_file_tells_all_there_is_and_opens_nothing(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        deliver_all()
        write_for(ada, BRINGS | SAFE)
        change_person(ada, called="Addie", wants_reminder=False)
        book_for(ADA, at=at("Fri 10:00", week=1))
    clock.at = at("Thu 12:00")
    proved(maya, inside)  # nobody stays signed in for so long

    page = maya.open(maya.open("/desk/clients").links["Ada"])

    assert page.h1 == "Ada"
    assert "ada@mail.example" in page.text
    assert "Friday 12 June, 10 to 10:30am" in page.text
    told = lines(page)
    assert [line for line in told if "Free 30-minute chat" in line][-1].endswith("Past. Alone.")
    assert any("Letter: Confirmation Sent" in line for line in told)
    assert any("Agreed that answers are kept" in line for line in told)
    assert len([line for line in told if "Something was shared" in line]) == 1
    assert "fight" not in page.text  # what was written
    assert page.links["Something was shared"] == f"/desk/bookings/{ada.id}/brief/{ada.person_id}"
    with inside:
        assert Happening.INTAKE_READ.name not in {row.happening for row in all_of(JournalEntry)}

    only = maya.open(f"{page.path}?show=letters")
    assert lines(only)
    assert all("Letter:" in line for line in lines(only))
    maya.open(f"{page.path}?show=nothing", status=404)
    maya.open(f"{page.path}?page=2", status=404)


def test_the_private_section_shows_in_no_file_even_once_it_is_opened(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    path = file_of(inside)
    with inside:
        write_for(ada, SAFE)
    before = lines(maya.open(path))
    assert not any("shared" in line for line in before)

    note = f"/desk/bookings/{ada.id}/brief/{ada.person_id}/private"
    maya.press(maya.open(note), "Open the private note", form=note)

    assert "private" not in maya.open(path).text.casefold()


def test_names_hide_on_the_list_and_in_the_file(maya: Browser, ada: Booked, inside: Inside) -> None:
    hidden = maya.open(maya.open("/desk/clients").links["Hide names"])
    file = maya.open(hidden.links["A."])

    for page in (hidden, file):
        assert "Ada" not in page.source
        assert "ada@" not in page.source
        assert "a…@mail.example" in page.text
    assert maya.open(file.links["Show names"]).h1 == "Ada"


def test_a_name_is_text_wherever_it_stands(maya: Browser, inside: Inside) -> None:
    with inside:
        book_for(replace(ADA, name=CANARY), at=at("Thu 10:00"))
    path = file_of(inside)

    for page in (maya.open("/desk/clients"), maya.open(path), maya.open(f"{path}/notes/new")):
        assert CANARY in page.text
        assert "<script>alert" not in page.source
        assert page.find(onclick="x") is None
    assert found(maya, CANARY) != []


def test_a_long_file_asks_no_more_of_the_database_than_a_short_one(
    maya: Browser, ada: Booked, inside: Inside, app: Flask
) -> None:
    path = file_of(inside)

    def asked() -> int:
        with app.app_context(), statements() as sent:
            maya.open(path)
        return len(sent)

    asked()
    short = asked()
    with inside:
        for number in range(3):
            book_for(ADA, at=at("Fri 9:00") + timedelta(hours=2 * number))

    assert asked() == short


# Two of them --------------------------------------------------------------------------------------


def test_two_who_shared_an_appointment_are_linked_and_taken_apart_by_a_press(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        both_for(ada)
        join_for(ada, BEN)
        write_for(ada, BRINGS)
    of_ada, of_ben = file_of(inside), file_of(inside, BEN)

    linked = maya.press(maya.open(of_ada), "Link with Ben")
    assert "Linked with Ben" in linked.text
    other = maya.open(linked.links["Ben"])
    assert other.path == of_ben
    assert "Linked with Ada" in other.text
    assert "Something was shared" not in other.text  # that is Ada's
    assert "Something was shared" in linked.text
    maya.send(f"{of_ada}/couple/{client_id(inside, BEN)}", linked.form("/apart").values())
    with inside:
        assert len(all_of(Couple)) == 1  # pressed twice, it is the same link

    apart = maya.press(other, "Take the link to Ada away")
    assert "They are not linked any more" in apart.text
    assert "Link with Ada" in apart.text
    with inside:
        assert all_of(Couple) == []
        told = [row.happening for row in all_of(JournalEntry, JournalEntry.client_id.is_not(None))]
    assert told == ["LINKED", "LINKED", "UNLINKED", "UNLINKED"]


def test_strangers_to_each_other_and_clients_of_others_are_not_linked(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    elsewhere(inside)
    with inside:
        book_for(CLEO, at=at("Fri 10:00"))
    path, token = file_of(inside), maya.open(file_of(inside)).form("/sign-out").value("csrf_token")

    for other in (client_id(inside, CLEO), client_id(inside, BEN), client_id(inside), 10**6):
        for end in ("", "/apart"):
            sent = [("csrf_token", token), ("client_id", str(client_id(inside, BEN)))]
            page = maya.send(f"{path}/couple/{other}{end}", sent)
            expected = 303 if end and other == client_id(inside, CLEO) else 404
            assert page.status == expected, (other, end)
    with inside:
        assert all_of(Couple) == []


# Who may not --------------------------------------------------------------------------------------

_PAGES = ("", "/notes/new", "/notes/1", "/export", "/erase")
_PRESSES = ("/notes", "/export", "/erase", "/couple/1", "/couple/1/apart")


def pressed(browser: Browser, path: str, **fields: str) -> Page:
    token = browser.open("/desk/account", status=None).form("/sign-out").value("csrf_token")
    return browser.send(path, [("csrf_token", token or ""), *fields.items()])


def test_another_coachs_client_is_nobody_on_every_address(
    app: Flask, ada: Booked, inside: Inside
) -> None:
    path = file_of(inside)
    for role in ("owner", "coach"):
        with inside:
            noor = make_coach(name=f"Noor {role}")
        other = desk_of(app, inside, role, coach_id=noor)
        assert "Ada" not in other.open("/desk/clients").text
        assert "Ada" not in other.open("/desk/clients?q=ada").text.replace("“ada”", "")
        with inside:
            before = dump(without=("desk_sessions",))
        for end in _PAGES:
            other.open(f"{path}{end}", status=404)
        for end in _PRESSES:
            fields = {"uid": "a" * 32, "seen-text": "0", "text": "x", "sure": "y", "kind": "json"}
            assert pressed(other, f"{path}{end}", **fields).status == 404, end
        with inside:
            assert dump(without=("desk_sessions",)) == before


def test_an_assistant_sees_the_file_and_nothing_of_what_was_written_paid_or_noted(
    app: Flask, ada: Booked, inside: Inside
) -> None:
    with inside:
        write_for(ada, BRINGS)
        both_for(ada)
        join_for(ada, BEN)
    assistant = desk_of(app, inside, "assistant", coach_id=1)
    path = file_of(inside)

    page = assistant.open(path)
    assert page.h1 == "Ada"
    assert not {"Shared", "Consents", "Payments", "On record", "Write a note"} & page.links.keys()
    assert not any(word in page.text for word in ("was shared", "Agreed", "Your notes", "Erase"))
    for show in ("shared", "consents", "readings", "payments"):
        assistant.open(f"{path}?show={show}", status=404)
    for end in _PAGES[1:]:
        assistant.open(f"{path}{end}", status=404)
    for end in _PRESSES[:3]:
        assert pressed(assistant, f"{path}{end}", text="x", sure="y").status == 404
    assert "Linked with Ben" in assistant.press(page, "Link with Ben").text


def test_a_stranger_is_led_to_the_sign_in_and_a_press_without_a_token_does_nothing(
    app: Flask, maya: Browser, ada: Booked, inside: Inside
) -> None:
    path, stranger = file_of(inside), Browser(app)
    for end in ("", *_PAGES):
        assert stranger.open(f"{path}{end}").path.startswith("/desk/sign-in")
    assert stranger.open("/desk/clients").path.startswith("/desk/sign-in")
    with inside:
        before = dump(without=("desk_sessions",))
    for end in _PRESSES:
        assert maya.send(f"{path}{end}", [("text", "x"), ("sure", "y")]).status == 403, end
    with inside:
        assert dump(without=("desk_sessions",)) == before
        assert len(all_of(BookingPerson)) == 1
