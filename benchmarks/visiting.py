"""One visitor on one connection, one request after the other, and what each cost the server."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.battery.web import children, csrf_of


@dataclass
class Line:
    """A kept-open connection with cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    link: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> "Told":
        """Send a request and read the whole answer."""
        headers = {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={text}" for key, text in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        answer = self._sent(method, path, body, headers)
        text = answer.read().decode()
        seconds = time.perf_counter() - began
        for cookie in answer.headers.get_all("Set-Cookie", []):
            key, _, rest = cookie.partition("=")
            self.cookies[key] = rest.partition(";")[0]
        location = urlsplit(answer.headers.get("Location", "")).path
        return Told(answer.status, text, location, seconds)

    def _sent(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        if self.link is None:
            self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self.link.request(method, path, body, headers)
            return self.link.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
            # The server ends idle connections; a request it never read is sent once more.
            self.link.close()
            self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.link.request(method, path, body, headers)
            return self.link.getresponse()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and how long it took."""

    status: int
    text: str
    location: str
    seconds: float


@dataclass
class Sample:
    """Latencies in seconds, and the server's CPU seconds for them."""

    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a server and its workers have used (Linux counts nanoseconds)."""
    threads = [
        thread
        for each in (pid, *children(pid))
        for thread in Path(f"/proc/{each}/task").glob("*/schedstat")
    ]
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of the largest worker."""
    sizes = []
    for each in children(pid) or [pid]:
        status = Path(f"/proc/{each}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        sizes.append(int(line.split()[1]) / 1024)
    return max(sizes)


def visit(pid: int, port: int, count: int) -> Sample:
    """Fetch the front page so many times."""
    line, sample = Line(port), Sample()
    line.ask("GET", "/")
    before = cpu_seconds(pid)
    for _ in range(count):
        told = line.ask("GET", "/")
        assert told.status == 200, told.status
        sample.seconds.append(told.seconds)
    sample.cpu = cpu_seconds(pid) - before
    return sample


def book(pid: int, port: int, starts: list[str]) -> Sample:
    """Book these starts, a hold and the details each; the pages between are not counted."""
    line, sample = Line(port), Sample()
    csrf = csrf_of(line.ask("GET", "/ask").text)
    for number, start in enumerate(starts):
        fields = {"csrf_token": csrf, "who": "me", "t": start, "zone": "UTC"}
        fields["key"] = f"bench{number}x{time.monotonic_ns()}"
        before = cpu_seconds(pid)
        held = line.ask("POST", "/book/hold", fields)
        assert held.status == 303, (held.status, start)
        details = {"csrf_token": csrf, "name": "Sam", "reminder": "y"}
        details["email"] = f"bench{time.monotonic_ns()}@mail.example"
        done = line.ask("POST", held.location, details)
        assert done.status == 303, done.status
        sample.cpu += cpu_seconds(pid) - before
        sample.seconds.append(held.seconds + done.seconds)
    return sample
