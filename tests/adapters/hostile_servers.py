"""Servers on loopback that a calendar may be asked of: honest ones, and those that mean no good."""

import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

CALENDAR: Final = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTAMP:20260101T000000Z\r\nDTSTART:20260602T090000Z\r\nDTEND:20260602T100000Z\r\n"
    b"SUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n"
CHUNKED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MEGABYTE: Final = 1024 * 1024


@dataclass
class Caller:
    """Who asks: what was asked, and a way to answer that ends when the server does."""

    way: socket.socket
    asked: bytes
    over: threading.Event

    def say(self, *words: bytes) -> None:
        for word in words:
            self.way.sendall(word)

    def without_end(self, piece: bytes, *, every: float = 0) -> None:
        """Say it again and again, until the caller has gone or the test is over."""
        while not self.over.wait(every):
            self.way.sendall(piece)

    def reset(self) -> None:
        """Break the connection off, as a machine does that was switched off."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.way.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


Reply = Callable[[Caller], None]


@dataclass
class Server:
    """A listening server and all that came to it, connections without a question included."""

    port: int
    host: str = "127.0.0.1"
    questions: list[bytes] = field(default_factory=list)
    connections: int = 0


def says(*words: bytes) -> Reply:
    return lambda caller: caller.say(*words)


def whole(body: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer as it should be."""
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, length, b"", body])


def leads_to(where: str) -> bytes:
    return whole(b"", b"Location: " + where.encode(), status=b"302 Found")


def packed(body: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return packer.compress(body) + packer.flush()


def bomb(wbits: int) -> Reply:
    """Zeros without end, a thousandth of that on the way; `wbits` says how they are packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    name = b"gzip" if wbits > 15 else b"deflate"

    def reply(caller: Caller) -> None:
        caller.say(HEAD, b"Content-Encoding: " + name + b"\r\n\r\n", first)
        caller.without_end(again)

    return reply


def drips(start: bytes, piece: bytes) -> Reply:
    """Says a little, and then so little at a time that no single wait is ever long."""

    def reply(caller: Caller) -> None:
        caller.say(start)
        caller.without_end(piece, every=0.02)

    return reply


def floods(start: bytes, piece: bytes) -> Reply:
    """Says ever more, as fast as it is read."""

    def reply(caller: Caller) -> None:
        caller.say(start)
        caller.without_end(piece)

    return reply


def breaks_off(start: bytes) -> Reply:
    def reply(caller: Caller) -> None:
        caller.say(start)
        caller.over.wait(0.05)  # so that the beginning is read before the end is noticed
        caller.reset()

    return reply


def silent(caller: Caller) -> None:
    caller.over.wait(30)


@contextmanager
def answering(
    *replies: Reply,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    listens: bool = True,
) -> Iterator[Server]:
    """A server whose first caller gets the first reply and so on; the last reply stays.

    One that does not listen speaks before it was asked.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.create_server((host, 0), family=family)
    server, over = Server(int(door.getsockname()[1]), host), threading.Event()
    threads: list[threading.Thread] = []

    def answer(way: socket.socket, reply: Reply) -> None:
        with suppress(OSError), way:
            way.settimeout(20)
            inside = tls.wrap_socket(way, server_side=True) if tls else way
            with inside:
                server.questions.append(asked := _question(inside) if listens else b"")
                reply(Caller(inside, asked, over))

    def listen() -> None:
        while not over.is_set():
            try:
                way, _ = door.accept()
            except OSError:
                return
            if over.is_set():
                way.close()
                return
            reply = replies[min(server.connections, len(replies) - 1)]
            server.connections += 1
            threads.append(threading.Thread(target=answer, args=(way, reply)))
            threads[-1].start()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield server
    finally:
        over.set()
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)  # wakes the listener
        door.close()
        for thread in [listener, *threads]:
            thread.join(5)


def _question(way: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard and (more := way.recv(4096)):
        heard += more
    return heard
