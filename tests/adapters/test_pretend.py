"""The payment service that moves no money keeps the rules of a real one, in a file of its own."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from practice.adapters.pretend import PretendPayments
from practice.domain.money import Money
from practice.domain.payment import Checkout
from practice.ports import NotGenuine, PaymentsAway, PaymentsRefuse
from tests.fakes import NOW, FrozenClock

PRICE = Money(9000, "EUR")
BASE = "https://practice.example"
CHECKOUT = Checkout(
    reference="r1",
    booking="b1",
    instance="house",
    price=PRICE,
    product="Appointment",
    statement="APPOINTMENT",
    email="ada@mail.example",
    paid_href=f"{BASE}/book/h/t/paid",
    back_href=f"{BASE}/book/h/t/pay",
    expires_at=NOW + timedelta(minutes=31),
    key="cs:b1:1",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pretend-payments.db"


@pytest.fixture
def payments(path: Path, clock: FrozenClock) -> PretendPayments:
    return PretendPayments(path, clock, BASE)


def test_a_session_is_open_until_its_time_is_over(
    payments: PretendPayments, clock: FrozenClock
) -> None:
    opened = payments.open(CHECKOUT)

    assert (opened.status, opened.is_paid, opened.price) == ("open", False, PRICE)
    assert (opened.reference, opened.instance, opened.is_live) == ("r1", "house", False)
    assert opened.href == f"{BASE}/pretend/{opened.session}"
    clock.advance(minutes=31, microseconds=-1)
    assert payments.look(opened.session).status == "open"
    clock.advance(microseconds=1)
    assert payments.look(opened.session).status == "expired"
    assert payments.look(opened.session).href == ""


def test_the_same_key_gives_the_same_session_and_refuses_another(payments: PretendPayments) -> None:
    opened = payments.open(CHECKOUT)

    assert payments.open(CHECKOUT) == opened
    with pytest.raises(PaymentsRefuse):
        payments.open(replace(CHECKOUT, price=Money(100, "EUR")))
    assert payments.open(replace(CHECKOUT, key="cs:b1:2")).session != opened.session


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
def test_a_session_lives_as_long_as_a_real_one_may(payments: PretendPayments, minutes: int) -> None:
    with pytest.raises(PaymentsRefuse):
        payments.open(replace(CHECKOUT, expires_at=NOW + timedelta(minutes=minutes)))


def test_paying_twice_is_paying_once(payments: PretendPayments) -> None:
    session = payments.open(CHECKOUT).session

    paid = payments.pay(session)

    assert (paid.status, paid.is_paid, paid.href) == ("complete", True, "")
    assert paid.intent
    assert payments.pay(session) == paid
    assert payments.expire(session) == paid


def test_a_declined_card_pays_nothing_and_the_session_stays_open(payments: PretendPayments) -> None:
    session = payments.open(CHECKOUT).session

    assert payments.fail(session).status == "open"
    assert not payments.look(session).is_paid
    assert payments.pay(session).is_paid


def test_what_has_ended_is_paid_only_by_pretending_that_money_came_late(
    payments: PretendPayments,
) -> None:
    session = payments.open(CHECKOUT).session

    assert payments.expire(session).status == "expired"
    for act in (payments.pay, payments.fail):
        with pytest.raises(PaymentsRefuse):
            act(session)
    late = payments.pay_late(session)
    assert late.is_paid
    assert payments.look(session) == late


def test_a_session_is_found_by_its_reference_if_it_is_young_enough(
    payments: PretendPayments, clock: FrozenClock
) -> None:
    opened = payments.open(CHECKOUT)

    assert payments.find("r1", since=NOW) == opened
    assert payments.find("r1", since=NOW + timedelta(seconds=1)) is None
    assert payments.find("r2", since=NOW) is None


def test_what_is_not_there_is_refused(payments: PretendPayments) -> None:
    for act in (payments.look, payments.expire, payments.pay, payments.pay_late, payments.page):
        with pytest.raises(PaymentsRefuse):
            act("ps_none")


def test_no_more_goes_back_than_came(payments: PretendPayments) -> None:
    intent = payments.pay(payments.open(CHECKOUT).session).intent

    half = payments.refund(intent, Money(4500, "EUR"), reference="f1", key="re:1")

    assert (half.money, half.status, half.reference) == (Money(4500, "EUR"), "succeeded", "f1")
    assert payments.refund(intent, Money(4500, "EUR"), reference="f1", key="re:1") == half
    for money in (Money(4501, "EUR"), Money(0, "EUR"), Money(-1, "EUR"), Money(100, "USD")):
        with pytest.raises(PaymentsRefuse):
            payments.refund(intent, money, reference="f2", key="re:2")
    with pytest.raises(PaymentsRefuse):  # the same key for something else
        payments.refund(intent, Money(100, "EUR"), reference="f1", key="re:1")
    rest = payments.refund(intent, Money(4500, "EUR"), reference="f2", key="re:2")
    assert payments.refunds(intent) == (half, rest)


def test_nothing_goes_back_of_what_was_never_paid(payments: PretendPayments) -> None:
    payments.open(CHECKOUT)

    with pytest.raises(PaymentsRefuse):
        payments.refund("pi_none", PRICE, reference="f1", key="re:1")


def test_a_notice_tells_the_session_as_it_was_written(payments: PretendPayments) -> None:
    session = payments.open(CHECKOUT).session
    payments.expire(session)
    expired = payments.notice(session)
    paid = payments.pay_late(session)

    told = payments.heard(*expired, now=NOW)
    later = payments.heard(*payments.notice(session), now=NOW)

    assert (told.kind, told.is_live) == ("checkout.session.expired", False)
    assert told.seen is not None
    assert told.seen.status == "expired"
    assert (later.kind, later.seen) == ("checkout.session.completed", paid)
    assert told.id != later.id
    assert payments.heard(*payments.notice(session), now=NOW).id == later.id


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_notice_from_another_time_is_not_genuine(payments: PretendPayments, seconds: int) -> None:
    notice = payments.notice(payments.open(CHECKOUT).session)

    assert payments.heard(*notice, now=NOW + timedelta(seconds=seconds // 301 * 300))
    with pytest.raises(NotGenuine):
        payments.heard(*notice, now=NOW + timedelta(seconds=seconds))


def test_a_notice_that_was_tampered_with_is_not_genuine(
    payments: PretendPayments, tmp_path: Path, clock: FrozenClock
) -> None:
    body, signature = payments.notice(payments.open(CHECKOUT).session)
    told = json.loads(body)
    told["session"]["is_paid"] = True
    elsewhere = PretendPayments(tmp_path / "other.db", clock, BASE)

    for forged in (
        (json.dumps(told).encode(), signature),
        (json.dumps(json.loads(body)).encode(), signature),
        (body, signature.replace("t=", "t=1")),
        (body, ""),
        (body, "t=,v1="),
        (body, "t=" + "9" * 5000 + ",v1=0"),
        (body, signature[:-1] + "é"),
        (b"", signature),
    ):
        with pytest.raises(NotGenuine):
            payments.heard(*forged, now=NOW)
    with pytest.raises(NotGenuine):
        elsewhere.heard(body, signature, now=NOW)


def test_only_the_owner_reads_the_file_and_it_keeps_no_address(
    payments: PretendPayments, path: Path
) -> None:
    assert not path.exists()

    payments.open(CHECKOUT)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CHECKOUT.email.encode() not in path.read_bytes()


def test_several_processes_share_the_file(path: Path, clock: FrozenClock) -> None:
    houses = [PretendPayments(path, clock, BASE) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        opened = set(pool.map(lambda house: house.open(CHECKOUT).session, houses))
        (session,) = opened
        paid = {seen.intent for seen in pool.map(lambda house: house.pay(session), houses)}
        (intent,) = paid
        back = pool.map(lambda house: house.refund(intent, PRICE, reference="f", key="re"), houses)

        assert len({refund.refund for refund in back}) == 1


def test_a_file_that_cannot_be_had_is_a_service_that_is_away(
    tmp_path: Path, clock: FrozenClock
) -> None:
    (tmp_path / "file").write_text("no database at all, and long enough to be read as one" * 20)

    for path in (tmp_path / "file", tmp_path / "no-folder" / "x.db"):
        with pytest.raises(PaymentsAway):
            PretendPayments(path, clock, BASE).open(CHECKOUT)
