"""Faults of what is told: S15 to S19 and S24, all of it at the real door."""

import json
from dataclasses import replace
from typing import Any

import pytest

from practice.adapters.stripe import StripePayments
from practice.domain.money import Money
from practice.domain.payment import Checkout
from practice.domain.refusal import NotAllowed
from practice.models.base import db
from practice.models.practice import Practice
from practice.usecases.desk_payment import settle_concern
from tests.makers import seat_of, the_tools
from tests.payments.crowd import together
from tests.payments.outcomes import THU, expect_booked_once
from tests.payments.till import Held, Till
from tests.people import ADA, BEN
from tests.stripe_server import KEY, SECRET, StripeServer, Trouble

COMPLETED = "checkout.session.completed"


def a_payment(till: Till) -> tuple[Held, bytes]:
    """A time that is paid for, and the notice of it that was not heard yet."""
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    (event,) = till.stripe.waiting
    return held, event.body


def seconds(till: Till) -> int:
    return int(till.clock.now().timestamp())


# S15: nobody signed this now --------------------------------------------------------------------


def forged(till: Till, body: bytes) -> dict[str, tuple[bytes, str]]:
    """Bodies and signatures of which none is Stripe's word of this moment."""
    sign, now = till.stripe.signed, seconds(till)
    right = sign(body)
    mark = right.partition("v1=")[2]
    return {
        "no signature": (body, ""),
        "another secret": (body, sign(body, secrets=["whsec_other"])),
        "an empty secret": (body, sign(body, secrets=[""])),
        "301 seconds old": (body, sign(body, at=now - 301)),
        "301 seconds ahead": (body, sign(body, at=now + 301)),
        "a year old": (body, sign(body, at=now - 365 * 86_400)),
        "another stamp": (body, f"t={now - 1},v1={mark}"),
        "two stamps, the signed one old": (body, sign(body, at=now - 900) + f",t={now}"),
        "two stamps, the first one new": (body, f"t={now}," + sign(body, at=now - 900)),
        "a stamp that is none": (body, f"t=now,v1={mark}"),
        "a stamp without end": (body, f"t={'9' * 4000},v1={mark}"),
        "no stamp": (body, f"v1={mark}"),
        "an older scheme": (body, right.replace("v1=", "v0=")),
        "no mark": (body, f"t={now},v1="),
        "half a mark": (body, right[:-1]),
        "only commas": (body, ",,,=,="),
        "other letters": (body, f"t={now},v1=é{mark}"),
        "one byte more": (body + b" ", right),
        "one amount less": (body.replace(b"9000", b"8999"), right),
        "nothing": (b"", right),
        "nothing, signed": (b"", sign(b"")),
        "no JSON, signed": (b"<xml/>", sign(b"<xml/>")),
        "no text, signed": (b"\xff\xfe\x00", sign(b"\xff\xfe\x00")),
        "a list, signed": (b"[]", sign(b"[]")),
        "null, signed": (b"null", sign(b"null")),
        "deep, signed": (b"[" * 100_000, sign(b"[" * 100_000)),
        "no id, signed": _told(till, {"type": COMPLETED, "livemode": False}),
        "no object, signed": _told(till, {"id": "evt_x", "type": COMPLETED, "livemode": False}),
        "a session that is none, signed": _told(
            till,
            {"id": "evt_x", "type": COMPLETED, "livemode": False, "data": {"object": {"id": 5}}},
        ),
        "an amount that is none, signed": _tampered(till, body, amount_total=float("nan")),
        "an amount that is text, signed": _tampered(till, body, amount_total="9000"),
        "too large, signed": (body + b" " * 512 * 1024, sign(body + b" " * 512 * 1024)),
    }


def _told(till: Till, event: dict[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(event).encode()
    return body, till.stripe.signed(body)


def _tampered(till: Till, body: bytes, **changes: Any) -> tuple[bytes, str]:
    event = json.loads(body)
    event["data"]["object"] |= changes
    return _told(till, event)


def test_s15_what_nobody_signed_now_is_refused_and_nothing_is_written(till: Till) -> None:
    held, body = a_payment(till)
    before, asked = till.rows(), len(till.stripe.asked)

    for name, (told, signature) in forged(till, body).items():
        assert till.knock(told, signature) == 400, name

    assert till.rows() == before
    assert len(till.stripe.asked) == asked
    assert till.knock(body) == 200
    expect_booked_once(till, held)


@pytest.mark.parametrize("offset", [-300, 0, 300])
def test_s15_a_clock_that_differs_by_five_minutes_is_forgiven(till: Till, offset: int) -> None:
    held, body = a_payment(till)

    assert till.knock(body, till.stripe.signed(body, at=seconds(till) + offset)) == 200

    expect_booked_once(till, held)


def test_s15_a_signed_notice_that_is_played_back_later_means_nothing(till: Till) -> None:
    _, body = a_payment(till)
    signature = till.stripe.signed(body)
    assert till.knock(body, signature) == 200
    before = till.rows()

    assert till.knock(body, signature) == 200
    till.clock.advance(minutes=6)
    assert till.knock(body, signature) == 400

    assert till.rows() == before


# S16, S17: what is genuine all the same ---------------------------------------------------------


@pytest.mark.parametrize("secrets", [["whsec_new", SECRET], [SECRET, "whsec_old"]])
def test_s16_of_two_signatures_one_that_fits_is_enough(till: Till, secrets: list[str]) -> None:
    held, body = a_payment(till)

    assert till.knock(body, till.stripe.signed(body, secrets=secrets)) == 200

    expect_booked_once(till, held)


@pytest.mark.parametrize("told", [SECRET, "whsec_new"])
def test_s16_a_house_with_two_secrets_takes_either(till: Till, told: str) -> None:
    held, body = a_payment(till)
    both = StripePayments(KEY, ["whsec_new", SECRET], till.stripe.url)
    tools = till.app.extensions["practice"]
    till.app.extensions["practice"] = replace(tools, payments=both)

    assert till.knock(body, till.stripe.signed(body, secrets=["whsec_wrong"])) == 400
    assert till.knock(body, till.stripe.signed(body, secrets=[told])) == 200

    expect_booked_once(till, held)


def test_s17_the_bytes_are_what_is_signed_however_oddly_they_are_spaced(till: Till) -> None:
    held, body = a_payment(till)
    odd = b"\r\n {\n" + body.strip()[1:-1].replace(b'": ', b'"\t :  ') + b"\n,\n"
    odd += rb'"note" :   "na\u00efve \/ ' + "naïve".encode() + b'"}\n\n  '
    signature = till.stripe.signed(odd)
    tidy = json.dumps(json.loads(odd)).encode()
    assert tidy != odd

    assert till.knock(tidy, signature) == 400
    assert till.heard() == []
    assert till.knock(odd, signature) == 200

    expect_booked_once(till, held)


# S18: genuine, and none of our business ---------------------------------------------------------


def of_another(till: Till, **changes: Any) -> str:
    """A session that was asked for with our key, but not by this house; its name."""
    checkout = Checkout(
        reference="elsewhere",
        booking="elsewhere",
        instance="another house",
        price=Money(9000, "EUR"),
        product="Appointment",
        statement="",
        email=BEN.email,
        paid_href="https://other.example/paid",
        back_href="https://other.example/back",
        expires_at=till.clock.advance(minutes=31),
        key="elsewhere",
    )
    till.clock.advance(minutes=-31)
    payments = StripePayments(KEY, [SECRET], till.stripe.url)
    return payments.open(replace(checkout, **changes)).session


def instance(till: Till) -> str:
    return till.within(lambda: db.session.get_one(Practice, 1).uid)


def test_s18_news_of_real_money_means_nothing_where_none_is_taken(till: Till) -> None:
    _, body = a_payment(till)
    before = till.rows()
    event = json.loads(body)
    event["livemode"] = event["data"]["object"]["livemode"] = True

    assert till.knock(*_told(till, event)) == 200

    assert till.rows() == before


def test_s18_a_session_of_real_money_in_news_of_tests_is_not_what_was_asked_for(till: Till) -> None:
    held, body = a_payment(till)

    assert till.knock(*_tampered(till, body, livemode=True)) == 200

    assert till.status(held) == "pending"
    assert [row.kind for row in till.concerns()] == ["amount_differs"]


def test_s18_all_that_happens_to_a_booking_of_another_house_is_ignored(till: Till) -> None:
    before = till.rows()
    intent = till.stripe.pay(of_another(till))
    till.stripe.refund_in_dashboard(intent, 100)
    till.stripe.dispute(intent)
    session = of_another(till, key="two", reference="two")
    till.stripe.pay_later(session)
    till.stripe.fail_later(session)

    assert set(till.deliver(times=2)) == {200}

    assert till.rows() == before


def test_s18_a_payment_link_of_the_same_account_is_ignored(till: Till) -> None:
    held = till.begin(at=THU)
    before = till.rows()
    session = of_another(till)
    # Anybody can write a reference into the address of a payment link.
    till.stripe.sessions[session] |= {
        "client_reference_id": till.payment(held).reference,
        "metadata": {},
    }
    till.stripe.pay(session)

    assert till.deliver() == [200]

    assert till.rows() == before


def test_s18_kinds_that_nobody_knows_are_taken_and_ignored(till: Till) -> None:
    held = till.buy(at=THU)
    before = till.rows()
    session = till.stripe.sessions[till.session(held)]
    for kind in ("charge.succeeded", "payment_intent.created", "tax.rate.created", "x" * 500):
        till.stripe.happen(kind, session)

    assert set(till.deliver()) == {200}

    assert till.rows() == before


def test_s18_money_in_an_unknown_session_of_this_house_is_told_to_the_coach_once(
    till: Till,
) -> None:
    session = of_another(till, instance=instance(till))
    till.stripe.pay(session)

    assert till.deliver(times=3) == [200] * 3

    (concern,) = till.concerns()
    assert concern.kind == "unknown_session"
    assert session in concern.detail
    assert till.outbox() == []


def test_s18_an_unknown_session_is_heard_of_at_eight_doors_at_once_and_told_once(
    till: Till,
) -> None:
    till.stripe.pay(of_another(till, instance=instance(till)))
    (event,) = till.stripe.waiting

    assert together(*[lambda: till.knock(event.body)] * 8) == [200] * 8

    assert len(till.concerns()) == 1


def test_s18_an_unknown_session_that_nobody_paid_in_is_ignored(till: Till) -> None:
    before = till.rows()
    of_another(till, instance=instance(till))
    till.clock.advance(minutes=40)
    till.stripe.expire_due()

    assert till.deliver() == [200]

    assert till.rows() == before


def test_s18_a_second_session_that_names_a_payment_of_ours_changes_nothing_of_it(
    till: Till,
) -> None:
    held = till.begin(at=THU)
    reference = till.payment(held).reference
    till.stripe.pay(of_another(till, instance=instance(till), reference=reference))

    assert till.deliver() == [200]

    assert till.status(held) == "pending"
    assert [row.kind for row in till.concerns()] == ["unknown_session"]


# S19: not what was asked for --------------------------------------------------------------------


@pytest.mark.parametrize(
    "tampered",
    [{"amount": 8999}, {"amount": 9001}, {"currency": "usd"}],
)
def test_s19_another_amount_or_currency_books_nothing_and_the_coach_is_told(
    till: Till, tampered: dict[str, Any]
) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held), **tampered)

    assert till.deliver(times=2) == [200, 200]
    till.come_back(held)
    till.clock.advance(minutes=40)
    till.work()
    till.keep_house()

    assert (till.status(held), till.payment(held).state) == ("pending", "strange")
    assert [row.kind for row in till.concerns()] == ["amount_differs"]
    assert till.outbox() == []
    assert till.refunds() == []


@pytest.mark.parametrize("tampered", [{"metadata": {}}, {"mode": "subscription"}])
def test_s19_another_house_or_mode_books_nothing_either(
    till: Till, tampered: dict[str, Any]
) -> None:
    held = till.begin(at=THU)
    till.stripe.sessions[till.session(held)] |= tampered
    till.stripe.pay(till.session(held))

    assert till.deliver() == [200]

    assert till.status(held) == "pending"
    assert till.outbox() == []
    assert [row.kind for row in till.concerns()] == ["amount_differs"]


def test_s19_nothing_to_pay_is_not_paid(till: Till) -> None:
    held = till.begin(at=THU)
    session = till.stripe.sessions[till.session(held)]
    session |= {"status": "complete", "payment_status": "no_payment_required", "url": None}
    till.stripe.happen(COMPLETED, session)

    assert till.deliver() == [200]

    assert till.status(held) == "pending"
    assert till.outbox() == []


# S24: what happens in Stripe's dashboard and at the bank ----------------------------------------


def test_s24_money_that_was_given_back_in_the_dashboard_is_mirrored_once(till: Till) -> None:
    held = till.buy(at=THU)
    intent = till.payment(held).intent or ""
    refund = till.stripe.refund_in_dashboard(intent, 2500)

    assert set(till.deliver(times=3)) == {200}

    (row,) = till.refunds()
    assert (row.refund, row.reason, row.state, row.amount_minor) == (
        refund,
        "outside",
        "done",
        2500,
    )
    assert till.journal(held).count("REFUNDED") == 1
    assert till.status(held) == "confirmed"
    assert till.outbox("refunded") == []


def test_s24_money_is_told_to_have_gone_back_before_it_was_told_to_have_come(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.refund_in_dashboard(till.stripe.pay(till.session(held)))
    till.stripe.waiting.reverse()

    assert set(till.deliver(times=2)) == {200}

    assert till.status(held) == "confirmed"
    assert [(row.reason, row.amount_minor) for row in till.refunds()] == [("outside", 9000)]


def test_s24_what_went_back_in_the_dashboard_does_not_go_back_again_when_she_cancels(
    till: Till,
) -> None:
    held = till.buy(at=THU)
    till.stripe.refund_in_dashboard(till.payment(held).intent or "", 2500)
    till.deliver()

    till.cancel(held)
    till.clock.advance(minutes=10)
    till.refund_now()
    till.deliver()

    assert [(row.reason, row.amount_minor, row.state) for row in till.refunds()] == [
        ("outside", 2500, "done"),
        ("cancelled", 6500, "done"),
    ]
    assert sum(one["amount"] for one in till.stripe.refunds.values()) == 9000


def test_s24_all_went_back_in_the_dashboard_before_she_cancelled_and_nobody_told_us(
    till: Till,
) -> None:
    held = till.buy(at=THU)
    till.stripe.refund_in_dashboard(till.payment(held).intent or "")

    till.cancel(held)
    till.clock.advance(minutes=10)
    till.refund_now()
    assert set(till.deliver()) == {200}

    (row,) = till.refunds()
    assert (row.state, row.amount_minor) == ("done", 9000)
    assert len(till.stripe.refunds) == 1
    assert till.concerns() == []


def test_s24_a_refund_that_the_bank_sends_back_is_told_to_the_coach(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=10)
    till.refund_now()
    till.deliver()
    (row,) = till.refunds()
    assert row.refund is not None

    till.stripe.fail_refund(row.refund)
    assert set(till.deliver(times=2)) == {200}

    (row,) = till.refunds()
    assert row.state == "failed"
    assert [one.kind for one in till.concerns()] == ["refund_failed"]
    assert till.payment(held).state == "paid"


def test_s24_a_dispute_is_mirrored_and_the_appointment_stands(till: Till) -> None:
    held = till.buy(at=THU)
    intent = till.payment(held).intent or ""
    for status in ("needs_response", "under_review", "won"):
        till.stripe.dispute(intent, status)
        assert set(till.deliver(times=2)) == {200}
        assert till.payment(held).dispute == status

    assert till.status(held) == "confirmed"
    assert [row.kind for row in till.concerns()] == ["disputed"]
    assert till.journal(held).count("DISPUTED") == 1


def test_s24_a_dispute_that_moves_on_is_to_be_looked_at_again(till: Till) -> None:
    held = till.buy(at=THU)
    intent = till.payment(held).intent or ""
    till.stripe.dispute(intent)
    till.deliver()
    (concern,) = till.concerns()
    till.within(
        lambda: settle_concern(seat_of(concern.coach_id or 0), concern.id, tools=the_tools())
    )

    till.stripe.dispute(intent, "lost")
    till.deliver()

    (concern,) = till.concerns()
    assert concern.settled_at is None


def test_s24_the_end_of_a_dispute_is_not_undone_by_older_news_that_comes_later(till: Till) -> None:
    held = till.buy(at=THU)
    intent = till.payment(held).intent or ""
    for status in ("needs_response", "under_review", "lost"):
        till.stripe.dispute(intent, status)
    till.stripe.waiting.reverse()

    assert till.deliver() == [200] * 3

    assert till.payment(held).dispute == "lost"
    assert [row.kind for row in till.concerns()] == ["disputed"]


def test_s24_what_is_disputed_cannot_go_back_as_well_and_the_coach_is_told(till: Till) -> None:
    held = till.buy(at=THU)
    till.stripe.dispute(till.payment(held).intent or "")
    till.deliver()
    till.cancel(held)

    for _ in range(9):
        till.clock.advance(hours=2)
        till.refund_now()

    assert till.stripe.refunds == {}
    assert [row.state for row in till.refunds()] == ["failed"]
    assert [row.kind for row in till.concerns()] == ["disputed", "refund_failed"]


def test_s24_news_while_stripe_cannot_be_asked_is_sent_again_and_nothing_is_lost(
    till: Till, stripe: StripeServer
) -> None:
    held = till.buy(at=THU)
    stripe.refund_in_dashboard(till.payment(held).intent or "")
    stripe.trouble(Trouble.DROP, times=6)
    before = till.rows()

    assert till.deliver() == [503, 503]
    assert till.rows() == before
    stripe.calm()
    assert till.deliver() == [200, 200]

    assert [row.reason for row in till.refunds()] == ["outside"]
    with pytest.raises(NotAllowed):
        till.give_back(held, Money(1, "EUR"))
    assert till.posted(ADA) == []
