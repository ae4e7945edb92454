"""Taking everything about one person out, and erasing her."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from practice.domain.client import ERASED_NAME
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.consent import Consent
from practice.models.couple import Couple
from practice.models.intake import Intake, IntakeSection
from practice.models.journal import Happening, JournalEntry
from practice.models.link import Link
from practice.models.note import Note, NoteEdit
from practice.models.outbox import LetterState
from practice.models.payment import Payment
from practice.models.person_key import PersonKey
from practice.models.time_request import TimeRequest
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases.asking import TimeWish, ask
from practice.usecases.housekeeping import keep_house
from tests.browser import Browser, Page
from tests.fakes import FakePayments, FrozenClock
from tests.house.reading import ROOT
from tests.looking import all_of, dump, letters
from tests.makers import (
    Booked,
    at,
    book_for,
    both_for,
    cancel_for,
    deliver_all,
    give_hours,
    join_for,
    make_coach,
    make_offering,
    the_tools,
    turn_safety_on,
)
from tests.people import ADA, BEN
from tests.sharing import BRINGS, GROWING, SAFE, write_for
from tests.shop import Shop
from tests.web.conftest import Inside
from tests.web.people_at_the_desk import desk_of, proved

FILE = "/desk/clients/1"


@pytest.fixture
def bank(clock: FrozenClock) -> FakePayments:
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, bank: FakePayments) -> Tools:
    return replace(tools, payments=bank)


@pytest.fixture
def ada(inside: Inside) -> Booked:
    """Ada's talk, before which she shared something and kept something."""
    with inside:
        turn_safety_on()
        ada = book_for(ADA, at=at("Thu 10:00"))
        write_for(ada, BRINGS | GROWING | SAFE, shared=("brings", "safe"))
        deliver_all()
    return ada


def note(maya: Browser, text: str) -> None:
    maya.press(maya.open(f"{FILE}/notes/new"), "Save", form="text", text=text)


def taken(maya: Browser, kind: str = "json", **more: Any) -> Page:
    return maya.press(maya.open(f"{FILE}/export"), "Take it out", form="kind", kind=kind, **more)


def erased(maya: Browser, *, status: int = 200) -> Page:
    return maya.press(maya.open(f"{FILE}/erase"), "Erase this person", sure=True, status=status)


def later(maya: Browser, inside: Inside, clock: FrozenClock) -> None:
    """Let all of this week be over, and Maya have come back."""
    clock.at += timedelta(days=7)
    proved(maya, inside)


# Taking it out ------------------------------------------------------------------------------------


def test_both_pages_ask_for_the_password_first(maya: Browser, ada: Booked) -> None:
    for end in ("export", "erase"):
        assert maya.open(f"{FILE}/{end}").path.startswith("/desk/prove")
        token = maya.open(FILE).form("/sign-out").value("csrf_token") or ""
        sent = [("csrf_token", token), ("kind", "json"), ("sure", "y")]
        answer = maya.send(f"{FILE}/{end}", sent)
        assert answer.status == 302
        assert "/desk/prove" in answer.headers["Location"]


def test_an_export_holds_what_is_stored_and_nothing_of_anybody_else(
    maya: Browser, ada: Booked, inside: Inside, bank: FakePayments
) -> None:
    with inside:
        both_for(ada)
        join_for(ada, BEN)
        make_offering(price_minor=9000, full_refund_hours=48)
    shop = Shop(inside, bank)
    shop.buy(ADA, at=at("Fri 10:00"))
    proved(maya, inside)
    note(maya, "My own note.")

    answer = taken(maya)

    assert answer.headers["Content-Type"].startswith("application/json")
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="person-1-2026-06-01.json"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.raw)
    assert (found["format"], found["made_at"]) == ("practice.person/1", "2026-06-01T09:00:00Z")
    assert found["person"]["address"] == ADA.email
    talk = found["appointments"][-1]
    assert (talk["starts_at"], talk["for_two"]) == ("2026-06-04T09:00:00Z", True)
    (payment,) = found["payments"]
    assert (payment["received_minor"], payment["currency"], payment["state"]) == (
        9000,
        "EUR",
        "paid",
    )
    assert {letter["kind"] for letter in found["letters"]} >= {"confirmation", "reminder"}
    assert found["consents"][0]["given"] is True
    ((section,),) = [sheet["sections"] for sheet in found["shared"]]
    assert section["title"] == "What brings you"
    assert ["To talk without it\nturning into a fight."] in [
        each["answer"] for each in section["answers"]
    ]
    whole = json.dumps(found)
    for left_out in ("Ben", BEN.email, "My own note", "sometimes", "trust", 'notes":'):
        assert left_out not in whole, left_out
    assert "The other person joined." not in whole


def test_an_export_is_on_record_before_anything_is_opened(
    maya: Browser, ada: Booked, inside: Inside, app: Flask
) -> None:
    proved(maya, inside)
    page = maya.open(f"{FILE}/export")

    def fail(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO journal"):
            raise ValueError("the journal is away")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = maya.press(page, "Take it out", form="kind", kind="json", status=500)
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert "fight" not in answer.text
    with inside:
        assert "EXPORTED" not in [row.happening for row in all_of(JournalEntry)]

    taken(maya, "html")
    with inside:
        told = [(row.happening, row.client_id, row.person_id) for row in all_of(JournalEntry)][-2:]
    assert told == [("EXPORTED", 1, None), ("INTAKE_READ", None, ada.person_id)]
    assert "Everything about a client was taken out." in maya.open(FILE).text


def test_the_own_notes_are_in_an_export_only_where_it_is_ticked_and_the_page_reads_the_same(
    maya: Browser, ada: Booked, inside: Inside
) -> None:
    proved(maya, inside)
    note(maya, "My <own> note.")

    without, ticked = taken(maya, "html"), taken(maya, "html", notes=True)

    assert 'filename="person-1-2026-06-01.html"' in ticked.headers["Content-Disposition"]
    assert "My <own> note." not in without.text
    assert "The coach’s own notes are not in this file." in without.text
    assert "My <own> note." in ticked.text
    assert "turning into a fight" in ticked.text
    assert "4 June 2026, 09:00 UTC" in ticked.text
    assert not re.search(r"(src|href)=", ticked.source)
    assert "notes" in json.loads(taken(maya, "json", notes=True).raw)


def test_who_was_invited_is_told_no_price(maya: Browser, inside: Inside) -> None:
    with inside:
        booking = book_for(BEN, at=at("Thu 10:00"))
        both_for(booking)
        join_for(booking, ADA)
    proved(maya, inside)

    page = maya.press(maya.open("/desk/clients/2/export"), "Take it out", form="kind", kind="json")

    found = json.loads(page.raw)
    (talk,) = found["appointments"]
    assert (talk["came_as"], talk["price_minor"]) == ("partner", None)
    assert "Ben" not in page.raw.decode()
    assert [line["what"] for line in found["journal"]] == [
        "The other person joined.",
        "Everything about a client was taken out.",
    ]


def test_every_key_of_an_export_is_promised(
    maya: Browser, ada: Booked, inside: Inside, bank: FakePayments
) -> None:
    promised = set(re.findall(r"`([a-z_]+)`", Path(ROOT / "docs/export.md").read_text()))
    with inside:
        make_offering(price_minor=9000)
    Shop(inside, bank).buy(ADA, at=at("Fri 10:00"))
    proved(maya, inside)
    note(maya, "My own note.")

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for each in value.values() for key in keys(each)}
        return {key for each in value for key in keys(each)} if isinstance(value, list) else set()

    assert keys(json.loads(taken(maya, notes=True).raw)) - promised == set()


# Erasing ------------------------------------------------------------------------------------------


def test_what_is_to_come_is_cancelled_first(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock
) -> None:
    proved(maya, inside)
    page = maya.open(f"{FILE}/erase")
    assert "Thursday 4 June, 10 to 10:30am" in page.text
    assert page.find(name="sure") is None
    with inside:
        before = dump(without=("desk_sessions",))
    token = page.form("/sign-out").value("csrf_token") or ""
    refused = maya.send(f"{FILE}/erase", [("csrf_token", token), ("sure", "y")])
    assert (refused.status, "Nothing was erased" in refused.text) == (409, True)
    with inside:
        assert dump(without=("desk_sessions",)) == before
        cancel_for(ada)

    unsure = maya.press(maya.open(f"{FILE}/erase"), "Erase this person", status=422)
    assert "Tick the box if you mean it" in unsure.errors
    assert "This person is erased." in erased(maya).text


def test_an_appointment_elsewhere_stands_in_the_way_too_and_is_erased_with_the_rest(
    maya: Browser, ada: Booked, inside: Inside, app: Flask
) -> None:
    with inside:
        noor = make_coach()
        give_hours({"Thu": ["09:00-17:00"]}, coach_id=noor)
        make_offering("with-noor", coaches=[noor])
        other = book_for(ADA, at=at("Thu 12:00"), offering="with-noor")
        cancel_for(ada)
    theirs = desk_of(app, inside, "coach", coach_id=noor)
    note(theirs, "Noor's own note.")
    proved(maya, inside)

    page = maya.open(f"{FILE}/erase")
    assert "With Noor Haddad" in page.text
    assert f"/desk/bookings/{other.id}" not in page.source
    with inside:
        cancel_for(other)
    erased(maya)

    with inside:
        assert all_of(Note) == []
        assert all_of(PersonKey) == []
        assert {person.name for person in all_of(BookingPerson)} == {ERASED_NAME}
    theirs.open(FILE, status=404)


def test_an_erasure_takes_all_that_names_a_person_and_leaves_the_rest(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock, bank: FakePayments
) -> None:
    with inside:
        both_for(ada)
        ben = join_for(ada, BEN)
        write_for(ben, BRINGS)
        ask(TimeWish("Ada", ADA.email.upper(), "Evenings", "Europe/London"), "c", tools=the_tools())
        ask(TimeWish("Ben", BEN.email, "Mornings", "Europe/London"), "c", tools=the_tools())
        make_offering(price_minor=9000)
    Shop(inside, bank).buy(ADA, at=at("Fri 10:00"))
    maya.press(maya.open(FILE), "Link with Ben")
    note(maya, "About Ada.")
    clock.at += timedelta(hours=25)
    proved(maya, inside)
    maya.press(maya.open(f"{FILE}/notes/1"), "Save the change", form="text", text="Changed.")
    later(maya, inside, clock)
    with inside:
        before = dump()

    page = maya.open(f"{FILE}/erase")
    assert "2 appointments with you" in page.text
    assert "1 payment" in page.text
    erased(maya)

    maya.open(FILE, status=404)
    Browser(maya.client.application).open(f"/a/{ada.token}", status=404)
    with inside:
        client, other = all_of(Client)
        assert (client.name, client.address, client.search_key) == (ERASED_NAME, "", "")
        assert (other.name, other.address) == ("Ben", BEN.email)
        for row in (Note, NoteEdit, Couple):
            assert all_of(row) == []
        assert [wish.name for wish in all_of(TimeRequest)] == ["Ben"]
        assert len(all_of(PersonKey)) == 2  # of what Ben wrote
        living = [each.id for each in all_of(Intake) if each.erased_at is None]
        assert {row.intake_id for row in all_of(IntakeSection)} == set(living)
        assert {link.person_id for link in all_of(Link) if link.person_id} == {ben.person_id}
        waiting = {letter.person_id for letter in letters(state=LetterState.WAITING)}
        assert waiting <= {None, ben.person_id}
        after = dump()
        for table in ("payments", "refunds", "consents", "intake_sections"):
            kept = [row for row in before[table] if row in after[table]]
            assert kept == after[table], table
        assert all_of(Payment)[0].received_minor == 9000
        assert len(all_of(Consent)) == 2
        assert all_of(BookingPerson, BookingPerson.id == ben.person_id)[0].name == "Ben"
        (told,) = all_of(JournalEntry, JournalEntry.happening == Happening.PERSON_ERASED.name)
        assert (told.client_id, told.coach_id) == (1, 1)
    assert maya.open(f"/desk/bookings/{ada.id}").h1 == f"{ERASED_NAME} and Ben"
    assert FILE not in maya.open(f"/desk/bookings/{ada.id}").source
    assert maya.open("/desk/clients/2").h1 == "Ben"
    assert Browser(maya.client.application).open(f"/a/{ben.token}").status == 200


def test_an_erasure_pressed_twice_is_one_and_the_address_is_somebody_new_after_it(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock
) -> None:
    later(maya, inside, clock)
    page = maya.open(f"{FILE}/erase")
    maya.press(page, "Erase this person", sure=True)
    with inside:
        before = dump(without=("desk_sessions",))
    maya.press(page, "Erase this person", sure=True)
    with inside:
        assert dump(without=("desk_sessions",)) == before
        again = book_for(ADA, at=at("Thu 10:00", week=1))
        assert again.id != ada.id
        assert [(each.name, each.erased_at is None) for each in all_of(Client)] == [
            (ERASED_NAME, False),
            ("Ada", True),
        ]
    assert maya.open("/desk/clients/2").h1 == "Ada"


def test_no_letter_is_written_or_sent_to_who_was_erased(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock, tools: Tools
) -> None:
    with inside:
        cancel_for(ada)  # its letter waits
    proved(maya, inside)
    assert "1 letter that waits" in maya.open(f"{FILE}/erase").text
    erased(maya)

    with inside:
        sent = len(letters(state="sent"))
        deliver_all()
        to_her = [row for row in letters(state="sent") if row.person_id == ada.person_id]
        assert len(to_her) <= sent
        assert [row.kind for row in to_her if row.kind == "cancelled"] == []


def test_a_key_that_comes_back_with_an_old_copy_is_destroyed_again(
    maya: Browser, ada: Booked, inside: Inside, clock: FrozenClock, tools: Tools
) -> None:
    note(maya, "About Ada.")
    with inside:
        kept = [(key.id, key.wrapped, key.master_id, key.created_at) for key in all_of(PersonKey)]
    later(maya, inside, clock)
    erased(maya)
    with inside, unit_of_work() as session:
        assert session.scalars(select(PersonKey.id)).all() == []
        for id_, wrapped, master_id, created_at in kept:
            session.add(
                PersonKey(id=id_, wrapped=wrapped, master_id=master_id, created_at=created_at)
            )
    with inside:
        keep_house(tools=tools)
        assert all_of(PersonKey) == []


def test_a_payment_under_way_stands_in_the_way(
    maya: Browser, ada: Booked, inside: Inside, bank: FakePayments, clock: FrozenClock
) -> None:
    with inside:
        cancel_for(ada)
        make_offering(price_minor=9000)
    Shop(inside, bank).begin(ADA, at=at("Fri 10:00"))
    proved(maya, inside)
    with inside, unit_of_work() as session:
        session.scalars(select(Booking).where(Booking.status == "pending")).one().status = "expired"

    page = maya.open(f"{FILE}/erase")

    assert "A payment is still under way" in page.text
    token = page.form("/sign-out").value("csrf_token") or ""
    assert maya.send(f"{FILE}/erase", [("csrf_token", token), ("sure", "y")]).status == 409
