"""The way to a stranger's server and back: one address, one deadline, so many bytes, no more."""

import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import Any, Final, cast

from practice.domain.busy import FeedTrouble, Trouble

MOST_LOOKUPS: Final = 8
"""So many names may be waited for at once in one process, given up ones included."""

Resolver = Callable[[str, int], Sequence[str]]
"""Returns all addresses of a name, for a port; raises OSError."""

_HEADER_BYTES: Final = 64 * 1024
# Where there is a name without an address, some systems say so and others as if there was no name.
_NO_SUCH_NAME: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_lookups = threading.BoundedSemaphore(MOST_LOOKUPS)


class Deadline:
    """The moment at which everything about one calendar is over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raises FeedTrouble where none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise FeedTrouble(Trouble.SLOW)
        return left


def ask_the_system(name: str, port: int) -> Sequence[str]:
    """Return all addresses that this machine's resolver knows of the name."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def look_up(name: str, port: int, resolver: Resolver, deadline: Deadline) -> tuple[str, ...]:
    """Return all addresses of the name, asking once; raises FeedTrouble, in time.

    A system's resolver takes no timeout and cannot be called back. So a thread asks, and is left
    behind when time is up; it ends by itself once the resolver gives up, and takes nothing down
    with it. There are never more than MOST_LOOKUPS of them.
    """
    if not _lookups.acquire(timeout=deadline.left()):
        raise FeedTrouble(Trouble.SLOW)
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(name, port))
        except Exception as fault:  # noqa: BLE001 - it is told where the answer is waited for
            answers.put(fault)
        finally:
            _lookups.release()

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise FeedTrouble(Trouble.SLOW) from None
    if isinstance(answer, Exception):
        raise FeedTrouble(_why_unknown(answer))
    if not answer:
        raise FeedTrouble(Trouble.UNKNOWN)
    return tuple(answer)


def _why_unknown(fault: Exception) -> Trouble:
    if isinstance(fault, socket.gaierror) and fault.errno in _NO_SUCH_NAME:
        return Trouble.UNKNOWN
    # Also a resolver that is itself away: nothing is known of the name then.
    return Trouble.AWAY


def connect(
    addresses: Sequence[str], port: int, *, patience: float, deadline: Deadline
) -> socket.socket:
    """Return a connection to the first address that takes one; `patience` is seconds for each."""
    for address in addresses:
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET  # noqa: PLR2004
        way = socket.socket(family, socket.SOCK_STREAM)
        try:
            way.settimeout(min(patience, deadline.left()))
            way.connect((address, port))
        except OSError:
            way.close()
        except FeedTrouble:
            way.close()
            raise
        else:
            return way
    raise FeedTrouble(Trouble.AWAY)


def secured(
    way: socket.socket, host: str, tls: ssl.SSLContext, *, deadline: Deadline
) -> ssl.SSLSocket:
    """Return the connection inside TLS, once the server has proved to be `host`."""
    try:
        way.settimeout(deadline.left())  # OpenSSL is given it for the whole handshake
        return tls.wrap_socket(way, server_hostname=host)
    except ssl.SSLCertVerificationError:
        way.close()
        raise FeedTrouble(Trouble.UNPROVEN) from None
    except TimeoutError:
        way.close()
        raise FeedTrouble(Trouble.SLOW) from None
    except OSError:
        way.close()
        raise FeedTrouble(Trouble.AWAY) from None


class _Stream(io.RawIOBase):
    """What comes in: each read waits until the deadline at most, and takes from the allowance."""

    def __init__(self, way: socket.socket, deadline: Deadline, allowance: int) -> None:
        self._way = way
        self._deadline = deadline
        self.allowance = allowance
        self.beyond = Trouble.FAILED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._way.settimeout(self._deadline.left())
        try:
            came = self._way.recv_into(buffer)
        except TimeoutError:
            raise FeedTrouble(Trouble.SLOW) from None
        self.allowance -= came
        if self.allowance < 0:
            raise FeedTrouble(self.beyond)
        return came


class Exchange:
    """One question and its answer on a connection, which closes with it."""

    def __init__(self, way: socket.socket, deadline: Deadline) -> None:
        self._way = way
        self._deadline = deadline
        self._stream = _Stream(way, deadline, _HEADER_BYTES)

    def ask(self, question: bytes, *, body_bytes: int) -> HTTPResponse:
        """Return the answer with its headers read; raises FeedTrouble, OSError, HTTPException.

        `body_bytes` is how much of its body may come, in the form in which it is sent.
        """
        self._way.settimeout(self._deadline.left())
        self._way.sendall(question)
        # http.client asks of a socket only that it can be made into a file.
        answer = HTTPResponse(cast("socket.socket", self), method="GET")
        answer.begin()
        self._stream.allowance, self._stream.beyond = body_bytes, Trouble.LARGE
        return answer

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Give what comes in as a file."""
        return io.BufferedReader(self._stream)

    def close(self) -> None:
        """Let go of the connection, without a word."""
        self._way.close()
