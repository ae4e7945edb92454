"""The figures at the desk: what is counted, for whom, and as what."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.domain.booking import Status
from practice.domain.money import Money
from practice.domain.payment import PaymentState
from practice.domain.refusal import NotFound
from practice.domain.roles import Role, Seat
from practice.models.booking import Booking
from practice.models.payment import Payment
from practice.models.unit import unit_of_work
from practice.queries.figures import figures_page
from tests.browser import Browser
from tests.fakes import NOW, FrozenClock
from tests.makers import agree_for, at, begin_for, book_for, make_coach, share_for, write_for
from tests.people import ADA, BEN, CLEO
from tests.web.conftest import Inside

HEAD = ["Week", "Coach", "Bookings", "Ended", "Took place", "Wait in hours (median)",
        "Questionnaires", "Shared"]  # fmt: skip


def pay_for(booking_id: int, money: Money) -> None:
    """Write down that a booking was paid for, as the payment service would have told."""
    with unit_of_work() as session:
        session.add(
            Payment(
                reference=f"figures-{booking_id}",
                booking_id=booking_id,
                coach_id=1,
                attempt=1,
                service="pretend",
                is_live=False,
                state=PaymentState.PAID,
                amount_minor=money.minor,
                currency=money.currency,
                opened_at=NOW,
                session_expires_at=NOW,
                held_until=NOW,
                paid_at=NOW,
                received_minor=money.minor,
                received_currency=money.currency,
            )
        )


def csv_of(maya: Browser, path: str) -> str:
    """The table that is handed out, without the mark that spreadsheets want at its beginning."""
    with maya.client.get(path, base_url=maya.base_url) as answer:
        return str(answer.get_data(as_text=True)).removeprefix("\ufeff")


def furnish() -> None:
    """Three meetings this week, of which one was missed; one wrote and shared; one paid."""
    ada = book_for(ADA, at=at("Tue 10:00"))
    ben = book_for(BEN, at=at("Wed 10:00"))
    book_for(CLEO, at=at("Thu 10:00"))
    sitting = begin_for(ada, ADA)
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "More quiet evenings."})
    share_for(sitting, "brings")
    pay_for(ada.id, Money(9000, "EUR"))
    with unit_of_work() as session:
        session.scalars(select(Booking).where(Booking.id == ben.id)).one().status = Status.NO_SHOW


def test_a_practice_without_bookings_is_told_kindly_that_there_is_nothing_yet(
    maya: Browser,
) -> None:
    assert "There is nothing to count yet." in maya.open("/desk/figures").text


def test_the_figures_stand_as_pictures_and_as_a_table_that_says_the_same(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        furnish()
    clock.advance(days=3)  # Thursday morning: two of them are over

    page = maya.open("/desk/figures")

    for told in ("1 of 2 (50 %)", "1 of 3 (33 %)", "€90", "2 days"):
        assert told in page.text, told
    bars = page.source.count("<rect ")
    assert bars == 5 * 12  # five charts of twelve weeks
    assert "1 June: 3" in page.source


def test_the_table_to_keep_has_a_row_for_each_week_and_a_column_for_each_currency(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        furnish()
    clock.advance(days=3)

    source = csv_of(maya, "/desk/figures?format=csv&weeks=26")

    head, *rows = csv.reader(io.StringIO(source))
    assert head == [*HEAD, "Income EUR"]
    assert len(rows) == 26
    assert rows[-1] == ["2026-06-01", "Maya Ellis", "3", "2", "1", "48", "3", "1", "90.00"]
    assert all(row[2] == "0" for row in rows[:-1])


def test_an_owner_sees_the_whole_practice_and_a_coach_the_own_diary_only(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        other = make_coach(name="=Noor Haddad")
        furnish()
        coach = Seat(user_id=1, role=Role.COACH, coach_id=other)
        owner = Seat(user_id=1, role=Role.OWNER, coach_id=other)
        theirs = figures_page(coach, 12, "all", now=NOW)
        all_of_it = figures_page(owner, 12, "all", now=NOW + timedelta(days=1))
    assert (theirs.total.bookings, theirs.coaches, theirs.may_see_all) == ("0", (), False)
    assert (all_of_it.total.bookings, all_of_it.may_see_all) == ("3", True)
    assert [row.label for row in all_of_it.coaches] == ["Maya Ellis", "=Noor Haddad"]

    assert "=Noor Haddad" in maya.open("/desk/figures?whose=all").text
    assert ",'=Noor Haddad," in csv_of(maya, "/desk/figures?whose=all&format=csv")


def test_an_assistant_learns_no_figures(inside: Inside) -> None:
    with inside:
        for seat in (
            Seat(user_id=1, role=Role.ASSISTANT, coach_id=1),
            Seat(user_id=1, role=Role.OWNER, coach_id=1, is_own=False),
        ):
            with pytest.raises(NotFound):
                figures_page(seat, 12, "", now=NOW)


def test_no_wish_for_weeks_is_too_strange(maya: Browser) -> None:
    for asked in ("0", "-1", "13", "x", "9" * 40, "1e1"):
        assert "the last 12 weeks" in maya.open(f"/desk/figures?weeks={asked}").text
