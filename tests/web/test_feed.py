"""The feed: three readers see the diary as it is, and nothing more than she chose."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject
from sqlalchemy import select

from practice.adapters.feed_process import read_apart
from practice.domain import roles
from practice.domain.busy import FeedAsk
from practice.domain.feed import FeedNames
from practice.domain.refusal import NotFound
from practice.domain.span import Span
from practice.models.accounts import Role, User
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.link import Link, Purpose
from practice.models.unit import unit_of_work
from practice.queries.feed import own_uids
from practice.usecases.blocking import block, unblock
from practice.usecases.feeding import choose_feed_names, make_feed, revoke_feed
from practice.usecases.importing import window_at
from tests.browser import Browser, Page
from tests.chromium import ARGS, chromium_or_skip
from tests.fakes import NOW, FrozenClock
from tests.feeding import feed_token, seat_of
from tests.looking import all_of, dump, statements
from tests.makers import (
    at,
    book_for,
    book_hold,
    both_for,
    cancel_for,
    hold_for,
    join_for,
    make_coach,
    make_offering,
    move_for,
    the_tools,
    undo_for,
)
from tests.people import ADA, BEN, Person
from tests.web.conftest import Inside

VENDOR = Path(__file__).parents[1] / "vendor"
Seen = list[tuple[str, datetime, datetime, str]]


def fetch(browser: Browser, token: str, *, etag: str = "", method: str = "GET") -> Page:
    headers = {"If-None-Match": etag} if etag else {}
    return browser.send(f"/feed/{token}.ics", method=method, headers=headers)


def add_account(coach_id: int) -> int:
    """An account for a coach who has none yet."""
    with unit_of_work() as session:
        user = User(
            email=f"coach-{coach_id}@lantern.example",
            coach_id=coach_id,
            create_datetime=NOW,
            roles=list(session.scalars(select(Role).where(Role.name == "coach"))),
        )
        session.add(user)
        session.flush()
        made = user.id
    db.session.remove()
    return made


def as_icalendar(feed: bytes) -> Seen:
    found = icalendar.Calendar.from_ical(feed)
    assert "METHOD" not in found
    events: Any = found.walk("VEVENT")
    return sorted((str(e["SUMMARY"]), _utc(e.start), _utc(e.end), str(e["UID"])) for e in events)


def as_vobject(feed: bytes) -> Seen:
    events = vobject.readOne(feed.decode()).contents.get("vevent", [])
    return sorted(
        (e.summary.value, _utc(e.dtstart.value), _utc(e.dtend.value), e.uid.value) for e in events
    )


def _utc(value: datetime) -> datetime:
    assert value.utcoffset() is not None, "a floating time"
    return value.astimezone(UTC)


READ = """async ([library, text]) => {
  const ICAL = (await import(library)).default;
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents("vevent").map((each) => {
    const event = new ICAL.Event(each);
    return [event.summary, event.startDate.toJSDate().toISOString(),
            event.endDate.toJSDate().toISOString(), event.uid];
  });
}"""


def as_ical_js(feeds: list[bytes]) -> list[Seen]:
    from playwright.sync_api import sync_playwright

    library = base64.b64encode((VENDOR / "ical.min.js").read_bytes()).decode()
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=chromium_or_skip(), args=ARGS)
        try:
            page = chromium.new_context(timezone_id="America/New_York").new_page()
            read = [
                page.evaluate(READ, [f"data:text/javascript;base64,{library}", feed.decode()])
                for feed in feeds
            ]
        finally:
            chromium.close()
    return [
        sorted((s, datetime.fromisoformat(a), datetime.fromisoformat(b), u) for s, a, b, u in each)
        for each in read
    ]


# Playwright leaves its loop's sockets to the collector.
@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_three_readers_see_a_booking_before_and_after_it_is_moved_and_cancelled(
    browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    feeds = []
    with inside:
        token = feed_token()
        ada, ben = book_for(ADA, at=at("Tue 10:00")), book_for(BEN, at=at("Wed 9:00"))
        block(
            seat_of(),
            Span(at("Thu 12:00"), at("Thu 13:00")),
            "Dentist",
            around=False,
            tools=the_tools(),
        )
    feeds.append(fetch(browser, token).raw)
    clock.advance(minutes=5)
    with inside:
        move_for(ada, to=at("Fri 11:00"))
    feeds.append(fetch(browser, token).raw)
    with inside:
        cancel_for(ada)
        cancel_for(ben)
    feeds.append(fetch(browser, token).raw)

    half = timedelta(minutes=30)
    blocked = ("Blocked", at("Thu 12:00"), at("Thu 13:00"))
    bens = ("Appointment: B.", at("Wed 9:00"), at("Wed 9:00") + half)
    wanted = [
        [("Appointment: A.", at("Tue 10:00"), at("Tue 10:00") + half), bens, blocked],
        [("Appointment: A.", at("Fri 11:00"), at("Fri 11:00") + half), bens, blocked],
        [blocked],
    ]
    seen = [as_icalendar(feed) for feed in feeds]
    assert [[line[:3] for line in each] for each in seen] == wanted
    assert seen[0][0][3] == seen[1][0][3], "one UID, wherever the appointment moves"
    assert [as_vobject(feed) for feed in feeds] == seen
    assert as_ical_js(feeds) == seen


def test_a_feed_says_how_often_to_come_and_is_folded_and_escaped_as_it_must(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        token = feed_token()
        choose_feed_names(seat_of(), FeedNames.FULL, tools=the_tools())
        name = "Zoë; \\the, 名前 " * 6
        book_hold(hold_for(ADA, at=at("Tue 10:00")), name=name.strip())
    page = fetch(browser, token)

    lines = page.raw.split(b"\r\n")
    assert b"\n" not in page.raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"X-PUBLISHED-TTL:PT1H" in lines
    assert as_icalendar(page.raw) == as_vobject(page.raw)
    assert as_icalendar(page.raw)[0][0] == f"Appointment: {name.strip()}"
    assert page.headers["Content-Type"].startswith("text/calendar")
    assert page.headers["Cache-Control"] == "private, max-age=0"
    assert page.headers["ETag"].startswith('"')
    assert "Set-Cookie" not in page.headers
    head = fetch(browser, token, method="HEAD")
    assert (head.status, head.raw) == (200, b"")
    assert head.headers["ETag"] == page.headers["ETag"]


def test_names_stand_as_she_chose_and_nothing_else_of_anybody_does(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        make_offering(name="Couples therapy", price_minor=0, about="Rates")
        token = feed_token()
        hold = hold_for(ADA, at=at("Tue 10:00"), offering="session")
        ada = book_hold(hold, name="Ada Mary Lovelace")
        both_for(ada)
        join_for(ada, BEN)
    told = {}
    for names in FeedNames:
        with inside:
            choose_feed_names(seat_of(), names, tools=the_tools())
        feed = fetch(browser, token).raw
        told[names] = [line[0] for line in as_icalendar(feed)]
        text = feed.decode().replace("\r\n ", "").lower()
        for secret in ("therapy", "couple", ADA.email, BEN.email, "meet.example", "@mail"):
            assert secret not in text
    assert told == {
        FeedNames.FULL: ["Appointment: Ada Mary Lovelace and Ben"],
        FeedNames.FIRST: ["Appointment: Ada and Ben"],
        FeedNames.INITIALS: ["Appointment: A. M. L. and B."],
        FeedNames.NONE: ["Appointment"],
    }


def test_every_change_of_what_is_shown_is_one_of_the_etag_and_nothing_else_is(
    browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        token = feed_token()
        ada = book_for(ADA, at=at("Tue 10:00"))
        kept = block(
            seat_of(), Span(at("Thu 9:00"), at("Thu 10:00")), "", around=False, tools=the_tools()
        )
    seen: dict[str, bytes] = {}

    def changed() -> bool:
        page = fetch(browser, token)
        known = page.headers["ETag"] in seen
        assert seen.setdefault(page.headers["ETag"], page.raw) == page.raw
        again = fetch(browser, token, etag=f'"another", W/{page.headers["ETag"]}')
        assert (again.status, again.raw) == (304, b"")
        assert again.headers["ETag"] == page.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, max-age=0"
        return not known

    assert changed()
    clock.advance(minutes=1)
    assert not changed()
    with inside:
        hold_for(BEN, at=at("Wed 9:00"))
    assert not changed(), "a hold is nobody's appointment yet"
    with inside:
        move_for(ada, to=at("Tue 11:00"))
    assert changed()
    with inside:
        move_for(ada, to=at("Tue 10:00"))
    assert changed(), "moved back, it has another sequence"
    with inside:
        cancel_for(ada)
    assert changed()
    with inside:
        undo_for(ada)
    assert changed()
    with inside:
        choose_feed_names(seat_of(), FeedNames.NONE, tools=the_tools())
    assert changed()
    with inside:
        unblock(seat_of(), kept, tools=the_tools())
    assert changed()
    with inside:
        both_for(ada)
        choose_feed_names(seat_of(), FeedNames.FULL, tools=the_tools())
    assert changed()
    with inside:
        join_for(ada, BEN)
    assert changed()
    clock.advance(days=40)
    assert changed(), "what is over for 30 days is left out"


def test_an_unchanged_feed_of_many_is_told_without_loading_any(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        token = feed_token()
        for hour in range(9, 16):
            book_for(Person(f"Ada{hour}", f"ada{hour}@mail.example"), at=at(f"Tue {hour}:00"))
    etag = fetch(browser, token).headers["ETag"]
    with inside, statements() as sent:
        assert fetch(browser, token, etag=etag).status == 304
    assert len(sent) <= 6  # BEGIN is one
    assert not any("bookings.uid" in sql for sql in sent)


def test_a_new_address_ends_the_old_one_and_all_wrong_ones_answer_the_same(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        old = feed_token()
        new = feed_token()
        ada = book_for(ADA, at=at("Tue 10:00"))
        assert [len(row.token_hash) for row in all_of(Link, Link.purpose == Purpose.FEED)] == [32]
        assert new not in repr(dump())
    assert fetch(browser, new).status == 200
    wrong = [fetch(browser, token) for token in (old, ada.token, "x", new[:-1], new + "A")]
    assert {page.status for page in wrong} == {404}
    assert len({page.raw for page in wrong}) == 1
    assert browser.open(f"/a/{new}", status=404)
    with inside:
        revoke_feed(seat_of(), tools=the_tools())
    assert fetch(browser, new).raw == wrong[0].raw


def test_the_feed_of_a_coach_who_has_left_is_gone(browser: Browser, inside: Inside) -> None:
    with inside:
        noor = make_coach()
        add_account(noor)
        token = feed_token(seat_of(noor))
    assert fetch(browser, token).status == 200
    with inside:
        with unit_of_work() as session:
            session.get_one(Coach, noor).is_active = False
        db.session.remove()
    assert fetch(browser, token).status == 404


@pytest.mark.parametrize("change", ["closed", "assistant"])
def test_a_feed_does_not_outlive_the_account_that_may_see_it(
    browser: Browser, inside: Inside, change: str
) -> None:
    with inside:
        noor = make_coach()
        user_id = add_account(noor)
        token = feed_token(seat_of(noor))
    assert fetch(browser, token).status == 200
    with inside:
        with unit_of_work() as session:
            user = session.get_one(User, user_id)
            if change == "closed":
                user.active = False
            else:
                user.roles = list(session.scalars(select(Role).where(Role.name == "assistant")))
        db.session.remove()
    assert fetch(browser, token).status == 404


def test_guessing_addresses_is_slow(browser: Browser) -> None:
    tries = [fetch(browser, f"guess{number}").status for number in range(21)]

    assert tries == [404] * 20 + [429]


def test_a_feed_is_read_and_never_written_to(browser: Browser, inside: Inside) -> None:
    with inside:
        token = feed_token()
        before = dump()
    assert fetch(browser, token, method="POST").status in {403, 405}
    fetch(browser, token)
    fetch(browser, token, method="HEAD")
    with inside:
        assert dump() == before


def test_only_who_may_makes_a_feed_and_it_shows_one_diary(browser: Browser, inside: Inside) -> None:
    with inside:
        noor = make_coach(offers="free-chat")
        for seat in (
            seat_of(role=roles.Role.ASSISTANT),
            type(seat_of())(user_id=1, role=roles.Role.OWNER, coach_id=noor, is_own=False),
        ):
            for act in (make_feed, revoke_feed):
                with pytest.raises(NotFound):
                    act(seat, tools=the_tools())
            with pytest.raises(NotFound):
                choose_feed_names(seat, FeedNames.FULL, tools=the_tools())
        add_account(noor)
        hers = feed_token(seat_of(noor, roles.Role.COACH))
        book_for(ADA, at=at("Tue 10:00"))
    assert as_icalendar(fetch(browser, hers).raw) == []


def test_our_own_feed_read_back_blocks_nothing_and_a_colleagues_invite_does(
    browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        token = feed_token()
        ada = book_for(ADA, at=at("Tue 10:00"))
        block(
            seat_of(), Span(at("Thu 12:00"), at("Thu 13:00")), "", around=False, tools=the_tools()
        )
        own = {coach_id: own_uids(coach_id, the_tools().vault) for coach_id in (1, 2)}
    feed = fetch(browser, token).raw
    invite = browser.send(f"/a/{ada.token}/appointment.ics", method="GET").raw

    def read(body: bytes, coach_id: int) -> int:
        window = window_at(clock.now())
        ask = FeedAsk("", window, "Europe/London", own=own[coach_id])
        return len(read_apart(body, ask).spans or ())

    assert read(feed, 1) == 0
    assert read(feed, 2) == 2, "in the calendar of a colleague it is busy time like any other"
    assert read(invite, 1) == 1, "a coach can be somebody's client as well"
