"""Fetching calendars by their address, from servers of which nothing good is known.

The address is a secret: it stands in no exception, no log and no `repr`. What may be connected to
is decided in `addresses`, how long and how much is read in `feed_wire`, and what came is understood
by another process (`feed_reading`).
"""

import logging
import re
import ssl
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Final, Protocol
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from practice.adapters.addresses import Address, host_of, is_public
from practice.adapters.feed_process import WALL_SECONDS, read_apart
from practice.adapters.feed_wire import (
    Deadline,
    Exchange,
    Resolver,
    ask_the_system,
    connect,
    look_up,
    secured,
)
from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble
from practice.domain.defect import where_raised

log = logging.getLogger("practice.feeds")

BODY_BYTES: Final = 5 * 1024 * 1024
"""A calendar is at most so large, decoded."""
MOST_REDIRECTS: Final = 3

_STEP: Final = 64 * 1024
# An answer in very small chunks takes several times its size on the way, and nothing honest more.
_WIRE_BYTES: Final = 2 * BODY_BYTES
_LONGEST_URL: Final = 4096
_LONGEST_ETAG: Final = 300
_LONGEST_DATE: Final = 100
_USUAL_PORTS: Final = {"https": 443, "http": 80}
# Spaces, controls and backslashes: two readers of such an address may be led to two places.
_TWO_WAYS: Final = re.compile(r"[\x00-\x20\x7f\\]")
_AS_IT_IS: Final = "%/:=&?~+!$,;'@()*[]"
_VISIBLE: Final = re.compile(r"[\x20-\x7e]*", re.ASCII)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TROUBLES: Final = {
    401: Trouble.REFUSED,
    403: Trouble.REFUSED,
    404: Trouble.GONE,
    410: Trouble.GONE,
}
_OK, _UNCHANGED = 200, 304
_GZIP: Final = b"\x1f\x8b"

Admits = Callable[[str, int], bool]
"""Tells whether an address may be connected to, at a port."""


def only_public(address: str, _port: int) -> bool:
    """Tell whether the address is on the open internet: the rule, but for tests on loopback."""
    return is_public(address)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a question goes; `path` is the secret part."""

    scheme: str
    host: str | Address
    port: int
    path: str = field(repr=False)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in str(self.host) else str(self.host)
        return host if self.port == _USUAL_PORTS[self.scheme] else f"{host}:{self.port}"


class IcsFeeds:
    """Asks calendars for their iCalendar file over https, each within one deadline.

    `seconds` is for one calendar as a whole, `patience` for one connection. The rest is for tests:
    who resolves names, which addresses are admitted, `ports` beside the usual ones, certificates
    to trust (`tls`), and whether `plain` http is asked at all.
    """

    def __init__(
        self,
        *,
        seconds: float = 20.0,
        patience: float = 5.0,
        resolver: Resolver = ask_the_system,
        admits: Admits = only_public,
        ports: Sequence[int] = (),
        tls: ssl.SSLContext | None = None,
        plain: bool = False,
    ) -> None:
        self._seconds = seconds
        self._patience = patience
        self._resolver = resolver
        self._admits = admits
        self._ports = frozenset(ports)
        self._own_tls = tls
        self._schemes = frozenset({"https", "http"} if plain else {"https"})

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Not before the first question: most processes ask none.
        return self._own_tls or ssl.create_default_context()

    def picture(self, ask: FeedAsk, *, now: datetime) -> Picture:  # noqa: ARG002 - of the port
        """Return when the calendar is busy; raises FeedTrouble and nothing else."""
        try:
            return self._picture(ask, Deadline(self._seconds))
        except FeedTrouble as trouble:
            raise FeedTrouble(trouble.trouble) from None
        except Exception as fault:  # noqa: BLE001 - the message may quote what was read
            log.error("a calendar could not be read\n%s", where_raised(fault))  # noqa: TRY400
            raise FeedTrouble(Trouble.BROKEN) from None

    def _picture(self, ask: FeedAsk, deadline: Deadline) -> Picture:
        # What cannot be sent back as it is was never an answer's.
        etag, modified = _clean(ask.etag, _LONGEST_ETAG), _clean(ask.modified, _LONGEST_DATE)
        answer = self._follow(replace(ask, etag=etag, modified=modified), deadline)
        if answer.body is None:
            return Picture(None, answer.etag or etag, answer.modified or modified)
        picture = read_apart(answer.body, ask, within=min(WALL_SECONDS, deadline.left()))
        return replace(picture, etag=answer.etag, modified=answer.modified)

    def _follow(self, ask: FeedAsk, deadline: Deadline) -> "_Answer":
        target = self._target(ask.url, Trouble.ADDRESS)
        for _ in range(MOST_REDIRECTS + 1):
            came = self._ask(target, ask, deadline)
            if isinstance(came, _Answer):
                return came
            was, target = target, self._target(came, Trouble.REDIRECTS)
            if was.scheme == "https" != target.scheme:
                break
        raise FeedTrouble(Trouble.REDIRECTS)

    def _target(self, url: str, trouble: Trouble) -> _Target:
        """Return where an address leads; FeedTrouble where that is no place for a calendar."""
        url = url.strip()
        try:
            if len(url) > _LONGEST_URL or _TWO_WAYS.search(url):
                raise ValueError("no address")  # noqa: TRY301 - one way out for all of it
            parts = urlsplit(url)
            scheme = "https" if parts.scheme == "webcal" else parts.scheme
            usual = _USUAL_PORTS[scheme]
            port = usual if parts.port is None else parts.port
            target = _Target(scheme, host_of(_host_text(parts.netloc)), port, _path(parts))
        except (ValueError, KeyError):
            raise FeedTrouble(trouble) from None
        if scheme not in self._schemes or not (port == usual or port in self._ports):
            raise FeedTrouble(trouble)
        return target

    def _ask(self, target: _Target, ask: FeedAsk, deadline: Deadline) -> "_Answer | str":
        """Return what one server answered: a calendar, that it is unchanged, or another address."""
        way = connect(
            self._addresses(target, deadline),
            target.port,
            patience=self._patience,
            deadline=deadline,
        )
        if target.scheme == "https":
            way = secured(way, str(target.host), self._tls, deadline=deadline)
        try:
            with closing(Exchange(way, deadline)) as exchange:
                came = exchange.ask(_question(target, ask), body_bytes=_WIRE_BYTES)
                with closing(came):
                    return _understood(came, target, ask, deadline)
        except IncompleteRead:
            raise FeedTrouble(Trouble.CUT_OFF) from None
        except HTTPException:
            raise FeedTrouble(Trouble.FAILED) from None
        except TimeoutError:
            raise FeedTrouble(Trouble.SLOW) from None
        except OSError:
            raise FeedTrouble(Trouble.AWAY) from None

    def _addresses(self, target: _Target, deadline: Deadline) -> tuple[str, ...]:
        """Return the addresses to connect to, each of which passed: nobody asks for them again."""
        if isinstance(target.host, str):
            found = look_up(target.host, target.port, self._resolver, deadline)
        else:
            found = (str(target.host),)
        if not all(self._admits(address, target.port) for address in found):
            raise FeedTrouble(Trouble.PRIVATE)
        return found


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a calendar answered; no body means that it is unchanged."""

    body: bytes | None
    etag: str
    modified: str


def _host_text(netloc: str) -> str:
    """Return the host of //host:port as it is written; one with a user or password is refused."""
    if "@" in netloc:
        raise ValueError("an address with a password would be kept where it does not belong")
    host, bracket, rest = netloc.rpartition("]")
    if bracket and not re.match(r":|$", rest):
        raise ValueError("something stands between the host and its port")
    return host + bracket if bracket else netloc.partition(":")[0]


def _path(parts: SplitResult) -> str:
    path, query = quote(parts.path or "/", safe=_AS_IT_IS), quote(parts.query, safe=_AS_IT_IS)
    return f"{path}?{query}" if query else path


def _question(target: _Target, ask: FeedAsk) -> bytes:
    lines = [
        f"GET {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "User-Agent: Practice (reads calendars)",
        "Accept: text/calendar, text/plain;q=0.5, */*;q=0.1",
        "Accept-Encoding: gzip, deflate",
        "Connection: close",
    ]
    if ask.etag:
        lines.append(f"If-None-Match: {ask.etag}")
    if ask.modified:
        lines.append(f"If-Modified-Since: {ask.modified}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _clean(value: str | None, most: int) -> str:
    """Return the value of a header, or "" where it can be neither kept nor sent again."""
    fits = value is not None and len(value) <= most and _VISIBLE.fullmatch(value)
    return value.strip() if value and fits else ""


def _understood(
    came: HTTPResponse, target: _Target, ask: FeedAsk, deadline: Deadline
) -> _Answer | str:
    etag = _clean(came.headers["ETag"], _LONGEST_ETAG)
    modified = _clean(came.headers["Last-Modified"], _LONGEST_DATE)
    if came.status == _OK:
        return _Answer(_body(came, deadline), etag, modified)
    if came.status == _UNCHANGED and (ask.etag or ask.modified):
        return _Answer(None, etag, modified)
    where = came.headers["Location"]
    if came.status in _REDIRECTS and where:
        return _onward(where, target)
    raise FeedTrouble(_TROUBLES.get(came.status, Trouble.FAILED))


def _onward(where: str, target: _Target) -> str:
    # http.client reads headers as Latin-1, and servers write them as UTF-8 where they must not.
    where = where.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return urljoin(f"{target.scheme}://{target.authority}{target.path}", where)
    except ValueError:
        raise FeedTrouble(Trouble.REDIRECTS) from None


def _body(came: HTTPResponse, deadline: Deadline) -> bytes:
    if (came.headers["Transfer-Encoding"] or "chunked").strip().lower() != "chunked":
        raise FeedTrouble(Trouble.FAILED)
    if came.length is not None and came.length > BODY_BYTES:
        raise FeedTrouble(Trouble.LARGE)
    pieces, size = [], 0
    for piece in _decoded(_pieces(came), came.headers["Content-Encoding"], deadline):
        size += len(piece)
        if size > BODY_BYTES:
            raise FeedTrouble(Trouble.LARGE)
        pieces.append(piece)
    return b"".join(pieces)


def _pieces(came: HTTPResponse) -> Iterator[bytes]:
    try:
        while piece := came.read(_STEP):
            yield piece
    except (ConnectionError, ssl.SSLEOFError):
        raise FeedTrouble(Trouble.CUT_OFF) from None
    if came.length:  # so many bytes were promised, and did not come
        raise FeedTrouble(Trouble.CUT_OFF)


class _Inflater(Protocol):
    """What zlib.decompressobj returns."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _decoded(pieces: Iterator[bytes], encoding: str | None, deadline: Deadline) -> Iterator[bytes]:
    """Yield the pieces as they were before they were packed, in steps that stay small."""
    match (encoding or "identity").strip().lower():
        case "identity":
            return pieces
        case "gzip" | "x-gzip":
            return _inflated(pieces, lambda _: zlib.decompressobj(wbits=31), deadline)
        case "deflate":
            return _inflated(pieces, _deflater, deadline)
    raise FeedTrouble(Trouble.BROKEN)  # nobody asked for another


def _deflater(first: bytes) -> _Inflater:
    """Return what opens "deflate": zlib by the norm, bare deflate by some servers' habit."""
    zlib_head = len(first) > 1 and first[0] & 15 == 8 and (first[0] * 256 + first[1]) % 31 == 0  # noqa: PLR2004
    return zlib.decompressobj(wbits=15 if zlib_head else -15)


def _inflated(
    pieces: Iterator[bytes], opener: Callable[[bytes], _Inflater], deadline: Deadline
) -> Iterator[bytes]:
    inflater: _Inflater | None = None
    try:
        for piece in pieces:
            packed = piece
            while packed:
                deadline.left()
                if inflater is None or (inflater.eof and packed.startswith(_GZIP)):
                    inflater = opener(packed)  # a gzip file may have several members
                elif inflater.eof:
                    break  # what follows the end means nothing
                yield inflater.decompress(packed, _STEP)
                packed = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        # What was packed well comes out in many more steps than went in.
        while inflater is not None and (more := inflater.decompress(b"", _STEP)):
            yield more
    except zlib.error:
        raise FeedTrouble(Trouble.BROKEN) from None
    if inflater is not None and not inflater.eof:
        raise FeedTrouble(Trouble.CUT_OFF)
