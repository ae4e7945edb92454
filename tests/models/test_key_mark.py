"""A house knows the keys that it was made with, and notices others before it shows anything."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, insert, update

from practice.domain.refusal import NotAllowed
from practice.models.base import db
from practice.models.intake import Intake
from practice.models.key_mark import KeyFault, KeyMark, KeyRing
from practice.models.keys import new_key
from practice.models.link import Link, Opens, Purpose, new_link
from practice.models.unit import unit_of_work
from practice.models.vault import MasterVault
from practice.ports import Tools
from practice.usecases.starting import settle_keys
from tests import databases
from tests.fakes import NOW
from tests.looking import all_of, dump, statements
from tests.makers import at, book_for


def with_another_key(tools: Tools) -> Tools:
    return replace(tools, vault=MasterVault(bytes(32)))


def settle(tools: Tools) -> None:
    settle_keys(tools=tools)
    db.session.remove()


def refused(tools: Tools) -> str:
    before = dump()
    with pytest.raises(NotAllowed) as told:
        settle(tools)
    db.session.remove()
    assert dump() == before
    return told.value.sentence


def write_something(tools: Tools, *, erased: bool = False) -> None:
    """Begin an intake, with keys and all."""
    person_id = book_for(at=at("Tue 10:00")).person_id
    with unit_of_work() as session:
        keys = [new_key(session, vault=tools.vault, now=NOW) for _ in range(2)]
        session.execute(
            insert(Intake).values(
                reference="first",
                person_id=person_id,
                questionnaire="full",
                version=1,
                way_back="code",
                key_id=keys[0],
                private_key_id=keys[1],
                created_at=NOW,
                erased_at=NOW if erased else None,
            )
        )
    db.session.remove()


def lose_the_ring() -> None:
    with unit_of_work() as session:
        session.execute(delete(KeyRing))
    db.session.remove()


def test_a_new_house_is_marked_once_and_then_only_looked_at(inside: Flask, tools: Tools) -> None:
    settle(tools)
    (mark,) = all_of(KeyMark)
    (ring,) = all_of(KeyRing)

    with statements() as sent:
        settle(tools)

    assert (mark.master_id, mark.ring_id) == (tools.vault.key_id, ring.id)
    assert not [line for line in sent if line.startswith(("INSERT", "UPDATE"))]
    assert (all_of(KeyMark)[0].ring_id, all_of(KeyRing)[0].id) == (ring.id, ring.id)


def test_a_house_that_was_marked_refuses_every_other_master_key(
    inside: Flask, tools: Tools
) -> None:
    settle(tools)

    assert refused(with_another_key(tools)) == KeyFault.MASTER
    settle(tools)


def test_a_house_older_than_the_mark_refuses_a_key_that_does_not_open_its_links(
    inside: Flask, tools: Tools
) -> None:
    with unit_of_work() as session:
        new_link(session, Purpose.HOLD, Opens(), vault=tools.vault, now=NOW)
    db.session.remove()

    assert refused(with_another_key(tools)) == KeyFault.MASTER
    settle(tools)
    assert all_of(KeyMark)[0].master_id == tools.vault.key_id


def test_a_house_older_than_the_mark_refuses_a_key_that_does_not_open_its_keys(
    inside: Flask, tools: Tools
) -> None:
    with unit_of_work() as session:
        new_key(session, vault=tools.vault, now=NOW)
    db.session.remove()

    assert refused(with_another_key(tools)) == KeyFault.MASTER
    settle(tools)


def test_an_altered_link_in_a_marked_house_stops_no_start(inside: Flask, tools: Tools) -> None:
    settle(tools)
    with unit_of_work() as session:
        new_link(session, Purpose.HOLD, Opens(), vault=tools.vault, now=NOW)
        session.execute(update(Link).values(token_sealed=b"altered"))

    settle(tools)


def test_lost_keys_of_answers_stop_every_start(coach: int, inside: Flask, tools: Tools) -> None:
    settle(tools)
    write_something(tools)
    lose_the_ring()

    assert refused(tools) == KeyFault.RING


def test_the_keys_of_another_practice_stop_every_start(
    coach: int, inside: Flask, tools: Tools
) -> None:
    settle(tools)
    write_something(tools)
    with unit_of_work() as session:
        session.execute(update(KeyRing).values(id="another"))

    assert refused(tools) == KeyFault.RING


@pytest.mark.parametrize("erased", [True, None])
def test_lost_keys_that_nobody_needs_are_made_anew(
    coach: int, inside: Flask, tools: Tools, erased: bool | None
) -> None:
    settle(tools)
    if erased:
        write_something(tools, erased=True)
    lose_the_ring()

    settle(tools)

    assert all_of(KeyMark)[0].ring_id == all_of(KeyRing)[0].id


def test_a_deleted_file_of_keys_is_noticed_before_anybody_misses_it(
    coach: int, app: Flask, tools: Tools, tmp_path: Path
) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return
        settle(tools)
        write_something(tools)
        db.engine.dispose()
        (tmp_path / "keys.db").rename(tmp_path / "away")

        assert _refused_without_dump(tools) == KeyFault.RING

        db.engine.dispose()
        (tmp_path / "away").rename(tmp_path / "keys.db")
        settle(tools)


def test_a_deleted_file_of_keys_that_nobody_needs_is_made_anew(
    app: Flask, tools: Tools, tmp_path: Path
) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return
        settle(tools)
        db.engine.dispose()
        (tmp_path / "keys.db").unlink()

        settle(tools)

        with unit_of_work() as session:
            assert new_key(session, vault=tools.vault, now=NOW)


def _refused_without_dump(tools: Tools) -> str:
    with pytest.raises(NotAllowed) as told:
        settle(tools)
    db.session.remove()
    return told.value.sentence


def test_a_house_without_tables_is_well(
    tmp_path: Path, tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    with databases.house_on(url, tmp_path, tools) as app, app.app_context():
        settle(tools)
        db.session.remove()

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    engine.dispose()


def test_what_is_wrong_is_one_sentence_without_a_secret() -> None:
    for fault in KeyFault:
        assert fault.count(". ") == 0
        assert fault.endswith(".")
