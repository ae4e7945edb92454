"""The desk as attackers see it: old links, other people's amounts, forged lines, who comes back."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from practice.domain.booking import Actor, ByHand, Who
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Role, Seat
from practice.domain.why import Why
from practice.models.accounts import User
from practice.models.client import Client
from practice.models.journal import JournalEntry
from practice.models.outbox import OutboxLetter
from practice.ports import Tools
from practice.usecases import second_factor, team
from practice.usecases.accounts import (
    ask_reset,
    change_password,
    make_set_up_link,
    reset_address,
    reset_password,
    set_password,
    set_up_address,
)
from practice.usecases.appointment import by_coach
from practice.usecases.by_hand import book_by_hand
from practice.usecases.cancelling import cancel
from practice.usecases.erasing_person import erase_client
from tests.browser import Browser
from tests.fakes import FakePayments, FrozenClock, Postbox, body
from tests.looking import all_of
from tests.makers import (
    PASSWORD,
    at,
    book_for,
    both_for,
    cancel_for,
    deliver_all,
    give_password,
    join_for,
    make_coach,
    make_offering,
    the_tools,
    undo_for,
)
from tests.people import ADA, BEN, MAYA
from tests.shop import Shop
from tests.signing_in import sign_in_as
from tests.totp import code_of
from tests.web.conftest import Inside
from tests.web.people_at_the_desk import desk_of

OWNER = Seat(1, Role.OWNER, 1)
OTHER = "seven other quiet lanterns"
AMOUNT = re.compile(r"€\s?\d[\d.,]*")


def asked(postbox: Postbox) -> str:
    """Ask for a way to a new password; return the token of the letter."""
    ask_reset(MAYA.email, "somebody", tools=the_tools())
    deliver_all()
    (token,) = re.findall(r"/desk/reset/(\S+)", body(postbox.to(MAYA.email)[-1]))
    return str(token)


def test_no_older_link_outlives_a_new_password(inside: Inside, postbox: Postbox) -> None:
    """Whoever has an older letter has nothing, however the password was changed since."""
    with inside:
        give_password()
        kept = make_set_up_link(MAYA.email, tools=the_tools()).rsplit("/", 1)[1]
        reset_password(asked(postbox), OTHER, tools=the_tools())
        with pytest.raises(NotFound):
            set_up_address(kept, tools=the_tools())

        stolen = asked(postbox)
        change_password(OWNER, PASSWORD, keep=0, tools=the_tools())
        with pytest.raises(NotFound):
            reset_address(stolen, tools=the_tools())

        stolen = asked(postbox)
        fresh = make_set_up_link(MAYA.email, tools=the_tools()).rsplit("/", 1)[1]
        set_password(fresh, OTHER, tools=the_tools())
        with pytest.raises(NotFound):
            reset_password(stolen, PASSWORD, tools=the_tools())


def test_a_link_to_somebody_s_account_made_by_the_owner_is_in_the_journal(
    inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        team.invite_coach(OWNER, "Noor", "noor@lantern.example", "Europe/London", tools=the_tools())
        before = len(all_of(JournalEntry))
        clock.advance(seconds=1)
        team.send_set_up(OWNER, 2, tools=the_tools())
        (line,) = all_of(JournalEntry)[before:]
        assert line.happening == "RESET_ASKED"


def test_one_who_guesses_does_not_keep_colleagues_from_confirming_theirs(
    app: Flask, inside: Inside
) -> None:
    with inside:
        tools = replace(the_tools(), rate_limits=True)
        team.invite_coach(OWNER, "Noor", "noor@lantern.example", "Europe/London", tools=tools)
        noor = Seat(2, Role.COACH, 2)
        for seat in (OWNER, noor):
            second_factor.begin_factor(seat, tools=tools)
        for _ in range(10):
            with pytest.raises(Exception, match="not right"):
                second_factor.confirm_factor(noor, "000000", tools=tools)
        with pytest.raises(Exception, match="not right"):
            second_factor.confirm_factor(OWNER, "000000", tools=tools)


def test_what_came_of_two_does_not_stand_again_once_either_was_erased(
    inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        booking = book_for(ADA, at=at("Tue 9:00"))
        both_for(booking)
        join_for(booking, BEN)
        cancel_for(booking, by=Actor.COACH)
        (ben,) = all_of(Client, Client.address == BEN.email)
        erase_client(OWNER, ben.id, tools=the_tools())
        with pytest.raises(NotAllowed):
            undo_for(booking, by=Actor.COACH)


def test_whose_diary_is_taken_away_finds_nothing_of_it_at_the_next_press(
    app: Flask, inside: Inside
) -> None:
    with inside:
        noor = make_coach()
        booking = book_for(ADA, at=at("Tue 10:00"))
        team.invite_assistant(OWNER, "Ola", "ola@x.example", [1, noor], tools=the_tools())
        ola = all_of(User, User.email == "ola@x.example")[0]
    browser = Browser(app)
    sign_in_as(browser, ola)
    page = browser.open(f"/desk/bookings/{booking.id}/cancel")
    sent = page.form("Cancel it").values()
    with inside:
        team.set_diaries(OWNER, ola.id, [noor], tools=the_tools())
    assert browser.send(page.path, sent).status == 404
    browser.open(f"/desk/bookings/{booking.id}", status=404)
    browser.open("/desk/clients/1", status=404)


def test_a_thief_of_the_password_is_out_once_a_second_factor_is_set(
    app: Flask, browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        give_password()
    thief = Browser(app)
    for each in (thief, browser):
        each.sign_in(MAYA.email, PASSWORD)
    page = browser.press(browser.open("/desk/account"), "Set up a second factor")
    (secret,) = [e.text or "" for e in page.tree.iter("code")]
    browser.press(page, "Use it from now on", code=code_of(secret, clock.at))
    assert browser.open("/desk/account").path == "/desk/account"
    assert thief.open("/desk/account").path.startswith("/desk/sign-in")


def test_a_coach_who_books_another_s_client_learns_nothing_of_the_appointments_there(
    app: Flask, inside: Inside, clock: FrozenClock
) -> None:
    """A booking by hand, without a letter, gives her a file: of what she did herself."""
    with inside:
        book_for(ADA, at=at("Tue 11:00"))
        noor = make_coach()
        offering = make_offering("noors", coaches=[noor])
        clock.advance(hours=20)
        start = at("Fri 15:00")
        wanted = ByHand(
            offering_id=offering,
            who=Who.ME,
            starts_at=start,
            name="Somebody",
            email=ADA.email,
            confirms=False,
            reminds=False,
            key="k" * 32,
            knows=frozenset(map(str, Why)),
        )
        book_by_hand(Seat(2, Role.COACH, noor), wanted, tools=the_tools())
    browser = desk_of(app, inside, "coach", coach_id=noor)
    told = browser.open("/desk/clients/1").text
    assert "Client since Tue" in told
    told = browser.open("/desk/clients/1/erase").text
    assert "With Maya Ellis" in told
    assert "11 to" not in told


@pytest.fixture
def bank(clock: FrozenClock) -> FakePayments:
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, bank: FakePayments) -> Tools:
    return replace(tools, payments=bank)


@pytest.fixture
def shop(app: Flask, inside: Inside, bank: FakePayments) -> Shop:
    """A house that takes money."""
    with inside:
        make_offering(price_minor=9000)
    return Shop(inside, bank)


def test_an_assistant_reads_no_amounts_in_letters(app: Flask, shop: Shop, inside: Inside) -> None:
    booking_id = shop.buy(at=at("Thu 10:00"))
    ola = desk_of(app, inside, "assistant", coach_id=1)
    shown = ola.open(f"/desk/bookings/{booking_id}/cancel").text
    with inside:
        cancel(by_coach(OWNER, booking_id), tools=the_tools())
    shop.send()
    with inside:
        ids = [row.id for row in all_of(OutboxLetter)]
    for letter_id in ids:
        shown += ola.open(f"/desk/letters/{letter_id}").text
    shown += ola.open(f"/desk/bookings/{booking_id}").text + ola.open("/desk/clients/1").text
    shown += ola.open("/desk/").text
    assert AMOUNT.findall(shown) == []


def test_money_that_comes_late_books_nobody_who_was_erased(
    shop: Shop, bank: FakePayments, inside: Inside
) -> None:
    """The bank says no, she is erased, and then it says yes after all: all of it goes back."""
    booking_id = shop.begin(at=at("Thu 10:00"))
    session = shop.session(booking_id)
    with inside:
        cancel_for(book_for(ADA, at=at("Tue 9:00")))  # so she has a file here
    bank.pay_later(session)
    shop.hear()
    bank.fail_later(session)
    shop.hear()
    with inside:
        erase_client(OWNER, 1, tools=the_tools())
    bank.succeed_later(session)
    shop.hear()
    assert shop.status(booking_id) == "expired"
    assert [amount for amount, *_ in shop.refunds()] == [9000]
