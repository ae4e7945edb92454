"""Who may open and press what about money: route by role, and what reading writes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from practice.domain.booking import Details, Who
from practice.domain.money import Money
from practice.domain.payment import ConcernKind
from practice.models.accounts import Role, User
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.concern import Concern
from practice.models.link import Purpose, link_of, person_token
from practice.models.payment import Payment, Refund, current_payment
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases import desk_payment, paying
from practice.usecases import payment as payment_acts
from tests.browser import Browser
from tests.fakes import NOW, FakePayments, FrozenClock, Postbox, body
from tests.looking import Dump, all_of, dump, statements
from tests.makers import (
    at,
    booked,
    deliver_all,
    hold_for,
    join_for,
    make_coach,
    make_offering,
    seat_of,
    the_tools,
)
from tests.people import ADA, BEN, CLEO, Person
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside

OTTO = Person("Otto", "otto@mail.example")  # what came of him is not what was asked for
PIA = Person("Pia", "pia@mail.example")  # did not come

# Whom each row is asked of: a stranger; Ada, who paid for a time for two and has its links; Ben,
# who joined her; Cleo, who has the link of a time that she can pay for now; their coach; the
# assistant of the coach, who keeps the diary; and another coach.
ROLES = ("stranger", "ada", "ben", "cleo", "maya", "assistant", "noor")

# The order is that of the presses: what ends something comes after all that needs it.
MATRIX = """
GET  /sessions                                      200 200 200 200 200 200 200
GET  /sessions/<slug>                               200 200 200 200 200 200 200
GET  /a/<token>                                     404 200 200 200 404 404 404
GET  /a/<token>/cancel                              404 200 200 200 404 404 404
GET  /book/h/<token>                                404 303 404 303 404 404 404
GET  /book/h/<token>/pay                            404 303 404 200 404 404 404
GET  /book/h/<token>/to-payment                     404 303 404 200 404 404 404
GET  /book/h/<token>/paid                           404 303 404 303 404 404 404
GET  /desk/bookings/<int:booking_id>                302 302 302 302 200 200 404
GET  /desk/bookings/<int:booking_id>/move           302 302 302 302 200 200 404
GET  /desk/bookings/<int:booking_id>/cancel         302 302 302 302 200 200 404
GET  /desk/bookings/<int:booking_id>/refund         302 302 302 302 200 404 404
GET  /desk/bookings/<int:booking_id>/no-show        302 302 302 302 200 200 404
GET  /desk/payments                                 302 302 302 302 200 404 200
GET  /desk/payments/concerns                        302 302 302 302 200 404 200
POST /hooks/stripe                                  400 400 400 400 400 400 400
POST /book/hold                                     422 422 422 422 422 422 422
POST /book/h/<token>                                404 303 404 303 404 404 404
POST /book/h/<token>/pay                            404 303 404 303 404 404 404
POST /desk/bookings/<int:booking_id>/move           302 302 302 302 422 422 404
POST /desk/bookings/<int:booking_id>/refund         302 302 302 302 303 404 404
POST /desk/bookings/<int:booking_id>/no-show        302 302 302 302 303 303 404
POST /desk/bookings/<int:booking_id>/came           302 302 302 302 303 303 404
POST /desk/bookings/<int:booking_id>/payments/<int:attempt>/accept 302 302 302 302 303 404 404
POST /desk/bookings/<int:booking_id>/payments/<int:attempt>/return 302 302 302 302 409 404 404
POST /desk/payments/concerns/<int:concern_id>/settled 302 302 302 302 303 404 404
POST /desk/bookings/<int:booking_id>/cancel         302 302 302 302 303 303 404
POST /desk/bookings/<int:booking_id>/undo           302 302 302 302 303 303 404
POST /book/h/<token>/change                         404 303 404 303 404 404 404
"""
OURS = re.compile(
    r"^/sessions|/book/|/hooks/|/pretend|/desk/(payments|bookings)(?!.*/(brief|new|done|not-done))"
)
# Rows about appointments stand in the matrix of writing; here they tell of money as well.
ALSO = {("GET", "/a/<token>"), ("GET", "/a/<token>/cancel")}
OUTSIDERS = ("stranger", "ada", "ben", "cleo", "noor")
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
WRITES = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM) (\S+)")
# What reading may write down: that wrong links were tried, and what became of a payment.
THROTTLED = {("INSERT INTO", "throttles"), ("UPDATE", "throttles")}
KEY = "0123456789abcdef" * 2
NOWHERE = "no-such-token-anywhere"
AMOUNT = re.compile(r"€\s?\d[\d.,]*")


@dataclass(slots=True)
class Actor:
    """Somebody at a browser, with the link of an appointment and of a held time, where any is."""

    browser: Browser
    token: str = NOWHERE
    hold: str = NOWHERE
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came, without any look at how well its page is made."""

    status: int
    source: str
    headers: Any


@dataclass(slots=True)
class House:
    """A house that takes money, in which everybody is who has a role in the matrix."""

    inside: Inside
    bank: FakePayments
    bookings: dict[str, int]
    concern: int
    actors: dict[str, Actor]
    callers: int = field(default=0)

    def send(self, role: str, method: str, rule: str) -> Answer:
        """Ask for an address as somebody, with what is hers; a POST has a token of her browser."""
        it = self.actors[role]
        whose = self.bookings["ada"]
        if re.search(r"/(no-show|came)$", rule):
            whose = self.bookings["pia"]
        if "/payments/<int:attempt>" in rule:
            whose = self.bookings["otto"]
        values = {
            "<token>": it.hold if rule.startswith("/book/") else it.token,
            "<slug>": "session",
            "<int:booking_id>": str(whose),
            "<int:attempt>": "1",
            "<int:concern_id>": str(self.concern),
        }
        path = re.sub(r"<[^>]+>", lambda found: values[found[0]], rule)
        return self.ask(it.browser, method, path, self.fields(it) if method == "POST" else [])

    def ask(
        self, browser: Browser, method: str, path: str, fields: Sequence[tuple[str, str]] = ()
    ) -> Answer:
        """Ask from an address of its own, so that no throttle answers for a page."""
        self.callers += 1
        with browser.client.open(
            path,
            method=method,
            base_url=browser.base_url,
            data=MultiDict(fields) if method == "POST" else None,
            environ_overrides={"REMOTE_ADDR": f"198.18.{self.callers // 250}.{self.callers % 250}"},
        ) as found:
            return Answer(found.status_code, found.get_data(as_text=True), found.headers)

    def fields(self, it: Actor) -> list[tuple[str, str]]:
        """What the forms about money would send."""
        if not it.csrf:
            (it.csrf,) = CSRF.findall(self.ask(it.browser, "GET", "/ask").source)
        details = [("name", "Somebody"), ("email", "somebody@mail.example")]
        back = [("attempt", "1"), ("minor", "100"), ("currency", "EUR"), ("key", KEY)]
        return [("csrf_token", it.csrf), *details, *back, ("choice", "keep"), ("back", "0")]


def rows() -> Iterator[tuple[str, str, dict[str, int]]]:
    for line in MATRIX.strip().splitlines():
        method, rule, *told = line.split()
        assert len(told) == len(ROLES), line
        yield method, rule, dict(zip(ROLES, map(int, told), strict=True))


def begun(person: Person, when: str, *, week: int = 0, who: Who = Who.ME) -> tuple[str, int]:
    """Hold a time of the paid session and give the details; return the hold's token and the id."""
    token = hold_for(person, at=at(when, week=week), offering="session", who=who)
    details = Details(person.name, person.email, False, True, person.caller)
    paying.pay(token, details, tools=the_tools())
    link = link_of(db.session(), Purpose.HOLD, token, now=the_tools().clock.now())
    assert link is not None
    assert link.booking_id is not None
    return token, link.booking_id


def paid(
    bank: FakePayments,
    person: Person,
    when: str,
    *,
    week: int = 0,
    who: Who = Who.ME,
    price: Money | None = None,
) -> tuple[str, int]:
    """Hold, pay (the price, or what is told instead), and be heard of."""
    token, booking_id = begun(person, when, week=week, who=who)
    payment = current_payment(db.session(), booking_id)
    assert payment is not None
    bank.pay(payment.session or "", price=price)
    for notice in bank.waiting:
        payment_acts.hear(notice, bank.sign(notice), tools=the_tools())
    bank.waiting.clear()
    db.session.remove()
    return token, booking_id


def link_to(booking_id: int) -> str:
    """The private link of who booked."""
    booker = db.session.get_one(Booking, booking_id).people[0]
    return person_token(db.session(), booker.id, the_tools().vault)


def sign_up(coach_id: int, role: str, email: str) -> User:
    """Give a coach's diary another account of this role."""
    with unit_of_work() as session:
        found = session.scalars(select(Role).where(Role.name == role)).one()
        user = User(email=email, coach_id=coach_id, roles=[found], create_datetime=NOW)
        session.add(user)
        session.flush()
        return user


@pytest.fixture
def bank(clock: FrozenClock) -> FakePayments:
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, bank: FakePayments) -> Tools:
    return replace(tools, payments=bank)


@pytest.fixture
def house(app: Flask, inside: Inside, clock: FrozenClock, bank: FakePayments) -> House:
    """The house with money of every kind in it, and everybody at their browsers."""
    actors = {role: Actor(Browser(app)) for role in ROLES}
    bookings: dict[str, int] = {}
    with inside:
        make_offering(price_minor=9000, full_refund_hours=24)
        clock.at = NOW.replace(day=1, month=5)
        _, bookings["pia"] = paid(bank, PIA, "Wed 10:00", week=-1)
        clock.at = NOW
        ada, cleo = actors["ada"], actors["cleo"]
        ada.hold, bookings["ada"] = paid(bank, ADA, "Thu 10:00", who=Who.BOTH)
        _, bookings["otto"] = paid(bank, OTTO, "Fri 10:00", price=Money(4000, "EUR"))
        _, cleos = paid(bank, CLEO, "Fri 14:00")
        cleo.hold, bookings["cleo"] = begun(CLEO, "Wed 10:00")
        ada.token, cleo.token = link_to(bookings["ada"]), link_to(cleos)
        couple = booked(ada.token)
        actors["ben"].token = actors["ben"].hold = join_for(couple).token
        concern = all_of(Concern, Concern.kind == ConcernKind.AMOUNT_DIFFERS)[0].id
        accounts = {
            "maya": all_of(User)[0],
            "noor": sign_up(make_coach(), "coach", "noor@lantern.example"),
            "assistant": sign_up(1, "assistant", "ola@lantern.example"),
        }
    for name, account in accounts.items():
        sign_in_as(actors[name].browser, account)
    return House(inside, bank, bookings, concern, actors)


def kept(house: House) -> Dump:
    """All that is kept, but for what was tried how often."""
    with house.inside:
        return dump(without=["throttles"])


# Route by role ------------------------------------------------------------------------------------


def test_every_route_about_money_stands_in_the_matrix(app: Flask) -> None:
    there = {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if OURS.search(str(rule))
    }

    assert {(method, rule) for method, rule, _ in rows()} == there | ALSO


def test_everybody_opens_what_is_theirs(house: House) -> None:
    for method, rule, wanted in rows():
        if method == "GET":
            found = {role: house.send(role, "GET", rule).status for role in ROLES}
            assert found == wanted, rule


def test_everybody_presses_what_is_theirs_and_a_refused_press_writes_nothing(
    house: House, clock: FrozenClock
) -> None:
    for method, rule, wanted in rows():
        if method != "POST":
            continue
        clock.advance(minutes=1)  # what a coach does by hand comes before what she cancels
        outside = [role for role in OUTSIDERS if wanted[role] in {302, 400, 404, 422}]
        before = kept(house)
        found = {role: house.send(role, "POST", rule).status for role in outside}
        assert found == {role: wanted[role] for role in outside}, rule
        assert kept(house) == before, rule
        for role in ROLES:
            if role not in outside:
                assert house.send(role, "POST", rule).status == wanted[role], (rule, role)
    with house.inside:
        back = [row.amount_minor for row in all_of(Refund)]
    assert back == [100]  # pressed by the coach, and by nobody else


def test_no_other_method_is_answered_or_writes(house: House) -> None:
    known: dict[str, set[str]] = {}
    for method, rule, _ in rows():
        known.setdefault(rule, set()).add(method)
    before = kept(house)

    for rule, methods in known.items():
        also = {"POST"} if rule == "/a/<token>/cancel" else set()
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods - also:
            for role in ("stranger", "cleo", "maya"):
                assert house.send(role, method, rule).status == 405, (method, rule, role)
    assert kept(house) == before


# What is somebody else's --------------------------------------------------------------------------


def test_another_coach_sees_no_money_of_maya_s(house: House) -> None:
    noor, maya = house.actors["noor"].browser, house.actors["maya"].browser
    for path in (
        *("/desk/payments", "/desk/payments?format=csv", "/desk/payments/concerns"),
        *("/desk/payments?month=2026-05", "/desk/"),
    ):
        theirs = house.ask(noor, "GET", path).source
        assert not AMOUNT.search(theirs), path
        for name in (ADA, BEN, CLEO, OTTO, PIA):
            assert name.name not in theirs, path
    assert "Otto" in house.ask(maya, "GET", "/desk/payments/concerns").source
    assert "€90" in house.ask(maya, "GET", "/desk/payments").source

    before = kept(house)
    fields = house.fields(house.actors["noor"])
    for booking in house.bookings.values():
        for end in ("", "/refund", "/no-show", "/cancel", "/move"):
            assert house.ask(noor, "GET", f"/desk/bookings/{booking}{end}").status == 404
        for end in (
            *("/refund", "/no-show", "/came", "/cancel", "/undo"),
            *("/payments/1/accept", "/payments/1/return"),
        ):
            assert house.ask(noor, "POST", f"/desk/bookings/{booking}{end}", fields).status == 404
    assert kept(house) == before


def test_who_joined_learns_what_cancelling_means_and_no_amount(
    house: House, postbox: Postbox
) -> None:
    """The one who booked paid: what, when and what came back of it is between her and the coach."""
    with house.inside:
        money = Money(2000, "EUR")
        desk_payment.refund(
            seat_of(1), house.bookings["ada"], money, attempt=1, key=KEY, tools=the_tools()
        )
        db.session.remove()
        deliver_all()
    pages = ("/a/<token>", "/a/<token>/cancel", "/a/<token>/move")

    ada = [house.send("ada", "GET", rule).source for rule in pages]
    ben = [house.send("ben", "GET", rule).source for rule in pages]

    assert AMOUNT.findall(ada[0]) == ["€90", "€20"]
    assert AMOUNT.findall(ada[1]) == ["€70", "€90"]
    assert AMOUNT.findall("".join(ben)) == []
    assert "a part of what was paid goes back to the card that was paid with" in ben[1]
    assert "Paid" not in ben[0]
    house.ask(house.actors["ben"].browser, "POST", f"/a/{house.actors['ben'].token}/cancel",
        house.fields(house.actors["ben"]))  # fmt: skip
    with house.inside:
        deliver_all()
    assert "€" not in house.send("ben", "GET", "/a/<token>").source
    assert [AMOUNT.findall(body(post)) for post in postbox.to(BEN.email)] == [[], []]


@pytest.mark.parametrize("end", ["", "/pay", "/paid", "/to-payment"])
def test_no_page_of_a_held_time_tells_who_holds_it(house: House, end: str) -> None:
    page = house.ask(
        house.actors["stranger"].browser, "GET", f"/book/h/{house.actors['cleo'].hold}{end}"
    )

    assert CLEO.name not in page.source
    assert CLEO.email not in page.source


def test_a_link_opens_its_own_kind_of_door_alone(house: House) -> None:
    before = kept(house)
    stranger = house.actors["stranger"]
    fields = house.fields(stranger)

    for method, rule, _ in rows():
        if "<token>" not in rule:
            continue
        for it in (house.actors["ada"], house.actors["cleo"]):
            wrong = it.token if rule.startswith("/book/") else it.hold
            path = rule.replace("<token>", wrong)
            assert house.ask(stranger.browser, method, path, fields).status == 404, path
    assert kept(house) == before


# What reading writes ------------------------------------------------------------------------------


def test_no_reading_about_money_writes_where_nothing_has_happened(
    house: House, clock: FrozenClock
) -> None:
    for method, rule, _ in rows():
        if method != "GET":
            continue
        clock.advance(minutes=1)  # so that there would be something to write down of the look
        for role in ROLES:
            with house.inside, statements() as sent:
                house.send(role, "GET", rule)
            wrote = {found.groups() for line in sent if (found := WRITES.match(line))}
            assert wrote <= THROTTLED, (rule, role)


def test_coming_back_after_paying_books_and_no_other_reading_does(house: House) -> None:
    with house.inside:
        payment = all_of(Payment, Payment.booking_id == house.bookings["cleo"])[0]
        house.bank.pay(payment.session or "")
    for rule in ("", "/pay", "/to-payment"):
        house.send("cleo", "GET", f"/book/h/<token>{rule}")
        with house.inside:
            assert all_of(Booking, Booking.id == house.bookings["cleo"])[0].status == "pending"

    house.send("cleo", "GET", "/book/h/<token>/paid")

    with house.inside:
        assert all_of(Booking, Booking.id == house.bookings["cleo"])[0].status == "confirmed"
