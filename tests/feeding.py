"""Other calendars for tests: answers in turn behind the port, and seats from which to act."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from flask import current_app
from sqlalchemy import select

from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble, WhenOld
from practice.domain.roles import Role, Seat
from practice.domain.span import Span
from practice.models.base import db
from practice.models.link import Link, Purpose
from practice.models.source import BusySpan, CalendarSource
from practice.usecases.feeding import make_feed
from practice.usecases.importing import import_due
from practice.usecases.sources import NewSource, add_source
from tests.makers import the_tools

Answer = Picture | Trouble | BaseException
URL = "https://calendar.example/private/secret-part.ics"


@dataclass
class Calendars:
    """Gives the next answer of each address; the last one again and again."""

    answers: dict[str, deque[Answer]] = field(default_factory=dict)
    asked: list[FeedAsk] = field(default_factory=list)

    def say(self, *answers: Answer, url: str = URL) -> None:
        self.answers[url] = deque(answers)

    def picture(self, ask: FeedAsk, *, now: datetime) -> Picture:
        assert now.tzinfo is not None
        self.asked.append(ask)
        waiting = self.answers[ask.url]
        answer = waiting.popleft() if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Trouble):
            raise FeedTrouble(answer)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Slow:
    """A calendar that answers when it is told to."""

    def __init__(self, answer: Picture) -> None:
        self.answer, self.asked, self.go = answer, Event(), Event()

    def picture(self, ask: FeedAsk, *, now: datetime) -> Picture:
        assert ask.url, now
        self.asked.set()
        assert self.go.wait(30)
        return self.answer


def seat_of(coach_id: int = 1, role: Role = Role.OWNER) -> Seat:
    return Seat(user_id=1, role=role, coach_id=coach_id)


def busy(
    *spans: tuple[datetime, datetime], etag: str = "", warnings: tuple[str, ...] = ()
) -> Picture:
    return Picture(tuple(Span(*each) for each in spans), etag=etag, warnings=warnings)


@contextmanager
def reading_calendars() -> Iterator[Calendars]:
    """Let the house read calendars, whose answers the test says."""
    calendars, before = Calendars(), the_tools()
    current_app.extensions["practice"] = replace(before, feeds=calendars)
    try:
        yield calendars
    finally:
        current_app.extensions["practice"] = before


def add_calendar(
    name: str = "Private",
    url: str = URL,
    *,
    when_old: WhenOld = WhenOld.KEEP,
    seat: Seat | None = None,
) -> int:
    made = add_source(seat or seat_of(), NewSource(name, url, when_old), tools=the_tools())
    db.session.remove()
    return made


def import_all() -> int:
    """Read what is due until nothing is; return how many were read."""
    read = 0
    while import_due(tools=the_tools()):
        read += 1
        db.session.remove()
    db.session.remove()
    return read


def source(source_id: int) -> CalendarSource:
    found = db.session.get_one(CalendarSource, source_id, populate_existing=True)
    db.session.remove()
    return found


def spans_of(source_id: int) -> list[tuple[datetime, datetime]]:
    rows = db.session.execute(
        select(BusySpan.starts_at, BusySpan.ends_at)
        .where(BusySpan.source_id == source_id)
        .order_by(BusySpan.starts_at)
    ).all()
    db.session.remove()
    return [(row.starts_at, row.ends_at) for row in rows]


def feed_token(seat: Seat | None = None) -> str:
    """Make the feed of a diary and return its token."""
    whose = seat or seat_of()
    make_feed(whose, tools=the_tools())
    link = db.session.scalars(
        select(Link).where(Link.purpose == Purpose.FEED, Link.coach_id == whose.coach_id)
    ).one()
    token = link.token(the_tools().vault)
    db.session.remove()
    return token
