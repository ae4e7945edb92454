"""Money: typed, charged, shared and said, in currencies of none, two and three decimals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.money import (
    CURRENCIES,
    MOST_MINOR,
    Money,
    charged,
    decimals,
    plain,
    priced,
    share,
    smallest_step,
    typed,
)
from practice.domain.refusal import Invalid

currencies = st.sampled_from(CURRENCIES)


@st.composite
def prices(draw: st.DrawFn) -> Money:
    currency = draw(currencies)
    step = smallest_step(currency)
    return Money(draw(st.integers(0, MOST_MINOR // step)) * step, currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("120", "EUR", 12000),
        ("75.50", "GBP", 7550),
        ("75,50", "EUR", 7550),
        ("75,5", "EUR", 7550),
        ("1,200", "EUR", 120000),
        ("1,200.05", "USD", 120005),
        (" € 90 ", "EUR", 9000),
        ("CHF 90", "CHF", 9000),
        ("9000", "JPY", 9000),
        ("9,000", "JPY", 9000),
        ("12.50", "KWD", 12500),
        ("12.500", "KWD", 12500),
        ("90.00", "ISK", 9000),
        ("0", "EUR", 0),
        ("", "EUR", 0),
    ],
)
def test_what_people_type_is_understood(text: str, currency: str, minor: int) -> None:
    assert typed(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("-5", "EUR"),
        ("NaN", "EUR"),
        ("inf", "EUR"),
        ("1e9", "EUR"),
        ("9" * 400, "EUR"),
        ("1000000", "EUR"),
        ("75.505", "EUR"),
        ("1.200", "EUR"),
        ("9.000", "JPY"),
        ("75.5", "JPY"),
        ("12.501", "KWD"),
        ("90.50", "ISK"),
        ("1.200,00", "EUR"),
        ("12,00,00", "EUR"),
        ("٣", "EUR"),
        ("90 EUR EUR", "EUR"),
        ("90", "XXX"),
        ("90", ""),
        ("=1+1", "EUR"),
        ("9\x000", "EUR"),
    ],
)
def test_what_is_no_price_is_refused_with_a_sentence(text: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        typed(text, currency)

    assert refused.value.sentence.endswith(".")
    assert refused.value.field in {"price", "currency"}


@pytest.mark.parametrize("minor", [-1, MOST_MINOR + 1])
def test_nothing_below_nothing_and_nothing_above_the_most_is_charged(minor: int) -> None:
    with pytest.raises(Invalid):
        charged(Money(minor, "EUR"))


@pytest.mark.parametrize(
    ("money", "said"),
    [
        (Money(12000, "EUR"), "€120"),
        (Money(7550, "GBP"), "£75.50"),
        (Money(120005, "USD"), "$1,200.05"),
        (Money(9000, "JPY"), "¥9,000"),
        (Money(12500, "KWD"), "KWD\N{NO-BREAK SPACE}12.500"),
        (Money(9000, "CHF"), "CHF\N{NO-BREAK SPACE}90"),
        (Money(0, "EUR"), "€0"),
        (Money(-4500, "EUR"), "−€45"),
    ],
)
def test_an_amount_is_said_as_people_write_it(money: Money, said: str) -> None:
    assert str(money) == said


@given(prices())
def test_what_is_written_down_is_read_back_the_same(money: Money) -> None:
    assert typed(plain(money), money.currency) == money


@given(st.text(max_size=30), currencies)
def test_whatever_is_typed_is_an_amount_that_can_be_charged_or_refused(
    text: str, currency: str
) -> None:
    try:
        money = typed(text, currency)
    except Invalid:
        return
    assert 0 <= money.minor <= MOST_MINOR
    assert money.minor % smallest_step(currency) == 0


@given(prices(), st.integers(0, 100))
def test_a_share_is_rounded_for_the_client_and_never_more_than_all(
    money: Money, percent: int
) -> None:
    part = share(money, percent)

    assert money.minor * percent <= part.minor * 100
    assert part.minor <= money.minor
    assert part.minor * 100 < money.minor * percent + 100 * smallest_step(money.currency)
    assert part.minor % smallest_step(money.currency) == 0


def test_a_price_is_nothing_or_enough_to_be_charged() -> None:
    assert priced(Money(0, "EUR")) == Money(0, "EUR")
    assert priced(Money(50, "EUR")) == Money(50, "EUR")
    with pytest.raises(Invalid, match=r"The least that can be charged is €0\.50\."):
        priced(Money(49, "EUR"))


def test_all_is_all_and_none_is_none() -> None:
    money = Money(9999, "EUR")

    assert share(money, 100) == money
    assert share(money, 0) == Money(0, "EUR")
    assert share(money, 50) == Money(5000, "EUR")


def test_every_currency_to_choose_from_is_one_of_none_two_or_three_decimals() -> None:
    assert {decimals(currency) for currency in CURRENCIES} == {0, 2, 3}
    assert len(set(CURRENCIES)) == len(CURRENCIES)
