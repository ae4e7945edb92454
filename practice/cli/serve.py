"""`practice web` and `practice run`: the web server, and both it and the worker together."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType
from urllib.parse import urlsplit

import click
from flask.cli import with_appcontext

from practice.cli.database import bring_up_to_date, end_with_wrong_keys
from practice.cli.tools import tools
from practice.domain.refusal import Busy
from practice.settings import load

_THREADS = 8


def _server() -> list[str]:
    settings = load()
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    return [
        sys.executable, "-m", "gunicorn", "practice.app:create_app()",
        "--bind", f"{host}:{settings.port}",
        "--workers", str(settings.web_processes),
        "--worker-class", "gthread",
        "--threads", str(_THREADS),
        "--no-control-socket",
        "--umask", "63",  # 0o077: gunicorn's own default would open files to everybody
        # The app itself reads what proxies say, and only as many hops as were set.
        "--forwarded-allow-ips", "",
        "--forwarder-headers", "",
        "--log-level", "warning",
    ]  # fmt: skip


@click.command()
@with_appcontext
def web() -> None:
    """Serve the pages."""
    with suppress(Busy):  # pages can wait for a database, and nothing opens with wrong keys anyway
        end_with_wrong_keys()
    command = _server()
    os.execv(command[0], command)  # noqa: S606 - our own interpreter, no shell


@click.command()
@with_appcontext
def run() -> None:
    """Serve the pages and send the letters, together, until you press Ctrl-C."""
    bring_up_to_date()
    children = [
        subprocess.Popen(_server()),  # noqa: S603 - our own interpreter, no shell
        subprocess.Popen([sys.executable, "-m", "practice", "worker"]),
    ]
    _end_together(children)
    base = tools().base_url
    click.echo(f"Practice is at {base}/ and the desk at {base}/desk/ (Ctrl-C ends both).")
    if urlsplit(base).scheme == "http":
        click.echo(
            "Letters lie in the mail folder of the instance unless PRACTICE_SMTP_URL is set."
        )
    raise SystemExit(_wait(children))


def _end_together(children: list[subprocess.Popen[bytes]]) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _wait(children: list[subprocess.Popen[bytes]]) -> int:
    """Wait until one ends, end the other, and return the first one's exit code."""
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    first = next(child for child in children if child.poll() is not None)
    for child in children:
        child.terminate()
    for child in children:
        child.wait()
    return max(first.returncode, 0)
