"""Who was erased stands nowhere any more: no file, no write-ahead log, no table, no letter row."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from practice.domain.note import as_kept
from practice.models.accounts import User
from practice.models.base import db
from practice.models.outbox import OutboxLetter
from practice.models.vault import MasterVault
from practice.ports import MailRefused, Post
from practice.usecases.asking import TimeWish, ask
from tests import databases
from tests.browser import Browser
from tests.fakes import FrozenClock, make_tools
from tests.house.test_canary import Nest, hidden_forms, logged
from tests.looking import all_of
from tests.makers import (
    at,
    book_for,
    both_for,
    cancel_for,
    change_person,
    deliver_all,
    join_for,
    make_practice,
    move_for,
    the_tools,
    turn_safety_on,
)
from tests.people import BEN, Person
from tests.sharing import BRINGS, SAFE, write_for
from tests.signing_in import sign_in_as

NAME, CALLED, BOX = "Canaria Nameworthy", "Cannie Calledso", "canary.box.0417"
ADDRESS, WISH, NOTE = f"{BOX}@mail.example", "canary-wish-0417", "canary-note-0417"
FORMS = [
    form for words in (NAME, "Nameworthy", CALLED, BOX, WISH, NOTE) for form in hidden_forms(words)
]


class Nobody(Person):
    """Somebody whose browser and network say nothing of her, as real ones, which are hashes."""

    @property
    def browser(self) -> str:
        return sha256(f"browser {self.name}".encode()).hexdigest()[:40]

    @property
    def caller(self) -> str:
        return sha256(f"caller {self.name}".encode()).hexdigest()[:40]


CANARIA = Nobody(NAME, ADDRESS)


class Quoting:
    """A mail server that refuses, and quotes the address as such servers do."""

    def send(self, post: Post) -> None:
        raise MailRefused(f"550 no such user here: <{post.to_address}>")


@pytest.fixture
def nest(
    database: str, tmp_path: Path, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> Iterator[Nest]:
    caplog.set_level(logging.INFO)
    vault = MasterVault(databases.MASTER_KEY)
    tools = replace(make_tools(), clock=clock, mailer=Quoting(), vault=vault)
    with databases.house_on(database, tmp_path, tools) as app:
        yield Nest(app, tools, tmp_path, caplog)


def tells(raw: bytes) -> bool:
    folded = raw.lower()
    return any(form in raw or form.lower() in folded for form in FORMS)


def files_that_tell(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and tells(p.read_bytes())]


def tables_that_tell() -> list[str]:
    with db.engine.connect() as connection:
        return [
            name
            for name, table in db.metadata.tables.items()
            if tells(repr([tuple(row) for row in connection.execute(table.select())]).encode())
        ]


def fill(nest: Nest) -> None:
    """Let Canaria do all that leaves her name, her address or her words somewhere."""
    with nest.app.app_context():
        make_practice()
        turn_safety_on()
        first = book_for(CANARIA, at=at("Thu 10:00"), invite=True)
        both_for(first)
        join_for(first, BEN)
        write_for(first, BRINGS | SAFE)
        change_person(first, called=CALLED)
        joined = book_for(BEN, at=at("Fri 10:00"))
        both_for(joined)
        join_for(joined, CANARIA)
        move_for(first, to=at("Thu 12:00"))
        for booking in (first, joined):
            cancel_for(booking)
        for number in range(12):  # enough to split pages of indexes and tables
            other = Nobody(f"{NAME} {number}", f"{number}.{BOX}@mail.example")
            cancel_for(book_for(other, at=at("Thu 10:00")))
        ask(TimeWish(NAME, ADDRESS.upper(), WISH, "Europe/London"), "c", tools=the_tools())
        deliver_all()
        assert any(BOX in row.why for row in all_of(OutboxLetter))


def test_who_was_erased_stands_nowhere_any_more(nest: Nest) -> None:
    fill(nest)
    maya = Browser(nest.app)
    with nest.app.app_context():
        user = all_of(User)[0]
    sign_in_as(maya, user, proved=True)
    maya.press(maya.open("/desk/clients/1/notes/new"), "Save", form="text", text=as_kept(NOTE))
    with nest.app.app_context():
        assert set(tables_that_tell()) >= {"clients", "booking_people", "outbox", "time_requests"}

    for number in [1, *range(3, 15)]:
        page = maya.open(f"/desk/clients/{number}/erase")
        maya.press(page, "Erase this person", sure=True)

    with nest.app.app_context():
        assert tables_that_tell() == []
        db.session.remove()
    assert files_that_tell(nest.folder) == []
    assert not tells(logged(nest))
    assert maya.open("/desk/clients/2").h1 == "Ben"
