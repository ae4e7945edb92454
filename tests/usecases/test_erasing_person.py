"""Erasing a person while others act: nobody is ever booked, or noted, who is erased."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from practice.domain.booking import Actor, Status
from practice.domain.refusal import NotAllowed, NotFound, Refusal
from practice.domain.roles import Right, Role, Seat
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.journal import Happening, JournalEntry
from practice.models.link import person_token
from practice.models.note import Note
from practice.models.person_key import PersonKey
from practice.ports import Tools
from practice.usecases.couples import link, unlink
from practice.usecases.erasing_person import erase_client
from practice.usecases.exporting import export
from practice.usecases.notes import Draft, new_uid, save
from tests.fakes import FrozenClock
from tests.looking import all_of
from tests.makers import at, book_for, book_hold, booked, cancel_for, hold_for, undo_for
from tests.payments.crowd import together
from tests.people import ADA

MAYA = Seat(1, Role.OWNER, 1)


def words(text: str = "Something to remember.") -> Draft:
    return Draft(new_uid(), 0, text)


def erased_ids() -> set[int]:
    return {client.id for client in all_of(Client) if client.erased_at is not None}


def test_who_books_while_being_erased_is_booked_as_somebody_new_or_is_not_erased(
    app: Flask, tools: Tools
) -> None:
    outcomes = set()
    for number in range(6):
        cancel_for(book_for(ADA, at=at("Tue 9:00")))
        (client,) = [each for each in all_of(Client) if each.erased_at is None]

        held = hold_for(ADA, at=at("Thu 9:00") + timedelta(hours=number))

        def book(token: str = held) -> str:
            with app.app_context():
                book_hold(token)
            return ""

        def erase(client_id: int = client.id) -> str:
            with app.app_context():
                try:
                    erase_client(MAYA, client_id, tools=tools)
                except NotAllowed:
                    return "refused"
            return "erased"

        outcomes.update(together(book, erase))
        gone = erased_ids()
        for booking in all_of(Booking, Booking.status == Status.CONFIRMED):
            (person,) = all_of(BookingPerson, BookingPerson.booking_id == booking.id)
            assert person.client_id not in gone
            assert person.name == "Ada"
            token = person_token(db.session(), person.id, tools.vault)
            cancel_for(booked(token))
    assert outcomes & {"refused", "erased"}


def test_a_note_that_meets_an_erasure_leaves_no_word_and_no_key(app: Flask, tools: Tools) -> None:
    for _ in range(4):
        cancel_for(book_for(ADA, at=at("Tue 9:00")))
        (client,) = [each for each in all_of(Client) if each.erased_at is None]

        def note(client_id: int = client.id) -> None:
            with app.app_context():
                try:
                    save(MAYA, client_id, words(), tools=tools)
                except NotFound:
                    return

        def erase(client_id: int = client.id) -> None:
            with app.app_context():
                erase_client(MAYA, client_id, tools=tools)

        together(note, erase, note)
        assert all_of(Note) == []
        assert all_of(PersonKey) == []


def test_an_erasure_that_broke_off_after_the_keys_is_finished_by_another_press(
    tools: Tools, clock: FrozenClock
) -> None:
    cancel_for(book_for(ADA, at=at("Tue 9:00")))
    save(MAYA, 1, words(), tools=tools)

    def break_off(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE FROM couples"):
            raise ValueError("the machine stopped")

    event.listen(db.engine, "before_cursor_execute", break_off)
    try:
        with pytest.raises(ValueError, match="the machine stopped"):
            erase_client(MAYA, 1, tools=tools)
    finally:
        event.remove(db.engine, "before_cursor_execute", break_off)
    assert all_of(PersonKey) == []  # the words are gone, whatever became of the rows
    assert len(all_of(Note)) == 1
    with pytest.raises(NotFound):
        save(MAYA, 1, words(), tools=tools)

    erase_client(MAYA, 1, tools=tools)
    erase_client(MAYA, 1, tools=tools)

    assert erased_ids() == {1}
    assert all_of(Note) == []
    told = all_of(JournalEntry, JournalEntry.happening == Happening.PERSON_ERASED.name)
    assert len(told) == 1


def test_what_an_erased_person_cancelled_is_not_taken_back(tools: Tools) -> None:
    booking = book_for(ADA, at=at("Tue 9:00"))
    cancel_for(booking, by=Actor.COACH)
    erase_client(MAYA, 1, tools=tools)

    with pytest.raises(NotAllowed, match="was erased since"):
        undo_for(booking, by=Actor.COACH)


def test_no_use_case_of_clients_is_open_to_an_assistant_or_at_another_diary(tools: Tools) -> None:
    book_for(ADA, at=at("Tue 9:00"))
    closed: list[Callable[[Seat], object]] = [
        lambda seat: save(seat, 1, words(), tools=tools),
        lambda seat: export(seat, 1, with_notes=True, tools=tools),
        lambda seat: erase_client(seat, 1, tools=tools),
        lambda seat: link(seat, 1, 2, tools=tools),
        lambda seat: unlink(seat, 1, 2, tools=tools),
    ]
    keeper = Seat(1, Role.OWNER, 1, is_own=False)  # the owner too is an assistant there
    for seat in (Seat(2, Role.ASSISTANT, 1), keeper, Seat(2, Role.OWNER, 7)):
        for act in closed:
            with pytest.raises(Refusal) as refused:
                act(seat)
            assert isinstance(refused.value, NotFound)
    assert keeper.may(Right.CLIENTS)
    assert not [row for row in all_of(JournalEntry) if row.client_id]
