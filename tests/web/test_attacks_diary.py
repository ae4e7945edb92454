"""Attacks on the diary and its feed, each of which got through once."""

from hashlib import sha256

from practice.domain.feed import FeedNames
from practice.models.booking import Booking
from practice.queries.feed import feed_of, own_uids
from practice.queries.week import initials
from practice.usecases.feeding import choose_feed_names
from tests.browser import Browser
from tests.feeding import feed_token, seat_of
from tests.looking import all_of
from tests.makers import at, book_for, the_tools
from tests.people import ADA
from tests.web.conftest import Inside


def test_who_has_a_feed_without_names_cannot_try_names_against_its_etag(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00"))
        token = feed_token()
        choose_feed_names(seat_of(), FeedNames.NONE, tools=the_tools())
        own = own_uids(1, the_tools().vault)
        (row,) = all_of(Booking)
        etag = feed_of(token, tools=the_tools()).etag
    page = browser.send(f"/feed/{token}.ics", method="GET")
    assert page.headers["ETag"] == f'"{etag}"'

    # All but the name stands in the feed; the text is the one that the database joined.
    guesses = set()
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S+00"):
        times = "|".join(
            f"{each:{form}}" for each in (row.starts_at, row.ends_at, row.confirmed_at)
        )
        line = f"{row.id}|0|{times}|{len(ADA.name)}|{ADA.name}"
        told = "\n".join(("1", "https://practice.example", "none", own, line, ""))
        guesses.add(sha256(told.encode()).hexdigest()[:32])
    assert etag not in guesses


def test_hidden_names_stay_hidden_where_a_block_meets_somebody(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00"))
    day = {"on": "2026-06-02", "since": "09:00", "until": "12:00"}
    page = maya.press(
        maya.open("/desk/blocks/new?names=hidden"), "Block this time", status=409, **day
    )

    assert ADA.name not in page.source
    assert initials(ADA.name) in page.text
