"""A sentence typed as an answer stands nowhere in plain: no file, no table, no letter, no log."""

import base64
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from practice.adapters.maildir import DiskMailer
from practice.models.accounts import User
from practice.models.base import db
from practice.models.intake import Intake, IntakeSection
from practice.models.keys import opened
from practice.models.person_key import PersonKey
from practice.models.practice import Practice
from practice.models.unit import reading, unit_of_work
from practice.models.vault import MasterVault
from practice.ports import Tools
from tests import databases
from tests.browser import Browser, Page
from tests.fakes import FrozenClock, make_tools
from tests.looking import all_of
from tests.makers import at, book_for, change_offering, deliver_all, make_practice
from tests.people import ADA
from tests.signing_in import sign_in_as
from tests.web.writing import NUMBERS, address
from tests.web.writing import section as section_page

CANARY = "canary-sings-0417-at-midnight"
ANSWER = f"Nobody may read that the {CANARY}, “ever”."
PASSCODE = "canary-passcode-0417"
PRIVATE = "safe-needs"
# What has to be chosen so that every field for words is shown.
CHOSEN: dict[str, dict[str, Any]] = {
    "brings": {},
    "reflection": {"reflect-pick": "all"},
    "growing": {"growing-me": "yes", "growing-partner": "yes", "growing-ahead": "yes"},
    "support": {},
    "safe": {PRIVATE: "yes"},
    "hopes": {},
}


@dataclass(frozen=True, slots=True)
class Nest:
    """A house on real files: letters go into its folder, and it keeps what it logged."""

    app: Flask
    tools: Tools
    folder: Path
    log: pytest.LogCaptureFixture


@pytest.fixture
def nest(
    database: str, tmp_path: Path, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> Iterator[Nest]:
    caplog.set_level(logging.DEBUG)
    vault = MasterVault(databases.MASTER_KEY)
    mailer = DiskMailer(tmp_path / "mail")
    tools = replace(make_tools(), clock=clock, mailer=mailer, vault=vault)
    with databases.house_on(database, tmp_path, tools) as app:
        yield Nest(app, tools, tmp_path, caplog)


@pytest.fixture
def token(nest: Nest) -> str:
    """Ada's private link to a talk before which everything can be written."""
    with nest.app.app_context():
        make_practice()
        change_offering(questionnaire="full")
        with unit_of_work() as session:
            practice = session.get_one(Practice, 1)
            practice.help_lines, practice.safety_approved_by = "Emergency: 112", "Dr Example"
        return book_for(ADA, at=at("Thu 10:00")).token


def is_line(field: Any) -> bool:
    return bool(field.tag == "input" and field.get("type", "text") == "text")


def fill(browser: Browser, section: str, words: str, *, status: int = 200) -> Page:
    """Type words into every field of a section that takes any, and save."""
    page = section_page(browser, section)
    form = page.form(address(section))
    fields = {
        name: words
        for field in form.element.iter()
        if (field.tag == "textarea" or is_line(field)) and (name := field.get("name"))
    }
    return browser.press(page, "later", form=form, status=status, **fields)


def write_all(browser: Browser, token: str) -> None:
    """Begin, agree, and type the sentence wherever one can be typed."""
    page = browser.press(
        browser.open(f"/a/{token}/write"),
        form="/begin",
        questionnaire="full",
        way_back="passcode",
        passcode=PASSCODE,
        again=PASSCODE,
    )
    browser.press(page, "Agree and go on", agree=True)
    for section, chosen in CHOSEN.items():
        page = section_page(browser, section)
        browser.press(page, "later", form=address(section), **chosen)
        fill(browser, section, ANSWER)


def share_all(browser: Browser) -> None:
    for section in CHOSEN:
        page = browser.open("/write/review")
        browser.press(page, form=f"/share/{NUMBERS[section]}")


@contextmanager
def a_defect(app: Flask) -> Iterator[None]:
    """Break in the middle of a save, with all that was typed at hand, and quote it."""

    def break_off(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("INSERT INTO intake_sections", "UPDATE intake_sections")):
            raise ValueError(f"this cannot be kept: {ANSWER}")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", break_off)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", break_off)


def hidden_forms(words: str) -> list[bytes]:
    """The bytes by which words could lie somewhere: plain, wide, in hex, in base64 as it falls."""
    plain = words.encode()
    found = [plain, words.encode("utf-16-le"), words.encode("utf-16-be")]
    found += [plain.hex().encode(), plain.hex().upper().encode()]
    for shift in range(3):
        # What stands before and after colours the edges, so they are left away.
        coded = base64.b64encode(b"\0" * shift + plain)
        found.append(coded[4:-4])
    return found


def stands_in(raw: bytes) -> bool:
    return any(form in raw for words in (CANARY, PASSCODE, PRIVATE) for form in hidden_forms(words))


def files_that_tell(folder: Path) -> list[str]:
    """The files in which the sentence stands, letters as they are read included."""
    told = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        if path.suffix == ".eml":
            letter = message_from_bytes(raw, policy=policy.default)
            raw += b"".join(part.get_payload(decode=True) or b"" for part in _leaves(letter))
        if stands_in(raw):
            told.append(path.name)
    return told


def _leaves(letter: Any) -> list[Any]:
    return [part for part in letter.walk() if not part.is_multipart()]


def tables_that_tell() -> list[str]:
    """The tables of PostgreSQL in which the sentence stands, in whichever column."""
    if db.engine.dialect.name != "postgresql":
        return []  # its files are looked into
    ours = text(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    told = []
    with db.engine.connect() as connection:
        for table in connection.scalars(ours).all():
            rows = connection.exec_driver_sql(f"SELECT t::text FROM {table} t").scalars()
            if any(stands_in(row.encode()) for row in rows):
                told.append(table)
    return told


def logged(nest: Nest) -> bytes:
    return "\n".join(
        nest.log.handler.format(record) for record in nest.log.get_records("call")
    ).encode(errors="replace")


def assert_nowhere(nest: Nest) -> None:
    assert files_that_tell(nest.folder) == []
    with nest.app.app_context():
        assert tables_that_tell() == []
    assert not stands_in(logged(nest))


def test_an_answer_stands_nowhere_in_plain(nest: Nest, token: str) -> None:
    ada = Browser(nest.app)
    write_all(ada, token)
    assert CANARY in ada.open("/write/review").text  # it is there, for her
    assert_nowhere(nest)

    share_all(ada)
    ada.send("/leave", method="GET")
    ada.press(ada.open(f"/a/{token}/write"), form="/code")
    with nest.app.app_context():
        deliver_all()
    assert_nowhere(nest)


def test_the_coach_reads_it_and_leaves_no_trace_of_the_words(nest: Nest, token: str) -> None:
    ada, maya = Browser(nest.app), Browser(nest.app)
    write_all(ada, token)
    share_all(ada)
    with nest.app.app_context():
        user = all_of(User)[0]
        (intake,) = all_of(Intake)
        booking_id = reading().get_one(Intake, intake.id).person.booking_id
        db.session.remove()
    sign_in_as(maya, user)

    path = f"/desk/bookings/{booking_id}/brief/{intake.person_id}"
    folder = maya.press(maya.open(path), form=f"/brief/{intake.person_id}")
    note = maya.press(maya.open(f"{path}/private"), form="/private")

    assert CANARY in folder.text
    assert "Opened" in note.text
    assert_nowhere(nest)


def test_no_error_tells_an_answer_to_a_log(nest: Nest, token: str) -> None:
    ada = Browser(nest.app)
    write_all(ada, token)

    too_long = fill(ada, "brings", ANSWER * 1000, status=422)
    with a_defect(nest.app):
        broken = fill(ada, "brings", ANSWER + ".", status=500)

    assert CANARY in str(too_long.form("/section/1").value("different"))
    assert "fault is ours" in broken.text
    told = logged(nest).decode()
    assert "defect in public.save_section\nTraceback" in told
    assert "builtins.ValueError" in told
    assert_nowhere(nest)


def test_altered_answers_are_an_error_and_are_not_overwritten(nest: Nest, token: str) -> None:
    ada = Browser(nest.app)
    write_all(ada, token)
    before = ada.open("/write/section/1")
    with nest.app.app_context():
        altered = alter_drafts()

    pages = [ada.open(path, status=500) for path in ("/write", "/write/section/1")]
    pages.append(ada.press(before, "later", form="/section/1", different=CANARY * 2, status=500))

    for page in pages:
        assert "it was changed from outside" in page.text
        assert CANARY not in page.text
    with nest.app.app_context():
        assert {row.id: row.draft_sealed for row in all_of(IntakeSection)} == altered
    assert "what is kept at intake_sections:" in logged(nest).decode()
    assert_nowhere(nest)


def alter_drafts() -> dict[int, bytes]:
    """Flip one bit of every section, as a fault or a hand would; return what stands there now."""
    altered = {}
    with unit_of_work() as session:
        for row in session.scalars(select(IntakeSection)):
            assert row.draft_sealed is not None
            row.draft_sealed = row.draft_sealed[:-1] + bytes([row.draft_sealed[-1] ^ 1])
            altered[row.id] = row.draft_sealed
    db.session.remove()
    return altered


def test_what_was_deleted_is_in_no_file_and_in_no_table_any_more(nest: Nest, token: str) -> None:
    ada, stranger = Browser(nest.app), Browser(nest.app)
    write_all(ada, token)
    share_all(ada)
    with nest.app.app_context():
        keys, rows = all_of(PersonKey), all_of(IntakeSection)
        assert (len(keys), len(rows)) == (2, len(CHOSEN))

    stranger.press(stranger.open(f"/a/{token}/delete"), form="/delete")

    with nest.app.app_context():
        assert all_of(IntakeSection) == []
        for key in keys:
            assert opened(reading(), key.id, vault=nest.tools.vault) is None
        db.session.remove()
    files = [path.read_bytes() for path in nest.folder.rglob("*") if path.is_file()]
    for key in keys:
        assert not any(key.wrapped in raw for raw in files)
    assert_nowhere(nest)


def test_an_old_copy_of_the_database_brings_nothing_back(nest: Nest, token: str) -> None:
    ada = Browser(nest.app)
    write_all(ada, token)
    share_all(ada)
    if not (nest.folder / "practice.db").exists():
        return  # the same holds on PostgreSQL, but a copy of it cannot be slipped in here
    kept = nest.folder / "practice.db", nest.folder / "copy"
    copy_database(*kept)
    ada.press(ada.open(f"/a/{token}/delete"), form="/delete")

    copy_database(*reversed(kept))
    gate = ada.open(f"/a/{token}/write")
    inside = ada.press(gate, form="/back", passcode=PASSCODE, status=None)

    with nest.app.app_context():
        (intake,) = all_of(Intake)
        assert intake.erased_at is None  # the copy knows nothing of it
    assert inside.status == 404
    for path in ("/write", "/write/review", "/write/section/1"):
        assert CANARY not in ada.open(path, status=404).text


def copy_database(source: Path, target: Path) -> None:
    """Copy a database of SQLite as its own tool does, while others have it open."""
    there, here = sqlite3.connect(source), sqlite3.connect(target)
    there.backup(here)
    there.close()
    here.close()


@pytest.mark.parametrize(
    "raw",
    [
        f"x{CANARY}x".encode(),
        f"x{CANARY}x".encode("utf-16-le"),
        f"x{CANARY}x".encode("utf-16-be"),
        base64.b64encode(f"x{CANARY}x".encode()),
        base64.b64encode(f"xy{PASSCODE}x".encode()),
        f"\\x{CANARY.encode().hex()}".encode(),
    ],
)
def test_the_search_finds_what_is_there(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "file").write_bytes(b"before" + raw + b"after")
    (tmp_path / "other").write_bytes(b"nothing")

    assert files_that_tell(tmp_path) == ["file"]
