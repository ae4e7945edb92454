"""The hook of the payment service: what it takes, and that a "no" writes nothing."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from practice.adapters.stripe import StripePayments
from practice.models.payment import HeardNotice, Payment
from practice.ports import Tools
from tests import databases, makers
from tests.browser import Browser
from tests.fakes import NOW, FrozenClock, make_tools
from tests.looking import Dump, all_of, dump
from tests.payments.till import Held, Till
from tests.stripe_server import KEY, SECRET, StripeServer, Trouble, serving

STAMP = int(NOW.timestamp())
MOST = 512 * 1024
ODD = b'{ "id":"evt_odd",\n\t"livemode" :false,"type":"a\\u0301",  "data":{"object":{ }} }\r\n'


@pytest.fixture
def stripe(clock: FrozenClock) -> Iterator[StripeServer]:
    with serving(clock) as server:
        yield server


@pytest.fixture
def tools(tools: Tools, stripe: StripeServer) -> Tools:
    return replace(tools, payments=StripePayments(KEY, [SECRET], api_base=stripe.url))


@pytest.fixture
def till(app: Flask, coach: int, stripe: StripeServer, clock: FrozenClock) -> Till:
    till = Till(app, stripe, clock)
    till.offer()
    return till


@pytest.fixture
def held(till: Till) -> Held:
    """A time for which a session is open at Stripe."""
    return till.begin(at=makers.at("Tue 10:00"))


def send(app: Flask, body: bytes, signature: str | None = None, **options: object) -> TestResponse:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return app.test_client().post(
        "/hooks/stripe",
        data=body,
        headers=headers,
        base_url=options.pop("base_url", "https://practice.example"),
        **({"content_type": "application/json; charset=utf-8"} | options),
    )


def all_rows(app: Flask) -> Dump:
    with app.app_context():
        return dump()


class TestWhatIsTaken:
    def test_a_notice_of_a_paid_session_books_it(self, till: Till, held: Held) -> None:
        till.stripe.pay(till.session(held))

        assert till.deliver() == [200]

        assert till.status(held) == "confirmed"
        assert len(till.heard()) == 1

    def test_every_further_copy_is_taken_and_changes_nothing(
        self, app: Flask, till: Till, held: Held
    ) -> None:
        till.stripe.pay(till.session(held))
        (event,) = till.stripe.waiting
        till.deliver()
        before = all_rows(app)

        for seconds in (0, 60, 3 * 86_400):
            till.clock.at = NOW + timedelta(seconds=seconds)
            assert send(app, event.body, till.stripe.signed(event.body)).status_code == 200

        assert all_rows(app) == before

    def test_kinds_that_nobody_knows_are_taken_and_change_nothing(
        self, app: Flask, till: Till
    ) -> None:
        before = all_rows(app)
        for kind in ("customer.created", "charge.dispute.funds_withdrawn", "x" * 500):
            till.stripe.happen(kind, {"id": "cus_1"})

        assert till.deliver() == [200, 200, 200]

        assert all_rows(app) == before

    def test_s18_what_is_not_ours_is_taken_and_changes_nothing(
        self, app: Flask, till: Till, held: Held
    ) -> None:
        ours = till.stripe.sessions[till.session(held)] | {"payment_status": "paid"}
        till.stripe.happen("checkout.session.completed", ours | {"livemode": True})
        till.stripe.happen(
            "checkout.session.completed",
            ours | {"id": "cs_other", "client_reference_id": "x", "metadata": {"instance": "y"}},
        )
        till.stripe.happen(
            "checkout.session.completed",
            ours | {"id": "cs_other", "client_reference_id": None, "metadata": None},
        )
        till.stripe.happen("charge.refunded", {"id": "ch_1", "payment_intent": "pi_other"})
        till.stripe.happen(
            "charge.dispute.created", {"id": "du_1", "payment_intent": "pi_other", "status": "lost"}
        )
        before = all_rows(app)

        assert set(till.deliver()) == {200}

        assert all_rows(app) == before

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/json; charset=utf-8",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            None,
        ],
    )
    def test_whatever_a_proxy_makes_of_the_kind_the_bytes_count(
        self, app: Flask, till: Till, held: Held, content_type: str | None
    ) -> None:
        till.stripe.pay(till.session(held))
        (event,) = till.stripe.waiting
        signature = till.stripe.signed(event.body)

        answer = send(app, event.body, signature, content_type=content_type)

        assert answer.status_code == 200
        assert till.status(held) == "confirmed"

    def test_s16_any_of_two_signatures_will_do(self, app: Flask, till: Till) -> None:
        for secrets in ([SECRET, "whsec_new"], ["whsec_new", SECRET]):
            signature = till.stripe.signed(ODD, secrets=secrets)
            assert send(app, ODD, signature).status_code == 200

    def test_s17_odd_spacing_is_taken_byte_for_byte(self, app: Flask, till: Till) -> None:
        signature = till.stripe.signed(ODD)

        assert send(app, ODD, signature).status_code == 200
        for rewritten in (json.dumps(json.loads(ODD)).encode(), ODD.strip(), ODD + b" "):
            assert send(app, rewritten, signature).status_code == 400

    def test_the_largest_that_is_read_is_half_a_megabyte(self, app: Flask, till: Till) -> None:
        body = ODD + b" " * (MOST - len(ODD))

        assert send(app, body, till.stripe.signed(body)).status_code == 200

    def test_the_answer_is_plain_and_sets_no_cookie(self, app: Flask, till: Till) -> None:
        answer = send(app, ODD, till.stripe.signed(ODD))

        assert answer.mimetype == "text/plain"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


class TestWhatIsRefused:
    def test_s15_what_nobody_signed_now_is_400_and_writes_nothing(
        self, app: Flask, till: Till, held: Held
    ) -> None:
        till.stripe.pay(till.session(held))
        (event,) = till.stripe.waiting
        right = till.stripe.signed(event.body)
        before = all_rows(app)

        answers = {
            name: send(app, event.body, signature).status_code
            for name, signature in {
                "no header": None,
                "empty": "",
                "garbled": "t=é,v1=\x7f",
                "of another secret": till.stripe.signed(event.body, secrets=["whsec_other"]),
                "of another body": till.stripe.signed(event.body + b" "),
                "old": till.stripe.signed(event.body, at=STAMP - 301),
                "of the future": till.stripe.signed(event.body, at=STAMP + 301),
                "with another stamp": right.replace(str(STAMP), str(STAMP + 1)),
                "of another scheme": right.replace("v1=", "v0="),
            }.items()
        }

        assert set(answers.values()) == {400}, answers
        assert all_rows(app) == before
        assert till.status(held) == "pending"
        assert send(app, event.body, right).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"{}", b"[" * 50_000, b'{"id":"evt_1"}',
            b'{"id":7,"type":"x","livemode":false,"data":{"object":{}}}',
            b'{"id":"a\\u0000b","type":"x","livemode":false,"data":{"object":{}}}',
            b'{"id":"e","type":"checkout.session.completed","livemode":false,"data":{"object":{}}}',
        ],
        ids=lambda body: repr(body[:20]),
    )  # fmt: skip
    def test_what_is_garbled_is_400_and_writes_nothing(
        self, app: Flask, till: Till, body: bytes
    ) -> None:
        before = all_rows(app)

        assert send(app, body, till.stripe.signed(body)).status_code == 400

        assert all_rows(app) == before

    def test_what_is_too_large_is_400_and_writes_nothing(self, app: Flask, till: Till) -> None:
        body = ODD + b" " * (MOST - len(ODD) + 1)
        signature = till.stripe.signed(body)
        before = all_rows(app)

        for options in (
            {},
            {"content_type": "application/x-www-form-urlencoded"},
            # Chunked: nobody says how long it is.
            {
                "input_stream": io.BytesIO(body),
                "environ_overrides": {"wsgi.input_terminated": True},
            },
        ):
            sent = b"" if "input_stream" in options else body
            assert send(app, sent, signature, **options).status_code == 400

        assert all_rows(app) == before

    def test_the_log_says_why_and_quotes_nothing(
        self, app: Flask, till: Till, caplog: pytest.LogCaptureFixture
    ) -> None:
        body = b'{"customer_email": "ada@example.com"}'

        with caplog.at_level(logging.INFO):
            send(app, body, "t=1,v1=abcdef")
            send(app, body, till.stripe.signed(body))

        assert "a payment notice was not taken: The signature is not ours." in caplog.text
        assert "It is garbled." in caplog.text
        assert "ada@" not in caplog.text
        assert "abcdef" not in caplog.text

    def test_a_look_at_it_and_another_host_get_nothing(self, app: Flask, till: Till) -> None:
        client = app.test_client()

        looked = client.get("/hooks/stripe", base_url="https://practice.example")
        foreign = send(app, ODD, till.stripe.signed(ODD), base_url="https://evil.example")

        assert looked.status_code == 405
        assert foreign.status_code == 400

    def test_where_no_money_is_taken_there_is_no_hook(
        self, app: Flask, till: Till, tools: Tools
    ) -> None:
        app.extensions["practice"] = replace(tools, payments=None)

        assert send(app, ODD, till.stripe.signed(ODD)).status_code == 404


class TestOnlyHere:
    @pytest.mark.usefixtures("till")
    def test_all_other_addresses_still_take_forms_only(self, app: Flask) -> None:
        for path in ("/book/hold", "/hooks/other", "/hooks/stripe/", "/desk/sign-in"):
            answer = app.test_client().post(
                path, json={"a": 1}, base_url="https://practice.example"
            )
            assert answer.status_code in {404, 415}, path

    def test_all_other_addresses_still_want_their_token(self, browser: Browser) -> None:
        assert browser.send("/book/hold", [("at", "x")]).status == 403


class TestWhatHasToComeAgain:
    def test_a_stripe_that_cannot_be_asked_makes_it_come_again(
        self, app: Flask, till: Till, held: Held
    ) -> None:
        till.stripe.pay_later(till.session(held))
        till.stripe.trouble(Trouble.DROP, on="GET", times=3)
        before = all_rows(app)

        assert till.deliver() == [503]
        assert all_rows(app) == before

        assert till.deliver() == [200]
        assert [row.state for row in till.payments(held)] == ["processing"]

    def test_a_key_that_may_not_look_makes_it_come_again(
        self, app: Flask, till: Till, held: Held
    ) -> None:
        intent = till.stripe.pay(till.session(held))
        till.deliver()
        till.stripe.refund_in_dashboard(intent, 100)
        before = all_rows(app)
        till.stripe.key = "sk_test_changed"

        assert till.deliver() == [503, 503]

        assert all_rows(app) == before

    def test_a_database_that_is_away_makes_it_come_again(
        self, clock: FrozenClock, stripe: StripeServer, tmp_path: Path
    ) -> None:
        payments = StripePayments(KEY, [SECRET], stripe.url)
        url = f"sqlite:///{tmp_path}/nowhere/practice.db"
        about = {"id": "cs_1", "amount_total": 1, "currency": "eur", "livemode": False}
        stripe.happen("checkout.session.completed", about)

        with databases.house_on(url, tmp_path, make_tools(clock=clock, payments=payments)) as app:
            assert stripe.deliver(app) == [503]

        assert len(stripe.waiting) == 1


def test_the_notices_id_is_kept_with_its_effect(app: Flask, till: Till, held: Held) -> None:
    till.stripe.pay(till.session(held))
    (event,) = till.stripe.waiting
    till.deliver()

    with app.app_context():
        (heard,) = all_of(HeardNotice)
        (payment,) = all_of(Payment)

    assert (heard.id, heard.kind) == (event.id, "checkout.session.completed")
    assert (heard.payment_id, heard.heard_at) == (payment.id, NOW)
    assert payment.noticed_at == NOW
