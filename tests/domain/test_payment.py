"""What news of a payment means: decided by what was asked, what is seen, and where it stands."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.booking import Status
from practice.domain.money import Money
from practice.domain.payment import Asked, PaymentState, Seen, Verdict, judge

PRICE = Money(9000, "EUR")
ASKED = Asked(PaymentState.OPEN, PRICE, instance="here", is_live=False)
OPEN = Seen("cs_1", "open", is_paid=False, price=PRICE, is_live=False, instance="here")
PAID = replace(OPEN, status="complete", is_paid=True, intent="pi_1")
UNPAID = replace(OPEN, status="complete")
EXPIRED = replace(OPEN, status="expired")
FAILED = replace(UNPAID, has_failed=True)

every_seen = st.sampled_from([OPEN, PAID, UNPAID, EXPIRED, FAILED])


def verdict(
    seen: Seen,
    booking: Status = Status.PENDING,
    *,
    state: PaymentState = PaymentState.OPEN,
    is_current: bool = True,
) -> Verdict:
    return judge(replace(ASKED, state=state), seen, booking, is_current=is_current)


@pytest.mark.parametrize(
    ("seen", "booking", "expected"),
    [
        (PAID, Status.PENDING, Verdict.CONFIRM),
        (PAID, Status.HELD, Verdict.CONFIRM),
        (PAID, Status.EXPIRED, Verdict.AGAIN),
        (PAID, Status.CONFIRMED, Verdict.REFUND),
        (PAID, Status.CANCELLED, Verdict.REFUND),
        (PAID, Status.NO_SHOW, Verdict.REFUND),
        (UNPAID, Status.PENDING, Verdict.WAIT),
        (OPEN, Status.PENDING, Verdict.WAIT),
        (EXPIRED, Status.PENDING, Verdict.RELEASE),
        (FAILED, Status.PENDING, Verdict.FAIL),
    ],
)
def test_what_is_seen_decides_by_where_the_booking_stands(
    seen: Seen, booking: Status, expected: Verdict
) -> None:
    assert verdict(seen, booking) is expected


def test_an_older_try_that_was_paid_after_all_is_looked_at_anew() -> None:
    assert verdict(PAID, Status.PENDING, is_current=False) is Verdict.AGAIN


@pytest.mark.parametrize("state", [PaymentState.EXPIRED, PaymentState.FAILED])
def test_paid_wins_over_what_was_told_before(state: PaymentState) -> None:
    assert verdict(PAID, Status.EXPIRED, state=state) is Verdict.AGAIN
    assert verdict(EXPIRED, Status.EXPIRED, state=state) is Verdict.NOTHING


@pytest.mark.parametrize(
    "changed",
    [
        {"price": Money(8999, "EUR")},
        {"price": Money(9000, "USD")},
        {"is_live": True},
        {"mode": "setup"},
        {"instance": "elsewhere"},
    ],
)
@given(booking=st.sampled_from(Status))
def test_money_that_was_not_asked_for_so_confirms_nothing(
    changed: dict[str, object], booking: Status
) -> None:
    assert verdict(replace(PAID, **changed), booking) is Verdict.STRANGE  # type: ignore[arg-type]


@given(every_seen, st.sampled_from(Status), st.booleans())
def test_after_it_was_paid_no_news_means_anything_more(
    seen: Seen, booking: Status, is_current: bool
) -> None:
    for state in (PaymentState.PAID, PaymentState.STRANGE):
        assert verdict(seen, booking, state=state, is_current=is_current) is Verdict.NOTHING


@given(every_seen, st.sampled_from(Status), st.sampled_from(PaymentState), st.booleans())
def test_only_paid_money_confirms_and_only_unpaid_money_frees_a_time(
    seen: Seen, booking: Status, state: PaymentState, is_current: bool
) -> None:
    found = verdict(seen, booking, state=state, is_current=is_current)

    if found in {Verdict.CONFIRM, Verdict.AGAIN, Verdict.REFUND, Verdict.STRANGE}:
        assert seen.is_paid
    if found in {Verdict.RELEASE, Verdict.FAIL}:
        assert not seen.is_paid
