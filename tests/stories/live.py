"""A house that is open: the real app behind a real server on this machine, its clock in our hand.

The server runs in a thread of the test, so that a story can move the clock past a hold's end and
let the worker work at the moment it names; nothing depends on the hour at which the tests run.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from practice.adapters.maildir import DiskMailer
from practice.adapters.pretend import FILE, PretendPayments
from practice.app import create_app, tools_for
from practice.models.base import db
from practice.ports import Tools
from practice.settings import Settings
from practice.usecases import reconciling, refunding
from tests import makers
from tests.databases import make_hasty, settings_for
from tests.fakes import FrozenClock


@dataclass(frozen=True, slots=True)
class LiveHouse:
    """An open house: where it is, and what a test may do behind the counter."""

    url: str
    app: Flask
    clock: FrozenClock
    instance: Path

    def deliver(self) -> None:
        """Let the worker work until nothing is due."""
        with self.app.app_context():
            makers.deliver_all()

    def work(self) -> None:
        """Let the worker do its round: sessions that are over, payments to ask after, refunds."""
        with self.app.app_context():
            tools = makers.the_tools()
            reconciling.release_due(tools=tools)
            reconciling.reconcile(tools=tools)
            refunding.send_refunds("worker", tools=tools)
            db.session.remove()
        self.deliver()

    def letters_to(self, address: str) -> list[EmailMessage]:
        """The letters on disk for this address, in the order in which they were written."""
        files = sorted(
            (self.instance / "mail").glob("*.eml"), key=lambda file: file.stat().st_ctime
        )
        letters = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [letter for letter in letters if address in str(letter["To"])]


class _Quiet(WSGIRequestHandler):
    """Serves and says nothing."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep the requests out of the test's output."""


@contextmanager
def open_house(
    database_url: str, instance: Path, *, takes_money: bool = False
) -> Iterator[LiveHouse]:
    """Open the house on a migrated database; its letters are put on disk, in the instance.

    `takes_money` lets people pay where no money moves, at an address of the house itself.
    """
    clock = FrozenClock()
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        settings = settings_for(database_url, instance, base_url=url, port=port)
        app = create_app(settings, _tools(settings, clock, takes_money=takes_money))
        with app.app_context():
            for engine in db.engines.values():
                make_hasty(engine)
        server = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=door.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield LiveHouse(url, app, clock, instance)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()


def _tools(settings: Settings, clock: FrozenClock, *, takes_money: bool) -> Tools:
    real = tools_for(settings)
    assert isinstance(real.mailer, DiskMailer), "a story's letters stay on disk"
    pretend = PretendPayments(settings.instance / FILE, clock, settings.base_url)
    return replace(real, clock=clock, payments=pretend if takes_money else None)
