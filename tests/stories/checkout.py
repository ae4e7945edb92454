"""The scenes of paying: what is for sale, the way to the payment page, and all ways back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from playwright.sync_api import Page

from practice.adapters.pretend import FILE, PretendPayments
from practice.domain.booking import Who
from practice.usecases.appointment import by_link
from practice.usecases.cancelling import cancel
from tests import makers
from tests.fakes import NOW
from tests.people import BEN, Person
from tests.stories.buying import begin_to_pay, buy, pretend, tell_of
from tests.stories.staging import Scene, Stage, at
from tests.stories.steps import button

_LEN = Person("Len", "len@mail.example")
_MEI = Person("Mei", "mei@mail.example")
_NIA = Person("Nia", "nia@mail.example")
_OTTO = Person("Otto", "otto@mail.example")
_PIA = Person("Pia", "pia@mail.example")
_QUIN = Person("Quin", "quin@mail.example")
_ROSA = Person("Rosa", "rosa@mail.example")
_WEEK: Final = 5  # where nobody else on the stage books anything


def sell_sessions(stage: Stage) -> None:
    """Furnish the demo with people on every step of paying."""
    tokens, clock = stage.tokens, stage.demo.clock
    tokens["held_paid"] = makers.hold_for(_LEN, at=_at("Mon 10:00"), offering="session")
    tokens["paying"], tokens["to_pay"] = _waiting(_LEN, "Mon 11:30")
    tokens["unpaid"], tokens["pretend_ended"] = _ended(_MEI, "Mon 14:00")
    tokens["away"], _ = _waiting(_MEI, "Mon 17:30")
    tokens["processing"] = _at_the_bank(stage, _NIA, "Tue 10:00")
    tokens["too_late"] = _too_late(_NIA, "Tue 11:30")
    tokens["odd"] = _short(stage, _OTTO, "Tue 14:00")
    clock.at = NOW - timedelta(hours=2)
    long_ago = begin_to_pay(_PIA, at=_at("Tue 17:30"))
    tokens["long_ago"], tokens["pretend_paid"] = long_ago.token, long_ago.session
    pretend().pay(long_ago.session)
    tell_of(long_ago)
    clock.at = NOW - timedelta(days=14)
    tokens["absent"] = str(buy(_LEN, at=makers.at("Wed 12:00", week=-2)).id)
    clock.at = NOW
    tokens["bought"] = buy(_PIA, at=_at("Wed 10:00")).token
    gone = buy(_QUIN, at=_at("Wed 11:30"))
    cancel(by_link(gone.token, tools=makers.the_tools()), tools=makers.the_tools())
    tokens["bought_gone"] = gone.token
    couple = buy(_ROSA, at=_at("Wed 14:00"), who=Who.BOTH)
    tokens["bought_partner"] = makers.join_for(couple, BEN).token


def _at(text: str) -> datetime:
    return makers.at(text, week=_WEEK)


def _waiting(person: Person, text: str) -> tuple[str, str]:
    sale = begin_to_pay(person, at=_at(text))
    return sale.token, sale.session


def _ended(person: Person, text: str) -> tuple[str, str]:
    sale = begin_to_pay(person, at=_at(text))
    pretend().expire(sale.session)
    tell_of(sale)
    return sale.token, sale.session


def _at_the_bank(stage: Stage, person: Person, text: str) -> str:
    """Pay in a way that takes days, which the pretend page does not know."""
    sale = begin_to_pay(person, at=_at(text))
    _tamper(stage, "UPDATE sessions SET status = 'complete' WHERE id = ?", sale.session)
    tell_of(sale)
    return sale.token


def _too_late(person: Person, text: str) -> str:
    sale = begin_to_pay(person, at=_at(text))
    pretend().expire(sale.session)
    tell_of(sale)
    buy(BEN, at=_at(text))
    pretend().pay_late(sale.session)
    tell_of(sale)
    return sale.token


def _short(stage: Stage, person: Person, text: str) -> str:
    """Pay less than was asked for."""
    sale = begin_to_pay(person, at=_at(text))
    _tamper(stage, "UPDATE sessions SET minor = 4000 WHERE id = ?", sale.session)
    pretend().pay(sale.session)
    tell_of(sale)
    return sale.token


def _tamper(stage: Stage, statement: str, session: str) -> None:
    with closing(sqlite3.connect(stage.demo.instance / FILE)) as books, books:
        books.execute(statement, (session,))


@contextmanager
def _service_away(stage: Stage) -> Iterator[None]:
    """Have the payment service out of reach: its file stands where there is no folder."""
    extensions, demo = stage.demo.app.extensions, stage.demo
    tools = extensions["practice"]
    nowhere = PretendPayments(demo.instance / "nowhere" / FILE, demo.clock, demo.url)
    extensions["practice"] = replace(tools, payments=nowhere)
    try:
        yield
    finally:
        extensions["practice"] = tools


def _stay_on_the_way(page: Page, stage: Stage) -> None:
    """Look at the page that leads to the payment page, and let nobody leave it."""
    page.route("**/pretend/*", lambda route: route.abort("aborted"))
    page.goto("/book/h/{paying}/to-payment".format(**stage.tokens))


def _come_back_to_silence(page: Page, stage: Stage) -> None:
    with _service_away(stage):
        page.goto("/book/h/{away}/paid".format(**stage.tokens))


def _decline(page: Page, stage: Stage) -> None:
    page.goto("/pretend/{to_pay}".format(**stage.tokens))
    button(page, "Let the card be declined").click()


def _mistype_a_price(page: Page, _stage: Stage) -> None:
    page.goto("/desk/offerings/new")
    page.get_by_label("Name").fill("A long talk")
    page.get_by_role("textbox", name="Price").fill("ninety")
    page.get_by_label("And then so many percent of it").fill("200")
    button(page, "Offer this").click()


def _mistype_a_statement(page: Page, _stage: Stage) -> None:
    page.goto("/desk/practice/outside")
    page.get_by_label("On bank statements").fill("Couples therapy")
    button(page, "Save").click()


CHECKOUT: Final = (
    Scene("sessions", at("/sessions")),
    Scene("sessions-nothing", at("/sessions"), house="resting"),
    Scene("details-paid", at("/book/h/{held_paid}")),
    Scene("pay", at("/book/h/{paying}/pay")),
    Scene("pay-ended", at("/book/h/{unpaid}/pay")),
    Scene("to-payment", _stay_on_the_way),
    Scene("paid-processing", at("/book/h/{processing}/paid")),
    Scene("paid-late", at("/book/h/{too_late}/paid")),
    Scene("paid-wrong", at("/book/h/{odd}/paid")),
    Scene("paid-off", _come_back_to_silence),
    Scene("paid-ended", at("/book/h/{long_ago}/paid")),
    Scene("pretend", at("/pretend/{to_pay}")),
    Scene("pretend-declined", _decline, status=402),
    Scene("pretend-ended", at("/pretend/{pretend_ended}")),
    Scene("pretend-paid", at("/pretend/{pretend_paid}")),
    Scene("booked-paid", at("/a/{bought}")),
    Scene("booked-paid-partner", at("/a/{bought_partner}")),
    Scene("move-paid", at("/a/{bought}/move")),
    Scene("cancel-paid", at("/a/{bought}/cancel")),
    Scene("cancel-paid-partner", at("/a/{bought_partner}/cancel")),
    Scene("cancelled-paid", at("/a/{bought_gone}")),
    Scene("desk-no-show-paid", at("/desk/bookings/{absent}/no-show"), at_desk=True),
    Scene("desk-offering-wrong", _mistype_a_price, at_desk=True, status=422),
    Scene("desk-outside", at("/desk/practice/outside"), at_desk=True),
    Scene("desk-outside-wrong", _mistype_a_statement, at_desk=True, status=422),
)
