"""What no page of ours sends: answered with 4xx, never a defect, and nothing is written."""

import io
from typing import Any
from urllib.parse import urlencode

import pytest

from practice.models.occupancy import Occupancy
from tests.browser import Browser
from tests.fakes import FrozenClock
from tests.looking import all_of, dump, the_booking
from tests.makers import at, book_for, booked, hold_for, make_coach, make_offering
from tests.people import ADA, BEN
from tests.web.conftest import Inside

TUESDAY_TEN = "2026-06-02T09:00:00Z"
FORMS = "application/x-www-form-urlencoded"


def hold_fields(browser: Browser) -> dict[str, str]:
    """What pressing ten o'clock on the front page sends."""
    form = browser.open("/").form()
    button = next(b for b in form.buttons if b.get("value") == TUESDAY_TEN)
    return dict(form.filled(button, {}))


GARBLED_TIMES = [
    "",
    "soon",
    "2026-06-02T09:00:00",
    "2026-06-02T09:00:00+01:00",
    "2026-06-02 09:00:00Z",
    "2026-02-30T09:00:00Z",
    "2026-06-02T25:00:00Z",
    "2026-06-02T09:00:01Z",
    "٢٠٢٦-06-02T09:00:00Z",
    "2026-06-02T09:00:00Z\n",
    "-2026-06-02T09:00:00Z",
    "0000-01-01T00:00:00Z",
    "' OR 1=1--",
    "x" * 100_000,
    "0001-01-01T00:00:00Z",  # instants, but none at which anybody meets
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:00Z",
]
TIMES_NEVER_OFFERED = [
    "2026-06-02T09:07:00Z",  # not on the grid
    "2026-06-02T16:30:00Z",  # after hours
    "2026-06-06T09:00:00Z",  # a Saturday
    "2026-06-01T09:00:00Z",  # past
    "2026-06-01T15:00:00Z",  # within the notice
    "2027-06-01T09:00:00Z",  # beyond the horizon
]


@pytest.mark.parametrize("t", GARBLED_TIMES)
def test_a_garbled_time_is_422_and_writes_nothing(browser: Browser, inside: Inside, t: str) -> None:
    fields = hold_fields(browser) | {"t": t}
    with inside:
        before = dump()

    page = browser.send("/book/hold", fields.items())

    assert page.status == 422
    assert page.form("t").choices("t")
    with inside:
        assert dump() == before


@pytest.mark.parametrize("t", TIMES_NEVER_OFFERED)
def test_a_time_that_was_never_offered_is_409_and_writes_nothing(
    browser: Browser, inside: Inside, t: str
) -> None:
    fields = hold_fields(browser) | {"t": t}
    with inside:
        before = dump()

    page = browser.send("/book/hold", fields.items())

    assert page.status == 409
    with inside:
        assert dump() == before


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("who", "", 422),
        ("who", "everybody", 422),
        ("who", "me'--", 422),
        ("d", "2026-02-30", 422),
        ("d", "9999-99-99", 422),
        ("zone", "GMT+25", 422),
        ("zone", "../../etc/passwd", 422),
        ("zone", "x" * 10_000, 422),
        ("zone", "localtime", 422),
        ("offering", "nothing", 422),
        ("offering", "../../..", 422),
        ("key", "a b", 422),
        ("key", "x" * 41, 422),
        ("key", "'; DROP TABLE bookings;--", 422),
    ],
)
def test_a_tampered_field_is_refused_and_writes_nothing(
    browser: Browser, inside: Inside, field: str, value: str, status: int
) -> None:
    fields = hold_fields(browser) | {field: value}
    with inside:
        before = dump()

    page = browser.send("/book/hold", fields.items())

    assert page.status == status
    with inside:
        assert dump() == before


@pytest.mark.parametrize("field", ["t", "who", "zone", "offering", "d", "key"])
def test_a_field_sent_twice_is_refused(browser: Browser, inside: Inside, field: str) -> None:
    fields = [*hold_fields(browser).items(), (field, "2026-06-03T09:00:00Z")]
    with inside:
        before = dump()

    page = browser.send("/book/hold", fields)

    assert page.status == 422
    with inside:
        assert dump() == before


def test_what_a_stranger_adds_to_the_form_changes_nothing(browser: Browser, inside: Inside) -> None:
    with inside:
        noor = make_coach()
        make_offering("session", coaches=[noor], length_minutes=120)
    added = {
        "status": "confirmed",
        "coach_id": str(noor),
        "coach": str(noor),
        "length_minutes": "600",
        "ends_at": "2026-06-02T20:00:00Z",
        "price_minor": "-100",
        "id": "7",
        "held_until": "2030-01-01T00:00:00Z",
    }

    held = browser.send("/book/hold", (hold_fields(browser) | added).items())
    path = held.headers["Location"]
    form = browser.open(path).form("name")
    typed = dict(form.filled(None, {"name": "Ada", "email": ADA.email}))
    done = browser.send(path, (typed | added | {"starts_at": "x", "who": "both"}).items())

    with inside:
        booking = the_booking(booked(done.headers["Location"].rpartition("/")[2]))
        assert (booking.coach_id, booking.status, booking.who) == (1, "confirmed", "me")
        assert (booking.starts_at, booking.ends_at) == (at("Tue 10:00"), at("Tue 10:30"))
        assert booking.price_minor == 0


@pytest.mark.parametrize(
    ("t", "status"),
    [("2026-06-06T09:00:00Z", 409), ("garbled", 422), ("9999-12-31T23:59:00Z", 422)],
)
def test_details_cannot_bring_a_time_that_is_not_offered(
    browser: Browser, inside: Inside, t: str, status: int
) -> None:
    details = browser.press(browser.open("/"), TUESDAY_TEN)
    fields = dict(details.form("name").filled(None, {"name": "Ada", "email": ADA.email}))
    with inside:
        before = dump()

    page = browser.send(details.path, (fields | {"t": t}).items())

    assert page.status == status
    with inside:
        assert dump() == before


def test_a_machine_that_fills_the_hidden_field_books_nothing(
    browser: Browser, inside: Inside
) -> None:
    details = browser.press(browser.open("/"), TUESDAY_TEN)

    browser.press(
        details, form="name", status=422, name="Ada", email=ADA.email, website="https://x.example"
    )

    with inside:
        assert [row.status for row in all_of(Occupancy)] == ["held"]


def test_a_machine_that_fills_the_hidden_field_asks_for_nothing(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        before = dump()

    for path, typed in (("/ask", {"name": "Ada", "message": "Hi"}), ("/my-link", {})):
        page = browser.open(path)
        browser.press(
            page, form="email", status=422, email=ADA.email, website="https://x.example", **typed
        )

    with inside:
        assert dump() == before


POISONED: list[dict[str, Any]] = [
    {"data": b"who=me&t=%00", "content_type": FORMS},
    {"data": b"who=me&t=\xff\xfe", "content_type": FORMS},
    {"data": b"%ff=1", "content_type": FORMS},
    {"data": b"x=" + b"a" * 10_000_000, "content_type": FORMS},
    {"data": b"x" * 10_000_000, "content_type": "application/octet-stream"},
    {"data": b"&".join(b"f%d=1" % i for i in range(10_000)), "content_type": FORMS},
    {"data": b"&".join(b"t=1" for _ in range(10_000)), "content_type": FORMS},
    {"data": b"{}", "content_type": "application/json"},
    {"data": b"[" * 100_000, "content_type": "application/json"},
    {"data": b"nonsense", "content_type": "multipart/form-data; boundary=x"},
    {"data": b"nonsense", "content_type": "multipart/form-data"},
    {"data": b"t=1", "content_type": f"{FORMS}; charset=utf-16"},
    {"data": b"t=1", "content_type": f"{FORMS}; charset=no-such-thing"},
    {"data": b"t=1", "content_type": "\x01"},
    {"data": b"", "content_type": ""},
]
POSTS = ["/book/hold", "/book/h/{hold}", "/a/{ada}/move", "/a/{ada}/cancel", "/ask", "/my-link"]


@pytest.mark.parametrize("body", POISONED, ids=range(len(POISONED)))
def test_a_poisoned_body_is_4xx_at_every_address_and_writes_nothing(
    browser: Browser, inside: Inside, body: dict[str, Any]
) -> None:
    with inside:
        names = {
            "ada": book_for(ADA, at=at("Thu 10:00")).token,
            "hold": hold_for(BEN, at=at("Fri 10:00")),
        }
        before = dump()

    for path in POSTS:
        answer = browser.client.post(path.format(**names), base_url=browser.base_url, **body)
        assert 400 <= answer.status_code < 500, path

    with inside:
        assert dump() == before


@pytest.mark.parametrize("name", ["%ff", "%ed%a0%80", "Ada%00", "%c3%28", "%f8%a1%a1%a1%a1"])
def test_a_name_that_is_no_utf_8_is_400_and_writes_nothing(
    browser: Browser, inside: Inside, name: str
) -> None:
    details = browser.press(browser.open("/"), TUESDAY_TEN)
    fields = details.form("name").filled(None, {"name": None, "email": ADA.email})
    with inside:
        before = dump()

    answer = browser.client.post(
        details.path,
        data=f"{urlencode(fields)}&name={name}".encode(),
        content_type=FORMS,
        base_url=browser.base_url,
    )

    assert answer.status_code == 400
    with inside:
        assert dump() == before


def test_ten_thousand_fields_are_refused_even_with_a_good_form_among_them(
    browser: Browser, inside: Inside
) -> None:
    fields = [*hold_fields(browser).items(), *((f"f{i}", "1") for i in range(10_000))]
    with inside:
        before = dump()

    assert browser.send("/book/hold", fields).status in {400, 413, 422}
    assert browser.send("/", method="GET", query=fields).status in {400, 413, 414}

    with inside:
        assert dump() == before


def test_multipart_with_a_file_or_a_thousand_parts_is_refused(browser: Browser) -> None:
    fields = hold_fields(browser)
    many = fields | {f"f{i}": "1" for i in range(1_200)}

    for data in (many, fields | {"t": (io.BytesIO(b"x" * 100_000), "x.bin")}):
        answer = browser.client.post(
            "/book/hold",
            data=data,
            content_type="multipart/form-data",
            base_url=browser.base_url,
        )
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/%ff",
        "/a/%00",
        "/a/%ff%fe",
        "/a/..%2f..%2fetc%2fpasswd",
        "/a/" + "x" * 20_000,
        "/a/%252e%252e",
        "/a/ 1",
        "/book/h/%ed%a0%80",
        "/sessions/%00",
        "/sessions/" + "ä" * 300,
        "/times/%F0%9F%99%82",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/%00",
        "/static/nothing.css",
        "/.git/config",
        "/desk/bookings/99999999999999999999999",
        "/desk/bookings/-1",
        "/?zone=%00",
        "/?zone=%ff",
        "/?who=%00&d=%ff",
        "/times/2026-06?offering=%00",
        "/zone?zone=%ff",
        "/my-link?x=%00",
    ],
)
def test_a_garbled_address_is_4xx_or_sends_a_stranger_to_the_sign_in(
    browser: Browser, path: str
) -> None:
    page = browser.send(path, method="GET")

    assert 400 <= page.status < 500 or (page.status == 302 and path.startswith("/desk"))


@pytest.mark.parametrize(
    "query", ["d=9999-12-31", "d=0001-01-01", "d=x", "who=x", "d=1&d=2", "q=1"]
)
def test_an_odd_wish_in_the_address_shows_the_page_all_the_same(
    browser: Browser, query: str
) -> None:
    assert browser.open(f"/?{query}").form("t").value("who") in {"me", "both"}
    browser.open(f"/times/2026-06?{query}")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "CONNECT"])
def test_other_methods_are_405_and_say_which_are_known(browser: Browser, method: str) -> None:
    for path in ("/", "/ask", "/privacy"):
        page = browser.send(path, method=method)
        assert page.status == 405
        assert "GET" in page.headers["Allow"]


def test_the_end_of_time_is_no_defect(browser: Browser, clock: FrozenClock) -> None:
    clock.at = clock.at.replace(year=9999, month=12, day=31)

    assert browser.open("/").status == 200


def test_odd_names_are_kept_inert_and_without_controls(browser: Browser, inside: Inside) -> None:
    details = browser.press(browser.open("/"), TUESDAY_TEN)

    done = browser.press(
        details,
        form="name",
        name="  Ada\u202e\u2066\u200b\r\n Love\tlace  ",
        email="Ada@Mail.EXAMPLE",
    )

    assert "Ada Love lace" in done.h1
    assert not {"\u202e", "\u2066", "\r"} & set(done.h1)
