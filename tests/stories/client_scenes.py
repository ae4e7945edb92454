"""The scenes of clients: finding them, a file with much in it, notes, taking out and erasing."""

from datetime import timedelta
from typing import Final

from playwright.sync_api import Page
from sqlalchemy import select, update

from practice.domain.roles import Role, Seat
from practice.models.booking import BookingPerson
from practice.models.note import Note
from practice.models.unit import reading, unit_of_work
from practice.usecases import couples, notes
from practice.usecases.notes import Draft
from tests import makers
from tests.people import Person
from tests.stories.staging import Scene, Stage, at
from tests.stories.steps import button

_MIRA: Final = Person("Mira Okonkwo-Lindqvist", "mira.okonkwo.lindqvist@a-long-host.mail.example")
_JAMIE: Final = Person("Jamie", "jamie@mail.example")
_TEXT: Final = (
    "What mattered:\nThey have not had an evening to themselves since spring, and both miss it.\n\n"
    "Agreed step:\nTwenty minutes on Sunday morning, phones in the kitchen.\n\n"
    "For next time:\nAsk how the Sunday went, before anything else."
)
_SEAT: Final = Seat(1, Role.OWNER, 1)


def begin_clients(stage: Stage) -> None:
    """Furnish the demo with two who are a couple, and with notes about one of them."""
    tools, clock, tokens = makers.the_tools(), stage.demo.clock, stage.tokens
    clock.at -= timedelta(days=10)
    talk = makers.book_for(_MIRA, at=makers.at("Mon 11:00", week=3), who="both")
    other = makers.join_for(talk, _JAMIE)
    single = makers.book_for(_JAMIE, at=makers.at("Tue 11:00", week=3))
    makers.cancel_for(single)
    mira, jamie = (_client_of(each.person_id) for each in (talk, other))
    couples.link(_SEAT, mira, jamie, tools=tools)
    locked = notes.save(_SEAT, mira, Draft("a" * 32, 0, _TEXT), tools=tools).note_id
    clock.at += timedelta(days=8)
    changed = _TEXT.replace("Twenty", "Thirty")
    notes.save(_SEAT, mira, Draft("a" * 32, 1, changed), tools=tools)
    clock.at += timedelta(days=2)
    fresh = notes.save(_SEAT, mira, Draft("b" * 32, 0, _TEXT), tools=tools).note_id
    # Somebody of whom nothing is to come.
    gone = _client_of(makers.booked(tokens["past"]).person_id)
    tokens |= {"mira": str(mira), "locked": str(locked), "fresh_note": str(fresh)}
    tokens["gone_client"] = str(gone)


def _client_of(person_id: int) -> int:
    found = reading().scalar(select(BookingPerson.client_id).where(BookingPerson.id == person_id))
    reading().rollback()
    assert found is not None
    return found


def _write_in_two_tabs(page: Page, stage: Stage) -> None:
    page.goto("/desk/clients/{mira}/notes/{fresh_note}".format(**stage.tokens))
    with stage.demo.app.app_context(), unit_of_work() as session:
        one_more = update(Note).where(Note.id == int(stage.tokens["fresh_note"]))
        session.execute(one_more.values(sequence=Note.sequence + 1))
    page.get_by_label("Note", exact=True).fill("Typed here.")
    button(page, "Save").click()
    page.get_by_role("alert").wait_for()


def _erase_unsure(page: Page, stage: Stage) -> None:
    page.goto("/desk/clients/{gone_client}/erase".format(**stage.tokens))
    button(page, "Erase this person").click()


CLIENTS: Final = (
    Scene("desk-clients-found", at("/desk/clients?q=mira"), at_desk=True),
    Scene("desk-clients-nobody", at("/desk/clients?q=zzz"), at_desk=True),
    Scene("desk-clients-hidden", at("/desk/clients?names=hidden"), at_desk=True),
    Scene("desk-clients-long", at(f"/desk/clients?q={'x' * 201}"), at_desk=True, status=422),
    Scene("desk-client-full", at("/desk/clients/{mira}"), at_desk=True),
    Scene("desk-client-letters", at("/desk/clients/{mira}?show=letters"), at_desk=True),
    Scene("desk-client-note-open", at("/desk/clients/{mira}/notes/{fresh_note}"), at_desk=True),
    Scene("desk-client-note-locked", at("/desk/clients/{mira}/notes/{locked}"), at_desk=True),
    Scene("desk-client-note-clash", _write_in_two_tabs, at_desk=True, status=409),
    Scene("desk-client-erase-coming", at("/desk/clients/{mira}/erase"), at_desk=True),
    Scene("desk-client-erase", at("/desk/clients/{gone_client}/erase"), at_desk=True),
    Scene("desk-client-erase-unsure", _erase_unsure, at_desk=True, status=422),
)
