"""The web server as an owner starts it, and browsers that talk to it."""

import contextlib
import html
import http.client
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode, urlsplit

from tests.battery.ground import Ground

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_START = re.compile(r'name="t"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="t"')
_START_UP_SECONDS = 60
_TRIES = 60


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Return the ids of a process's children that still run."""
    told = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split() for line in told.splitlines())
    return [int(row[0]) for row in rows if int(row[1]) == pid and not row[2].startswith("Z")]


def until(holds: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Poll until a condition holds and return how long it took; TimeoutError at the deadline."""
    began = time.monotonic()
    pause = threading.Event()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"after {seconds:.0f} s still not: {what}")
        pause.wait(0.02)
    return time.monotonic() - began


class WebServer:
    """`practice web` with so many workers, in a process group of its own."""

    def __init__(
        self,
        ground: Ground,
        workers: int,
        *,
        command: Sequence[str] = (),
        port: int = 0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.ground = ground
        self.workers_wanted = workers
        self.port = port or free_port()
        self.log_path = ground.instance / f"web-{self.port}.log"
        usual = [sys.executable, "-m", "practice", "web"]
        self._command = [part.replace("{port}", str(self.port)) for part in command or usual]
        self._process: subprocess.Popen[bytes] | None = None
        self.started_in = 0.0
        self._environ = dict(environ or {})

    def __enter__(self) -> "WebServer":
        environ = self.ground.environ(self.port, WEB_CONCURRENCY=str(self.workers_wanted))
        environ |= self._environ
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=environ, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.started_in = until(self._answers, seconds=_START_UP_SECONDS, what="web answers")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """The process that was started: gunicorn's arbiter."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """Return the ids of the worker processes."""
        return children(self.pid)

    def kill_worker(self, draw: random.Random) -> bool:
        """Kill one of the workers at once (SIGKILL); return whether there was one."""
        running = self.workers()
        if not running:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(draw.choice(running), signal.SIGKILL)
        return True

    def defects(self) -> list[str]:
        """Return the last line of every traceback in the server's log."""
        return tracebacks(self.log_path)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the web server ended: {self.log_path.read_text()[-2000:]}")
        try:
            return Browser(self.port).get("/privacy").status == 200
        except OSError:
            return False

    def _end(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)


def tracebacks(log: Path) -> list[str]:
    """Return how often each traceback stands in a log: its last line, and our last line in it."""
    found: Counter[str] = Counter()
    ours, inside = "", False
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("Traceback "):
            ours, inside = "", True
        elif inside and "/practice/" in line and "site-packages" not in line:
            ours = line.rpartition("/practice/")[2]
        elif inside and line and not line.startswith((" ", "\t", "|")):
            found[f"{line[:200]} (practice/{ours})" if ours else line[:200]] += 1
            inside = False
    return [f"{number} x {line}" for line, number in found.most_common(5)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the house said, and how long it took."""

    status: int
    text: str
    location: str
    retry_after: str
    seconds: float


class Browser:
    """One visitor: cookies of its own, and a new connection for every request."""

    def __init__(self, port: int, *, timeout: float = 60.0) -> None:
        self._port = port
        self._timeout = timeout
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Connection": "close"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{key}={text}" for key, text in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)
        began = time.perf_counter()
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            text = answer.read().decode()
        finally:
            link.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            key, _, rest = cookie.partition("=")
            self._cookies[key] = rest.partition(";")[0]
        return Answer(
            answer.status,
            text,
            urlsplit(answer.headers.get("Location", "")).path,
            answer.headers.get("Retry-After", ""),
            time.perf_counter() - began,
        )


def csrf_of(page: str) -> str:
    """Return the token of a page's form."""
    found = _CSRF.search(page)
    if found is None:
        raise AssertionError("the page has no form")
    return html.unescape(found[1])


def hidden_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    fields = {}
    for tag in _HIDDEN.findall(page):
        named = dict(re.findall(r'(name|value)="([^"]*)"', tag))
        fields[named["name"]] = html.unescape(named.get("value", ""))
    return fields


def starts_of(page: str) -> list[str]:
    """Return the starts that a page offers, as its buttons send them."""
    return list(dict.fromkeys(a or b for a, b in _START.findall(page)))


@dataclass
class Load:
    """Visitors who book, and who press again when the line broke, until they are told to stop."""

    port: int
    starts: Iterator[datetime]
    callers: int
    promised: dict[str, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Load":
        for _ in range(self.callers):
            thread = threading.Thread(target=self._visit, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=90)
        if any(thread.is_alive() for thread in self._threads):
            self.faults.append("a visitor still waits for an answer")

    def _visit(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                start = next(self.starts, None)
            if start is None:
                self.faults.append("the starts have run out")
                return
            try:
                self._book(start)
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is a finding
                self.faults.append(f"{type(fault).__name__}: {fault}")

    def _book(self, start: datetime) -> None:
        email = f"{secrets.token_hex(8)}@mail.example"
        browser = Browser(self.port)
        page = self._patiently(lambda: browser.get("/ask"))
        if page is None:
            return
        fields = {
            "csrf_token": csrf_of(page.text),
            "who": "me",
            "t": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "zone": "UTC",
            "key": secrets.token_hex(8),
        }
        held = self._patiently(lambda: browser.post("/book/hold", fields))
        if held is None or held.status != 303:
            return
        details = {
            "csrf_token": fields["csrf_token"],
            "name": "Sam",
            "email": email,
            "reminder": "y",
        }
        done = self._patiently(lambda: browser.post(held.location, details))
        if done is not None and done.status == 303 and done.location.startswith("/a/"):
            self.promised[email] = done.location.removeprefix("/a/")

    def _patiently(self, ask: Callable[[], Answer]) -> Answer | None:
        """Ask again where the line broke or the house was busy, as a person does."""
        for _ in range(_TRIES):
            try:
                answer = ask()
            except (OSError, http.client.HTTPException):
                self.statuses["line broke"] += 1
                continue
            self.statuses[str(answer.status)] += 1
            self.seconds.append(answer.seconds)
            if answer.status == 503:
                if not answer.retry_after:
                    self.faults.append("503 without Retry-After")
                # Not the whole time that was asked for: the battery wants to be in the way.
                self._stop.wait(0.05)
                continue
            if answer.status >= 500:
                self.faults.append(f"{answer.status} was answered")
            return answer
        self.statuses["gave up"] += 1
        return None
