"""Calendars are fetched from servers that mean no good, each of them a real one on loopback."""

import inspect
import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from practice.adapters import feed_wire, feeds
from practice.adapters.addresses import is_public
from practice.adapters.feeds import BODY_BYTES, IcsFeeds
from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble
from practice.domain.span import Span
from tests.adapters.hostile_servers import (
    CALENDAR,
    CHUNKED,
    HEAD,
    Caller,
    Reply,
    Server,
    answering,
    bomb,
    breaks_off,
    drips,
    floods,
    leads_to,
    packed,
    says,
    silent,
    whole,
)
from tests.adapters.mail_servers import certificate
from tests.house.reading import ROOT

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
DENTIST = Span(datetime(2026, 6, 2, 9, tzinfo=UTC), datetime(2026, 6, 2, 10, tzinfo=UTC))
HERE = "127.0.0.1"
SECRET = "private-5f2c"


class Names:
    """A resolver that tells of one name what it was given, one answer after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = answers or ((HERE,),)
        self.asked: list[str] = []

    def __call__(self, name: str, _port: int) -> Sequence[str]:
        self.asked.append(name)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def ask_of(url: str, **changes: Any) -> FeedAsk:
    ask = FeedAsk(url=url, window=Span(NOW, NOW + timedelta(days=60)), zone="Europe/London")
    return replace(ask, **changes)


def reader(server: Server, *others: Server, **options: Any) -> IcsFeeds:
    """Feeds for which exactly this server is on the open internet; the rule holds for all others.

    The others' ports may be asked for, so that it is their address which is refused.
    """
    ours = (server.host, server.port)
    settings: dict[str, Any] = {
        "seconds": 10.0,
        "resolver": Names(),
        "admits": lambda address, port: (address, port) == ours or is_public(address),
        "ports": [each.port for each in (server, *others)],
        "plain": True,
    }
    return IcsFeeds(**settings | options)


def at(server: Server, scheme: str = "http", host: str = "calendar.example") -> str:
    return f"{scheme}://{host}:{server.port}/{SECRET}.ics"


def trouble_of(calendars: IcsFeeds, url: str, **changes: Any) -> Trouble:
    with pytest.raises(FeedTrouble) as caught:
        calendars.picture(ask_of(url, **changes), now=NOW)
    assert SECRET not in f"{caught.value!r}{caught.value}"
    assert caught.value.__suppress_context__
    return caught.value.trouble


def test_a_calendar_is_read_and_asked_for_as_its_server_expects() -> None:
    answer = whole(CALENDAR, b'ETag: "v1"', b"Last-Modified: Mon, 01 Jun 2026 08:00:00 GMT")
    with answering(says(answer)) as server:
        picture = reader(server).picture(ask_of(at(server) + "?a=b&ü#top"), now=NOW)

    assert picture == Picture((DENTIST,), '"v1"', "Mon, 01 Jun 2026 08:00:00 GMT")
    first, *lines = server.questions[0].decode().split("\r\n")
    assert first == f"GET /{SECRET}.ics?a=b&%C3%BC HTTP/1.1"
    assert f"Host: calendar.example:{server.port}" in lines
    assert not [line for line in lines if line.startswith(("If-", "Cookie", "Auth", "Referer"))]


_GZ = packed(CALENDAR, 31)


@pytest.mark.parametrize(
    "answer",
    [
        whole(_GZ, b"Content-Encoding: gzip"),
        whole(packed(CALENDAR[:99], 31) + packed(CALENDAR[99:], 31), b"Content-Encoding: x-gzip"),
        whole(_GZ + b"\0\0 and more", b"Content-Encoding: GZIP"),
        whole(packed(CALENDAR, 15), b"Content-Encoding: deflate"),
        whole(packed(CALENDAR, -15), b"Content-Encoding: deflate"),
        CHUNKED + b"3;x=y\r\n" + CALENDAR[:3] + b"\r\n%x\r\n" % len(CALENDAR[3:])
        + CALENDAR[3:] + b"\r\n0\r\nA: b\r\n\r\n",
        HEAD + b"\r\n" + CALENDAR,
        b"HTTP/1.1 100 Continue\r\n\r\n" + whole(CALENDAR),
        b"HTTP/1.0 200 OK\r\n\r\n" + CALENDAR,
    ],
)  # fmt: skip
def test_what_is_packed_or_in_pieces_is_put_together(answer: bytes) -> None:
    # One calendar through another process shows what the rest is told apart by.
    with answering(says(answer)) as server:
        got = reader(server)._follow(ask_of(at(server)), feed_wire.Deadline(5))

    assert got.body == CALENDAR


@pytest.mark.parametrize(("wbits", "name"), [(31, b"gzip"), (-15, b"deflate")])
def test_what_is_packed_very_well_comes_out_whole(wbits: int, name: bytes) -> None:
    # All that went in is used up while a hundred bytes of it are still to come out.
    body = b"BEGIN".ljust(3 * 65536 + 100, b"\n")
    with answering(says(whole(packed(body, wbits), b"Content-Encoding: " + name))) as server:
        got = reader(server)._follow(ask_of(at(server)), feed_wire.Deadline(5))

    assert got.body == body


def test_an_unchanged_calendar_is_not_read_again() -> None:
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "v2"\r\nContent-Length: 9999\r\n\r\n'
    with answering(says(unchanged)) as server:
        calendars = reader(server)
        by_tag = calendars.picture(ask_of(at(server), etag='"v1"'), now=NOW)
        by_date = calendars.picture(ask_of(at(server), modified="Mon, 01 Jun 2026"), now=NOW)
        not_asked = trouble_of(calendars, at(server))
        unfit = trouble_of(calendars, at(server), etag='"v1"\r\nX-Evil: 1')

    assert by_tag == Picture(None, '"v2"', "")
    assert by_date == Picture(None, '"v2"', "Mon, 01 Jun 2026")
    assert b'If-None-Match: "v1"\r\n' in server.questions[0]
    assert b"If-Modified-Since: Mon, 01 Jun 2026\r\n" in server.questions[1]
    assert not_asked is unfit is Trouble.FAILED
    assert not [question for question in server.questions if b"X-Evil" in question]


_HTML = b"<!doctype html><title>Sign in</title>"
# A member of a gzip file that holds nothing but its own name.
_NOTHING = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 400 + b"\0" + packed(b"", 31)[10:]
ANSWERS: dict[str, tuple[Reply, Trouble]] = {
    "not allowed": (says(whole(b"", status=b"401 No")), Trouble.REFUSED),
    "forbidden": (says(whole(b"", status=b"403 No")), Trouble.REFUSED),
    "not there": (says(whole(CALENDAR, status=b"404 Not Found")), Trouble.GONE),
    "gone": (says(whole(b"", status=b"410 Gone")), Trouble.GONE),
    "too often": (says(whole(b"", status=b"429 Slow down")), Trouble.FAILED),
    "its own fault": (says(whole(CALENDAR, status=b"500 Oh")), Trouble.FAILED),
    "away for now": (says(whole(_HTML, status=b"503 Later")), Trouble.FAILED),
    "a part of it": (says(whole(CALENDAR, status=b"206 Part")), Trouble.FAILED),
    "nowhere to go": (says(whole(b"", status=b"302 Found")), Trouble.FAILED),
    "a page": (says(whole(_HTML)), Trouble.NO_CALENDAR),
    "nothing": (says(whole(b"")), Trouble.NO_CALENDAR),
    "nothing at all": (says(), Trouble.FAILED),
    "no HTTP": (says(b"220 mail.example ESMTP\r\n"), Trouble.FAILED),
    "no status": (says(b"HTTP/1.1 many\r\n\r\n"), Trouble.FAILED),
    "a header for ever": (floods(b"HTTP/1.1 200 OK\r\nA: ", b"x" * 9999), Trouble.FAILED),
    "headers for ever": (floods(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 99), Trouble.FAILED),
    "promises for ever": (floods(b"", b"HTTP/1.1 100 Go on\r\n\r\n" * 99), Trouble.FAILED),
    "a body for ever": (floods(HEAD + b"\r\n", b"x" * 65536), Trouble.LARGE),
    "chunks for ever": (floods(CHUNKED, (b"1;%s\r\nx\r\n" % (b"y" * 200)) * 99), Trouble.LARGE),
    "an endless chunk": (floods(CHUNKED + b"ffffffffff\r\n", b"x" * 65536), Trouble.LARGE),
    "trailers for ever": (floods(CHUNKED + b"0\r\n", b"A: b\r\n" * 9999), Trouble.LARGE),
    "a bomb in gzip": (bomb(31), Trouble.LARGE),
    "a bomb in zlib": (bomb(15), Trouble.LARGE),
    "a bomb in deflate": (bomb(-15), Trouble.LARGE),
    "empty members for ever": (
        floods(HEAD + b"Content-Encoding: gzip\r\n\r\n", _NOTHING * 50), Trouble.LARGE),
    "just as large as may be": (says(whole(_HTML.ljust(BODY_BYTES))), Trouble.NO_CALENDAR),
    "one byte too large": (says(whole(bytes(BODY_BYTES + 1))), Trouble.LARGE),
    "one byte too large, unannounced": (says(HEAD, b"\r\n", bytes(BODY_BYTES + 1)), Trouble.LARGE),
    "one byte too large, packed": (
        says(whole(packed(bytes(BODY_BYTES + 1), 31), b"Content-Encoding: gzip")), Trouble.LARGE),
    "large by its own word": (says(HEAD, b"Content-Length: 99999999\r\n\r\n"), Trouble.LARGE),
    "more promised": (says(HEAD, b"Content-Length: 9999\r\n\r\n", CALENDAR), Trouble.CUT_OFF),
    "less promised": (says(HEAD, b"Content-Length: 99\r\n\r\n", CALENDAR), Trouble.CUT_OFF),
    "the last chunk left out": (says(CHUNKED, b"5\r\nBEGIN\r\n"), Trouble.CUT_OFF),
    "half a chunk": (says(CHUNKED, b"99\r\nBEGIN"), Trouble.CUT_OFF),
    "chunks without a size": (says(CHUNKED, b"no\r\nBEGIN"), Trouble.CUT_OFF),
    "half of what was packed": (
        says(whole(_GZ[:40], b"Content-Encoding: gzip")), Trouble.CUT_OFF),
    "broken off at once": (breaks_off(b"HTTP/1.1 200 OK\r\nA: "), Trouble.AWAY),
    "broken off": (breaks_off(HEAD + b"Content-Length: 9999\r\n\r\nBEGIN"), Trouble.CUT_OFF),
    "packed and damaged": (
        says(whole(_GZ[:20] + b"\xff" * 40, b"Content-Encoding: gzip")), Trouble.BROKEN),
    "not packed": (says(whole(CALENDAR, b"Content-Encoding: gzip")), Trouble.BROKEN),
    "packed otherwise": (says(whole(_GZ, b"Content-Encoding: br")), Trouble.BROKEN),
    "packed twice": (says(whole(_GZ, b"Content-Encoding: gzip, gzip")), Trouble.BROKEN),
    "sent otherwise": (says(HEAD, b"Transfer-Encoding: gzip\r\n\r\n", _GZ), Trouble.FAILED),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_a_server_answers_ends_in_one_sentence_and_in_time(name: str) -> None:
    reply, trouble = ANSWERS[name]
    with answering(reply) as server:
        began = time.monotonic()
        found = trouble_of(reader(server), at(server))
        took = time.monotonic() - began

    assert found is trouble
    assert took < 11
    assert server.connections == 1


SLOW = {
    "says nothing": silent,
    "drips headers": drips(b"HTTP/1.1 200 OK\r\nA: ", b"x"),
    "drips promises": drips(b"", b"HTTP/1.1 100 Go on\r\n\r\n"),
    "drips a body": drips(HEAD + b"\r\nBEGIN:VCALENDAR", b"\r\n"),
    "drips a promised body": drips(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"),
    "drips chunks": drips(CHUNKED, b"1\r\nx\r\n"),
    "drips the size of a chunk": drips(CHUNKED, b"0"),
    "drips what is packed": drips(HEAD + b"Content-Encoding: gzip\r\n\r\n", packed(b"", 31)),
    "leads on slowly": drips(b"HTTP/1.1 302 Found\r\nLocation: /", b"a"),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_server_is_left_when_time_is_up(name: str) -> None:
    with answering(SLOW[name]) as server:
        began = time.monotonic()
        found = trouble_of(reader(server, seconds=0.4), at(server))
        took = time.monotonic() - began

    assert found is Trouble.SLOW
    assert 0.3 < took < 3


def test_the_time_is_for_all_hops_together_and_not_for_each() -> None:
    def late(caller: Caller) -> None:
        caller.over.wait(0.25)
        caller.say(leads_to("/again"))

    with answering(late) as server:
        began = time.monotonic()
        assert trouble_of(reader(server, seconds=0.6), at(server)) is Trouble.SLOW
        assert time.monotonic() - began < 3


def test_a_slow_handshake_is_left_when_time_is_up() -> None:
    dripped = drips(b"\x16\x03\x03\x40\x00", b"x")
    with answering(silent) as quiet, answering(dripped, listens=False) as dripping:
        for server in (quiet, dripping):
            began = time.monotonic()
            calendars = reader(server, seconds=0.4)
            assert trouble_of(calendars, at(server, "https")) is Trouble.SLOW
            assert time.monotonic() - began < 3


def test_a_machine_that_takes_no_connection_is_left_sooner() -> None:
    with ExitStack() as stack:
        door = stack.enter_context(socket.create_server((HERE, 0), backlog=0))
        server = Server(door.getsockname()[1])
        for _ in range(4):  # fill the queue in front of the door
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((HERE, server.port))
        began = time.monotonic()

        assert trouble_of(reader(server, patience=0.2), at(server)) is Trouble.AWAY
        assert time.monotonic() - began < 4


def test_the_next_address_of_a_name_is_tried_where_the_first_is_away() -> None:
    with answering(says(whole(_HTML))) as server:
        calendars = reader(
            server,
            resolver=Names(("127.0.0.2", HERE)),
            admits=lambda address, _port: address in {HERE, "127.0.0.2"},
        )
        assert trouble_of(calendars, at(server)) is Trouble.NO_CALENDAR


def test_nobody_at_home_is_told_as_such() -> None:
    with answering(says()) as server:
        pass

    assert trouble_of(reader(server), at(server)) is Trouble.AWAY


def test_the_limits_are_twenty_seconds_five_to_connect_and_five_megabytes() -> None:
    parameters = inspect.signature(IcsFeeds).parameters

    assert parameters["seconds"].default == 20.0
    assert parameters["patience"].default == 5.0
    assert parameters["admits"].default is feeds.only_public
    assert parameters["plain"].default is False
    assert parameters["ports"].default == ()
    assert BODY_BYTES == 5 * 1024 * 1024


PRIVATE_PLACES = [
    "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
    "[::127.0.0.1]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "100.100.100.200", "0",
    "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127.0.0.1.", "127。0。0。1",
]  # fmt: skip


@pytest.mark.parametrize("place", PRIVATE_PLACES)
def test_no_address_and_no_redirect_leads_to_a_private_machine(place: str) -> None:
    with (
        answering(says(whole(CALENDAR))) as private,
        answering(says(whole(CALENDAR)), host="::1") as private_6,
    ):
        port = private_6.port if place == "[::1]" else private.port
        leading = says(leads_to(f"http://{place}:{port}/latest/meta-data"))
        with answering(leading) as server:
            calendars = reader(server, private, private_6)
            assert trouble_of(calendars, f"http://{place}:{port}/") is Trouble.PRIVATE
            assert trouble_of(calendars, at(server)) is Trouble.PRIVATE

    assert server.connections == 1
    assert private.connections + private_6.connections == 0


def test_a_name_is_asked_for_once_and_what_it_says_later_changes_nothing() -> None:
    with answering(says(whole(_HTML))) as server:
        names = Names((HERE,), ("127.0.0.2",))
        assert trouble_of(reader(server, resolver=names), at(server)) is Trouble.NO_CALENDAR

    assert names.asked == ["calendar.example"]
    assert server.connections == 1


def test_a_name_that_turns_private_on_the_way_is_left() -> None:
    with (
        answering(says(leads_to("/elsewhere"))) as server,
        answering(says(whole(CALENDAR)), host="127.0.0.2") as private,
    ):
        names = Names((HERE,), ("127.0.0.2",))
        assert trouble_of(reader(server, resolver=names), at(server)) is Trouble.PRIVATE

    assert len(names.asked) == 2
    assert private.connections == 0


@pytest.mark.parametrize(
    "answer",
    [(HERE, "10.0.0.1"), ("10.0.0.1", HERE), (HERE, "fe80::1%eth0"), (HERE, "nonsense"),
     (HERE, "::1"), (HERE, "127.0.0.2")],
)  # fmt: skip
def test_one_private_address_spoils_a_name(answer: Sequence[str]) -> None:
    with answering(says(whole(CALENDAR))) as server:
        calendars = reader(server, resolver=Names(answer))
        assert trouble_of(calendars, at(server)) is Trouble.PRIVATE

    assert server.connections == 0


def test_the_rule_itself_admits_nothing_on_this_machine() -> None:
    with answering(says(whole(CALENDAR))) as server:
        calendars = IcsFeeds(plain=True, ports=[server.port])
        assert trouble_of(calendars, at(server, host="localhost")) is Trouble.PRIVATE
        assert trouble_of(calendars, at(server, host=HERE)) is Trouble.PRIVATE

    assert server.connections == 0


WRONG_WAYS = {
    "round in a circle": "http://calendar.example:{port}/",
    "to itself": "?",
    "to another protocol": "ftp://calendar.example/a.ics",
    "to a file": "file:///etc/passwd",
    "to data": "data:text/calendar,BEGIN:VCALENDAR",
    "to a port": "http://calendar.example:22/",
    "with a password": "http://a:b@calendar.example:{port}/",
    "with a backslash": "http://calendar.example:{port}\\@10.0.0.1/",
    "to nobody": "http://:{port}/",
    "with a space": "http://calendar.example:{port}/a b",
    "nowhere": "http://[::1/",
    "with a port of letters": "http://calendar.example:http/",
}


@pytest.mark.parametrize("name", WRONG_WAYS)
def test_a_redirect_that_is_not_safe_is_not_followed(name: str) -> None:
    def onward(caller: Caller) -> None:
        port = int(caller.way.getsockname()[1])
        caller.say(leads_to(WRONG_WAYS[name].format(port=port)))

    with answering(onward) as server:
        assert trouble_of(reader(server), at(server)) is Trouble.REDIRECTS

    assert server.connections == (4 if name in {"round in a circle", "to itself"} else 1)


def test_three_redirects_are_followed_and_each_is_asked_for_anew() -> None:
    def home(caller: Caller) -> None:
        port = int(caller.way.getsockname()[1])
        caller.say(leads_to(f"//CALENDAR.example.:{port}/ü.ics"))

    onward = [says(leads_to("b/c.ics?x=1")), says(leads_to("/d.ics")), home]
    with answering(*onward, says(whole(_HTML))) as server:
        names = Names()
        calendars = reader(server, resolver=names)
        assert trouble_of(calendars, f"http://calendar.example:{server.port}/a.ics") is (
            Trouble.NO_CALENDAR
        )

    asked = [question.split(b" ")[1] for question in server.questions]
    assert asked == [b"/a.ics", b"/b/c.ics?x=1", b"/d.ics", b"/%C3%BC.ics"]
    assert names.asked == ["calendar.example"] * 4


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"), "calendar.example")


def test_https_and_webcal_are_asked_inside_tls_by_their_name(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    theirs, ours = tls
    called: list[str | None] = []
    theirs.sni_callback = lambda _way, name, _context: called.append(name)
    with answering(says(whole(_HTML)), tls=theirs) as server:
        calendars = reader(server, tls=ours, plain=False)
        for scheme in ("https", "webcal", "WebCal"):
            url = at(server, scheme, "Calendar.Example.")
            assert trouble_of(calendars, url) is Trouble.NO_CALENDAR
        assert trouble_of(calendars, at(server, "https", HERE)) is Trouble.NO_CALENDAR
    theirs.sni_callback = None

    assert called == ["calendar.example"] * 3 + [None]
    assert f"Host: calendar.example:{server.port}\r\n".encode() in server.questions[0]


def test_a_server_that_cannot_prove_its_name_is_told_nothing(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    theirs, ours = tls
    with answering(says(whole(CALENDAR)), tls=theirs) as server:
        another = trouble_of(reader(server, tls=ours), at(server, "https", "other.example"))
        unknown = trouble_of(reader(server), at(server, "https"))
    with answering(says(b"HTTP/1.1 400 Plain\r\n\r\n"), listens=False) as plain:
        broken = trouble_of(reader(plain, tls=ours), at(plain, "https"))

    assert another is unknown is Trouble.UNPROVEN
    assert broken is Trouble.AWAY
    assert server.questions == []


def test_no_redirect_leads_out_of_tls(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    theirs, ours = tls
    with answering(says(whole(CALENDAR))) as plain:
        leading = says(leads_to(at(plain)))
        with answering(leading, tls=theirs) as server:
            calendars = reader(
                server, plain, tls=ours, admits=lambda address, _port: address == HERE
            )
            assert trouble_of(calendars, at(server, "https")) is Trouble.REDIRECTS

    assert plain.connections == 0


NO_ADDRESSES = [
    "", "calendar.example", "http://calendar.example/a.ics", "ftp://calendar.example/a.ics",
    "https:calendar.example", "https:///a.ics", "https://", "https://:443/", "javascript:alert(1)",
    "https://maya:pw@calendar.example/", "https://maya@calendar.example/", "https://@calendar.example/",
    "https://calendar.example:8080/", "https://calendar.example:80/", "https://calendar.example:0/",
    "https://calendar.example:x/", "https://calendar.example:99999/", "https://a b.example/",
    "https://calendar.example/a b", "https://calendar.example\\@evil.example/", "https://[::1/",
    "https://calendar.example/\r\nHost: evil", "https://calendar%2eexample/", "https://[::1]x/",
    "https://[::1]x:443/", "https://calendar.example/\udcff", "https://a" + "b" * 5000, "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_of_a_calendar_is_asked_of_nobody(url: str) -> None:
    names = Names()

    assert trouble_of(IcsFeeds(resolver=names), url) is Trouble.ADDRESS
    assert names.asked == []


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), Trouble.UNKNOWN),
        (socket.gaierror(socket.EAI_AGAIN, "later"), Trouble.AWAY),
        (OSError("no network"), Trouble.AWAY),
        (RuntimeError("whatever"), Trouble.AWAY),
        (None, Trouble.UNKNOWN),
    ],
)
def test_a_name_that_cannot_be_found_is_told_as_such(
    fault: Exception | None, trouble: Trouble
) -> None:
    def resolver(_name: str, _port: int) -> Sequence[str]:
        if fault:
            raise fault
        return ()

    calendars = IcsFeeds(resolver=resolver)
    assert trouble_of(calendars, "https://calendar.example/") is trouble


def test_the_systems_resolver_is_asked_by_default() -> None:
    assert trouble_of(IcsFeeds(), "https://nobody.invalid/") in {Trouble.UNKNOWN, Trouble.AWAY}
    assert trouble_of(IcsFeeds(), "https://localhost/") is Trouble.PRIVATE


def test_a_resolver_that_hangs_holds_nobody_up_and_never_many_threads() -> None:
    over, answered = threading.Event(), threading.Semaphore(0)

    def hanging(_name: str, _port: int) -> Sequence[str]:
        over.wait(30)
        answered.release()
        return (HERE,)

    before = threading.active_count()
    with answering(says(whole(_HTML))) as server:
        for _ in range(feed_wire.MOST_LOOKUPS + 2):
            began = time.monotonic()
            calendars = reader(server, seconds=0.05, resolver=hanging)
            assert trouble_of(calendars, at(server)) is Trouble.SLOW
            assert time.monotonic() - began < 3
        assert threading.active_count() <= before + 1 + feed_wire.MOST_LOOKUPS
        over.set()
        for _ in range(feed_wire.MOST_LOOKUPS):
            answered.acquire(timeout=5)
        assert trouble_of(reader(server), at(server)) is Trouble.NO_CALENDAR


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(says(whole(CALENDAR))) as proxy, answering(says(whole(_HTML))) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://{HERE}:{proxy.port}")
            monkeypatch.setenv(name.upper(), f"http://{HERE}:{proxy.port}")
        assert trouble_of(reader(server), at(server)) is Trouble.NO_CALENDAR

    assert proxy.connections == 0


def test_a_defect_becomes_a_sentence_too_and_its_log_quotes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(address: str, _port: int) -> bool:
        raise LookupError(f"{address} of {SECRET}")

    with caplog.at_level(logging.DEBUG):
        calendars = IcsFeeds(resolver=Names(), admits=broken)
        assert trouble_of(calendars, f"https://calendar.example/{SECRET}.ics") is Trouble.BROKEN

    assert "LookupError" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in repr(calendars._target("https://a.example/" + SECRET, Trouble.ADDRESS))


def test_the_worker_grows_by_less_than_64_megabytes_whatever_comes() -> None:
    names = ["a body for ever", "chunks for ever", "headers for ever", "a header for ever",
             "a bomb in gzip", "a bomb in zlib", "a bomb in deflate", "empty members for ever",
             "one byte too large, packed", "just as large as may be"]  # fmt: skip
    with answering(*(ANSWERS[name][0] for name in ["not there", *names])) as server:
        told = subprocess.run(
            [sys.executable, "-m", "tests.adapters.feed_memory", str(server.port), str(len(names))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    assert seen["troubles"] == [ANSWERS[name][1].name for name in names]
    assert seen["grown_kb"] < 64 * 1024 <= seen["with_ballast_kb"], seen
