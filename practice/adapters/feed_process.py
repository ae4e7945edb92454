"""Reads a feed in a process of its own, so that no feed can take the worker's time or memory."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble
from practice.domain.span import Span, instant_of

log = logging.getLogger("practice.feeds")

WALL_SECONDS: Final = 10.0
"""So long a feed may be read, whatever else the machine does."""
CPU_SECONDS: Final = 8
"""So much of a processor a feed may take."""

_ROOT: Final = Path(__file__).resolve().parents[2]
# -P, so that the folder in which the worker happens to stand is no place to import from.
_COMMAND: Final = (sys.executable, "-P", "-s", "-B", "-m", "practice.adapters.feed_child")

APART: Final[Mapping[str, Any]] = {
    "env": {"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"},
    "cwd": "/",
    "close_fds": True,
    "start_new_session": True,
}
"""How the child stands apart: it has nothing of the worker's environment, files and session."""


def read_apart(
    body: bytes, ask: FeedAsk, *, within: float = WALL_SECONDS, processor: int = CPU_SECONDS
) -> Picture:
    """Return what `read_calendar` says of the body, read by a child process with limits.

    The child is a new interpreter, not a fork, which no thread of the worker can harm. It inherits
    no open file, and of the environment nothing: no key, no address of a database. Whatever the
    body is, FeedTrouble and nothing else comes of it, after `within` seconds and a moment, or
    `processor` seconds of a processor.
    """
    head = {
        "from": ask.window.starts_at.isoformat(),
        "to": ask.window.ends_at.isoformat(),
        "zone": ask.zone,
        "own": ask.own,
        "processor": processor,
    }
    sent = json.dumps(head).encode() + b"\n" + body
    # Nothing of the body is kept by the child's name or arguments, which everybody can list.
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        **APART,
    )
    with child:
        try:
            answer, _ = child.communicate(sent, timeout=within)
        except subprocess.TimeoutExpired:
            raise FeedTrouble(Trouble.SLOW) from None
        finally:
            _end(child)
    return _heard(answer, child.returncode)


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _heard(answer: bytes, code: int) -> Picture:
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise FeedTrouble(Trouble.TOO_MUCH)
    try:
        said = json.loads(answer)
        if "where" in said:
            log.error("a calendar could not be read\n%s", said["where"])
        if "trouble" in said:
            raise FeedTrouble(Trouble[said["trouble"]])
        spans = tuple(Span(instant_of(since), instant_of(until)) for since, until in said["spans"])
        return Picture(spans, warnings=tuple(map(str, said["warnings"])))
    except (ValueError, LookupError, TypeError):
        raise FeedTrouble(Trouble.BROKEN) from None


def asked(head: bytes) -> tuple[FeedAsk, int]:
    """Return the question of a head line, and the processor seconds: the child's half of it."""
    said = json.loads(head)
    window = Span(
        datetime.fromisoformat(said["from"]).astimezone(UTC),
        datetime.fromisoformat(said["to"]).astimezone(UTC),
    )
    ask = FeedAsk(url="", window=window, zone=said["zone"], own=said["own"])
    return ask, said["processor"]
