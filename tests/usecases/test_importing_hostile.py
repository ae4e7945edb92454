"""The whole way of a calendar: a real server that turns bad, the real reader, and the diary."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import current_app

from practice.adapters.feeds import IcsFeeds
from practice.domain.busy import Trouble
from practice.models.base import db
from practice.models.diary import taken_of
from practice.models.source import CalendarSource, place_of
from practice.models.unit import reading, unit_of_work
from practice.usecases.importing import import_due, window_at
from tests.adapters.hostile_servers import (
    CALENDAR,
    answering,
    bomb,
    breaks_off,
    leads_to,
    says,
    silent,
    whole,
)
from tests.fakes import FrozenClock
from tests.feeding import add_calendar, source, spans_of
from tests.makers import the_tools

DENTIST = (datetime(2026, 6, 2, 9, tzinfo=UTC), datetime(2026, 6, 2, 10, tzinfo=UTC))
ETAG = b'ETag: "v1"'
TURNS = {
    Trouble.NO_CALENDAR: says(whole(b"<!DOCTYPE html><title>Sign in</title>")),
    Trouble.CUT_OFF: says(whole(CALENDAR[: len(CALENDAR) // 2])),
    Trouble.FAILED: says(whole(b"", status=b"500 Oh")),
    Trouble.LARGE: bomb(31),
    Trouble.PRIVATE: says(leads_to("http://192.168.0.1/")),
    Trouble.GONE: says(whole(b"", status=b"410 Gone")),
    Trouble.AWAY: breaks_off(b""),
    Trouble.SLOW: silent,
}


def test_whatever_a_server_turns_to_the_last_good_picture_stands(clock: FrozenClock) -> None:
    unchanged = says(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    replies = [says(whole(CALENDAR, ETAG)), unchanged, *TURNS.values(), says(whole(CALENDAR))]
    with answering(*replies) as server:
        current_app.extensions["practice"] = replace(
            the_tools(),
            feeds=IcsFeeds(
                seconds=1.5,
                resolver=lambda _name, _port: ("127.0.0.1",),
                admits=lambda address, port: (address, port) == ("127.0.0.1", server.port),
                ports=(server.port,),
                plain=True,
            ),
        )
        made = _calendar_at(f"http://calendar.example:{server.port}/secret.ics")

        def turn() -> str:
            clock.at = max(clock.at, source(made).next_at)
            assert import_due(tools=the_tools()) == 1
            db.session.remove()
            assert spans_of(made) == [DENTIST]
            taken = taken_of(reading(), 1, window_at(clock.now()))
            db.session.remove()
            assert DENTIST in [(each.span.starts_at, each.span.ends_at) for each in taken]
            return source(made).trouble

        assert [turn(), turn()] == ["", ""]
        assert b'If-None-Match: "v1"' in server.questions[1]
        good_at = source(made).good_at
        assert {trouble.name: turn() for trouble in TURNS} == {
            each.name: each.name for each in TURNS
        }
        assert source(made).good_at == good_at
        assert turn() == ""
        assert source(made).good_at == clock.now()


def _calendar_at(url: str) -> int:
    """A calendar whose address the form would not take: a server of a test speaks no TLS."""
    made = add_calendar()
    with unit_of_work() as session:
        row = session.get_one(CalendarSource, made)
        row.url_sealed = the_tools().vault.seal(url, place=place_of(row.uid))
    db.session.remove()
    return made
