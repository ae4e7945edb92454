"""Paying as a client's browser goes: to the payment page, back from it, or away from it."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from practice.domain.money import Money
from practice.domain.payment import RefundReason
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import client_at
from practice.models.link import new_person_link
from practice.models.payment import Payment, Refund
from practice.models.unit import unit_of_work
from practice.ports import PaymentsAway, Tools
from practice.usecases import payment, reconciling, refunding
from practice.usecases.diary import on_diary
from practice.usecases.verdicts import let_go
from tests.browser import Browser, Page
from tests.fakes import FakePayments, FrozenClock, Postbox, body
from tests.looking import all_of, dump, statements
from tests.makers import at, book_for, change_offering, deliver_all, make_offering, the_tools
from tests.people import ADA, BEN
from tests.web.conftest import Inside

TUESDAY_TEN = "2026-06-02T09:00:00Z"
THURSDAY_TEN = "2026-06-04T09:00:00Z"
TERMS = "If you cancel at least 24 hours before, you get all of it back."


@pytest.fixture
def payments(clock: FrozenClock) -> FakePayments:
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, payments: FakePayments) -> Tools:
    return replace(tools, payments=payments)


@pytest.fixture
def browser(app: Flask, coach: int) -> Browser:
    with app.app_context():
        make_offering(price_minor=9000, about="An hour, at your pace.", position=1)
    return Browser(app)


def details_of(browser: Browser, t: str = THURSDAY_TEN, **picked: Any) -> Page:
    return browser.press(browser.open("/sessions/session"), t, **picked)


def go_on(browser: Browser, t: str = THURSDAY_TEN) -> str:
    """Give the details, and return the address of the hold's page, from which all others go out."""
    details = details_of(browser, t)
    sent = browser.press(details, form="name", name="Ada", email=ADA.email)
    assert sent.path == f"{details.path}/to-payment"
    return details.path


def bought(browser: Browser, payments: FakePayments, t: str = THURSDAY_TEN) -> Page:
    """Pay, come back, and return the page of the appointment."""
    hold = go_on(browser, t)
    payments.pay(session_of(payments))
    return browser.open(f"{hold}/paid")


def session_of(payments: FakePayments) -> str:
    return list(payments.sessions)[-1]


def hear_all(payments: FakePayments) -> None:
    for notice in payments.waiting:
        payment.hear(notice, payments.sign(notice), tools=the_tools())
        db.session.remove()
    payments.waiting.clear()


def test_all_sessions_stand_on_one_page_with_their_prices_and_terms(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        make_offering("secret", name="Secret", is_shown=False)
        make_offering("old", name="Old", archived_at=at("Mon 09:00"))
        make_offering("yen", name="Far", price_minor=9000, currency="JPY", full_refund_hours=0)

    page = browser.open(browser.open("/").links["Sessions and prices"])

    assert "30 minutes, free" in page.text
    assert "1 hour, €90" in page.text
    assert "An hour, at your pace." in page.text
    assert f"{TERMS} After that, nothing is paid back." in page.text
    assert "1 hour, ¥9,000" in page.text
    assert "Secret" not in page.text
    assert "Old" not in page.text
    assert browser.open(page.links["See times for Session"]).h1 == "Session"


def test_the_front_page_costs_no_statement_more_and_tells_of_prices_only_where_there_is_more(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        change_offering("session", is_shown=False)

    page = browser.open("/")

    assert "Sessions and prices" not in page.text
    assert "€" not in page.text
    with inside, statements() as sent:
        browser.open("/")
    assert len([each for each in sent if "SELECT" in each]) <= 8


def test_without_keys_nothing_that_costs_anything_is_offered(
    browser: Browser, inside: Inside, app: Flask
) -> None:
    app.extensions["practice"] = replace(app.extensions["practice"], payments=None)
    with inside:
        change_offering("session", position=-1)

    front = browser.open("/")

    assert browser.press(front, TUESDAY_TEN).h1 == "Where can we reach you?"
    assert "€" not in front.text
    assert "Sessions and prices" not in front.text
    assert "€" not in browser.open("/sessions").text
    browser.open("/sessions/session", status=404)
    browser.open("/times/2026-06?offering=session", status=404)


def test_the_price_and_the_terms_are_told_before_she_goes_on(browser: Browser) -> None:
    picker = browser.open("/sessions/session")
    assert "€90, paid by card when you book." in picker.text
    assert TERMS in picker.text

    details = browser.press(picker, THURSDAY_TEN)

    assert "€90" in details.text
    assert TERMS in details.text
    assert "“APPOINTMENT”" in details.text
    assert "Go on to payment" in details.source
    assert "free chat" not in details.text


def test_the_privacy_page_tells_of_the_payment_service_only_where_there_is_one(
    browser: Browser, payments: FakePayments, app: Flask
) -> None:
    payments.service = "stripe"
    told = browser.open("/privacy")
    assert "payment service, Stripe." in told.text
    assert "“APPOINTMENT”" in told.text

    app.extensions["practice"] = replace(app.extensions["practice"], payments=None)

    assert "pay" not in browser.open("/privacy").text


def test_nothing_changes_for_the_free_chat(browser: Browser) -> None:
    details = browser.press(browser.open("/"), TUESDAY_TEN)

    assert "Book my free chat" in details.source
    for word in ("€", "pay", "Price", "card"):
        assert word not in details.text
    assert browser.press(details, form="name", name="Ada", email=ADA.email).path.startswith("/a/")


def test_the_way_to_the_payment_page_needs_no_script_and_no_form(
    browser: Browser, payments: FakePayments
) -> None:
    hold = go_on(browser)

    page = browser.open(f"{hold}/to-payment")

    href = f"https://pay.example/{session_of(payments)}"
    refresh = page.find(**{"http-equiv": "refresh"})
    assert refresh is not None
    assert refresh.get("content") == f"0; url={href}"
    assert page.links["Go on to payment"] == href
    assert len(payments.sessions) == 1
    asked = payments.checkouts[session_of(payments)]
    assert (asked.price, asked.product) == (Money(9000, "EUR"), "Appointment")
    assert asked.paid_href == f"https://practice.example{hold}/paid"
    assert asked.back_href == f"https://practice.example{hold}/pay"


def test_paid_and_back_she_is_booked(
    browser: Browser, payments: FakePayments, inside: Inside, postbox: Postbox
) -> None:
    done = bought(browser, payments)

    assert done.path.startswith("/a/")
    assert "You’re booked, Ada." in done.h1
    assert "Paid: €90 on Monday 1 June." in done.text
    assert TERMS in done.text
    assert "Moving costs nothing." in done.text
    with inside:
        deliver_all()
        (row,) = all_of(Payment)
    (letter,) = postbox.to(ADA.email)
    assert "Paid: €90 on Monday 1 June" in body(letter)
    assert row.reference in body(letter)
    assert "90" not in letter.subject
    assert any("Paid: €90" in body(post) for post in postbox.posts if post is not letter)


def test_gone_back_after_paying_every_page_leads_to_the_booking_for_half_an_hour(
    browser: Browser, payments: FakePayments, clock: FrozenClock
) -> None:
    details = details_of(browser)
    browser.press(details, form="name", name="Ada", email=ADA.email)
    pay = browser.open(f"{details.path}/pay")
    payments.pay(session_of(payments))
    done = browser.open(f"{details.path}/paid")
    pages = [details.path, *(f"{details.path}/{name}" for name in ("pay", "paid", "to-payment"))]

    for path in pages:
        assert browser.open(path).path == done.path
    assert browser.press(details, form="name", name="Ada", email=ADA.email).path == done.path
    assert browser.press(pay, "Pay now").path == done.path
    assert browser.press(pay, "Give this time up").path == done.path
    clock.advance(minutes=30, seconds=1)

    for path in pages:
        late = browser.open(path)
        assert done.path not in late.source
        assert ADA.email not in late.source
        assert "Thursday" not in late.text or path == details.path
    assert len(payments.sessions) == 1


def test_the_details_sent_twice_make_one_payment(browser: Browser, payments: FakePayments) -> None:
    details = details_of(browser)

    first = browser.press(details, form="name", name="Ada", email=ADA.email)
    second = browser.press(details, form="name", name="Ada", email=ADA.email)

    assert first.path == second.path == f"{details.path}/to-payment"
    assert len(payments.sessions) == 1
    assert browser.open(details.path).path == f"{details.path}/pay"


def test_who_comes_back_without_paying_finds_her_time_held_and_can_pay(
    browser: Browser, payments: FakePayments, inside: Inside
) -> None:
    hold = go_on(browser)
    with inside:
        before = dump()

    page = browser.open(f"{hold}/pay")

    assert page.h1 == "Your time is still held"
    assert "€90" in page.text
    assert TERMS in page.text
    assert "Thursday 4 June, 10 to 11am" in page.text
    with inside:
        assert dump() == before
    again = browser.press(page, "Pay now")
    assert again.path == f"{hold}/to-payment"
    assert len(payments.sessions) == 1


def test_who_gives_her_time_up_finds_it_in_the_list_again(
    browser: Browser, payments: FakePayments, inside: Inside
) -> None:
    page = browser.open(f"{go_on(browser)}/pay")
    assert THURSDAY_TEN not in browser.open("/sessions/session").source

    times = browser.press(page, "Give this time up")

    assert times.path.startswith("/sessions/session")
    assert THURSDAY_TEN in times.source
    assert payments.sessions[session_of(payments)].status == "expired"


def test_who_has_paid_meanwhile_gives_nothing_up(browser: Browser, payments: FakePayments) -> None:
    page = browser.open(f"{go_on(browser)}/pay")
    payments.pay(session_of(payments))

    done = browser.press(page, "Give this time up")

    assert done.path.startswith("/a/")
    assert "You’re booked" in done.h1


def test_a_session_that_has_ended_is_followed_by_another_if_the_time_is_free(
    browser: Browser, payments: FakePayments, inside: Inside, clock: FrozenClock
) -> None:
    hold = go_on(browser)
    clock.advance(minutes=36)
    with inside:
        reconciling.release_due(tools=the_tools())

    page = browser.open(f"{hold}/to-payment")

    assert (page.path, page.h1) == (f"{hold}/pay", "Your time is not held any more")
    again = browser.press(page, "Pay now")
    assert again.path == f"{hold}/to-payment"
    assert len(payments.sessions) == 2
    payments.pay(session_of(payments))
    assert browser.open(f"{hold}/paid").path.startswith("/a/")


def test_a_time_that_went_meanwhile_is_409_with_the_nearest_three(
    browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    hold = go_on(browser)
    clock.advance(minutes=36)
    with inside:
        reconciling.release_due(tools=the_tools())
        book_for(BEN, at=at("Thu 10:00"))
    page = browser.open(f"{hold}/pay")

    gone = browser.press(page, "Pay now", status=409)
    held = browser.press(gone, gone.form("t").choices("t")[0])

    assert len(gone.form("t").choices("t")) == 3
    assert held.path.startswith("/book/h/")
    assert "Go on to payment" in held.source


def test_paid_when_the_time_had_gone_all_goes_back_and_others_are_offered(
    browser: Browser,
    payments: FakePayments,
    inside: Inside,
    clock: FrozenClock,
    postbox: Postbox,
) -> None:
    hold = go_on(browser)
    session = session_of(payments)
    with inside:
        let_go_and_rebooked(session)
    payments.pay(session)
    with inside:
        hear_all(payments)

    page = browser.open(f"{hold}/paid")

    assert page.h1 == "This time is no longer free"
    assert "All of your money goes back: €90" in page.text
    assert "5 to 10 days" in page.text
    nearest = page.form("t").choices("t")
    assert len(nearest) == 3
    assert browser.open(f"{hold}/pay").path == f"{hold}/paid"
    assert browser.open(hold).path == f"{hold}/paid"
    held = browser.press(page, nearest[0])
    assert held.path.startswith("/book/h/")
    with inside:
        deliver_all()
    letter = next(post for post in postbox.to(ADA.email) if post.subject == "About your payment")
    assert "€90" in body(letter)
    assert "https://practice.example/sessions/session" in body(letter)
    assert body(letter).count("June at") >= 3
    clock.advance(minutes=31)
    later = browser.open(f"{hold}/paid")
    assert "€" not in later.text
    assert "Thursday" not in later.text
    assert browser.open(hold).path == f"{hold}/paid"


def let_go_and_rebooked(session: str) -> None:
    """Give the time to somebody else, as if a notice of the end had come before the money."""
    (row,) = all_of(Payment, Payment.session == session)
    with unit_of_work() as unit_session:
        booking = unit_session.get_one(Booking, row.booking_id)
        let_go(unit_session, booking)
        unit_session.get_one(Payment, row.id).state = "expired"
    db.session.remove()
    book_for(BEN, at=at("Thu 10:00"))


def test_a_bank_that_takes_days_keeps_the_time_and_says_so(
    browser: Browser, payments: FakePayments, inside: Inside, postbox: Postbox
) -> None:
    hold = go_on(browser)
    payments.pay_later(session_of(payments))

    page = browser.open(f"{hold}/paid")

    assert page.h1 == "Your bank is still at it"
    assert browser.open(f"{hold}/pay").path == f"{hold}/paid"
    assert THURSDAY_TEN not in browser.open("/sessions/session").source
    payments.fail_later(session_of(payments))
    with inside:
        hear_all(payments)
        deliver_all()
    (letter,) = postbox.to(ADA.email)
    assert letter.subject == "About your payment"
    assert "Nothing was charged" in body(letter)
    assert "https://practice.example/sessions/session" in body(letter)
    assert browser.open(f"{hold}/pay").h1 == "Your time is not held any more"


def test_who_has_paid_after_all_is_not_told_that_the_bank_said_no(
    browser: Browser, payments: FakePayments, inside: Inside, postbox: Postbox
) -> None:
    hold = go_on(browser)
    payments.pay_later(session_of(payments))
    browser.open(f"{hold}/paid")
    payments.fail_later(session_of(payments))
    with inside:
        hear_all(payments)
    browser.press(browser.open(f"{hold}/pay"), "Pay now")
    payments.pay(session_of(payments))

    assert browser.open(f"{hold}/paid").path.startswith("/a/")

    with inside:
        deliver_all()
    (letter,) = postbox.to(ADA.email)
    assert letter.subject == "Your appointment on Thursday 4 June"


def test_money_that_is_not_what_was_asked_for_is_told_calmly(
    browser: Browser, payments: FakePayments
) -> None:
    hold = go_on(browser)
    payments.pay(session_of(payments), price=Money(900, "EUR"))

    page = browser.open(f"{hold}/paid")

    assert page.h1 == "Something about the payment is odd"
    assert "Nothing is lost" in page.text


def test_a_service_that_is_away_loses_nothing_that_was_typed(
    browser: Browser, payments: FakePayments
) -> None:
    details = details_of(browser)
    payments.troubles = [PaymentsAway("away")]

    refused = browser.press(
        details, form="name", status=503, name="Ada", email=ADA.email, invite=True, reminder=False
    )

    assert "Nothing was charged, and your time is still held." in refused.errors
    form = refused.form("name")
    assert (form.value("name"), form.value("email")) == ("Ada", ADA.email)
    assert form.value("invite") is not None
    assert form.value("reminder") is None
    assert refused.title.startswith("Error:")
    sent = browser.press(refused, form=form)
    assert sent.path == f"{details.path}/to-payment"
    assert len(payments.sessions) == 1


@pytest.mark.parametrize("name", ["to-payment", "pay", "change"])
def test_a_service_that_is_away_is_503_with_the_pay_page(
    browser: Browser, payments: FakePayments, name: str
) -> None:
    hold = go_on(browser)
    page = browser.open(f"{hold}/pay")
    payments.troubles = [PaymentsAway("away")] * 3

    if name == "to-payment":
        away = browser.open(f"{hold}/to-payment", status=503)
    else:
        away = browser.press(page, form=f"/{name}", status=503)

    assert "Nothing was charged" in away.errors
    assert "Thursday 4 June" in away.text
    payments.troubles = []
    assert browser.press(away, "Pay now").path == f"{hold}/to-payment"


def test_who_has_paid_is_never_told_to_pay_while_the_service_is_away(
    browser: Browser, payments: FakePayments
) -> None:
    hold = go_on(browser)
    payments.pay(session_of(payments))
    payments.troubles = [PaymentsAway("away")] * 2

    page = browser.open(f"{hold}/paid")

    assert page.h1 == "We can’t see your payment yet"
    assert page.forms == []
    payments.troubles = []
    assert browser.open(page.links["Look again"]).path.startswith("/a/")


def test_only_the_way_back_from_paying_writes(
    browser: Browser, payments: FakePayments, inside: Inside
) -> None:
    hold = go_on(browser)
    payments.pay(session_of(payments))
    with inside:
        before = dump()

    for path in (f"{hold}/pay", f"{hold}/to-payment"):
        for method in ("GET", "HEAD"):
            browser.send(path, method=method)
    with inside:
        assert dump() == before
    browser.send(f"{hold}/paid", method="GET")

    with inside:
        assert dump() != before


def test_a_session_in_the_address_is_never_read(browser: Browser, payments: FakePayments) -> None:
    mine = go_on(browser)
    hers = Browser(browser.client.application)
    theirs = go_on(hers, "2026-06-05T09:00:00Z")
    payments.pay(session_of(payments))

    page = browser.open(f"{mine}/paid?session_id={session_of(payments)}")

    assert page.path == f"{mine}/pay"
    assert "Friday" not in page.text
    assert hers.open(f"{theirs}/paid").path.startswith("/a/")


@pytest.mark.parametrize("name", ["pay", "paid", "to-payment"])
def test_a_hold_without_details_is_not_paid_for(browser: Browser, name: str) -> None:
    details = details_of(browser)

    assert browser.open(f"{details.path}/{name}").path == details.path
    browser.open(f"/book/h/mistyped/{name}", status=404)


@pytest.mark.parametrize("name", ["pay", "paid", "to-payment"])
def test_a_free_hold_has_nothing_to_pay(browser: Browser, name: str) -> None:
    details = browser.press(browser.open("/"), TUESDAY_TEN)

    assert browser.open(f"{details.path}/{name}").path == details.path


def test_before_she_cancels_she_reads_what_comes_back(
    browser: Browser, payments: FakePayments, clock: FrozenClock
) -> None:
    done = bought(browser, payments)

    page = browser.open(f"{done.path}/cancel")

    assert "If you cancel now, €90 goes back to the card that was paid with." in page.text
    assert "That holds until Wednesday 3 June, 10am." in page.text
    assert TERMS in page.text
    gone = browser.press(page, "Cancel it")
    assert "€90 goes back to the card you paid with. It takes 5 to 10 days." in gone.text
    assert "No money goes back then" in gone.text
    back = browser.press(gone, "Take it back")
    assert "goes back" not in back.text
    assert "Paid: €90" in back.text


def test_a_part_or_nothing_comes_back_by_the_terms_of_the_booking(
    browser: Browser,
    payments: FakePayments,
    inside: Inside,
    clock: FrozenClock,
    postbox: Postbox,
) -> None:
    with inside:
        change_offering("session", part_refund_hours=2, part_refund_percent=50)
    done = bought(browser, payments)
    with inside:
        change_offering("session", part_refund_percent=0, full_refund_hours=2000)
    clock.at = at("Thu 01:00")

    page = browser.open(f"{done.path}/cancel")
    assert "If you cancel now, €45 of €90 goes back" in page.text
    assert "That holds until Thursday 4 June, 8am." in page.text

    clock.at = at("Thu 08:01")
    page = browser.open(f"{done.path}/cancel")
    assert "If you cancel now, nothing of what was paid comes back." in page.text
    gone = browser.press(page, "Cancel it")
    assert "Nothing of it comes back." in gone.text
    with inside:
        deliver_all()
    assert "nothing goes back" in body(postbox.to(ADA.email)[-1])


def test_the_letters_of_a_cancelled_booking_tell_what_goes_back(
    browser: Browser, payments: FakePayments, inside: Inside, clock: FrozenClock, postbox: Postbox
) -> None:
    done = bought(browser, payments)
    browser.press(browser.open(f"{done.path}/cancel"), "Cancel it")
    with inside:
        deliver_all()
    told = postbox.to(ADA.email)[-1]
    assert told.subject == "Your appointment is cancelled"
    assert "€90 goes back to the card you paid with." in body(told)

    clock.advance(minutes=11)
    with inside:
        refunding.send_refunds("worker", tools=the_tools())
        deliver_all()
        (refund,) = all_of(Refund)

    assert refund.state == "done"
    assert postbox.to(ADA.email)[-1] is told  # once is enough
    assert "€90 goes back to the card you paid with." in browser.open(done.path).text


def test_what_the_coach_gives_back_is_told_by_a_letter_and_on_the_page(
    browser: Browser, payments: FakePayments, inside: Inside, postbox: Postbox
) -> None:
    done = bought(browser, payments)
    with inside:
        give_back(Money(2000, "EUR"))
        refunding.send_refunds("worker", tools=the_tools())
        deliver_all()

    (letter,) = (post for post in postbox.posts if "money" in post.subject)
    assert (letter.to_address, letter.subject) == (ADA.email, "Your money is on its way back")
    assert "€20 goes back to the card that was paid with." in body(letter)
    assert f"https://practice.example{done.path}" in body(letter)
    assert "€20 goes back to the card you paid with." in browser.open(done.path).text
    assert "If you cancel now, €70 of €90 goes back" in browser.open(f"{done.path}/cancel").text


def give_back(money: Money) -> None:
    """Give some of the one payment back, as the desk does."""
    (row,) = all_of(Payment)
    now = the_tools().clock.now()

    def act(session: Any) -> None:
        paid = session.get_one(Payment, row.id)
        refunding.ask_refund(
            session, paid, money, RefundReason.COACH, "by hand", due_at=now, now=now
        )

    on_diary(row.coach_id, act, now=now)
    db.session.remove()


def test_moving_costs_nothing_and_says_so(browser: Browser, payments: FakePayments) -> None:
    done = bought(browser, payments)

    page = browser.open(f"{done.path}/move")
    assert "Moving costs nothing" in page.text
    moved = browser.press(page, "2026-06-05T13:00:00Z")

    assert "has moved" in moved.text
    assert "Paid: €90" in moved.text
    assert len(payments.sessions) == 1


def test_the_other_of_two_is_not_told_what_was_paid(
    browser: Browser, payments: FakePayments, inside: Inside
) -> None:
    done = bought(browser, payments)
    browser.press(done, "We’ll both come")
    with inside:
        token = join_for(done.path.rpartition("/")[2])

    theirs = Browser(browser.client.application).open(f"/a/{token}")
    cancel = browser.open(f"/a/{token}/cancel")

    assert "Paid" not in theirs.text
    assert "€" not in theirs.text
    assert "€" not in cancel.text
    assert "all of what was paid goes back to the card that was paid with" in cancel.text


def join_for(token: str) -> str:
    """Have Ben join a booking, and return his own link."""
    with unit_of_work() as session:
        (row,) = session.query(Booking).filter(Booking.confirmed_at.is_not(None))
        person = BookingPerson(
            booking_id=row.id,
            client_id=client_at(session, BEN.name, BEN.email, the_tools().clock.now()).id,
            role="partner",
            name=BEN.name,
            zone=row.zone,
        )
        session.add(person)
        return new_person_link(
            session, person, vault=the_tools().vault, now=the_tools().clock.now()
        )
