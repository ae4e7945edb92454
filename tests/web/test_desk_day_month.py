"""The diary by day and by month, with names and without."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from practice.models.booking import Booking, BookingPerson
from practice.models.unit import unit_of_work
from tests.browser import Browser, Page
from tests.makers import Booked, at, book_for, cancel_for, hold_for
from tests.people import ADA, BEN, CLEO
from tests.web.conftest import Inside


@pytest.fixture
def thursday(inside: Inside) -> Booked:
    with inside:
        booked = book_for(ADA, at=at("Thu 10:00"))
        hold_for(BEN, at=at("Thu 14:00"))
        cancel_for(book_for(CLEO, at=at("Thu 15:00")))
        return booked


def entries(page: Page) -> list[str]:
    """What stands in a day, in order."""
    (agenda,) = page.find_all(**{"class": "agenda"})
    return [" ".join(" ".join(item.itertext()).split()) for item in agenda]


def test_a_day_tells_in_order_what_is_in_it_and_what_is_free(
    maya: Browser, thursday: Booked
) -> None:
    page = maya.open("/desk/day?on=2026-06-04")

    assert page.h1 == "Thursday 4 June"
    assert [each.partition(" Add ")[0] for each in entries(page)] == [
        "9 to 10am Free",
        "10 to 10:30am Ada A. Just me Join call with Ada, 10am",
        "10:30am to 2pm Free",
        "2 to 2:30pm Being booked until 10:15am",
        "2:30 to 5pm Free",
    ]
    assert page.links["Join call with Ada, 10am"] == "https://meet.example/maya"
    free = page.links["Add by hand at 14:30"]
    assert maya.open(free).form("Book it").value("at") == "14:30"


def test_a_month_counts_its_days_and_leads_to_them(maya: Browser, thursday: Booked) -> None:
    page = maya.open("/desk/month?month=2026-06")

    assert page.h1 == "June 2026"
    assert "1 appointment this month" in page.text
    day = maya.open(page.links["4Thursday 4 June, 1 appointment"])
    assert day.h1 == "Thursday 4 June"
    assert maya.open(page.links["Week 2323"]).h1 == "1 to 5 June"
    assert maya.open("/desk/month").h1 == "June 2026"


def test_hidden_names_are_hidden_on_every_page_that_links_lead_to(
    maya: Browser, thursday: Booked
) -> None:
    seen: set[str] = set()
    waiting = ["/desk/?names=hidden"]
    while waiting:
        path = waiting.pop(0)
        if path in seen or len(seen) > 12:
            continue
        seen.add(path)
        page = maya.open(path)
        assert "Ada" not in page.text.replace("Show names", ""), path
        diary = ("/desk/?", "/desk/day", "/desk/month")
        links = [href for href in page.links.values() if href.startswith(diary)]
        shown = [href for href in links if "names=hidden" not in href]
        assert len(shown) <= 1, (path, shown)  # "Show names" alone
        waiting += [href for href in links if "names=hidden" in href]
    assert {path.partition("?")[0] for path in seen} >= {"/desk/", "/desk/day", "/desk/month"}


@pytest.mark.parametrize(
    "path",
    [
        "/desk/day?on=never",
        "/desk/day?on=1969-01-01",
        "/desk/month?month=2026-13",
        "/desk/month?month=0001-01",
        "/desk/month?month=x",
    ],
)
def test_what_is_no_day_or_month_is_not_there(maya: Browser, path: str) -> None:
    maya.open(path, status=404)


def test_a_day_without_hours_says_so(maya: Browser) -> None:
    assert "you have no hours on it" in maya.open("/desk/day?on=2026-06-06").text


def test_a_month_with_five_hundred_is_quick(maya: Browser, inside: Inside) -> None:
    with inside:
        first = book_for(ADA, at=at("Tue 10:00"))
        with unit_of_work() as session:
            old = session.get_one(Booking, first.id)
            person = old.people[0]
            for number in range(500):
                begin = datetime(2026, 7, 1, 6, tzinfo=UTC) + timedelta(minutes=80 * number)
                copied = {
                    column.key: getattr(old, column.key)
                    for column in Booking.__mapper__.columns
                    if column.key not in {"id", "uid", "request_key"}
                }
                copied |= {"starts_at": begin, "ends_at": begin + timedelta(minutes=60)}
                one = Booking(uid=f"copy-{number}", **copied)
                one.people.append(
                    BookingPerson(client_id=person.client_id, name=f"N{number}", zone=person.zone)
                )
                session.add(one)
    maya.open("/desk/month?month=2026-07")
    began = perf_counter()
    page = maya.open("/desk/month?month=2026-07")
    took = perf_counter() - began

    assert "500 appointments this month" in page.text
    assert "and 15 more" in page.text
    assert took < 5  # without a hurry of others it is a fifth of a second
    print(f"a month with 500: {took * 1000:.0f} ms")
