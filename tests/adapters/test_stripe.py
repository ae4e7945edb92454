"""The Stripe adapter, by the real library, at a Stripe on loopback: what only Stripe can do."""

import json
import logging
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from practice.adapters.stripe import StripePayments
from practice.adapters.stripe_objects import HEARD, Garbled, refund_of
from practice.domain.money import Money
from practice.ports import NotGenuine, PaymentsAway, PaymentsRefuse
from tests.adapters.payments import PRICE, a_checkout, stripe_at
from tests.fakes import NOW, FrozenClock
from tests.stripe_server import KEY, SECRET, Ended, StripeServer, Trouble, serving

STAMP = int(NOW.timestamp())
HALF = Money(PRICE.minor // 2, PRICE.currency)


@pytest.fixture
def server(clock: FrozenClock) -> Iterator[StripeServer]:
    with serving(clock) as server:
        yield server


@pytest.fixture
def payments(server: StripeServer) -> StripePayments:
    return stripe_at(server)


@pytest.fixture
def paid(server: StripeServer, payments: StripePayments) -> str:
    """The intent of a session that was paid."""
    intent = server.pay(payments.open(a_checkout()).session)
    server.lose()
    return intent


class TestTheSession:
    def test_it_is_asked_for_with_all_that_we_know_and_no_more(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        payments.open(a_checkout())

        (asked,) = server.asked
        assert asked.key == "cs:booking-1:1"
        assert dict(asked.params) == {
            "adaptive_pricing[enabled]": "false",
            "allowed_payment_method_types[0]": "card",
            "cancel_url": "https://practice.example/book/h/token/pay",
            "client_reference_id": "ref-1",
            "customer_email": "sam@example.com",
            "expires_at": str(STAMP + 31 * 60),
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][product_data][name]": "Coaching session",
            "line_items[0][price_data][unit_amount]": "12000",
            "line_items[0][quantity]": "1",
            "metadata[booking]": "booking-1",
            "metadata[instance]": "house-1",
            "metadata[payment]": "ref-1",
            "mode": "payment",
            "payment_intent_data[metadata][booking]": "booking-1",
            "payment_intent_data[metadata][instance]": "house-1",
            "payment_intent_data[metadata][payment]": "ref-1",
            "payment_intent_data[receipt_email]": "sam@example.com",
            "payment_intent_data[statement_descriptor_suffix]": "SESSION",
            "success_url": "https://practice.example/book/h/token/paid",
        }

    def test_what_we_do_not_know_is_left_out(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        payments.open(a_checkout(email="", statement=""))

        names = " ".join(name for name, _ in server.asked[0].params)
        assert "email" not in names
        assert "statement" not in names

    def test_money_that_comes_later_is_waited_for(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        session = payments.open(a_checkout()).session
        server.pay_later(session)
        waiting = payments.look(session)
        server.succeed_later(session)

        assert (waiting.status, waiting.is_paid, waiting.has_failed) == ("complete", False, False)
        assert payments.look(session).is_paid

    def test_the_banks_late_no_shows_even_if_nobody_told_us(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        session = payments.open(a_checkout()).session
        server.pay_later(session)
        server.fail_later(session)

        for seen in (payments.look(session), payments.find("ref-1", since=NOW)):
            assert seen
            assert seen.has_failed
            assert not seen.is_paid

    def test_a_paid_amount_that_differs_shows(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        session = payments.open(a_checkout()).session
        server.pay(session, amount=1, currency="usd")

        assert payments.look(session).price == Money(1, "USD")

    def test_a_reference_counts_only_where_our_metadata_says_the_same(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        # Anybody can write a reference into the address of a payment link of the same account.
        session = payments.open(a_checkout()).session
        server.sessions[session]["metadata"] = {}

        seen = payments.look(session)

        assert (seen.reference, seen.instance) == ("", "")
        assert payments.find("ref-1", since=NOW) is None

    def test_it_is_found_among_many_pages_of_others(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        wanted = payments.open(a_checkout())
        for number in range(250):
            server.sessions[f"cs_{number}"] = server.sessions[wanted.session] | {
                "id": f"cs_{number}",
                "client_reference_id": None,
                "metadata": None,
                "customer_email": None,
            }

        assert payments.find("ref-1", since=NOW) == wanted
        assert server.count("GET /v1/checkout/sessions") == 3 + 1

    def test_of_two_with_one_reference_the_paid_one_is_found(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        first = payments.open(a_checkout())
        payments.open(a_checkout(key="cs:booking-1:1:again"))
        server.pay(first.session)

        found = payments.find("ref-1", since=NOW)

        assert found
        assert found.session == first.session

    def test_it_is_found_although_the_clock_of_stripe_is_behind(
        self, payments: StripePayments
    ) -> None:
        payments.open(a_checkout())

        assert payments.find("ref-1", since=NOW + timedelta(seconds=59))

    def test_live_keys_move_real_money(self) -> None:
        for key in ("sk_live_x", "rk_live_x"):
            assert StripePayments(key, []).is_live
        for key in ("sk_test_x", "rk_test_x", ""):
            assert not StripePayments(key or "x", []).is_live

    def test_who_takes_no_money_does_not_wait_for_stripes_library(self) -> None:
        code = "import sys, practice.app; sys.exit('stripe' in sys.modules)"

        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_nothing_is_told_of_this_machine(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        assert stripe.enable_telemetry is False
        payments.open(a_checkout())
        payments.look(next(iter(server.sessions)))

        told = " ".join(" ".join(headers.values()) for headers in server.headers)
        assert platform.node() not in told
        assert "telemetry" not in told.casefold()

    def test_it_shows_no_secret(self, payments: StripePayments) -> None:
        assert repr(payments) == "StripePayments(test)"


class TestLostAnswers:
    """S11 and S14, as far as the adapter goes."""

    @pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.DROP, Trouble.FAIL])
    def test_a_trouble_that_passes_is_never_noticed(
        self, server: StripeServer, payments: StripePayments, trouble: Trouble
    ) -> None:
        server.trouble(trouble, times=2)

        assert payments.open(a_checkout()).status == "open"
        assert len(server.sessions) == 1
        assert server.count("POST") == 3

    @pytest.mark.parametrize(
        "trouble", [Trouble.LOSE, Trouble.DROP, Trouble.FAIL, Trouble.GARBLE, Trouble.BUSY]
    )
    def test_a_trouble_that_stays_is_away_and_the_same_key_finds_out_later(
        self, server: StripeServer, payments: StripePayments, trouble: Trouble
    ) -> None:
        server.trouble(trouble, times=3)
        with pytest.raises(PaymentsAway):
            payments.open(a_checkout())
        server.calm()

        seen = payments.open(a_checkout())

        assert list(server.sessions) == [seen.session]

    def test_what_failed_in_the_middle_stays_away_for_that_key(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        # Stripe keeps the answer 500 for a key, and the library does not ask again then.
        server.trouble(Trouble.CRASH)
        for _ in range(2):
            with pytest.raises(PaymentsAway):
                payments.open(a_checkout())

        assert payments.open(a_checkout(key="cs:booking-1:2")).status == "open"

    def test_a_silent_stripe_is_away_after_the_timeout(self, server: StripeServer) -> None:
        server.trouble(Trouble.SILENT, times=3)

        with pytest.raises(PaymentsAway):
            stripe_at(server, timeout=0.05).look("cs_1")

        assert len(server.asked) == 3

    @pytest.mark.usefixtures("server")
    def test_no_stripe_at_all_is_away(self) -> None:
        nowhere = StripePayments(KEY, [SECRET], "http://stripe.invalid")

        for ask in (
            lambda: nowhere.open(a_checkout()),
            lambda: nowhere.look("cs_1"),
            lambda: nowhere.find("ref-1", since=NOW),
            lambda: nowhere.expire("cs_1"),
            lambda: nowhere.refund("pi_1", PRICE, reference="r-1", key="re:1"),
            lambda: nowhere.refunds("pi_1"),
        ):
            with pytest.raises(PaymentsAway):
                ask()

    def test_an_end_whose_answer_got_lost_is_looked_at(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        session = payments.open(a_checkout()).session
        server.trouble(Trouble.LOSE, on="/expire")

        assert payments.expire(session).status == "expired"

    def test_an_end_while_she_pays_gives_what_came_first(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        session = payments.open(a_checkout()).session
        server.pay(session)

        assert payments.expire(session).is_paid
        with pytest.raises(Ended):
            server.pay(session)

    def test_an_end_that_stripe_refuses_for_another_reason_is_refused(
        self, payments: StripePayments
    ) -> None:
        with pytest.raises(PaymentsRefuse, match="resource_missing"):
            payments.expire("cs_test_nobody")


class TestRefusals:
    def test_no_client_is_quoted(
        self,
        payments: StripePayments,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        with caplog.at_level(logging.INFO), pytest.raises(PaymentsRefuse) as refused:
            payments.open(a_checkout(email="sam at example"))

        assert str(refused.value) == "Stripe refused this (email_invalid, customer_email)."
        assert refused.value.__suppress_context__
        assert "sam at" not in caplog.text

    def test_a_wrong_key_is_said_plainly(self, server: StripeServer) -> None:
        wrong = StripePayments("sk_test_wrong", [SECRET], server.url)

        with pytest.raises(PaymentsRefuse, match="does not know the secret key"):
            wrong.look("cs_1")

    @pytest.mark.parametrize(
        "changes",
        [
            {"product": " "},
            {"statement": "1234"},
            {"price": Money(49, "EUR")},
            {"price": Money(-12_000, "EUR")},
            {"back_href": "javascript:alert(1)"},
            {"reference": "x" * 201},
            {"key": "k" * 256},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_what_stripe_takes_for_wrong_is_refused_and_makes_nothing(
        self, server: StripeServer, payments: StripePayments, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(PaymentsRefuse):
            payments.open(a_checkout(**changes))

        assert server.sessions == {}


class TestRefunds:
    def test_one_whose_answer_got_lost_is_found_by_its_key(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        server.trouble(Trouble.LOSE, on="POST /v1/refunds", times=3)
        with pytest.raises(PaymentsAway):
            payments.refund(paid, HALF, reference="r-1", key="re:1")

        payments.refund(paid, HALF, reference="r-1", key="re:1")

        assert len(server.refunds) == 1

    def test_the_same_key_shows_how_it_stands_by_now(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        server.refund_status = "pending"
        first = payments.refund(paid, HALF, reference="r-1", key="re:1")
        server.settle_refund(first.refund)

        again = payments.refund(paid, HALF, reference="r-1", key="re:1")

        assert (first.status, again.status) == ("pending", "succeeded")

    def test_what_has_gone_back_under_our_reference_is_that_refund(
        self, payments: StripePayments, paid: str
    ) -> None:
        first = payments.refund(paid, PRICE, reference="r-1", key="re:1")

        assert payments.refund(paid, PRICE, reference="r-1", key="re:2") == first

    def test_what_has_gone_back_by_hand_counts_as_done(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        by_hand = server.refund_in_dashboard(paid)

        seen = payments.refund(paid, PRICE, reference="r-1", key="re:1")

        assert (seen.refund, seen.reference, seen.money) == (by_hand, "", PRICE)
        assert payments.refund(paid, PRICE, reference="r-1", key="re:1") == seen
        assert len(server.refunds) == 1

    def test_one_that_failed_does_not_count(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        first = payments.refund(paid, PRICE, reference="r-1", key="re:1")
        server.fail_refund(first.refund)

        assert payments.refunds(paid)[0].has_failed
        assert payments.refund(paid, PRICE, reference="r-1", key="re:2").status == "succeeded"

    def test_no_money_in_the_account_is_a_refusal_that_another_key_may_overcome(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        server.balance_is_short = True
        with pytest.raises(PaymentsRefuse, match="balance_insufficient"):
            payments.refund(paid, PRICE, reference="r-1", key="re:1")
        server.balance_is_short = False

        with pytest.raises(PaymentsRefuse):  # kept for the key
            payments.refund(paid, PRICE, reference="r-1", key="re:1")
        assert payments.refund(paid, PRICE, reference="r-1", key="re:2").status == "succeeded"

    def test_a_key_is_forgotten_after_a_day(
        self, payments: StripePayments, paid: str, clock: FrozenClock
    ) -> None:
        # So whoever asks again later has to look at the refunds first.
        payments.refund(paid, HALF, reference="r-1", key="re:1")
        clock.advance(hours=25)
        payments.refund(paid, HALF, reference="r-1", key="re:1")

        assert [seen.reference for seen in payments.refunds(paid)] == ["r-1", "r-1"]

    def test_all_of_them_are_listed(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        for _ in range(105):
            server.refund_in_dashboard(paid, 100)

        assert len(payments.refunds(paid)) == 105

    def test_a_disputed_charge_cannot_go_back(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        server.dispute(paid)

        with pytest.raises(PaymentsRefuse, match="charge_disputed"):
            payments.refund(paid, PRICE, reference="r-1", key="re:1")


class TestEvents:
    def test_every_kind_of_a_session_shows_it(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        first = payments.open(a_checkout()).session
        server.pay_later(first)
        server.fail_later(first)
        second = payments.open(a_checkout(key="2")).session
        server.pay_later(second)
        server.succeed_later(second)
        third = payments.open(a_checkout(key="3")).session
        payments.expire(third)

        told = [
            (
                event.kind.removeprefix("checkout.session."),
                notice.seen.session,
                notice.seen.status,
                notice.seen.is_paid,
                notice.seen.has_failed,
            )
            for event in server.waiting
            if (notice := payments.heard(event.body, server.signed(event.body), now=NOW)).seen
        ]

        assert told == [
            ("completed", first, "complete", False, False),
            ("async_payment_failed", first, "complete", False, True),
            ("completed", second, "complete", False, False),
            ("async_payment_succeeded", second, "complete", True, False),
            ("expired", third, "expired", False, False),
        ]

    def test_refunds_and_disputes_name_the_intent(
        self, server: StripeServer, payments: StripePayments, paid: str
    ) -> None:
        refund = server.refund_in_dashboard(paid, 100)
        server.fail_refund(refund)
        server.dispute(paid)
        server.dispute(paid, "under_review")
        server.dispute(paid, "lost")

        notices = [
            payments.heard(event.body, server.signed(event.body), now=NOW)
            for event in server.waiting
        ]

        assert [(n.kind, n.refunded, n.disputed, n.dispute) for n in notices] == [
            ("refund.created", paid, "", ""),
            ("charge.refunded", paid, "", ""),
            ("refund.updated", paid, "", ""),
            ("charge.refund.updated", paid, "", ""),
            ("refund.failed", paid, "", ""),
            ("charge.dispute.created", "", paid, "needs_response"),
            ("charge.dispute.updated", "", paid, "under_review"),
            ("charge.dispute.closed", "", paid, "lost"),
        ]
        assert {n.kind for n in notices} < set(HEARD)

    def test_whatever_else_is_a_bare_notice(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        about: tuple[tuple[str, dict[str, Any]], ...] = (
            ("customer.created", {"id": "cus_1"}),
            ("charge.refunded", {"id": "ch_1", "payment_intent": None}),
            ("charge.dispute.created", {"id": "du_1", "status": "lost"}),
            ("x" * 300, {}),
        )
        for kind, thing in about:
            event = server.happen(kind, thing)
            notice = payments.heard(event.body, server.signed(event.body), now=NOW)

            assert (notice.id, notice.kind) == (event.id, kind[:80])
            assert (notice.seen, notice.refunded, notice.disputed) == (None, "", "")

    def test_a_session_of_other_software_is_no_fault(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        about = {
            "id": "cs_other",
            "amount_total": None,
            "currency": None,
            "livemode": False,
            "metadata": None,
            "mode": "setup",
            "payment_status": "no_payment_required",
            "status": "complete",
        }
        event = server.happen("checkout.session.completed", about)

        seen = payments.heard(event.body, server.signed(event.body), now=NOW).seen

        assert seen
        assert (seen.is_paid, seen.mode, seen.reference, seen.instance) == (False, "setup", "", "")

    def test_an_event_of_the_other_mode_says_so(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        event = server.happen("customer.created", {"livemode": True})

        assert payments.heard(event.body, server.signed(event.body), now=NOW).is_live


ODD = b'{ "id":"evt_1",\n\t"livemode" :false,"type":"a\\u0301",  "data":{"object":{ }} }\r\n'


STRIPE = StripeServer(FrozenClock())
KNOWING = StripePayments(KEY, [SECRET])


def _is_taken(payments: StripePayments, signature: str, body: bytes = ODD) -> bool:
    try:
        payments.heard(body, signature, now=NOW)
    except NotGenuine:
        return False
    return True


class TestSignatures:
    """S15, S16 and S17: what is genuine, to the byte."""

    def test_s15_without_the_right_signature_of_now_nothing_is_genuine(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        right = server.signed(ODD)
        wrong = {
            "none": "",
            "of another secret": server.signed(ODD, secrets=["whsec_other"]),
            "of another body": server.signed(ODD + b" "),
            "301 seconds old": server.signed(ODD, at=STAMP - 301),
            "301 seconds ahead": server.signed(ODD, at=STAMP + 301),
            "of another stamp": right.replace(str(STAMP), str(STAMP + 1)),
            "of another scheme": right.replace("v1=", "v0="),
            "half of it": right[:-1],
            "a stamp before the signed one": f"t={STAMP + 1},{right}",
        }
        taken = [name for name, signature in wrong.items() if _is_taken(payments, signature)]

        assert taken == []
        for at in (STAMP - 300, STAMP, STAMP + 300):
            assert payments.heard(ODD, server.signed(ODD, at=at), now=NOW).id == "evt_1"

    def test_s15_a_later_stamp_in_the_same_header_makes_nothing_younger(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        old = server.signed(ODD, at=STAMP - 301)

        for signature in (f"{old},t={STAMP}", f"t={STAMP},{old}"):
            with pytest.raises(NotGenuine):
                payments.heard(ODD, signature, now=NOW)

    def test_s16_any_signature_by_any_secret_will_do(self, server: StripeServer) -> None:
        # While a secret is changed, Stripe signs with both, and we may know both.
        both = StripePayments(KEY, ["whsec_new", "whsec_old"])
        one = StripePayments(KEY, ["whsec_new"])
        told = {
            "new": server.signed(ODD, secrets=["whsec_new"]),
            "old": server.signed(ODD, secrets=["whsec_old"]),
            "two": server.signed(ODD, secrets=["whsec_old", "whsec_new"]),
        }

        for signature in told.values():
            assert both.heard(ODD, signature, now=NOW).id == "evt_1"
        for name in ("new", "two"):
            assert one.heard(ODD, told[name], now=NOW).id == "evt_1"
        with pytest.raises(NotGenuine):
            one.heard(ODD, told["old"], now=NOW)

    def test_s16_without_any_secret_nothing_is_genuine(self, server: StripeServer) -> None:
        for secrets in ([], [""], [" "]):
            with pytest.raises(NotGenuine):
                StripePayments(KEY, secrets).heard(
                    ODD, server.signed(ODD, secrets=secrets), now=NOW
                )

    def test_s17_the_bytes_count_as_they_came(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        signature = server.signed(ODD)

        assert payments.heard(ODD, signature, now=NOW).kind == "a\u0301"
        for rewritten in (
            json.dumps(json.loads(ODD)).encode(),
            ODD.replace(b"\r\n", b"\n"),
            ODD.strip(),
            ODD.replace(b"\\u0301", "\u0301".encode()),
        ):
            with pytest.raises(NotGenuine):
                payments.heard(rewritten, signature, now=NOW)


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    session = {
        "id": "cs_1",
        "livemode": False,
        "amount_total": 1,
        "currency": "eur",
        "status": "open",
    }
    event: dict[str, Any] = {
        "id": "evt_1",
        "livemode": False,
        "type": "checkout.session.completed",
        "data": {"object": session},
    }
    change(event)
    return json.dumps(event).encode()


THINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "amount_total", "currency", "livemode", "metadata", "status"])
            | st.sampled_from(["payment_intent", "payment", "instance", "client_reference_id"]),
            inner,
        )
    ),
    max_leaves=8,
)


class TestGarbledEvents:
    """Signed, and yet not what Stripe documents: not genuine, and never another error."""

    @given(
        id=st.just("evt_1") | THINGS,
        kind=st.sampled_from([*HEARD, "customer.created"]),
        data=st.fixed_dictionaries({"object": THINGS}) | THINGS,
    )
    def test_no_event_makes_another_error(self, id: object, kind: str, data: object) -> None:  # noqa: A002
        body = json.dumps({"id": id, "type": kind, "livemode": False, "data": data}).encode()
        _is_taken(KNOWING, STRIPE.signed(body), body)

    @given(body=st.binary(), signature=st.text() | st.just(""), is_signed=st.booleans())
    def test_no_bytes_make_another_error(
        self, body: bytes, signature: str, is_signed: bool
    ) -> None:
        told = STRIPE.signed(body) if is_signed else signature
        assert not _is_taken(KNOWING, told, body)

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"\xff\xfe", b"{", b"[]", b"null", b'"x"', b"1", b"{}", b"[" * 100_000,
            b'{"id": ' + b"9" * 5000 + b"}", b"NaN", b"\x00", b'{"id":"evt_1"}',
        ],
        ids=lambda body: repr(body[:20]),
    )  # fmt: skip
    def test_it_is_no_event(
        self, server: StripeServer, payments: StripePayments, body: bytes
    ) -> None:
        with pytest.raises(NotGenuine):
            payments.heard(body, server.signed(body), now=NOW)

    @pytest.mark.parametrize(
        "body",
        [
            _changed(lambda event: event.pop("id")),
            _changed(lambda event: event.update(id=None)),
            _changed(lambda event: event.update(id="")),
            _changed(lambda event: event.update(id=7)),
            _changed(lambda event: event.update(id="x" * 256)),
            _changed(lambda event: event.update(id="a\x00b")),
            _changed(lambda event: event.update(id="\ud800")),
            _changed(lambda event: event.update(type=["x"])),
            _changed(lambda event: event.pop("type")),
            _changed(lambda event: event.update(livemode="false")),
            _changed(lambda event: event.pop("livemode")),
            _changed(lambda event: event.pop("data")),
            _changed(lambda event: event.update(data=[])),
            _changed(lambda event: event.update(data={"object": "cs_1"})),
            _changed(lambda event: event["data"]["object"].pop("id")),
            _changed(lambda event: event["data"]["object"].update(amount_total="1")),
            _changed(lambda event: event["data"]["object"].update(amount_total=1.5)),
            _changed(lambda event: event["data"]["object"].update(amount_total=float("nan"))),
            _changed(lambda event: event["data"]["object"].update(amount_total=True)),
            _changed(lambda event: event["data"]["object"].update(amount_total=2**31)),
            _changed(lambda event: event["data"]["object"].update(currency=978)),
            _changed(lambda event: event["data"]["object"].update(metadata="x")),
            _changed(lambda event: event["data"]["object"].update(metadata={"instance": 1})),
            _changed(lambda event: event["data"]["object"].update(payment_intent=1)),
            _changed(lambda event: event["data"]["object"].update(payment_intent={})),
            _changed(lambda event: event["data"]["object"].update(livemode=None)),
            _changed(lambda event: event["data"]["object"].update(url="x" * 5001)),
            _changed(lambda event: event["data"]["object"].update(status=1)),
        ],
    )
    def test_it_is_an_event_of_another_shape(
        self, server: StripeServer, payments: StripePayments, body: bytes
    ) -> None:
        with pytest.raises(NotGenuine):
            payments.heard(body, server.signed(body), now=NOW)

    def test_the_unchanged_one_is_taken(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        body = _changed(len)

        assert payments.heard(body, server.signed(body), now=NOW).id == "evt_1"

    def test_an_answer_of_another_shape_is_away(
        self, server: StripeServer, payments: StripePayments
    ) -> None:
        session = payments.open(a_checkout()).session
        server.sessions[session]["amount_total"] = "a lot"

        with pytest.raises(PaymentsAway):
            payments.look(session)


def test_half_of_a_letter_in_an_answer_is_garbled_as_in_a_notice() -> None:
    with pytest.raises(Garbled):
        refund_of({"id": "re_\ud83d", "amount": 100, "currency": "eur", "status": "succeeded"})
