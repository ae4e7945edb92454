"""Data keys: kept apart and wrapped, each its own, and gone from every file once destroyed."""

import logging
import stat
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from practice.domain.refusal import Unreadable
from practice.models.base import KEYS, db
from practice.models.intake import Intake
from practice.models.keys import are_keys_left, destroy_keys, new_key, opened
from practice.models.person_key import PersonKey
from practice.models.unit import reading, unit_of_work
from practice.models.vault import MasterVault
from practice.ports import Tools, Vault
from practice.usecases.housekeeping import keep_house
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import at, book_for

PLACE = "intake_sections:1/hopes:draft"


def make(tools: Tools) -> str:
    with unit_of_work() as session:
        key_id = new_key(session, vault=tools.vault, now=NOW)
    db.session.remove()
    return key_id


def open_key(key_id: str, tools: Tools) -> Vault:
    key = opened(reading(), key_id, vault=tools.vault)
    db.session.remove()
    assert key is not None
    return key


def destroy(*key_ids: str) -> None:
    with unit_of_work() as session:
        destroy_keys(session, key_ids)
    db.session.remove()


def destroy_and_fail(key_id: str) -> None:
    with unit_of_work() as session:
        destroy_keys(session, [key_id])
        raise ZeroDivisionError


def wrapped(key_id: str) -> bytes:
    return all_of(PersonKey, PersonKey.id == key_id)[0].wrapped


def change(key_id: str, **values: object) -> None:
    with unit_of_work() as session:
        session.execute(update(PersonKey).where(PersonKey.id == key_id).values(**values))
    db.session.remove()


def files_with(needle: bytes, folder: Path) -> list[str]:
    """The names of the files below this folder in which these bytes stand."""
    return sorted(
        path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()
    )


def test_what_was_sealed_under_a_key_opens_under_it_later(inside: Flask, tools: Tools) -> None:
    key_id = make(tools)
    sealed = open_key(key_id, tools).seal("A canary sings.", place=PLACE)

    assert open_key(key_id, tools).open(sealed, place=PLACE) == "A canary sings."
    assert open_key(key_id, tools).key_id == key_id


def test_no_key_opens_what_another_sealed(inside: Flask, tools: Tools) -> None:
    one, another = make(tools), make(tools)
    sealed = open_key(one, tools).seal("A canary sings.", place=PLACE)

    with pytest.raises(Unreadable):
        open_key(another, tools).open(sealed, place=PLACE)


def test_keys_lie_apart_and_say_which_master_key_wrapped_them(inside: Flask, tools: Tools) -> None:
    key_id = make(tools)

    assert PersonKey.__table__.schema == KEYS
    (row,) = all_of(PersonKey)
    assert (row.id, row.master_id, row.created_at) == (key_id, tools.vault.key_id, NOW)


def test_a_key_lies_nowhere_unwrapped(inside: Flask, tools: Tools, tmp_path: Path) -> None:
    key_id = make(tools)
    plain = tools.vault.open(wrapped(key_id), place=f"person_keys:{key_id}:wrapped")

    for needle in (plain.encode(), bytes.fromhex(plain)):
        assert files_with(needle, tmp_path) == []
        assert needle not in wrapped(key_id)


def test_a_destroyed_key_is_none_and_the_others_stay(inside: Flask, tools: Tools) -> None:
    one, another = make(tools), make(tools)

    destroy(one, "no key at all")
    destroy()

    assert opened(reading(), one, vault=tools.vault) is None
    assert opened(reading(), another, vault=tools.vault) is not None


def test_a_key_is_destroyed_for_the_session_that_has_just_used_it(
    inside: Flask, tools: Tools
) -> None:
    with unit_of_work() as session:
        key_id = new_key(session, vault=tools.vault, now=NOW)
        assert opened(session, key_id, vault=tools.vault) is not None
        destroy_keys(session, [key_id])
        assert opened(session, key_id, vault=tools.vault) is None


def test_what_fails_half_way_destroys_nothing(inside: Flask, tools: Tools) -> None:
    key_id = make(tools)

    with pytest.raises(ZeroDivisionError):
        destroy_and_fail(key_id)

    open_key(key_id, tools)


def test_a_destroyed_key_is_in_no_file_of_the_instance(
    inside: Flask, tools: Tools, tmp_path: Path
) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL keeps dead rows until it vacuums: docs/security.md says so
    key_ids = [make(tools) for _ in range(50)]
    before = {key_id: wrapped(key_id) for key_id in key_ids}
    assert files_with(before[key_ids[7]], tmp_path) == ["keys.db"]

    destroy(*key_ids[:-1])

    for key_id in key_ids[:-1]:
        for needle in (before[key_id], before[key_id][12:44], key_id.encode()):
            assert files_with(needle, tmp_path) == []
    assert files_with(before[key_ids[-1]], tmp_path) == ["keys.db"]


def test_a_destroyed_key_is_in_no_table_of_postgresql(inside: Flask, tools: Tools) -> None:
    key_id = make(tools)

    destroy(key_id)

    assert reading().scalar(select(func.count()).select_from(PersonKey)) == 0


def test_only_the_owner_of_the_instance_reads_the_keys(
    app: Flask, tools: Tools, tmp_path: Path
) -> None:
    (tmp_path / "keys.db").unlink(missing_ok=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            db.engine.connect().close()
            assert stat.S_IMODE((tmp_path / "keys.db").stat().st_mode) == 0o600


def test_no_altered_byte_of_a_wrapped_key_goes_unseen(inside: Flask, tools: Tools) -> None:
    key_id = make(tools)
    right = wrapped(key_id)

    for byte in (0, 11, 12, len(right) // 2, len(right) - 1):
        change(key_id, wrapped=right[:byte] + bytes([right[byte] ^ 1]) + right[byte + 1 :])
        with pytest.raises(Unreadable):
            open_key(key_id, tools)
    change(key_id, wrapped=b"")
    with pytest.raises(Unreadable):
        open_key(key_id, tools)


def test_two_keys_that_changed_places_open_nothing(inside: Flask, tools: Tools) -> None:
    one, another = make(tools), make(tools)
    first, second = wrapped(one), wrapped(another)

    change(one, wrapped=second)
    change(another, wrapped=first)

    for key_id in (one, another):
        with pytest.raises(Unreadable):
            open_key(key_id, tools)


def test_another_master_key_opens_no_key_even_where_the_row_says_it_would(
    inside: Flask, tools: Tools
) -> None:
    key_id = make(tools)
    wrong = MasterVault(bytes(32))

    with pytest.raises(Unreadable):
        opened(reading(), key_id, vault=wrong)
    db.session.remove()
    change(key_id, master_id=wrong.key_id)
    with pytest.raises(Unreadable):
        opened(reading(), key_id, vault=wrong)
    with pytest.raises(Unreadable):
        opened(reading(), key_id, vault=tools.vault)


def test_what_cannot_be_read_is_logged_by_its_place_alone(
    inside: Flask, tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    key = open_key(make(tools), tools)
    sealed = key.seal("A canary sings.", place=PLACE)

    with pytest.raises(Unreadable) as told:
        key.open(sealed[:-1], place=PLACE)

    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert PLACE in record.getMessage()
    assert "canary" not in record.getMessage()
    assert PLACE not in told.value.sentence


@pytest.fixture
def person_id(coach: int, inside: Flask) -> int:
    return book_for(at=at("Tue 10:00")).person_id


def write(person_id: int, key_id: str, private_key_id: str, *, erased: bool) -> None:
    with unit_of_work() as session:
        session.execute(
            insert(Intake).values(
                reference=key_id,
                person_id=person_id,
                questionnaire="full",
                version=1,
                way_back="code",
                key_id=key_id,
                private_key_id=private_key_id,
                created_at=NOW,
                erased_at=NOW if erased else None,
            )
        )
    db.session.remove()


def test_keys_of_erased_intakes_that_an_old_copy_brought_back_are_destroyed_again(
    person_id: int, tools: Tools
) -> None:
    kept, gone = [make(tools), make(tools)], [make(tools), make(tools)]
    write(person_id, *kept, erased=False)
    assert not are_keys_left(reading())
    write(person_id, *gone, erased=True)
    assert are_keys_left(reading())

    keep_house(tools=tools)
    db.session.remove()

    assert not are_keys_left(reading())
    assert {row.id for row in all_of(PersonKey)} == set(kept)
