"""What goes back when a paid meeting is cancelled: the terms that were shown before it was paid."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from practice.domain.money import Money, share
from practice.domain.refusal import Invalid

ALL = 100
LONGEST_HOURS = 24 * 90


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """Until how many hours before the start how much of the price goes back.

    All of it until `full_hours` before; then `part_percent` of it until `part_hours` before; then
    nothing. No part where `part_percent` is 0. Reaching the hour to the second counts as in time.
    Never more than `most_percent`, which is less than all for a meeting that was moved late.
    """

    full_hours: int = 24
    part_hours: int = 0
    part_percent: int = 0
    most_percent: int = ALL

    def __post_init__(self) -> None:
        if not 0 <= self.full_hours <= LONGEST_HOURS:
            raise Invalid("Please choose up to 90 days.", field="full_hours")
        if not 0 <= self.part_percent < ALL:
            raise Invalid("Please choose a part from 0 to 99.", field="part_percent")
        if self.part_percent and not 0 <= self.part_hours < self.full_hours:
            raise Invalid("The part has to end later than the full refund.", field="part_hours")


def refund_share(terms: CancellationTerms, starts_at: datetime, *, now: datetime) -> int:
    """Return the percent (0 to 100) that goes back when a client cancels at `now`."""
    ahead = starts_at - now
    if ahead <= timedelta(0):
        return 0
    if ahead >= timedelta(hours=terms.full_hours):
        return terms.most_percent
    if terms.part_percent and ahead >= timedelta(hours=terms.part_hours):
        return min(terms.part_percent, terms.most_percent)
    return 0


def after_move(
    terms: CancellationTerms, starts_at: datetime, *, now: datetime
) -> CancellationTerms:
    """Return the terms of a meeting that a client moves away from `starts_at` at `now`.

    Moving costs nothing, and buys nothing either: what would not have gone back by cancelling now
    does not go back later.
    """
    return replace(terms, most_percent=refund_share(terms, starts_at, now=now))


def refund_due(
    terms: CancellationTerms, price: Money, starts_at: datetime, *, now: datetime
) -> Money:
    """Return what goes back of the price when a client cancels at `now`."""
    return share(price, refund_share(terms, starts_at, now=now))


def refund_left(
    terms: CancellationTerms, came: Money, gone: Money, starts_at: datetime, *, now: datetime
) -> Money:
    """Return what still goes back of what came: what has `gone` back before counts towards it.

    Both are of one currency. Never less than nothing, whatever was given back by hand.
    """
    due = refund_due(terms, came, starts_at, now=now)
    return Money(max(due.minor - gone.minor, 0), due.currency)


def spoken_terms(terms: CancellationTerms) -> str:
    """Say the terms in one or two sentences, as they are shown before paying and cancelling."""
    if terms.most_percent == 0:
        return "It was moved late, so nothing is paid back if you cancel."
    if terms.most_percent < ALL:
        when = (
            f"at least {_hours(terms.part_hours)} before"
            if terms.part_hours
            else "before it starts"
        )
        return f"It was moved late: if you cancel {when}, you get {terms.most_percent}% back."
    if terms.full_hours == 0:
        return "If you cancel before it starts, you get all of it back."
    first = f"If you cancel at least {_hours(terms.full_hours)} before, you get all of it back."
    if not terms.part_percent:
        return f"{first} After that, nothing is paid back."
    until = (
        "until it starts" if terms.part_hours == 0 else f"until {_hours(terms.part_hours)} before"
    )
    later = "" if terms.part_hours == 0 else " After that, nothing is paid back."
    return f"{first} After that you get {terms.part_percent}% back, {until}.{later}"


def _hours(hours: int) -> str:
    if hours % 24 == 0 and hours > 24:  # noqa: PLR2004 - "24 hours" says more than "1 day"
        return f"{hours // 24} days"
    return "1 hour" if hours == 1 else f"{hours} hours"
