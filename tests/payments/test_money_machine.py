"""Whatever people, banks and networks do, in any order: the house agrees with a small model.

Most runs stand on the fake, which keeps Stripe's rules and costs no network (one contract holds it
to them, tests/adapters/test_payments_contract.py); a smaller one on Stripe's own library over
loopback. `PRACTICE_HYPOTHESIS=wide` looks further.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from practice.domain.booking import Actor, Details
from practice.domain.money import Money
from practice.domain.refusal import Refusal
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.concern import Concern
from practice.models.link import Purpose, link_of
from practice.models.occupancy import Occupancy
from practice.models.outbox import OutboxLetter
from practice.models.payment import Payment, Refund
from practice.models.vault import MasterVault
from practice.usecases import booking as booking_acts
from practice.usecases import desk_payment, paying, payment, reconciling, refunding
from practice.usecases.appointment import Access
from practice.usecases.cancelling import cancel, undo
from practice.usecases.housekeeping import keep_house
from practice.usecases.moving import move
from tests import databases, makers
from tests.fakes import NOW, FrozenClock, make_tools
from tests.payments.ledger import MINUTE, PRICE, UNDECIDED, Ledger, Try, Visit, try_of
from tests.payments.services import Fake, Loopback, Service, Told
from tests.people import ADA, BEN, CLEO
from tests.stripe_server import serving

T = TypeVar("T")

PEOPLE = {person.name: person for person in (ADA, BEN, CLEO)}
# Few, so that people get into each other's way; the second and third overlap.
STARTS = [
    makers.at("Mon 14:00"),
    makers.at("Tue 10:00"),
    makers.at("Tue 10:30"),
    makers.at("Wed 12:00"),
    makers.at("Tue 10:00", week=1),
]
PICK = st.integers(0, 11)
TROUBLE = st.sampled_from(["", "", "", "away", "lost"])
WHO = st.sampled_from(sorted(PEOPLE))
FAR = st.sampled_from(["hold", "begin", "pay", "slowly", "booked", "lost", "late", "twice"])
BY = st.sampled_from(["client", "coach"])


class MoneyMachine(RuleBasedStateMachine):
    """A house, a payment service, three clients and a coach."""

    dialect: ClassVar[str] = "sqlite"
    is_real: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        # Seven seconds past, so that no time of ours meets a start to the second.
        self.clock = FrozenClock(NOW + timedelta(seconds=7))
        self.ledger = Ledger(self.clock)
        self.waiting: list[Told] = []
        self.past: list[Told] = []
        self.blind: set[Try] = set()
        self.keys = 0
        self.agrees = True
        self._stack = ExitStack()
        self.service = self._serve()
        self.app = self._open_house()

    def _serve(self) -> Service:
        if self.is_real:
            return Loopback(self._stack.enter_context(serving(self.clock)))
        return Fake(self.clock)

    def _open_house(self) -> Flask:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        url = _house(self.dialect, folder)
        tools = replace(
            _tools(), clock=self.clock, payments=self.service.payments, rate_limits=False
        )
        app = self._stack.enter_context(databases.kept_house_on(url, folder, tools))
        if self.dialect == "postgresql":
            with app.app_context():
                _found()
        return app

    def teardown(self) -> None:
        try:
            if self.agrees:
                self._settle()
        finally:
            self._stack.close()

    # What clients do.

    @rule(who=WHO, pick=PICK, far=FAR)
    def want_a_time(self, who: str, pick: int, far: str) -> None:
        """Hold a time, and perhaps go on at once, for most stories begin with that."""
        at = STARTS[pick % len(STARTS)]
        if not self.ledger.is_open(at, 60):
            assert self._try(lambda: self._hold(who, at)) == "TimeTaken"
            return
        token, booking_id = self._within(lambda: self._hold(who, at))
        until = self.clock.now() + 15 * MINUTE
        visit = Visit(booking_id, token, who, at, 60, "held", until)
        self.ledger.visits.append(visit)
        if far in {"lost", "late", "twice"}:
            self._go_far(visit, far)
        elif far != "hold":
            self._go_on(visit, far)

    def _go_on(self, visit: Visit, far: str) -> None:
        self._pay(visit, "", again=False)
        if far in {"pay", "booked"}:
            self._pay_at_the_service(visit.tries[-1], PRICE)
        elif far == "slowly":
            self._pay_slowly(visit.tries[-1])
        if far == "booked":
            self._come_back(visit)

    def _go_far(self, visit: Visit, far: str) -> None:
        """Pay in a session that the house has not heard of; then lose the time, or pay again."""
        self._pay(visit, "lost" if self.service.is_quick else "", again=False)
        self._pay_at_the_service(visit.tries[-1], PRICE)
        if far == "late":
            self.pass_time(35)
            if self.ledger.is_open(visit.starts_at, 30):
                self._book(visit.person, visit.starts_at)
        elif far == "twice":
            self.pass_time(1)
            self._pay(visit, "", again=True)
            if visit.tries[-1].truth == "open":
                self._pay_at_the_service(visit.tries[-1], PRICE)

    @precondition(lambda self: sum(not each.is_paid for each in self.ledger.visits) < 3)
    @rule(who=WHO, pick=PICK)
    def book_for_nothing(self, who: str, pick: int) -> None:
        left = [visit.starts_at for visit in self.ledger.visits if not visit.takes_time]
        at = self._of(left or STARTS, pick)
        if not self.ledger.is_open(at, 30):
            assert self._try(lambda: makers.book_for(PEOPLE[who], at=at)) == "TimeTaken"
            return
        self._book(who, at)

    def _book(self, who: str, at: datetime) -> None:
        made = self._within(lambda: makers.book_for(PEOPLE[who], at=at))
        visit = Visit(made.id, made.token, who, at, 30, "confirmed", letters=1)
        self.ledger.visits.append(visit)

    @precondition(lambda self: self._payable())
    @rule(pick=PICK, trouble=TROUBLE)
    def begin_to_pay(self, pick: int, trouble: str) -> None:
        visit = self._of(self._payable(), pick)
        self._pay(visit, trouble if self.service.is_quick else "", again=False)

    @precondition(lambda self: self._payable(again=True))
    @rule(pick=PICK, trouble=TROUBLE)
    def pay_again(self, pick: int, trouble: str) -> None:
        visit = self._of(self._payable(again=True), pick)
        # Asking twice, the first fails: that is another story than the one told here.
        is_told = self.service.is_quick and visit.status != "pending"
        self._pay(visit, trouble if is_told else "", again=True)

    def _pay(self, visit: Visit, trouble: str, *, again: bool) -> None:
        person = PEOPLE[visit.person]
        details = Details(
            person.name, person.email, invite=False, reminder=True, caller=person.caller
        )
        tools = makers.the_tools
        self.service.trouble(trouble)
        found = self._try(
            lambda: (
                paying.pay_again(visit.token, tools=tools())
                if again
                else paying.pay(visit.token, details, tools=tools())
            )
        )
        self.service.trouble("")
        assert found == self.ledger.pay(visit, looks=again, trouble=trouble)
        self._name_sessions()

    @precondition(lambda self: self._open_tries())
    @rule(pick=PICK, how=st.sampled_from(["card", "card", "card", "slowly", "short"]))
    def pay_at_the_service(self, pick: int, how: str) -> None:
        one = self._of(self._open_tries(), pick)
        if how == "slowly":
            self._pay_slowly(one)
        else:
            self._pay_at_the_service(one, PRICE - 100 if how == "short" else PRICE)

    def _pay_at_the_service(self, one: Try, minor: int) -> None:
        one.intent = self.service.pay(one.session, minor)
        one.truth, one.taken = "paid", minor

    def _pay_slowly(self, one: Try) -> None:
        one.intent = self.service.pay_later(one.session)
        one.truth = "processing"

    @precondition(lambda self: self._processing())
    @rule(pick=PICK, goes_well=st.booleans())
    def the_bank_decides(self, pick: int, goes_well: bool) -> None:
        one = self._of(self._processing(), pick)
        if goes_well:
            self.service.succeed_later(one.session)
            one.truth, one.taken = "paid", PRICE
        else:
            self.service.fail_later(one.session)
            one.truth = "failed"

    @precondition(lambda self: self._paid_visits())
    @rule(pick=PICK)
    def come_back(self, pick: int) -> None:
        self._come_back(self._of(self._paid_visits(), pick))

    def _come_back(self, visit: Visit) -> None:
        self._within(lambda: paying.come_back(visit.token, tools=makers.the_tools()))
        self.ledger.come_back(visit)

    @precondition(lambda self: self._paid_visits())
    @rule(pick=PICK)
    def give_up(self, pick: int) -> None:
        visit = self._of(self._paid_visits(), pick)
        self._within(lambda: booking_acts.give_up(visit.token, tools=makers.the_tools()))
        self.ledger.give_up(visit)

    # What both may do.

    @precondition(lambda self: self._booked())
    @rule(pick=PICK, by=BY, to=PICK, what=st.sampled_from(["cancel", "cancel", "undo", "move"]))
    def change(self, pick: int, by: str, to: int, what: str) -> None:
        visit, at = self._of(self._booked(), pick), STARTS[to % len(STARTS)]
        access = Access(visit.id, 1, Actor.CLIENT if by == "client" else Actor.COACH)
        tools = makers.the_tools
        if what == "cancel":
            found = self._try(lambda: cancel(access, tools=tools()))
            assert found == self.ledger.cancel(visit, by)
        elif what == "move":
            found = self._try(lambda: move(access, at, tools=tools()))
            assert found == self.ledger.move(visit, at, by)
        else:
            found = self._try(lambda: undo(access, tools=tools()))
            assert found == self.ledger.undo(visit, by)

    # What the coach does, at the desk and in the service's dashboard.

    @precondition(lambda self: self._received())
    @rule(pick=PICK, minor=st.sampled_from([1, 3000, 4500, PRICE]), again=st.booleans())
    def refund_from_the_desk(self, pick: int, minor: int, again: bool) -> None:
        one = self._of(self._received(), pick)
        self.keys += 0 if again and self.keys else 1
        key = str(self.keys)
        found = self._try(
            lambda: desk_payment.refund(
                makers.seat_of(1),
                one.visit.id,
                Money(minor, "EUR"),
                attempt=one.number,
                key=key,
                tools=makers.the_tools(),
            )
        )
        assert found == self.ledger.give(one, minor, key)

    @precondition(lambda self: self._strange())
    @rule(pick=PICK, accepts=st.booleans())
    def decide_on_what_differs(self, pick: int, accepts: bool) -> None:
        one = self._of(self._strange(), pick)
        act = desk_payment.accept_strange if accepts else desk_payment.return_strange
        found = self._try(
            lambda: act(makers.seat_of(1), one.visit.id, one.number, tools=makers.the_tools())
        )
        wanted = self.ledger.accept(one) if accepts else self.ledger.send_back(one)
        assert found == wanted

    @precondition(lambda self: self._givable())
    @rule(pick=PICK, minor=st.sampled_from([1, 3000, PRICE]))
    def refund_in_the_dashboard(self, pick: int, minor: int) -> None:
        one = self._of(self._givable(), pick)
        minor = min(minor, one.left)
        name = self.service.refund_by_hand(one.intent, minor)
        self.ledger.give_by_hand(one, name, minor)

    @precondition(lambda self: self._given())
    @rule(pick=PICK)
    def the_bank_sends_a_refund_back(self, pick: int) -> None:
        given = self._of(self._given(), pick)
        self.service.fail_refund(given.name)
        given.stands = False

    @precondition(lambda self: self.service.is_quick and self._taken())
    @rule(pick=PICK, status=st.sampled_from(["needs_response", "won", "lost"]))
    def dispute(self, pick: int, status: str) -> None:
        self.service.dispute(self._of(self._taken(), pick).intent, status)

    # What networks do.

    @precondition(lambda self: self._collect())
    @rule(pick=PICK, times=st.integers(1, 3))
    def deliver_one(self, pick: int, times: int) -> None:
        told = self._of(self.waiting, pick)
        self.waiting.remove(told)
        for _ in range(times):
            self._deliver(told)

    @precondition(lambda self: self._collect())
    @rule(backwards=st.booleans())
    def deliver_all(self, backwards: bool) -> None:
        told, self.waiting = self.waiting, []
        for each in reversed(told) if backwards else told:
            self._deliver(each)

    @precondition(lambda self: self.past)
    @rule(pick=PICK)
    def deliver_once_more(self, pick: int) -> None:
        self._deliver(self._of(self.past, pick))

    @precondition(lambda self: self._collect())
    @rule(pick=PICK)
    def lose(self, pick: int) -> None:
        told = self._of(self.waiting, pick)
        self.waiting.remove(told)
        if told.about == "refunds":
            self.blind.add(try_of(self.ledger.tries, intent=told.name))
        elif told.about == "session":
            one = try_of(self.ledger.tries, session=told.name)
            if one.truth != "ended" and one.known in {"opening", "expired"}:
                self.waiting.append(told)  # paid where nobody was led to: only a notice tells

    # What the worker does.

    @rule(what=st.sampled_from(["all", "release", "look", "refund"]), trouble=TROUBLE)
    def work(self, what: str, trouble: str) -> None:
        tools = makers.the_tools
        if what in {"all", "release"}:
            self._within(lambda: reconciling.release_due(tools=tools()))
            self.ledger.release_due()
        if what in {"all", "look"}:
            self._within(lambda: reconciling.reconcile(tools=tools()))
            self.ledger.reconcile()
        if what in {"all", "refund"}:
            self._send_refunds(trouble if self.service.is_quick else "")

    def _send_refunds(self, trouble: str) -> None:
        before = set(self.service.names())
        self.service.trouble(trouble)
        self._within(lambda: refunding.send_refunds("worker", tools=makers.the_tools()))
        self.service.trouble("")
        names = (name for name in self.service.names() if name not in before)
        self.ledger.send_refunds(names, trouble)
        assert next(names, None) is None, "money went back that nobody was to get"

    @rule(minutes=st.sampled_from([1, 5, 10, 16, 35, 60, 12 * 60, 24 * 60]))
    def pass_time(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        self.service.expire_due()
        self.ledger.pass_time()
        if minutes > 60:
            self._within(lambda: keep_house(tools=makers.the_tools()))

    # What must be so.

    @invariant()
    def the_house_agrees_with_the_model(self) -> None:
        self.agrees = False
        self._within(self._compare_house)
        self._compare_service()
        self.agrees = True

    def _compare_house(self) -> None:
        session = db.session()
        bookings = {row.id: row for row in session.scalars(select(Booking))}
        spans = list(session.scalars(select(Occupancy)))
        payments = list(session.scalars(select(Payment).order_by(Payment.id)))
        refunds = list(session.scalars(select(Refund).order_by(Refund.id)))
        assert set(bookings) == {visit.id for visit in self.ledger.visits}
        for visit in self.ledger.visits:
            self._compare_visit(visit, bookings[visit.id], spans)
            own = [row for row in payments if row.booking_id == visit.id]
            assert len(own) == len(visit.tries)
            for one, row in zip(visit.tries, own, strict=True):
                self._compare_try(one, row, [each for each in refunds if each.payment_id == row.id])
            self._check_stands(visit, bookings[visit.id], own)
        self._check_overlaps(spans)
        self._compare_rest(payments)

    def _compare_visit(self, visit: Visit, row: Booking, spans: list[Occupancy]) -> None:
        now = self.clock.now()
        own = [
            span
            for span in spans
            if span.booking_id == visit.id and (span.held_until is None or span.held_until > now)
        ]
        status = "expired" if row.status == "held" and not own else row.status
        assert (status, row.starts_at) == (visit.status, visit.starts_at)
        wanted = [(visit.status, visit.starts_at, visit.ends_at)] if visit.takes_time else []
        assert [(span.status, span.starts_at, span.ends_at) for span in own] == wanted

    def _compare_try(self, one: Try, row: Payment, refunds: list[Refund]) -> None:
        assert (row.state, row.received_minor or 0, row.dispute) == (
            one.known,
            one.received,
            one.dispute,
        )
        told = [(each.reason, each.amount_minor, each.state) for each in refunds]
        assert told == [(back.reason, back.minor, back.state) for back in one.backs]
        for back, each in zip(one.backs, refunds, strict=True):
            if back.due is None:
                wait = each.due_at - self.clock.now()
                assert 0.8 * back.wait * MINUTE <= wait <= 1.2 * back.wait * MINUTE
                # Chance is taken out, or the same steps would not end alike again.
                back.due = each.due_at = self.clock.now() + back.wait * MINUTE
                db.session.commit()

    def _check_stands(self, visit: Visit, row: Booking, payments: list[Payment]) -> None:
        """By the rows alone: booked, it is paid for once, and what was paid is not on its way."""
        stood_on = [
            each
            for each in payments
            if each.state == "paid"
            and not any(back.reason in {"late", "twice"} for back in each.refunds)
        ]
        is_booked = row.status in {"confirmed", "cancelled"} and visit.is_paid
        assert len(stood_on) == is_booked

    def _check_overlaps(self, spans: list[Occupancy]) -> None:
        ordered = sorted(spans, key=lambda span: span.starts_at)
        assert all(first.ends_at <= second.starts_at for first, second in pairwise(ordered))

    def _compare_rest(self, payments: list[Payment]) -> None:
        session = db.session()
        kind = OutboxLetter.kind == "confirmation"
        letters = Counter(session.scalars(select(OutboxLetter.booking_id).where(kind)))
        assert letters == Counter({each.id: each.letters for each in self.ledger.visits})
        by_id = {row.id: row for row in payments}
        concerns = sorted(
            (row.kind, by_id[row.payment_id].booking_id, by_id[row.payment_id].attempt)
            for row in session.scalars(select(Concern))
            if row.payment_id is not None
        )
        assert concerns == sorted(
            (kind, one.visit.id, one.number) for kind, one in self.ledger.concerns
        )

    def _compare_service(self) -> None:
        for one in self.ledger.tries:
            if not one.session:
                continue
            assert self.service.truth(one.session) == one.truth
            assert self.service.taken(one.session) == one.taken
            if one.intent:
                given = {each.name: (each.minor, each.stands) for each in one.given}
                assert self.service.given(one.intent) == given

    def _settle(self) -> None:
        """Let all news come in and all work be done: then the money is where the rows say."""
        for _ in range(12):
            if self._collect():
                self.deliver_all(backwards=False)
            self.work("all", "")
            self.the_house_agrees_with_the_model()
            if not self._collect() and not self._is_anything_left():
                break
            self.pass_time(60)
        for one in self.ledger.tries:
            self._check_settled(one)

    def _is_anything_left(self) -> bool:
        undecided = any(
            one.known in UNDECIDED and one.truth != "processing" for one in self.ledger.tries
        )
        return undecided or any(back.state == "waiting" for _, back in self.ledger.backs)

    def _check_settled(self, one: Try) -> None:
        assert one.known not in UNDECIDED or one.truth == "processing"
        assert all(back.state != "waiting" for back in one.backs)
        assert one.received == one.taken
        if one in self.blind:
            return  # nobody ever told of a refund that was made by hand
        gone = sum(back.minor for back in one.backs if back.state == "done")
        assert one.left == one.received - gone
        is_known = any(about is one for _, about in self.ledger.concerns)
        is_stood_on = one.visit.paid_try is one and one.visit.status in {"confirmed", "cancelled"}
        assert one.left == 0 or is_stood_on or is_known, "money without booking, refund or concern"

    # Small steps.

    def _within(self, act: Callable[[], T]) -> T:
        with self.app.app_context():
            return act()

    def _try(self, act: Callable[[], object]) -> str:
        """Do something in the house; return which refusal came of it, or ""."""
        try:
            self._within(act)
        except Refusal as refusal:
            return type(refusal).__name__
        return ""

    def _hold(self, who: str, at: datetime) -> tuple[str, int]:
        token = makers.hold_for(PEOPLE[who], at=at, offering="session")
        link = link_of(db.session(), Purpose.HOLD, token, now=self.clock.now())
        assert link is not None
        assert link.booking_id is not None
        return token, link.booking_id

    def _name_sessions(self) -> None:
        """Learn how the service calls what it made."""

        def references() -> dict[tuple[int, int], str]:
            rows = db.session.scalars(select(Payment))
            return {(row.booking_id, row.attempt): row.reference for row in rows}

        found = self._within(references)
        for one in self.ledger.tries:
            if not one.session:
                one.session = self.service.session_of(found[one.visit.id, one.number])

    def _collect(self) -> list[Told]:
        self.waiting += self.service.take_waiting()
        return self.waiting

    def _deliver(self, told: Told) -> None:
        self.past.append(told)
        signature = self.service.sign(told)
        self._within(lambda: payment.hear(told.body, signature, tools=makers.the_tools()))
        tries = self.ledger.tries
        if told.about == "session":
            self.ledger.hear_of_session(told.id, try_of(tries, session=told.name))
        elif told.about == "refunds":
            one = try_of(tries, intent=told.name)
            self.ledger.hear_of_refunds(told.id, one)
            if not one.is_intent_known:
                # Paid in a session that we never heard of, which nobody was led to, and given back
                # by hand before its payment is told: that is taken for somebody else's.
                self.blind.add(one)
        else:
            one = try_of(tries, intent=told.name)
            self.ledger.hear_of_dispute(told.id, one, told.status)

    def _of(self, some: list[T], pick: int) -> T:
        return some[pick % len(some)]

    def _paid_visits(self) -> list[Visit]:
        return [visit for visit in self.ledger.visits if visit.is_paid]

    def _payable(self, *, again: bool = False) -> list[Visit]:
        return [
            visit
            for visit in self._paid_visits()
            if visit.status in {"held", "pending", "expired"} and bool(visit.tries) >= again
        ]

    def _open_tries(self) -> list[Try]:
        # Also one to which nobody was led: more than a person can do, and all the harder on us.
        return [one for one in self.ledger.tries if one.truth == "open" and one.session]

    def _processing(self) -> list[Try]:
        return [one for one in self.ledger.tries if one.truth == "processing"]

    def _booked(self) -> list[Visit]:
        booked = [each for each in self.ledger.visits if each.status in {"confirmed", "cancelled"}]
        # The free ones are there to be in the way; it is the others that bear on money.
        return [each for each in booked if each.is_paid] * 3 + booked

    def _received(self) -> list[Try]:
        return [one for one in self.ledger.tries if one.received]

    def _strange(self) -> list[Try]:
        return [one for one in self.ledger.tries if one.known == "strange"]

    def _taken(self) -> list[Try]:
        return [one for one in self.ledger.tries if one.truth == "paid"]

    def _givable(self) -> list[Try]:
        return [one for one in self._taken() if one.left > 0]

    def _given(self) -> list[Any]:
        return [
            given
            for one in self.ledger.tries
            for given in one.given
            if given.stands
            and any(back.name == given.name and back.state == "done" for back in one.backs)
        ]


def _found() -> None:
    makers.make_practice()
    makers.change_offering(notice_minutes=0, buffer_after_minutes=0, cancel_cutoff_minutes=0)
    makers.change_offering(move_cutoff_minutes=0)
    makers.make_offering(
        price_minor=PRICE,
        currency="EUR",
        full_refund_hours=24,
        part_refund_hours=12,
        part_refund_percent=50,
    )


@cache
def _tools() -> Any:
    return replace(make_tools(), vault=MasterVault(databases.MASTER_KEY))


_FOUNDED: list[Path] = []


def _house(dialect: str, folder: Path) -> str:
    """Return the URL of a clean house; on SQLite a founded one is copied."""
    if dialect == "postgresql":
        return databases.clean_postgresql()
    for file in _FOUNDED[0].glob("*.db"):
        shutil.copyfile(file, folder / file.name)
    return f"sqlite:///{folder / 'practice.db'}"


@pytest.fixture
def _founded(tmp_path: Path) -> Iterator[None]:
    """A founded house on SQLite, to be copied."""
    url = databases.clean_sqlite(tmp_path)
    with databases.kept_house_on(url, tmp_path, _tools()) as app, app.app_context():
        _found()
    _FOUNDED.append(tmp_path)
    yield
    _FOUNDED.clear()


class OnSqlite(MoneyMachine):
    """On SQLite and the fake."""


class OnPostgresql(MoneyMachine):
    """On PostgreSQL and the fake."""

    dialect = "postgresql"


class OnStripe(MoneyMachine):
    """On SQLite, and Stripe's own library over loopback."""

    is_real = True


# Explaining takes longer than finding.
PHASES = [Phase.explicit, Phase.generate, Phase.shrink]
IS_WIDE = os.environ.get("PRACTICE_HYPOTHESIS") == "wide"


@pytest.mark.timeout(0 if IS_WIDE else 900)
@pytest.mark.usefixtures("_founded")
@pytest.mark.parametrize(
    ("machine", "runs", "wide"),
    [(OnSqlite, 30, 1500), (OnPostgresql, 8, 100), (OnStripe, 6, 100)],
)
def test_bookings_and_money_agree_with_the_model_whatever_happens(
    machine: type[MoneyMachine], runs: int, wide: int
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=wide if IS_WIDE else runs,
            stateful_step_count=60 if IS_WIDE else 40,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
            report_multiple_bugs=False,
        ),
    )
