"""Money: whole minor units of a currency, how it is typed and how it is said.

How many decimals a currency has follows Stripe's lists, since amounts are sent there as they are:
https://docs.stripe.com/currencies#zero-decimal and https://docs.stripe.com/currencies#three-decimal.
"""

import re
from dataclasses import dataclass
from typing import Final

from practice.domain.refusal import Invalid

_NO_DECIMALS: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
     "XOF", "XPF")
)  # fmt: skip
_THREE_DECIMALS: Final = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
# Sent with two decimals that are always 00 (https://docs.stripe.com/currencies#special-cases).
_WHOLE_ONLY: Final = frozenset(("ISK", "UGX"))
CURRENCIES: Final = (
    "EUR", "GBP", "USD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "ISK",
    "AUD", "NZD", "CAD", "JPY", "KRW", "SGD", "HKD", "INR", "ZAR", "BRL", "MXN", "ILS", "AED",
    "BHD", "JOD", "KWD", "OMR", "TND",
)  # fmt: skip
"""The currencies that a coach may choose from, ISO 4217."""

MOST_MINOR: Final = 99_999_999
"""The largest amount that can be charged at once, in minor units: eight digits, by Stripe."""

# The least that can be charged, in minor units; where Stripe names none, we ask for no more than
# one step: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
_LEAST: Final = {
    "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250,
    "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "NOK": 300,
    "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "USD": 50,
}  # fmt: skip
_SIGNS: Final = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹", "ILS": "₪", "KRW": "₩"}
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents; yen as they are) of one currency (ISO 4217)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        """Say the amount as people write it: "€120", "€75.50", "¥9,000", "KWD 12.500"."""
        places = decimals(self.currency)
        whole, part = divmod(abs(self.minor), 10**places)
        amount = f"{whole:,}" + (f".{part:0{places}}" if part else "")
        sign = _SIGNS.get(self.currency, f"{self.currency}\N{NO-BREAK SPACE}")
        return ("−" if self.minor < 0 else "") + sign + amount


def decimals(currency: str) -> int:
    """Return how many decimals the minor unit of a currency has: 0, 2 or 3."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def smallest_step(currency: str) -> int:
    """Return the minor units of which a charge has to be a multiple: 1, or 10 or 100 for some."""
    if currency in _THREE_DECIMALS:
        return 10  # card networks round the last digit
    return 100 if currency in _WHOLE_ONLY else 1


def plain(money: Money) -> str:
    """Return the amount without its currency, as it is typed and put into tables: "75.50"."""
    places = decimals(money.currency)
    whole, part = divmod(abs(money.minor), 10**places)
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"


def typed(text: str, currency: str) -> Money:
    """Return what was typed as an amount: "120", "75.50", "75,50", "1,200"; "" is nothing.

    Raises Invalid with a sentence for what is no amount, is negative, has more decimals than the
    currency, cannot be charged in it, or is larger than can be charged at once.
    """
    if currency not in CURRENCIES:
        raise Invalid("Please choose one of the currencies.", field="currency")
    bare = text.strip().removeprefix(_SIGNS.get(currency, currency)).strip()
    if not bare:
        return Money(0, currency)
    if re.fullmatch(r"\d+,\d{1,2}", bare):
        bare = bare.replace(",", ".")  # as most of Europe writes it
    found = _AMOUNT.fullmatch(bare) if bare.isascii() and len(bare) <= 20 else None  # noqa: PLR2004
    if found is None:
        raise Invalid("Please write an amount like 120 or 75.50.", field="price")
    places = decimals(currency)
    part = found[2] or ""
    if len(part) > places:
        raise Invalid(_too_fine(currency, places), field="price")
    minor = int(found[1].replace(",", "") + part[:places].ljust(places, "0"))
    return charged(Money(minor, currency))


def charged(money: Money) -> Money:
    """Return an amount that can be charged; raises Invalid for one that cannot."""
    if money.minor < 0:
        raise Invalid("A price can’t be less than nothing.", field="price")
    if money.minor > MOST_MINOR:
        most = Money(MOST_MINOR, money.currency)
        raise Invalid(f"The most that can be charged at once is {most}.", field="price")
    if money.minor % smallest_step(money.currency):
        places = 2 if money.currency in _THREE_DECIMALS else 0
        raise Invalid(_too_fine(money.currency, places), field="price")
    return money


def priced(money: Money) -> Money:
    """Return a price that can be asked for, nothing at all included; raises Invalid for less."""
    least = Money(_LEAST.get(money.currency, smallest_step(money.currency)), money.currency)
    if 0 < money.minor < least.minor:
        raise Invalid(f"The least that can be charged is {least}.", field="price")
    return charged(money)


def share(money: Money, percent: int) -> Money:
    """Return so many hundredths of an amount, rounded up to what the currency can be paid in."""
    step = smallest_step(money.currency)
    minor = -(-money.minor * percent // 100)
    return Money(min(-(-minor // step) * step, money.minor), money.currency)


def _too_fine(currency: str, places: int) -> str:
    if places == 0:
        return f"Amounts in {currency} have no decimals."
    return f"Amounts in {currency} have at most {places} decimals."
