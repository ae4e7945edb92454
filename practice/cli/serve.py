"""`practice web` and `practice run`: the web server, and both it and the worker together."""

import multiprocessing
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, cast
from urllib.parse import urlsplit

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from gunicorn.app.base import BaseApplication

from practice.cli.database import bring_up_to_date, end_with_wrong_keys
from practice.cli.tools import read_no_calendars, tools
from practice.cli.worker import work
from practice.domain.refusal import Busy
from practice.settings import Settings, load
from practice.usecases.starting import let_connections_go

_THREADS = 8
# Forked, not started anew: what was loaded is shared, and a start takes half the time.
_FORK = multiprocessing.get_context("fork")


class _Server(BaseApplication):
    """Gunicorn with the app that was made already: its workers are forked from this process."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Set our options; nothing is read from a command line or a file."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Give each worker the app."""
        return self._app


def _options(settings: Settings) -> dict[str, Any]:
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    return {
        "bind": f"{host}:{settings.port}",
        "workers": settings.web_processes,
        "worker_class": "gthread",
        "threads": _THREADS,
        "control_socket_disable": True,
        "umask": 0o077,  # gunicorn's own default would open files to everybody
        # The app itself reads what proxies say, and only as many hops as were set.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "loglevel": "warning",
    }


def _serve() -> None:
    # `current_app` stands for another app in every thread; gunicorn needs the one that it is here.
    app = cast("Any", current_app)._get_current_object()  # noqa: SLF001
    let_connections_go()
    read_no_calendars()
    _Server(app, _options(load())).run()


@click.command()
@with_appcontext
def web() -> None:
    """Serve the pages."""
    with suppress(Busy):  # pages can wait for a database, and nothing opens with wrong keys anyway
        end_with_wrong_keys()
    _serve()


@click.command()
@with_appcontext
def run() -> None:
    """Serve the pages and send the letters, together, until you press Ctrl-C."""
    bring_up_to_date()
    let_connections_go()
    children = [_FORK.Process(target=_serve), _FORK.Process(target=work)]
    for child in children:
        child.start()
    _end_together(children)
    base = tools().base_url
    click.echo(f"Practice is at {base}/ and the desk at {base}/desk/ (Ctrl-C ends both).")
    if urlsplit(base).scheme == "http":
        click.echo(
            "Letters lie in the mail folder of the instance unless PRACTICE_SMTP_URL is set."
        )
    raise SystemExit(_wait(children))


def _end_together(children: Sequence[BaseProcess]) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _wait(children: Sequence[BaseProcess]) -> int:
    """Wait until one ends, end the other, and return the first one's exit code."""
    while all(child.is_alive() for child in children):
        time.sleep(0.2)
    first = next(child for child in children if not child.is_alive())
    for child in children:
        child.terminate()
    for child in children:
        child.join()
    return max(first.exitcode or 0, 0)
