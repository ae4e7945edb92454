"""What hostile servers leave behind in a diary: the last good picture, and a named trouble."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import cast

from flask import Flask, current_app

from practice.adapters.feeds import IcsFeeds
from practice.domain.busy import Trouble
from practice.models.base import db
from practice.ports import Tools
from practice.usecases.importing import import_due
from tests.adapters.hostile_servers import (
    CALENDAR,
    Caller,
    Reply,
    Server,
    answering,
    leads_to,
    says,
    whole,
)
from tests.adapters.mail_servers import certificate
from tests.adapters.test_feeds import ANSWERS, DENTIST, Names
from tests.fakes import FrozenClock
from tests.feeding import add_calendar, source, spans_of
from tests.makers import the_tools


@contextmanager
def strangers(folder: Path, *replies: Reply, seconds: float = 20) -> Iterator[tuple[Server, Tools]]:
    """A server on the only address that is admitted, and tools that ask it for calendars."""
    theirs, ours = certificate(folder, "calendar.example")
    with answering(*replies, tls=theirs) as server:
        calendars = IcsFeeds(
            seconds=seconds,
            resolver=Names(),
            admits=lambda address, port: (address, port) == (server.host, server.port),
            ports=[server.port],
            tls=ours,
        )
        yield server, replace(the_tools(), feeds=calendars)


def test_whatever_a_stranger_answers_the_last_good_picture_stays(
    clock: FrozenClock, tmp_path: Path
) -> None:
    names = [
        "its own fault", "a page", "nothing", "a body for ever", "headers for ever",
        "a bomb in gzip", "one byte too large", "more promised", "half a chunk", "broken off",
        "gone", "not allowed",
    ]  # fmt: skip
    hostile = [ANSWERS[name] for name in names]
    hostile.append((says(leads_to("https://169.254.169.254/latest")), Trouble.PRIVATE))
    hostile.append((says(leads_to("http://calendar.example/plain.ics")), Trouble.REDIRECTS))
    replies = [says(whole(CALENDAR, b'ETag: "v1"')), *(reply for reply, _ in hostile)]
    with strangers(tmp_path, *replies) as (server, tools):
        made = add_calendar(url=f"https://calendar.example:{server.port}/secret.ics")
        assert import_due(tools=tools) == 1
        good_at = source(made).good_at

        for _, trouble in hostile:
            clock.at = source(made).next_at
            assert import_due(tools=tools) == 1
            now = source(made)
            assert (now.trouble, now.good_at) == (trouble.name, good_at)
            assert spans_of(made) == [(DENTIST.starts_at, DENTIST.ends_at)]

    assert server.connections == 1 + len(hostile)
    assert b'If-None-Match: "v1"' in server.questions[-1]


def test_no_page_waits_while_a_calendar_is_asked(tmp_path: Path) -> None:
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
    answered = Event()

    def waits(caller: Caller) -> None:
        answered.wait(30)
        caller.say(whole(b"", status=b"500 At last"))

    with strangers(tmp_path, waits, seconds=30) as (server, tools):
        made = add_calendar(url=f"https://calendar.example:{server.port}/secret.ics")

        def ask() -> None:
            with app.app_context():
                import_due(tools=tools)

        asking = Thread(target=ask)
        asking.start()
        while not server.questions and asking.is_alive():
            asking.join(0.01)
        page = app.test_client().get("/", base_url=tools.base_url)
        was_asking = asking.is_alive()
        db.session.remove()  # what the page read is old by now
        answered.set()
        asking.join(30)

    assert (page.status_code, was_asking) == (200, True)
    assert source(made).trouble == Trouble.FAILED.name
