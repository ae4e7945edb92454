"""The coach sets the practice up: the checklist, the words, the hours, what is offered."""

import io
import struct
import zlib
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.hours import DateException, WeeklyHours
from practice.models.offering import Offering
from practice.models.practice import Practice
from tests.browser import Browser, Page
from tests.looking import all_of
from tests.makers import at, book_for
from tests.web.conftest import Inside

CANARY = "<script>alert(1)</script><b onclick=x>&\"'"


@pytest.fixture
def desk(maya: Browser) -> Browser:
    """Maya's browser, signed in."""
    return maya


def save(
    desk: Browser, path: str, *, status: int = 200, button: str = "Save", **typed: Any
) -> Page:
    page = desk.open(path)
    return desk.press(page, button, form=path, status=status, **typed)


def test_strangers_are_sent_to_the_sign_in(browser: Browser) -> None:
    for path in ("checklist", "practice", "practice/help", "hours", "hours/dates", "offerings/1"):
        assert browser.open(f"/desk/{path}").path.startswith("/desk/sign-in")


# The checklist ------------------------------------------------------------------------------------


def test_the_checklist_leads_to_every_step_and_back(desk: Browser) -> None:
    page = desk.open("/desk/checklist")
    assert "8 things are left" in page.text
    steps = [href for href in page.links.values() if href.startswith("/desk/practice/")]
    assert len(steps) == 10
    for href in [*steps, "/desk/hours"]:
        desk.open(href)

    page = save(desk, "/desk/practice/help", lines="Emergency: 112")

    assert "Your help lines are saved." in page.text
    assert "7 left" in page.text


def test_a_step_can_wait_and_come_back(desk: Browser) -> None:
    page = desk.press(desk.open("/desk/checklist"), "Later", form="photo/later")
    assert "That can wait." in page.text
    assert "7 things are left" in page.text

    page = desk.press(page, "Put back", form="photo/now")

    assert "8 things are left" in page.text


def test_an_unknown_step_is_not_found(desk: Browser) -> None:
    token = desk.open("/desk/checklist").form("photo/later").value("csrf_token")
    answer = desk.send("/desk/checklist/nothing/later", [("csrf_token", token)])
    assert answer.status == 404
    assert desk.open("/desk/practice/nothing", status=404)


# Words --------------------------------------------------------------------------------------------


def test_what_is_saved_is_on_the_front_page_at_once(desk: Browser) -> None:
    save(desk, "/desk/practice/front", name="Quiet Room", headline="Come in", lead="There is tea.")
    save(desk, "/desk/practice/coach", name="Maya E.", about="Calm.\r\nPractical.")

    front = desk.open("/")

    assert front.h1 == "Come in"
    for words in ("Quiet Room", "There is tea.", "Maya E.", "Practical."):
        assert words in front.text


def test_every_text_has_a_limit_and_a_long_one_is_kept(desk: Browser) -> None:
    for part, field, longest in (
        ("front", "name", 200),
        ("front", "headline", 200),
        ("front", "lead", 400),
        ("coach", "name", 200),
        ("coach", "about", 600),
        ("place", "detail", 500),
        ("privacy", "text", 4000),
        ("before", "secrets", 1000),
        ("safety", "approved_by", 200),
        ("outside", "sender_name", 200),
        ("outside", "calendar_title", 200),
    ):
        path = f"/desk/practice/{part}"
        kind: dict[str, Any] = {"kind": "phone"} if part == "place" else {}
        save(desk, path, **(kind | {field: "x" * longest}))

        page = save(desk, path, status=422, **(kind | {field: "y" * (longest + 1)}))

        assert f"Use at most {longest:,} letters." in page.errors
        assert page.form(path).value(field) == "y" * (longest + 1)
        assert page.title.startswith("Error: ")


_UNUSABLE: list[tuple[str, dict[str, Any], str]] = [
    ("front", {"name": " "}, "Enter the name of your practice."),
    ("coach", {"name": ""}, "Enter the name by which clients know you."),
    ("coach", {"name": "Maya, couples coach"}, "Leave out “couples”."),
    ("zone", {"zone": "Europe/Atlantis"}, "Please choose a time zone from the list."),
    ("place", {"kind": "video", "detail": "javascript:alert(1)"}, "Enter the link"),
    ("place", {"kind": "video", "detail": "meet me"}, "Enter the link"),
    ("place", {"kind": "moon"}, "Please choose one of these."),
    ("help", {"lines": "Emergency"}, "Write “Emergency” as a name, a colon"),
    ("help", {"lines": "a: 1\n" * 13}, "Use at most 12 lines"),
    ("outside", {"sender_name": "Couples Therapy"}, "Leave out “couples” and “therapy”."),
    ("outside", {"sender_address": "me@coaching.example"}, "Leave out “coaching”."),
    ("outside", {"sender_address": "nobody"}, "Enter an email address"),
    ("outside", {"calendar_title": "Relationship talk"}, "Leave out “relationship”."),
    ("letters", {"address": ""}, "Enter an email address."),
]


def test_what_cannot_be_used_is_refused_beside_its_field_and_kept(
    desk: Browser, inside: Inside
) -> None:
    for part, typed, sentence in _UNUSABLE:
        path = f"/desk/practice/{part}"

        page = save(desk, path, status=422, **typed)

        assert sentence in page.errors
        for name, value in typed.items():
            if value not in {"moon", " "}:
                assert page.form(path).value(name) == value.strip()
        with inside:
            (practice,), (coach,) = all_of(Practice), all_of(Coach)
        assert (practice.name, coach.name, coach.zone) == ("Lantern", "Maya Ellis", "Europe/London")
        assert (practice.sender_name, practice.help_lines) == ("", "")


def test_how_it_looks_outside_is_shown(desk: Browser) -> None:
    page = save(
        desk,
        "/desk/practice/outside",
        sender_name="Maya",
        sender_address="Hello@Lantern.example",
        calendar_title="Meeting",
    )

    assert "“Your appointment on Monday 1 June” from “Maya”, Hello@lantern.example" in page.text
    assert "“Meeting”" in page.text


def test_another_zone_names_the_appointments_that_lie_outside_now(
    desk: Browser, inside: Inside
) -> None:
    with inside:
        book_for(at=at("Tue 10:00"))

    page = save(desk, "/desk/practice/zone", zone="America/New_York")

    assert "This appointment is outside your hours and stays booked." in page.text
    assert "New York time" in page.text


def test_canaries_in_every_text_are_inert(desk: Browser) -> None:
    save(desk, "/desk/practice/front", name=CANARY, headline=CANARY, lead=CANARY)
    save(desk, "/desk/practice/coach", name=CANARY, about=CANARY)
    save(desk, "/desk/practice/privacy", text=CANARY)
    save(desk, "/desk/practice/help", lines=f"{CANARY}: {CANARY}")
    save(desk, "/desk/practice/place", kind="address", detail=CANARY)
    save(desk, "/desk/practice/outside", sender_name=CANARY, calendar_title=CANARY)
    save(desk, "/desk/offerings/1", name=CANARY, about=CANARY)
    save(desk, "/desk/hours/dates", first="2026-07-01", note=CANARY)

    for path in (
        "/",
        "/privacy",
        "/help",
        "/desk/practice",
        "/desk/hours/dates",
        "/desk/offerings",
    ):
        page = desk.open(path)  # the browser refuses inline scripts and handlers by itself
        assert "<script>alert" not in page.source, path
        assert "alert(1)" in page.text, path


# The photo ----------------------------------------------------------------------------------------


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 600), **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 120, 80)).save(buffer, kind, **options)
    return buffer.getvalue()


def bomb() -> bytes:
    """A PNG that says it is 20,000 pixels wide and high, in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def multipart(content: bytes, *, name: str = "me.jpg", token: str = "") -> dict[str, Any]:
    """A form with a file as a browser sends it."""
    head = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    data = head.encode() + content + b"\r\n--b--\r\n"
    return {"data": data, "content_type": "multipart/form-data; boundary=b"}


def upload(desk: Browser, content: bytes, name: str = "me.jpg") -> Page:
    token = desk.open("/desk/practice/photo").form("photo").value("csrf_token") or ""
    answer = desk.send("/desk/practice/photo", **multipart(content, name=name, token=token))
    return desk.open(answer.headers["Location"]) if answer.status == 303 else answer


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_small_square_without_what_the_camera_noted(
    desk: Browser, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"

    page = upload(desk, picture(kind, exif=exif))

    assert "Your photo is saved." in page.text
    shown = desk.open("/photo")
    assert len(shown.raw) <= 40 * 1024
    assert b"where I live" not in shown.raw
    with Image.open(io.BytesIO(shown.raw)) as image:
        assert image.size == (320, 320)
        assert not image.getexif()
    assert desk.open("/").find(src="/photo") is not None


_NO_PHOTOS = [
    (b"", "Choose a picture first."),
    (b"Dear diary, this is no picture.", "We could not read this as a picture."),
    (picture()[:200], "We could not read this as a picture."),
    (picture("GIF"), "We could not read this as a picture."),
    (bomb(), "We could not read this as a picture."),
    (picture("PNG", (5100, 5100)), "This picture has too many pixels."),
    (picture() + b"\0" * (6 * 1024 * 1024), "This picture is larger than 6 MB."),
]


def test_what_is_no_small_picture_is_refused_with_a_sentence(desk: Browser, inside: Inside) -> None:
    for content, sentence in _NO_PHOTOS:
        page = upload(desk, content, "me.jpg" if content else "")

        assert page.status == 422
        assert sentence in page.errors
        with inside:
            assert all_of(Coach)[0].photo_type == ""


def test_a_photo_can_be_removed(desk: Browser) -> None:
    upload(desk, picture())

    page = desk.press(desk.open("/desk/practice/photo"), "Remove this photo")

    assert "Your photo is removed." in page.text
    assert desk.open("/photo", status=404)


def test_only_the_photo_may_be_large_and_only_a_coachs(desk: Browser, app: Flask) -> None:
    large, larger = multipart(b"x" * 700_000), multipart(b"x" * 9_000_000)

    assert desk.send("/desk/practice/front", **large).status == 413
    assert desk.send("/desk/practice/photo", **larger).status == 413
    assert Browser(app).send("/desk/practice/photo", **large).status == 413


# Hours --------------------------------------------------------------------------------------------


def times_of(page: Page, group: str = "0", action: str = "/desk/hours") -> list[tuple[str, str]]:
    form = page.form(action)
    rows = [row for row in range(4) if f"from_{group}_{row}" in form]
    return [
        (form.value(f"from_{group}_{row}") or "", form.value(f"to_{group}_{row}") or "")
        for row in rows
    ]


def test_the_hours_are_shown_saved_and_seen_by_clients(desk: Browser) -> None:
    page = desk.open("/desk/hours")
    assert times_of(page) == [("09:00", "17:00")]
    assert times_of(page, "6") == [("", "")]

    page = desk.press(
        page, "Save my hours", form="/desk/hours", from_1_0="18:00", to_1_0="00:00",
        from_5_0="9.30", to_5_0="12:00",
    )  # fmt: skip

    assert "Your hours are saved." in page.text
    assert times_of(page, "1") == [("18:00", "00:00")]
    assert times_of(page, "5") == [("09:30", "12:00")]
    assert "Tuesday 2 June, 6pm" in page.text


def test_return_in_a_field_saves(desk: Browser) -> None:
    form = desk.open("/desk/hours").form("/desk/hours")
    assert not form.buttons[0].get("name")


def test_a_window_more_or_less_saves_nothing_and_loses_nothing(
    desk: Browser, inside: Inside
) -> None:
    page = desk.open("/desk/hours")
    page = desk.press(
        page, "Add a window to Monday", form="/desk/hours", to_0_0="12:00", to_4_0="x"
    )
    assert times_of(page) == [("09:00", "12:00"), ("", "")]
    assert times_of(page, "4") == [("09:00", "x")]

    page = desk.press(
        page, "Add a window to Monday", form="/desk/hours", from_0_1="14:00", to_0_1="16:00"
    )
    page = desk.press(page, "Remove window 1 of Monday", form="/desk/hours")

    assert times_of(page) == [("14:00", "16:00"), ("", "")]
    with inside:
        assert len(all_of(WeeklyHours)) == 5


def test_there_are_at_most_four_windows_a_day(desk: Browser) -> None:
    page = desk.open("/desk/hours")
    for _ in range(3):
        page = desk.press(page, "Add a window to Monday", form="/desk/hours")

    assert len(times_of(page)) == 4
    assert "Add a window to Monday" not in page.text


_NO_WINDOWS = [
    ("10:00", "10:00", "Choose an end after 10:00."),
    ("10:00", "09:00", "Choose an end after 10:00."),
    ("10:00", "", "Enter when this ends"),
    ("", "10:00", "Enter when this begins"),
    ("24:00", "10:00", "Enter when this begins"),
    ("10:00", "24:01", "Enter when this ends"),
    ("10:00", "10:60", "Enter when this ends"),
    ("ten", "eleven", "Enter when this begins"),
]


def test_a_window_that_is_none_is_refused_beside_its_field(desk: Browser, inside: Inside) -> None:
    for opens, closes, sentence in _NO_WINDOWS:
        page = desk.press(
            desk.open("/desk/hours"), "Save my hours", form="/desk/hours", status=422,
            from_2_0=opens, to_2_0=closes,
        )  # fmt: skip

        assert sentence in page.errors
        assert times_of(page, "2") == [(opens, closes)]
        with inside:
            assert len(all_of(WeeklyHours)) == 5


def test_windows_that_overlap_are_refused_and_those_that_touch_are_joined(
    desk: Browser, inside: Inside
) -> None:
    page = desk.press(desk.open("/desk/hours"), "Add a window to Monday", form="/desk/hours")

    page = desk.press(
        page, "Save my hours", form="/desk/hours", status=422, from_0_1="16:00", to_0_1="19:00"
    )
    assert "This overlaps with 09:00 to 17:00." in page.errors

    page = desk.press(page, "Save my hours", form="/desk/hours", from_0_1="17:00", to_0_1="24:00")
    assert times_of(page) == [("09:00", "00:00")]
    with inside:
        assert (540, 1440) in {(row.opens_minute, row.closes_minute) for row in all_of(WeeklyHours)}


def test_appointments_outside_the_new_hours_are_listed_and_stay(
    desk: Browser, inside: Inside
) -> None:
    with inside:
        book_for(at=at("Tue 10:00"))
        book_for(at=at("Wed 10:00"), browser="another")

    page = desk.press(
        desk.open("/desk/hours"), "Save my hours", form="/desk/hours", from_1_0="", to_1_0="",
        from_2_0="14:00",
    )  # fmt: skip

    assert "These 2 appointments are outside your hours and stay booked." in page.text
    assert "Ada, Tuesday 2 June, 10 to 10:30am" in page.text


# Dates --------------------------------------------------------------------------------------------

DATES = "/desk/hours/dates"


def test_dates_are_closed_changed_and_opened_again(desk: Browser, inside: Inside) -> None:
    page = save(desk, DATES, first="2026-06-08", last="2026-06-12", note="Away")
    assert "Monday 8 June to Friday 12 June" in page.text
    assert "Closed – Away" in page.text

    page = desk.open(f"{DATES}?first=2026-06-08")
    form = page.form("Save these dates")
    assert (form.value("first"), form.value("last"), form.value("note")) == (
        "2026-06-08",
        "2026-06-12",
        "Away",
    )
    page = desk.press(
        page, "Save these dates", form="Save these dates", kind="other", from_x_0="10:00",
        to_x_0="11:00",
    )  # fmt: skip
    assert "10:00 to 11:00 – Away" in page.text

    page = desk.press(page, "Remove Monday 8 June", form="dates/remove")

    assert "Your weekly hours hold on these dates again." in page.text
    with inside:
        assert all_of(DateException) == []


_NO_DATES: list[tuple[dict[str, Any], str]] = [
    ({"first": ""}, "Choose a date."),
    ({"first": "tomorrow"}, "Choose a date."),
    ({"first": "2026-05-31"}, "This date is past."),
    ({"first": "2026-06-08", "last": "2026-06-07"}, "The last date is before the first one."),
    ({"first": "2026-06-08", "last": "2027-06-09"}, "Choose at most 366 days at once."),
    ({"first": "2026-06-08", "last": "9999-12-31"}, "within the next five years"),
    ({"first": "9999-12-31"}, "within the next five years"),
    ({"first": "2026-06-08", "last": "soon"}, "Choose a date, or leave this empty"),
    ({"first": "2026-06-08", "note": "x" * 201}, "Use at most 200 letters."),
    ({"first": "2026-06-08", "kind": "other"}, "Enter from when to when you are open."),
    (
        {"first": "2026-06-08", "from_x_0": "10:00", "to_x_0": "11:00"},
        "You entered hours.",
    ),
    (
        {"first": "2026-06-08", "kind": "other", "from_x_0": "10:00", "to_x_0": "9:00"},
        "Choose an end after 10:00.",
    ),
]


def test_dates_that_cannot_be_are_refused_and_what_was_typed_is_kept(
    desk: Browser, inside: Inside
) -> None:
    for typed, sentence in _NO_DATES:
        page = save(desk, DATES, status=422, button="Save these dates", **typed)

        assert sentence in page.errors
        form = page.form("Save these dates")
        assert {name: form.value(name) for name in typed} == typed
        with inside:
            assert all_of(DateException) == []


def test_another_window_of_a_date_loses_nothing(desk: Browser) -> None:
    page = desk.press(
        desk.open(DATES), "Add a window to these dates", form="Save these dates",
        first="2026-06-08", kind="other", from_x_0="10:00", to_x_0="11:00", note="Half a day",
    )  # fmt: skip

    assert times_of(page, "x", "Save these dates") == [("10:00", "11:00"), ("", "")]
    form = page.form("Save these dates")
    assert (form.value("first"), form.value("kind"), form.value("note")) == (
        "2026-06-08",
        "other",
        "Half a day",
    )


def test_a_closed_date_names_who_is_booked_on_it(desk: Browser, inside: Inside) -> None:
    with inside:
        book_for(at=at("Tue 10:00"))

    asked = save(desk, DATES, first="2026-06-02", status=409)

    assert "Somebody is booked then Nothing is saved yet." in asked.text
    assert "Ada, Tuesday 2 June, 10 to 10:30am" in asked.text
    with inside:
        assert all_of(DateException) == []
        assert [row.status for row in all_of(Booking)] == ["confirmed"]

    page = desk.press(asked, "Save these dates all the same")

    assert "This appointment is outside your hours and stays booked." in page.text
    assert "Ada, Tuesday 2 June, 10 to 10:30am" in page.text


# Offerings ----------------------------------------------------------------------------------------

NEW = "/desk/offerings/new"
_CHOSEN = {
    *("audience", "shown", "place", "notice_unit", "questions", "intake_cutoff_unit", "currency"),
}


def test_a_new_offering_can_be_booked_at_once(desk: Browser) -> None:
    page = save(desk, NEW, button="Offer this", name="Long talk", length="90", horizon="")
    assert "This is offered from now on." in page.text
    assert "Tuesday 2 June, 10am" in page.text  # after the notice of a day

    assert "Long talk" in desk.open("/desk/offerings").text
    assert desk.open("/sessions/long-talk").h1


def test_a_secret_offering_shows_its_whole_link(desk: Browser) -> None:
    page = save(desk, NEW, button="Offer this", name="Couples session", shown="no")

    (link,) = [text for text in page.links if "/sessions/" in text]
    assert link.startswith("https://practice.example/sessions/session-")
    assert desk.open(page.links[link]).status == 200


_WRONG_TERMS = [
    ("name", ["", "x" * 201]),
    ("about", ["x" * 501]),
    ("length", ["", "4", "721", "30.5", "-30", "NaN", "1e2", "٣٠", "9" * 5000, "1_0"]),
    ("step", ["", "0", "721"]),
    ("buffer_before", ["", "241", "-1"]),
    ("buffer_after", ["", "241"]),
    ("notice", ["", "-1", "10000", "9" * 5000]),
    ("horizon", ["0", "731", "inf"]),
    ("daily_cap", ["0", "101", "many"]),
    ("weekly_cap", ["0", "501"]),
    ("move_cutoff", ["", "-1", "NaN"]),
    ("cancel_cutoff", ["", "99999"]),
    ("place_detail", ["somewhere"]),
    ("audience", ["three"]),
    ("shown", ["perhaps"]),
    ("place", ["moon"]),
    ("notice_unit", ["years"]),
    ("questions", ["everything"]),
    ("intake_cutoff", ["", "-1", "1.5"]),
    ("intake_cutoff_unit", ["weeks"]),
    (
        "price",
        [
            "-1",
            "−5",
            "NaN",
            "inf",
            "1e3",
            "75.505",
            "1000000",
            "9" * 5000,
            "12 apples",
            "٣٠",
            "1_0",
        ],
    ),
    ("currency", ["", "XXX", "eur"]),
    ("full_hours", ["", "-1", "2161", "NaN"]),
    ("part_percent", ["-1", "100", "12.5"]),
    ("part_hours", ["-1", "2161"]),
]


def test_every_term_is_checked_and_a_wrong_one_kept(desk: Browser, inside: Inside) -> None:
    for field, wrong in _WRONG_TERMS:
        good = {"name": "Long talk", "about": "Kept"}
        page = desk.open(NEW)
        for value in wrong:
            answer = desk.press(page, "Offer this", form=NEW, status=422, **(good | {field: value}))
            assert answer.find(id="error-summary") is not None
            form = answer.form(NEW)
            kept = good | ({} if field in _CHOSEN else {field: value})
            assert {name: form.value(name) for name in kept} == kept
        with inside:
            assert len(all_of(Offering)) == 1


_CLASHES: list[tuple[dict[str, Any], str]] = [
    ({"notice": "91", "notice_unit": "days"}, "Use at most 90 days."),
    ({"notice": "3", "notice_unit": "days", "horizon": "2"}, "This lies within the notice"),
    ({"place": "video", "place_detail": "javascript:alert(1)"}, "Enter the link"),
    ({"intake_cutoff": "91", "intake_cutoff_unit": "days"}, "Use at most 90 days."),
    ({"price": "75.50", "currency": "JPY"}, "Amounts in JPY have no decimals."),
    ({"price": "7.505", "currency": "KWD"}, "Amounts in KWD have at most 2 decimals."),
    ({"price": None}, "Please write a price; 0 is free."),
    ({"part_percent": "50", "part_hours": "24"}, "The part has to end later"),
    ({"part_percent": "50", "full_hours": "0"}, "The part has to end later"),
]


def test_terms_that_do_not_go_together_are_refused(desk: Browser) -> None:
    for typed, sentence in _CLASHES:
        page = save(desk, NEW, button="Offer this", status=422, name="Long talk", **typed)
        assert sentence in page.errors


def test_an_offering_is_shown_as_it_is_and_saving_changes_nothing(
    desk: Browser, inside: Inside
) -> None:
    with inside:
        before = all_of(Offering)[0].terms()

    page = save(desk, "/desk/offerings/1")

    assert "This is saved, and live." in page.text
    with inside:
        assert all_of(Offering)[0].terms() == before


_PRICES = [
    ("", "EUR", 0),
    ("0", "EUR", 0),
    ("120", "EUR", 12_000),
    ("75,50", "EUR", 7_550),
    ("£75.50", "GBP", 7_550),
    ("1,200", "USD", 120_000),
    ("9000", "JPY", 9_000),
    ("12.50", "KWD", 12_500),
]


def test_a_price_is_read_as_people_type_it_and_shown_again(desk: Browser, inside: Inside) -> None:
    for typed, currency, minor in _PRICES:
        page = save(desk, "/desk/offerings/1", price=typed, currency=currency)
        assert "This is saved, and live." in page.text
        with inside:
            offering = all_of(Offering)[0]
        assert (offering.price_minor, offering.currency) == (minor, currency)
        save(desk, "/desk/offerings/1")
        with inside:
            assert all_of(Offering)[0].price_minor == minor


def test_what_goes_back_is_said_in_words_and_booked_ones_keep_their_terms(
    desk: Browser, inside: Inside
) -> None:
    with inside:
        booking = book_for(at=at("Thu 10:00"))
    terms: dict[str, Any] = {"full_hours": "48", "part_percent": "50", "part_hours": "24"}
    page = save(desk, "/desk/offerings/1", price="90", **terms)

    told = (
        "If you cancel at least 2 days before, you get all of it back. "
        "After that you get 50% back, until 24 hours before."
    )
    assert f"“€90. {told}" in page.text
    assert told in desk.open("/desk/offerings").text
    assert "€90" in desk.open("/desk/offerings").text
    with inside:
        offering = all_of(Offering)[0]
        kept = all_of(Booking, Booking.id == booking.id)[0]
    cancellation = offering.terms().cancellation
    assert (cancellation.full_hours, cancellation.part_hours, cancellation.part_percent) == (
        *(48, 24, 50),
    )
    assert (kept.price_minor, kept.full_refund_hours, kept.part_refund_percent) == (0, 24, 0)


def test_without_payments_the_desk_says_that_a_price_hides_it_and_what_is_missing(
    desk: Browser,
) -> None:
    assert "PRACTICE_STRIPE" not in desk.open("/desk/offerings").text

    page = save(desk, "/desk/offerings/1", price="90")

    for text in (page.text, desk.open("/desk/offerings").text):
        assert "Nobody outside sees what costs something yet." in text
        assert "PRACTICE_STRIPE_SECRET_KEY and PRACTICE_STRIPE_WEBHOOK_SECRET" in text
        assert "PRACTICE_PAYMENTS=pretend" in text
    save(desk, "/desk/offerings/1", price="0")
    assert "PRACTICE_STRIPE" not in desk.open("/desk/offerings").text


@pytest.mark.parametrize(
    "text", ["<b>Maya</b>", "Maya * Lake", 'The "talk"', "O'Neill", "\\", "1234", "Münch", "x" * 23]
)
def test_what_no_bank_prints_is_refused_beside_its_field(desk: Browser, text: str) -> None:
    page = save(desk, "/desk/practice/outside", status=422, statement=text)
    assert "Use at most 22 plain letters" in page.errors
    assert page.form("/desk/practice/outside").value("statement") == text


def test_a_bank_statement_says_nothing_of_what_it_is_about(desk: Browser, inside: Inside) -> None:
    page = save(desk, "/desk/practice/outside", status=422, statement="COUPLES THERAPY")
    assert "“couples” and “therapy”" in page.errors
    assert "“M. LAKE 7”" in save(desk, "/desk/practice/outside", statement="M. LAKE 7").text
    with inside:
        assert all_of(Practice)[0].statement == "M. LAKE 7"
    save(desk, "/desk/practice/outside", statement="")
    with inside:
        assert all_of(Practice)[0].statement == "APPOINTMENT"


def test_an_offering_says_what_can_be_written_first_and_until_when(
    desk: Browser, inside: Inside
) -> None:
    form = desk.open(NEW).form(NEW)
    assert (form.value("questions"), form.value("intake_cutoff")) == ("short", "0")

    page = save(
        desk, "/desk/offerings/1", questions="short", intake_cutoff="36", intake_cutoff_unit="hours"
    )

    shown = page.form("/desk/offerings/1")
    assert (shown.value("questions"), shown.value("intake_cutoff")) == ("short", "36")
    with inside:
        (chat,) = all_of(Offering)
    assert (chat.questionnaire, chat.intake_cutoff_minutes) == ("short", 36 * 60)


def test_archiving_asks_once_and_can_be_taken_back(desk: Browser) -> None:
    page = desk.open("/desk/offerings/1/archive")
    assert "your front page has nothing to book" in page.text

    page = desk.press(page, "Offer it no more")
    assert "Not offered any more" in page.text
    page = desk.press(page, "Offer again", form="restore")

    assert "This is offered again." in page.text


def test_another_offering_becomes_the_first(desk: Browser) -> None:
    save(desk, NEW, button="Offer this", name="Long talk")

    page = desk.press(desk.open("/desk/offerings"), "Move up")

    assert page.text.index("Long talk") < page.text.index("Free 30-minute chat")


def test_an_offering_that_is_not_there_is_not_found(desk: Browser) -> None:
    for number in ("0", "999", "2147483648", "9" * 40, "-1", "x"):
        assert desk.open(f"/desk/offerings/{number}", status=404)
