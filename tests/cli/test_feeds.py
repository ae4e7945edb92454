"""What `practice feeds check` says of a calendar, and who may read calendars at all."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from practice.app import create_app
from practice.cli.feeds import feeds
from practice.cli.tools import read_no_calendars, tools
from practice.domain.busy import Trouble
from tests import databases
from tests.adapters.hostile_servers import answering, says, whole
from tests.adapters.test_feeds import SECRET, at, reader
from tests.cli import forked

EVENTS = [
    ("DTSTART:20260601T120000Z", "DTEND:20260601T131500Z"),
    ("DTSTART:20260601T130000Z", "DTEND:20260601T140000Z"),
    ("DTSTART;VALUE=DATE:20260603", "DTEND;VALUE=DATE:20260604"),
    ("DTSTART;VALUE=DATE:20260605", "DTEND;VALUE=DATE:20260608"),
    ("DTSTART:20260610T210000Z", "DTEND:20260611T010000Z"),
    ("DTSTART:20260701T080000Z", "DTEND:20260714T160000Z"),
    ("DTSTART:20261201T080000Z", "DTEND:20261201T090000Z"),
]


def calendar(*events: tuple[str, str]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//t//EN"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}", "DTSTAMP:20260101T000000Z", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


@pytest.fixture
def laptop(app: Flask, coach: int) -> Iterator[Flask]:
    """A practice of a coach in London, where commands are typed."""
    with app.app_context():
        yield app


def told(house: Flask, body: bytes, *words: str, status: bytes = b"200 OK") -> tuple[int, str]:
    """What the command says where a calendar answers so, and its exit code."""
    with answering(says(whole(body, status=status))) as server:
        house.extensions["practice"] = replace(tools(), feeds=reader(server))
        result = CliRunner().invoke(feeds, ["check", "-", *words], input=at(server) + "\n")
    assert SECRET not in result.output
    return result.exit_code, result.output


def test_a_calendar_is_told_line_by_line_on_the_coachs_clock(laptop: Flask) -> None:
    assert told(laptop, calendar(*EVENTS)) == (
        0,
        """\
In the next 60 days this calendar would block 5 spans of time, 422 hours in all:
- Monday 1 June, 1 to 3pm
- Wednesday 3 June, all day
- Friday 5 June to Sunday 7 June, all day
- Wednesday 10 June, 10pm to 2am (Thursday)
- Wednesday 1 July, 9am to Tuesday 14 July, 5pm
The times are those of London time (BST, UTC+1).
""",
    )


def test_another_zone_can_be_asked_for_and_a_wrong_one_is_told(laptop: Flask) -> None:
    code, words = told(laptop, calendar(EVENTS[0]), "--zone=Asia/Tokyo")
    wrong, sentence = told(laptop, calendar(), "--zone=Atlantis")

    assert code == 0
    assert "one span of time, 1 hour 15 minutes in all:" in words
    assert "- Monday 1 June, 9 to 10:15pm" in words
    assert "Tokyo time" in words
    assert wrong == 2
    assert "It is a name like Europe/London." in sentence


def test_an_empty_calendar_blocks_nothing_and_doubts_are_told(laptop: Flask) -> None:
    nothing = told(laptop, calendar(EVENTS[-1]))
    broken = ("DTSTART:20260602T090000Z\r\nDURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTL=2026")
    doubt = told(laptop, calendar(broken))

    assert nothing == (0, "This calendar would block nothing in the next 60 days.\n")
    assert "Worth knowing:\n- " in doubt[1]


def test_trouble_is_told_in_its_sentence_and_fails(laptop: Flask) -> None:
    assert told(laptop, b"", status=b"403 No") == (1, f"Error: {Trouble.REFUSED.value}\n")
    assert told(laptop, b"<html>") == (1, f"Error: {Trouble.NO_CALENDAR.value}\n")


def test_it_needs_no_practice_and_reaches_nobody_at_home(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "PRACTICE_INSTANCE": str(tmp_path / "instance")}
    with answering(says(whole(calendar()))) as server:
        plain = forked.practice(environ, "feeds", "check", at(server, host="127.0.0.1"))
        inside = forked.practice(environ, "feeds", "check", f"https://127.0.0.1/{SECRET}.ics")

    assert (plain.returncode, plain.stderr) == (1, f"Error: {Trouble.ADDRESS.value}\n")
    assert (inside.returncode, inside.stderr) == (1, f"Error: {Trouble.PRIVATE.value}\n")
    assert server.connections == 0


def test_only_commands_read_calendars_and_no_page_does(tmp_path: Path) -> None:
    settings = databases.settings_for(f"sqlite:///{tmp_path / 'practice.db'}", tmp_path)
    pages, commands = create_app(settings), create_app(settings, reads_calendars=True)

    assert pages.extensions["practice"].feeds is None
    with commands.app_context():
        assert tools().feeds is not None
        read_no_calendars()
        assert tools().feeds is None
        refused = CliRunner().invoke(feeds, ["check", "https://calendar.example/"])
        assert refused.exit_code == 1
