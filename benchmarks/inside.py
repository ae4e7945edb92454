"""What is measured without a server: the deciding function, and the commits of every act."""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import event

from practice.domain.availability import Holding, Opening, Rules, Taken, open_slots
from practice.domain.offering import Offering
from practice.domain.span import Span
from practice.models.base import db
from practice.usecases.booking import book, hold
from tests.battery.ground import somebody, the_tools, wish


def open_slots_milliseconds(calls: int = 200) -> float:
    """Return the median of `open_slots` for 60 days with 500 taken spans, every call a new now."""
    draw = random.Random(1)
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    week = {day: (Opening(540, 780), Opening(840, 1200)) for day in range(5)}
    rules = Rules(zone=ZoneInfo("Europe/London"), weekly=week, exceptions={})
    terms = Offering(
        length_minutes=30, step_minutes=30, buffer_after_minutes=15, notice_minutes=720,
        horizon_days=60,
    )  # fmt: skip
    taken = []
    for _ in range(500):
        begin = now + timedelta(minutes=15 * draw.randrange(60 * 96))
        taken.append(Taken(Span(begin, begin + timedelta(minutes=30)), Holding.CONFIRMED))
    window = Span(now, now + timedelta(days=60))
    found = []
    for call in range(calls):
        moment = now + timedelta(seconds=call)
        began = time.perf_counter()
        open_slots(rules, taken, terms, window, now=moment)
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def commits_of_acts(app: Flask, starts_at: datetime) -> dict[str, int]:
    """Return how often the database is told to commit by a front page, a hold and a booking."""
    counted: Counter[str] = Counter()
    with app.app_context():

        @event.listens_for(db.engine, "commit")
        def _count(_connection: object) -> None:
            counted["commits"] += 1

        token = ""

        def a_hold() -> None:
            nonlocal token
            token = hold(wish(starts_at), tools=the_tools()).token

        acts: dict[str, Callable[[], object]] = {
            "front page": lambda: app.test_client().get("/"),
            "hold": a_hold,
            "book": lambda: book(token, somebody(), tools=the_tools()),
        }
        found = {}
        for name, act in acts.items():
            counted.clear()
            act()
            db.session.remove()
            found[name] = counted["commits"]
        event.remove(db.engine, "commit", _count)
    return found
