"""`practice worker`: sends letters and refunds that are due, asks after payments, keeps house.

Other calendars are read beside all that, in a thread of its own: one that hangs may take its 20
seconds, and no letter waits for it.
"""

import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar, cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from practice.cli.database import end_with_wrong_keys
from practice.cli.tools import tools
from practice.domain.defect import where_raised
from practice.domain.refusal import Busy
from practice.ports import Tools
from practice.usecases.housekeeping import keep_house
from practice.usecases.importing import import_due
from practice.usecases.post import deliver_due
from practice.usecases.reconciling import reconcile, release_due
from practice.usecases.refunding import send_refunds

log = logging.getLogger("practice.worker")

T = TypeVar("T")

_PAUSE_SECONDS = 1.0
_CALENDARS_SECONDS = 5.0


class Chore:
    """Something to be done now and then: at the first round, and `every` so long after."""

    def __init__(self, name: str, act: Callable[..., object], every: timedelta) -> None:
        self.name = name
        self._act = act
        self._every = every
        self._next: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is time, also where somebody has set the clock back by far."""
        return self._next is None or not self._next - self._every <= now < self._next

    def do(self, tools: Tools) -> None:
        """Do it, due again when its time has passed; raises Busy, and is due at once then."""
        now = tools.clock.now()
        _calmly(self.name, lambda: self._act(tools=tools))
        self._next = now + self._every


def chores() -> tuple[Chore, ...]:
    """Return what a worker does beside the letters, none of it done yet."""
    return (
        Chore("housekeeping", keep_house, timedelta(minutes=1)),
        Chore("letting unpaid times go", release_due, timedelta(minutes=1)),
        Chore("asking after payments", reconcile, timedelta(minutes=10)),
    )


@click.command()
@with_appcontext
def worker() -> None:
    """Send what is due, every second, until told to end."""
    work()


def work() -> None:
    """Do the worker's rounds until a signal says that it is enough."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:64]
    while not stop.is_set() and not _keys_are_right():
        stop.wait(_PAUSE_SECONDS)
    beside = chores()
    calendars = calendars_aside(stop)
    while not stop.is_set():
        if not _round(owner, beside):
            stop.wait(_PAUSE_SECONDS)
    # One that is being asked just now is not waited for: it is due again by itself.
    calendars.join(_PAUSE_SECONDS)


def calendars_aside(stop: threading.Event) -> threading.Thread:
    """Read other calendars in a thread of its own, one after the other, until told to stop."""
    # `current_app` stands for another app in every thread; the reader needs this very one.
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined] # noqa: SLF001
    reader = threading.Thread(
        target=_read_calendars, args=(app, stop), name="calendars", daemon=True
    )
    reader.start()
    return reader


def _read_calendars(app: Flask, stop: threading.Event) -> None:
    while not stop.is_set():
        with app.app_context():
            try:
                read = _calmly("reading calendars", lambda: import_due(tools=tools()))
            except Busy:
                read = 0  # the rounds say so
        if not read:
            stop.wait(_CALENDARS_SECONDS)


def _keys_are_right() -> bool:
    """End with a sentence where the keys are wrong; a database that is away is waited for."""
    try:
        end_with_wrong_keys()
    except Busy:
        log.warning("the database is away or busy; trying again")
        return False
    return True


def _round(owner: str, beside: Iterable[Chore]) -> bool:
    """Do one round and tell whether anything went; a database that is away is waited for."""
    try:
        went = deliver_due(owner, tools=tools())
        went += _calmly("refunds", lambda: send_refunds(owner, tools=tools())) or 0
        for chore in beside:
            if chore.is_due(tools().clock.now()):
                chore.do(tools())
    except Busy:
        log.warning("the database is away or busy; trying again")
        return False
    return went > 0


def _calmly(name: str, act: Callable[[], T]) -> T | None:
    """Do what must not stop the letters where it fails; raises Busy alone."""
    try:
        return act()
    except Busy:
        raise
    except Exception as fault:  # noqa: BLE001 - whatever it is, the next letter goes
        log.error(  # noqa: TRY400 - the message of an exception may quote an address
            "%s failed\n%s", name, where_raised(fault)
        )
        return None
