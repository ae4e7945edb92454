"""What every payment service behind the port keeps to: Stripe, the pretend one, and the fake."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from practice.adapters.pretend import FILE, PretendPayments
from practice.domain.money import Money
from practice.ports import NotGenuine, PaymentsRefuse
from tests.adapters.payments import (
    PRICE,
    Desk,
    FakeDesk,
    PretendDesk,
    StripeDesk,
    a_checkout,
)
from tests.fakes import NOW, FakePayments, FrozenClock
from tests.stripe_server import serving

HALF = Money(PRICE.minor // 2, PRICE.currency)


@pytest.fixture(params=["stripe", "pretend", "fake"])
def desk(request: pytest.FixtureRequest, clock: FrozenClock, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "stripe":
        with serving(clock) as server:
            yield StripeDesk(server)
    elif request.param == "pretend":
        yield PretendDesk(PretendPayments(tmp_path / FILE, clock, "https://practice.example"))
    else:
        yield FakeDesk(FakePayments(clock))


def paid_intent(desk: Desk) -> str:
    session = desk.payments.open(a_checkout()).session
    desk.pay(session)
    return desk.payments.look(session).intent


class TestSessions:
    def test_a_new_session_is_open_and_says_what_was_asked_for(self, desk: Desk) -> None:
        seen = desk.payments.open(a_checkout())

        assert seen.session
        assert (seen.status, seen.is_paid, seen.has_failed) == ("open", False, False)
        assert (seen.price, seen.mode) == (PRICE, "payment")
        assert (seen.reference, seen.instance) == ("ref-1", "house-1")
        assert seen.is_live is desk.payments.is_live is False
        assert seen.href.startswith(("https://", "http://127.0.0.1"))
        assert seen.intent == ""

    @pytest.mark.parametrize(
        "price", [Money(9_000, "JPY"), Money(12_500, "KWD"), Money(7_550, "GBP")], ids=str
    )
    def test_amounts_stay_as_they_are_in_every_currency(self, desk: Desk, price: Money) -> None:
        seen = desk.payments.open(a_checkout(price=price))

        assert desk.payments.look(seen.session).price == price

    def test_it_can_be_looked_at(self, desk: Desk) -> None:
        opened = desk.payments.open(a_checkout())

        assert desk.payments.look(opened.session) == opened

    def test_one_that_is_not_there_is_refused(self, desk: Desk) -> None:
        for ask in (desk.payments.look, desk.payments.expire):
            with pytest.raises(PaymentsRefuse):
                ask("cs_test_nobody")

    def test_the_same_key_gives_the_same_session(self, desk: Desk) -> None:
        first = desk.payments.open(a_checkout())

        assert desk.payments.open(a_checkout()) == first

    def test_the_same_key_asked_by_many_at_once_gives_one_session(self, desk: Desk) -> None:
        with ThreadPoolExecutor(6) as pool:
            opened = list(pool.map(lambda _: desk.payments.open(a_checkout()), range(6)))

        assert len({seen.session for seen in opened}) == 1

    def test_the_same_key_shows_the_session_as_it_is_by_now(self, desk: Desk) -> None:
        first = desk.payments.open(a_checkout())
        desk.pay(first.session)

        again = desk.payments.open(a_checkout())

        assert again == desk.payments.look(first.session)
        assert again.is_paid

    def test_the_same_key_for_another_price_is_refused(self, desk: Desk) -> None:
        desk.payments.open(a_checkout())

        with pytest.raises(PaymentsRefuse):
            desk.payments.open(a_checkout(price=Money(1_000, "EUR")))

    def test_another_key_gives_another_session(self, desk: Desk) -> None:
        first = desk.payments.open(a_checkout())

        assert desk.payments.open(a_checkout(key="cs:booking-1:2")).session != first.session

    @pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
    def test_it_lives_from_half_an_hour_to_a_day(self, desk: Desk, minutes: int) -> None:
        expires_at = NOW + timedelta(minutes=minutes)

        with pytest.raises(PaymentsRefuse):
            desk.payments.open(a_checkout(expires_at=expires_at))

        # The key was not used up by what was wrong with the request.
        assert desk.payments.open(a_checkout()).status == "open"

    def test_it_is_found_by_its_reference_only_if_it_was_made_since(self, desk: Desk) -> None:
        made = desk.payments.open(a_checkout())
        desk.payments.open(a_checkout(reference="ref-2", key="cs:booking-2:1"))

        assert desk.payments.find("ref-1", since=NOW) == made
        assert desk.payments.find("ref-3", since=NOW) is None
        assert desk.payments.find("ref-1", since=NOW + timedelta(hours=1)) is None

    def test_it_is_found_as_it_is_by_now(self, desk: Desk) -> None:
        made = desk.payments.open(a_checkout())
        desk.pay(made.session)

        assert desk.payments.find("ref-1", since=NOW) == desk.payments.look(made.session)


class TestPaying:
    def test_a_paid_session_is_complete_and_has_an_intent(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session

        desk.pay(session)
        seen = desk.payments.look(session)

        assert (seen.status, seen.is_paid, seen.has_failed) == ("complete", True, False)
        assert (seen.price, seen.reference, seen.instance) == (PRICE, "ref-1", "house-1")
        assert seen.intent
        assert seen.href == ""


class TestExpiring:
    def test_an_open_session_ends(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session

        seen = desk.payments.expire(session)

        assert (seen.status, seen.is_paid, seen.href) == ("expired", False, "")
        assert desk.payments.look(session) == seen

    def test_one_that_has_ended_stays_so(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session

        assert desk.payments.expire(session) == desk.payments.expire(session)

    def test_one_that_was_paid_is_returned_as_paid(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.pay(session)

        assert desk.payments.expire(session).is_paid

    def test_it_ends_by_itself_when_its_time_is_over(self, desk: Desk, clock: FrozenClock) -> None:
        session = desk.payments.open(a_checkout()).session

        clock.advance(minutes=31)

        assert desk.payments.look(session).status == "expired"
        assert desk.payments.expire(session).status == "expired"

    def test_nobody_can_pay_in_it_then(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.payments.expire(session)

        with pytest.raises(Exception):  # noqa: B017, PT011 - each has a "no" of its own
            desk.pay(session)

        assert not desk.payments.look(session).is_paid


class TestRefunds:
    def test_all_of_it_can_go_back(self, desk: Desk) -> None:
        intent = paid_intent(desk)

        refund = desk.payments.refund(intent, PRICE, reference="r-1", key="re:1")

        assert (refund.intent, refund.money, refund.reference) == (intent, PRICE, "r-1")
        assert refund.refund
        assert refund.status == "succeeded"
        assert not refund.has_failed
        assert desk.payments.refunds(intent) == (refund,)

    def test_it_can_go_back_in_parts_and_no_more_than_came(self, desk: Desk) -> None:
        intent = paid_intent(desk)

        first = desk.payments.refund(intent, HALF, reference="r-1", key="re:1")
        with pytest.raises(PaymentsRefuse):
            desk.payments.refund(intent, PRICE, reference="r-2", key="re:2")
        second = desk.payments.refund(intent, HALF, reference="r-3", key="re:3")

        assert {first, second} == set(desk.payments.refunds(intent))
        assert len(desk.payments.refunds(intent)) == 2

    def test_the_same_key_gives_the_same_refund(self, desk: Desk) -> None:
        intent = paid_intent(desk)

        first = desk.payments.refund(intent, HALF, reference="r-1", key="re:1")

        assert desk.payments.refund(intent, HALF, reference="r-1", key="re:1") == first
        assert desk.payments.refunds(intent) == (first,)

    def test_the_same_key_asked_by_many_at_once_gives_one_refund(self, desk: Desk) -> None:
        intent = paid_intent(desk)

        def ask(_: int) -> str:
            return desk.payments.refund(intent, HALF, reference="r-1", key="re:1").refund

        with ThreadPoolExecutor(6) as pool:
            asked = set(pool.map(ask, range(6)))

        assert len(asked) == len(desk.payments.refunds(intent)) == 1

    def test_the_same_key_for_another_amount_is_refused(self, desk: Desk) -> None:
        intent = paid_intent(desk)
        desk.payments.refund(intent, HALF, reference="r-1", key="re:1")

        with pytest.raises(PaymentsRefuse):
            desk.payments.refund(intent, PRICE, reference="r-1", key="re:1")

    def test_what_was_never_paid_cannot_go_back(self, desk: Desk) -> None:
        with pytest.raises(PaymentsRefuse):
            desk.payments.refund("pi_nobody", PRICE, reference="r-1", key="re:1")

    def test_nothing_has_gone_back_of_a_fresh_payment(self, desk: Desk) -> None:
        assert desk.payments.refunds(paid_intent(desk)) == ()


class TestNotices:
    def test_a_signed_notice_shows_the_session(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.pay(session)
        body, signature = desk.notice(session)

        notice = desk.payments.heard(body, signature, now=NOW)

        assert notice.kind == "checkout.session.completed"
        assert notice.seen == desk.payments.look(session)
        assert notice.is_live is False
        assert (notice.refunded, notice.disputed, notice.dispute) == ("", "", "")

    def test_every_copy_of_it_has_the_same_id(self, desk: Desk, clock: FrozenClock) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.pay(session)
        first = desk.payments.heard(*desk.notice(session), now=clock.now())

        clock.advance(hours=1)
        again = desk.payments.heard(*desk.notice(session), now=clock.now())

        assert again == first

    def test_a_session_that_ended_tells_so(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.payments.expire(session)

        notice = desk.payments.heard(*desk.notice(session), now=NOW)

        assert notice.kind == "checkout.session.expired"
        assert notice.seen
        assert notice.seen.status == "expired"

    @pytest.mark.parametrize("seconds", [-301, -300, 0, 300, 301, 86_400])
    def test_it_is_taken_for_five_minutes_on_either_side(self, desk: Desk, seconds: int) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.pay(session)
        body, signature = desk.notice(session)
        now = NOW + timedelta(seconds=seconds)

        if abs(seconds) <= 300:
            assert desk.payments.heard(body, signature, now=now).seen
        else:
            with pytest.raises(NotGenuine):
                desk.payments.heard(body, signature, now=now)

    def test_whatever_was_changed_is_not_genuine(self, desk: Desk) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.pay(session)
        body, signature = desk.notice(session)

        for altered in (body + b" ", body.replace(b"12000", b"12001"), body[:-1], b""):
            with pytest.raises(NotGenuine):
                desk.payments.heard(altered, signature, now=NOW)

    @pytest.mark.parametrize(
        "signature",
        [
            "", "t=", "t=,v1=", "v1=abc", "t=1", "x", ",", "=", "t=0,v1=0", "t=nan,v1=0", ".",
            "t=99999999999999999999999999,v1=é", "t=1,v1=\udcff", "0.0", "t=-1,v0=1", "\x00",
            "t=" + "9" * 5000 + ",v1=00", "²", "t=²,v1=00", "٣.00",
        ],
    )  # fmt: skip
    def test_no_signature_can_be_made_up(self, desk: Desk, signature: str) -> None:
        session = desk.payments.open(a_checkout()).session
        desk.pay(session)
        body, _ = desk.notice(session)

        with pytest.raises(NotGenuine):
            desk.payments.heard(body, signature, now=NOW)
