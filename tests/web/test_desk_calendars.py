"""Other calendars at the desk: what a coach sees of them, and who else sees nothing."""

from datetime import timedelta
from typing import Any

import pytest

from practice.domain.booking import Actor
from practice.domain.busy import Trouble, WhenOld
from practice.models.accounts import User
from practice.models.source import CalendarSource
from practice.queries.calendars import ago
from tests.browser import Browser, Page
from tests.fakes import NOW, FrozenClock, Postbox, body
from tests.feeding import URL, add_calendar, busy, import_all, reading_calendars, seat_of
from tests.looking import all_of, dump, letters
from tests.makers import at, book_for, deliver_all, make_coach, move_for
from tests.people import ADA, MAYA
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside

ALL = "/desk/calendars"
TUESDAY = (at("Tue 10:00"), at("Tue 11:30"))


def add(maya: Browser, status: int = 200, **typed: Any) -> Page:
    wanted = {"name": "Private", "url": URL} | typed
    return maya.press(maya.open(ALL), "Add this calendar", status=status, **wanted)


def test_a_calendar_is_added_read_looked_at_and_removed(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    page = add(maya)
    assert page.h1 == "Private"
    assert "blocks none of your time" in page.text
    assert "secret-part" not in page.source

    with inside, reading_calendars() as calendars:
        calendars.say(busy(TUESDAY, warnings=("An event repeats in a way that was not clear.",)))
        import_all()
    clock.advance(minutes=4)
    page = maya.open(ALL)
    assert "Read 4 minutes ago" in page.text
    assert "2 hours in the next 60 days" in page.text
    assert "1 thing in it could not be understood" in page.text
    assert "calendar.example/…" in page.text
    one = maya.open(page.links["Private"])
    assert "An event repeats in a way that was not clear." in one.text
    with inside:
        ada = book_for(ADA, at=at("Tue 12:00"))
        move_for(ada, to=at("Tue 11:00"), by=Actor.COACH)
    told = "Another calendar of yours is busy at this time."
    assert told in maya.open(f"/desk/bookings/{ada.id}").text
    with inside:
        move_for(ada, to=at("Tue 12:00"), by=Actor.COACH)
    assert told not in maya.open(f"/desk/bookings/{ada.id}").text
    week = maya.open("/desk/")
    assert "Busy elsewhere" in week.text
    assert "10 to 11:30am" in week.text

    page = maya.press(one, "Read it now")
    assert "within a minute or two" in page.text
    with inside:
        assert all_of(CalendarSource)[0].next_at == clock.now()
    page = maya.press(page, "Save", name="Work", when_old="close")
    assert page.h1 == "Work"
    asked = maya.open(page.links["Remove this calendar"])
    page = maya.press(asked, "Remove it")
    assert "No other calendar is read yet." in page.text
    assert "Busy elsewhere" not in maya.open("/desk/").text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"url": "http://calendar.example/a"}, "It begins with https:// or webcal://."),
        ({"url": ""}, "It begins with https:// or webcal://."),
        ({"url": "https://sam:pw@calendar.example/"}, "Leave the name and the password out"),
        ({"url": "https://x.example/" + "a" * 2000}, "Use at most 2,000 letters."),
        ({"name": ""}, "Give the calendar a name, please."),
        ({"name": "x" * 201}, "Use at most 200 letters."),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field_and_kept(
    maya: Browser, inside: Inside, typed: dict[str, str], told: str
) -> None:
    page = add(maya, 422, **typed)

    assert told in page.errors
    for name, value in ({"name": "Private", "url": URL} | typed).items():
        assert page.form("url").filled(None, {}).count((name, value)) == 1
    with inside:
        assert all_of(CalendarSource) == []


def test_the_same_calendar_twice_and_the_twenty_first_are_refused(
    maya: Browser, inside: Inside
) -> None:
    page = maya.open(ALL)
    add(maya)
    assert "read into your diary already" in add(maya, 422).errors
    with inside:
        for number in range(19):
            add_calendar(url=f"https://calendar.example/{number}")
    late = maya.press(
        page, "Add this calendar", status=409, name="B", url="https://other.example/b"
    )
    assert "At most 20" in late.text


def test_trouble_and_age_are_told_and_a_letter_goes_once(
    maya: Browser, inside: Inside, clock: FrozenClock, postbox: Postbox
) -> None:
    with inside, reading_calendars() as calendars:
        calendars.say(busy(TUESDAY), Trouble.REFUSED)
        made = add_calendar(when_old=WhenOld.CLOSE)
        import_all()
        clock.advance(minutes=30)
        import_all()
    page = maya.open(ALL)
    assert Trouble.REFUSED.value in page.text
    assert "So it has been since Monday 1 June, 10:30am." in page.text
    assert "can’t be read" not in maya.open("/desk/").text

    with inside, reading_calendars() as calendars:
        calendars.say(Trouble.REFUSED)
        clock.advance(hours=25)
        import_all()
        deliver_all()
        sign_in_as(maya, all_of(User)[0])  # it is another day
    for path in ("/desk/", "/desk/hours", ALL):
        told = maya.open(path).text
        assert "Your calendar “Private” can’t be read. It was read last 1 day ago." in told
        assert "Nobody can book until it is read again." in told
    needs = maya.open("/desk/")
    assert needs.links["A calendar can’t be read"] == ALL
    (post,) = postbox.to(MAYA.email)
    for kind in ("plain", "html"):
        letter = body(post, kind)
        assert "Private" in letter
        assert f"/desk/calendars/{made}" in letter
        assert "nobody can book a time with you, as you chose" in letter
        assert "calendar.example" not in letter
    assert maya.open("/desk/letters").text.count("A calendar that can’t be read") == 1
    with inside:
        (row,) = letters(kind="coach_calendar")
    assert "nobody can book a time with you" in maya.open(f"/desk/letters/{row.id}").text

    with inside, reading_calendars() as calendars:
        calendars.say(busy(TUESDAY))
        clock.advance(hours=1)
        import_all()
    assert "can’t be read" not in maya.open("/desk/").text


def test_who_may_not_see_calendars_finds_nothing_and_learns_no_name(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        noor = make_coach()
        hers = add_calendar("Family court", seat=seat_of(noor))
        before = dump(without=("desk_sessions",))
    for path in (f"{ALL}/{hers}", f"{ALL}/{hers}/remove"):
        maya.open(path, status=404)
    token = maya.open(ALL).form("url").filled(None, {})
    for path in (f"{ALL}/{hers}", f"{ALL}/{hers}/read", f"{ALL}/{hers}/remove"):
        sent = [*token, ("when_old", "close")]
        fields = dict(sent) | {"name": "x"}
        assert maya.send(path, fields.items()).status == 404
    assert "Family court" not in maya.open(ALL).text
    with inside:
        assert dump(without=("desk_sessions",)) == before


def test_a_stranger_is_sent_to_the_sign_in(browser: Browser, inside: Inside) -> None:
    with inside:
        made = add_calendar()
    for path in (ALL, f"{ALL}/{made}", f"{ALL}/{made}/remove", f"{ALL}/feed"):
        assert browser.open(path).path.startswith("/desk/sign-in")


def test_the_feed_is_made_shown_replaced_and_taken_away(maya: Browser, inside: Inside) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00"))
    prove(maya)
    page = maya.press(maya.open(f"{ALL}/feed"), "Make a private address")
    assert "The address is made." in page.text
    first = address(page)
    assert maya.send(path_of(first), method="GET").status == 200
    assert page.links["Subscribe on this device"] == first.replace("https", "webcal", 1)
    page = maya.press(page, "Save how names stand", names="full")
    assert b"Ada" in maya.send(path_of(first), method="GET").raw
    page = maya.press(page, "Replace the address")
    assert "The one before it leads nowhere now." in page.text
    second = address(page)
    assert second != first
    assert maya.send(path_of(first), method="GET").status == 404
    page = maya.press(maya.open(f"{ALL}/feed"), "Take the address away")
    assert maya.send(path_of(second), method="GET").status == 404
    assert "Make a private address" in page.source


def test_the_address_is_seen_only_by_who_showed_the_password_lately(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    prove(maya)
    maya.press(maya.open(f"{ALL}/feed"), "Make a private address")
    clock.advance(minutes=11)

    assert maya.open(f"{ALL}/feed").path.startswith("/desk/prove")
    assert "/feed/" not in maya.open(ALL).source.replace(f"{ALL}/feed", "")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "a moment ago"),
        (1, "1 minute ago"),
        (59, "59 minutes ago"),
        (60, "1 hour ago"),
        (119, "1 hour ago"),
        (150, "2 hours ago"),
        (26 * 60, "1 day ago"),
        (49 * 60, "2 days ago"),
        (-5, "a moment ago"),
    ],
)
def test_an_age_is_said_as_people_say_it(minutes: int, said: str) -> None:
    assert ago(NOW - timedelta(minutes=minutes), NOW) == said


def prove(maya: Browser) -> None:
    with maya.client.session_transaction(base_url=maya.base_url) as session:
        session["proved_at"] = NOW


def address(page: Page) -> str:
    (code,) = page.tree.iter("code")
    return code.text or ""


def path_of(href: str) -> str:
    return "/" + href.split("/", 3)[3]
