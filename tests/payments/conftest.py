"""Money is tested at a house that takes it by Stripe's own library, from a Stripe on loopback."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from practice.adapters.stripe import StripePayments
from practice.ports import Tools
from tests.fakes import FrozenClock
from tests.payments.another import Another
from tests.payments.till import Till
from tests.stripe_server import KEY, SECRET, StripeServer, serving


@pytest.fixture
def stripe(clock: FrozenClock) -> Iterator[StripeServer]:
    """Stripe itself."""
    with serving(clock) as server:
        yield server


@pytest.fixture
def tools(tools: Tools, stripe: StripeServer) -> Tools:
    """The tools of a house that has keys."""
    return replace(tools, payments=StripePayments(KEY, [SECRET], api_base=stripe.url))


@pytest.fixture
def till(app: Flask, coach: int, stripe: StripeServer, clock: FrozenClock) -> Till:
    """A house with a paid session on offer: €90 for an hour, all back until a day before."""
    till = Till(app, stripe, clock)
    till.offer()
    return till


@pytest.fixture
def another(database: str, tmp_path: Path, stripe: StripeServer) -> Another:
    """Another process of the same house."""
    return Another(database, tmp_path, stripe)
