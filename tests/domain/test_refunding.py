"""What goes back when a paid meeting is cancelled, to the second and to the cent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.money import Money
from practice.domain.refunding import (
    LONGEST_HOURS,
    CancellationTerms,
    after_move,
    refund_due,
    refund_share,
    spoken_terms,
)
from practice.domain.refusal import Invalid

STARTS = datetime(2026, 6, 9, 10, 0, tzinfo=UTC)
STEPPED = CancellationTerms(full_hours=48, part_hours=24, part_percent=50)


def before(**delta: float) -> datetime:
    return STARTS - timedelta(**delta)


@pytest.mark.parametrize(
    ("now", "percent"),
    [
        (before(days=30), 100),
        (before(hours=48), 100),
        (before(hours=48, seconds=-1), 50),
        (before(hours=24), 50),
        (before(hours=24, seconds=-1), 0),
        (before(seconds=1), 0),
        (STARTS, 0),
        (before(hours=-1), 0),
    ],
)
def test_reaching_the_hour_to_the_second_counts_as_in_time(now: datetime, percent: int) -> None:
    assert refund_share(STEPPED, STARTS, now=now) == percent


def test_without_hours_all_goes_back_until_it_starts_and_nothing_after() -> None:
    terms = CancellationTerms(full_hours=0)

    assert refund_share(terms, STARTS, now=before(seconds=1)) == 100
    assert refund_share(terms, STARTS, now=STARTS) == 0


def test_half_of_an_odd_price_is_rounded_for_the_client() -> None:
    due = refund_due(STEPPED, Money(9999, "EUR"), STARTS, now=before(hours=30))

    assert due == Money(5000, "EUR")


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ((-1, 0, 0), "full_hours"),
        ((LONGEST_HOURS + 1, 0, 0), "full_hours"),
        ((24, 0, 100), "part_percent"),
        ((24, 0, -1), "part_percent"),
        ((24, 24, 50), "part_hours"),
        ((24, -1, 50), "part_hours"),
    ],
)
def test_terms_that_make_no_sense_are_refused_at_their_field(
    hours: tuple[int, int, int], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        CancellationTerms(*hours)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (CancellationTerms(0), "If you cancel before it starts, you get all of it back."),
        (
            CancellationTerms(24),
            (
                "If you cancel at least 24 hours before, you get all of it back. "
                "After that, nothing is paid back."
            ),
        ),
        (
            STEPPED,
            (
                "If you cancel at least 2 days before, you get all of it back. After that you get "
                "50% back, until 24 hours before. After that, nothing is paid back."
            ),
        ),
        (
            CancellationTerms(1, 0, 25),
            (
                "If you cancel at least 1 hour before, you get all of it back. After that you get "
                "25% back, until it starts."
            ),
        ),
    ],
)
def test_the_terms_are_said_in_plain_sentences(terms: CancellationTerms, said: str) -> None:
    assert spoken_terms(terms) == said


@pytest.mark.parametrize(
    ("moved", "most", "said"),
    [
        (before(hours=48), 100, spoken_terms(STEPPED)),
        (
            before(hours=30),
            50,
            "It was moved late: if you cancel at least 24 hours before, you get 50% back.",
        ),
        (before(hours=2), 0, "It was moved late, so nothing is paid back if you cancel."),
    ],
)
def test_moving_late_and_then_cancelling_early_brings_no_more_than_cancelling_late(
    moved: datetime, most: int, said: str
) -> None:
    terms = after_move(STEPPED, STARTS, now=moved)
    later = STARTS + timedelta(days=14)

    assert refund_share(terms, later, now=moved) == most
    assert spoken_terms(terms) == said
    assert refund_share(after_move(terms, later, now=moved), later, now=moved) == most


@given(
    st.integers(1, LONGEST_HOURS),
    st.integers(0, LONGEST_HOURS),
    st.integers(0, 99),
    st.integers(-3600, LONGEST_HOURS * 3600),
    st.integers(0, 7200),
)
def test_who_cancels_later_never_gets_more(
    full: int, part: int, percent: int, ahead: int, later: int
) -> None:
    terms = CancellationTerms(full, min(part, full - 1), percent)
    early = STARTS - timedelta(seconds=ahead)

    assert refund_share(terms, STARTS, now=early + timedelta(seconds=later)) <= refund_share(
        terms, STARTS, now=early
    )
