"""`practice worker`: sends the letters that are due, and keeps house."""

import logging
import os
import secrets
import signal
import socket
import threading

import click
from flask.cli import with_appcontext

from practice.cli.database import end_with_wrong_keys
from practice.cli.tools import tools
from practice.domain.defect import where_raised
from practice.domain.refusal import Busy
from practice.usecases.housekeeping import keep_house
from practice.usecases.post import deliver_due

log = logging.getLogger("practice.worker")

_PAUSE_SECONDS = 1.0
_HOUSEKEEPING_EVERY = 60


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
    rounds = 0
    while not stop.is_set():
        busy = _round(owner, keep=rounds % _HOUSEKEEPING_EVERY == 0)
        rounds += 1
        if not busy:
            stop.wait(_PAUSE_SECONDS)


def _keys_are_right() -> bool:
    """End with a sentence where the keys are wrong; a database that is away is waited for."""
    try:
        end_with_wrong_keys()
    except Busy:
        log.warning("the database is away or busy; trying again")
        return False
    return True


def _round(owner: str, *, keep: bool) -> bool:
    """Do one round and tell whether letters went; a database that is away is waited for."""
    try:
        sent = deliver_due(owner, tools=tools())
        if keep:
            _tidy()
    except Busy:
        log.warning("the database is away or busy; trying again")
        return False
    return sent > 0


def _tidy() -> None:
    try:
        keep_house(tools=tools())
    except Busy:
        raise
    except Exception as fault:  # noqa: BLE001 - what can’t be tidied must not stop the letters
        log.error(  # noqa: TRY400 - the message of an exception may quote an address
            "housekeeping failed\n%s", where_raised(fault)
        )
