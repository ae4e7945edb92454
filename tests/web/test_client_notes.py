"""A coach's own notes: sealed, saved by themselves, locked after a day, and nobody else's."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from practice.domain.note import HEADINGS
from practice.models.base import db
from practice.models.client import Client
from practice.models.journal import JournalEntry
from practice.models.note import Note, NoteEdit
from practice.models.person_key import PersonKey
from practice.models.unit import unit_of_work
from tests.browser import Browser, Page
from tests.fakes import FrozenClock
from tests.looking import all_of, dump
from tests.makers import Booked, at, book_for, give_hours, make_coach, make_offering
from tests.people import ADA, BEN
from tests.web.conftest import Inside
from tests.web.people_at_the_desk import desk_of, proved

CANARY = "<script>alert(1)</script></textarea><b onclick=x>&\"' {0.__class__}"
FILE = "/desk/clients/1"
JSON = {"Accept": "application/json"}


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        return book_for(ADA, at=at("Thu 10:00"))


def write(maya: Browser, text: str, *, client: str = FILE) -> Page:
    return maya.press(maya.open(f"{client}/notes/new"), "Save", form="text", text=text)


def autosaved(maya: Browser, page: Page, text: str, **more: str) -> Any:
    """What the page's script sends and hears by itself: the status, and what was told."""
    fields = dict(page.form("text").values()) | {"text": text} | more
    answer = maya.client.post(
        page.form("text").action, data=fields, headers=JSON, base_url=maya.base_url
    )
    return answer.status_code, json.loads(answer.text)


def told(inside: Inside) -> list[str]:
    with inside:
        rows = all_of(JournalEntry, JournalEntry.client_id.is_not(None))
        return [row.happening for row in rows]


def test_a_note_begins_with_headings_and_is_kept_sealed_under_the_clients_own_key(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    page = maya.open(maya.open(FILE).links["Write a note"])
    assert page.form("text").value("text") == HEADINGS
    empty = maya.press(page, "Save", form="text", status=422)
    assert "Write something first" in empty.errors

    kept = maya.press(empty, "Save", form="text", text=f"{CANARY}\r\nAnd more.")

    assert "Saved." in kept.text
    assert kept.form("text").value("text") == f"{CANARY}\nAnd more."
    assert kept.find(onclick="x") is None
    assert maya.open(maya.open(FILE).links["Monday 1 June, 10am"]).h1 == "Your note about Ada"
    with inside:
        (note,), (client,), (key,) = all_of(Note), all_of(Client), all_of(PersonKey)
        assert client.key_id == key.id
        assert b"alert" not in note.sealed
        assert len(note.sealed) == len(note.sealed) // 1024 * 1024 + 28
    assert CANARY not in maya.open(FILE).text
    assert told(inside) == ["NOTE_WRITTEN"]


def test_the_script_saves_the_same_note_again_and_hears_when(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock
) -> None:
    page = maya.open(f"{FILE}/notes/new")
    status, answer = autosaved(maya, page, "First words")
    assert (status, answer) == (200, {"saved": "10am", "seen": {"text": "1"}, "shown": []})
    clock.at += timedelta(minutes=42)
    more = {"seen-text": answer["seen"]["text"]}
    assert autosaved(maya, page, "First words, and more", **more)[1]["saved"] == "10:42am"
    assert autosaved(maya, page, "First words, and more")[0] == 200  # its answer was lost
    status, answer = autosaved(maya, page, "x" * 20_001, **more)
    assert (status, answer["error"].partition(" l")[0]) == (422, "Use at most 20,000")
    with inside:
        assert len(all_of(Note)) == 1
        assert all_of(NoteEdit) == []
    assert told(inside) == ["NOTE_WRITTEN"]


def test_two_tabs_do_not_overwrite_each_other(maya: Browser, ada: Booked, inside: Inside) -> None:
    write(maya, "As it was.")
    one, two = maya.open(f"{FILE}/notes/1"), maya.open(f"{FILE}/notes/1")
    maya.press(one, "Save", form="text", text="From the first tab.")

    status, answer = autosaved(maya, two, "From the second tab.")
    assert (status, answer["error"]) == (
        409,
        "Changed in another tab, not saved here. Press Save to see both texts.",
    )
    clash = maya.press(two, "Save", form="text", text="From the second tab.", status=409)
    assert "From the first tab." in clash.text
    assert clash.form("text").value("text") == "From the second tab."

    kept = maya.press(clash, "Save", form="text", text="From both tabs.")
    assert kept.form("text").value("text") == "From both tabs."


def test_a_stale_page_loses_nothing_that_was_typed(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    page = maya.open(f"{FILE}/notes/new")
    stale = maya.press(
        page, "Save", form="text", text="Typed long ago.", csrf_token="x", status=403
    )
    assert stale.form("text").value("text") == "Typed long ago."
    with inside:
        assert all_of(Note) == []

    maya.press(stale, "Save", form="text")
    with inside:
        assert len(all_of(Note)) == 1


def test_a_locked_note_keeps_what_it_said_beside_every_change(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock
) -> None:
    write(maya, "As it was.")
    page = maya.open(f"{FILE}/notes/1")
    clock.at += timedelta(hours=24)
    proved(maya, inside)

    status, answer = autosaved(maya, page, "By itself.")
    assert (status, answer["error"][:18]) == (409, "This note is locke")
    locked = maya.open(f"{FILE}/notes/1")
    assert "This note is locked since Tuesday 2 June, 10am" in locked.text
    assert locked.find(**{"data-saves": ""}) is None
    assert "notes.js" not in locked.source
    changed = maya.press(locked, "Save the change", form="text", text="As it is.")
    maya.press(changed, "Save the change", form="text", text="As it is now.")

    last = maya.open(f"{FILE}/notes/1")
    assert last.form("text").value("text") == "As it is now."
    assert last.text.index("As it is.") < last.text.index("As it was.")
    assert "Until Tuesday 2 June, 10am" in last.text
    assert "Locked, changed 2 times since" in maya.open(FILE).text
    assert told(inside) == ["NOTE_WRITTEN", "NOTE_CHANGED", "NOTE_CHANGED"]


def test_a_note_is_its_writers_alone_also_before_the_owner(
    app: Flask, maya: Browser, ada: Booked, inside: Inside
) -> None:
    write(maya, "Maya's words.")
    with inside:
        noor = make_coach()
        give_hours({"Thu": ["09:00-17:00"]}, coach_id=noor)
        make_offering("with-noor", coaches=[noor])
        book_for(ADA, at=at("Thu 12:00"), offering="with-noor")
        uid = all_of(Note)[0].uid
    owner = desk_of(app, inside, "owner", coach_id=noor)

    assert "None yet" in owner.open(FILE).text
    owner.open(f"{FILE}/notes/1", status=404)
    with inside:
        before = dump(without=("desk_sessions",))
    taken = owner.open(f"{FILE}/notes/new")
    owner.press(taken, "Save", form="text", text="Over it.", uid=uid, status=404)
    with inside:
        assert dump(without=("desk_sessions",)) == before
    write(owner, "Noor's words.")
    assert "Noor's words." not in maya.open(FILE).text
    with inside:
        assert len(all_of(PersonKey)) == 1  # the client's


def test_a_note_is_asked_for_under_its_own_client_only(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    with inside:
        book_for(BEN, at=at("Fri 10:00"))
    write(maya, "About Ada.")
    other = maya.open("/desk/clients/2/notes/new")
    with inside:
        uid = all_of(Note)[0].uid

    maya.open("/desk/clients/2/notes/1", status=404)
    maya.press(other, "Save", form="text", text="Moved.", uid=uid, status=404)
    fields = [*other.form("text").values(), ("client_id", "1"), ("coach_id", "7")]
    fields = [(k, "About Ben." if k == "text" else v) for k, v in fields]
    assert maya.send("/desk/clients/2/notes", fields).status == 303
    with inside:
        assert [(n.client_id, n.coach_id) for n in all_of(Note)] == [(1, 1), (2, 1)]


def test_swapped_words_open_nowhere(maya: Browser, ada: Booked, inside: Inside) -> None:
    write(maya, "The first note.")
    write(maya, "The second note.")
    with inside:
        first, second = all_of(Note)
        with unit_of_work() as session:
            for note, sealed in ((first, second.sealed), (second, first.sealed)):
                session.execute(update(Note).where(Note.id == note.id).values(sealed=sealed))
        db.session.remove()

    for number in (1, 2):
        page = maya.open(f"{FILE}/notes/{number}", status=500)
        assert "it was changed from outside" in page.text
        assert "note." not in page.text
    assert maya.open(FILE).status == 200  # it opens none of them
    with inside, unit_of_work() as session:
        assert session.scalars(select(Note.sequence)).all() == [1, 1]
