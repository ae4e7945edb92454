"""Races about money: a payment learnt of after its hold has ended, against all who want that time.

The service is the pretended one: its file is shared by all processes, as a real service would be.
The control takes lock and constraint away, as that of the other races does.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from practice.adapters.pretend import FILE, PretendPayments
from practice.domain.booking import Status
from practice.domain.payment import PaymentState
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.link import Link, Purpose
from practice.models.occupancy import Occupancy
from practice.models.offering import Offering
from practice.models.payment import Payment
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases import paying, payment, reconciling, refunding
from practice.usecases.booking import hold
from tests.battery import audit
from tests.battery.ground import (
    Ground,
    booked,
    ground,
    house,
    somebody,
    the_tools,
    tomorrow,
    wish,
)
from tests.battery.plan import Plan
from tests.battery.racing import (
    WON,
    Racer,
    drop_constraint,
    judge,
    many,
    race,
)
from tests.battery.verdict import Verdict

PRICE = 9000
_SESSION = "session"
_HALF_HOUR = timedelta(minutes=30)
_MINUTE = timedelta(minutes=1)

LOST, ENDED, PENDING = "lost", "ended", "pending"
"""How it came that money is learnt of late.

lost     the answer that there is a session got lost, and the hold ended
ended    the session was over, and all the same it was paid
pending  nobody told that it was paid, and the time for it is over
"""
_KINDS = (LOST, ENDED, PENDING)


@dataclass(frozen=True, slots=True)
class Task:
    """One round: how the money came to be late, and which time it is for."""

    kind: str
    starts_at: datetime


class LateMoney(Racer):
    """The first four bring the news by four ways at once; all others want the time."""

    def ready(self, task: Task) -> None:
        if self.number == 0:
            self.notice = _pay_late(task, self.tools)

    def go(self, task: Task) -> str:
        match self.number:
            case 0:
                payment.hear(*self.notice, tools=self.tools)
            case 1:
                reconciling.reconcile(tools=self.tools)
            case 2:
                reconciling.release_due(tools=self.tools)
            case 3:
                paying.come_back(_token_at(task.starts_at, self.tools), tools=self.tools)
            case number if number % 2:
                hold(wish(task.starts_at, offering=_SESSION), tools=self.tools)
                return f"{WON} a hold"
            case _:
                booked(task.starts_at)
                return f"{WON} a booking"
        return f"{WON} nothing"


def late_money(dialect: str, plan: Plan) -> Verdict:
    """Money is learnt of when its hold has ended, while others book: booked or refunded, not both.

    Where the time was never let go, nobody else gets it.
    """
    verdict = Verdict("race: late money against all who want its time", dialect)
    with ground(dialect) as bare:
        place = _with_money(bare)
        tasks = _tasks(plan.late_rounds)
        rounds = race(place, _racers(plan), tasks, plan)
        judge(verdict, rounds)
        with house(place):
            _give_back()
            found = _ends(place)
            late = len(tasks) - sum(task.kind == PENDING for task in tasks)
            verdict.tell(booked=found["booked"], given_back=found["given back"])
            verdict.expect("both booked and given back", found["both"], 0)
            verdict.expect("neither booked nor given back", found["neither"], 0)
            verdict.expect("payments", found.total(), len(tasks))
            verdict.expect("times with one owner", _owned_once(), len(tasks))
            verdict.expect("pending and lost to others", _lost_while_pending(tasks), 0)
            letters = _letters()
            verdict.expect("told that it is booked", letters["booked"], found["booked"])
            verdict.expect("told that it goes back", letters["given back"], found["given back"])
            met = found["given back"] > 0 and found["booked"] > len(tasks) - late
            verdict.require("all races ended alike", holds=met or not many(tasks))
            audit.expect_whole(verdict)
    return verdict


def late_money_control(dialect: str, plan: Plan) -> Verdict:
    """Without lock and constraint, late money must book a time that others got, or it is void."""
    verdict = Verdict("control: late money, no lock, no constraint", dialect)
    with ground(dialect) as bare:
        place = _with_money(bare)
        drop_constraint(place)
        # Without a dead hold, whose row all would wait for on PostgreSQL: a lock of its own.
        tasks = [replace(task, kind=ENDED) for task in _tasks(plan.control_rounds)]
        rounds = race(place, _racers(plan, control=True), tasks, plan)
        with house(place):
            twice = len(tasks) - _owned_once()
            verdict.tell(**{"rounds gone wrong": f"{twice} of {len(rounds)}"})
            # Four bring the news and only one of all others has to come between: three in four.
            share = 0.75 if many(tasks) else 0.5
            enough = twice >= share * len(rounds)
            verdict.require(f"only {twice} of {len(rounds)} went wrong: void", holds=enough)
            verdict.require("the audit is blind", holds=audit.overlaps() > 0)
    return verdict


def _with_money(bare: Ground) -> Ground:
    """Give a house a paid session, as long as the free one."""
    place = replace(bare, pretends=True)
    with house(place), unit_of_work() as session:
        session.add(
            Offering(
                slug=_SESSION,
                name="Session",
                price_minor=PRICE,
                horizon_days=60,
                coaches=[session.get_one(Coach, 1)],
            )
        )
    return place


def _tasks(rounds: int) -> list[Task]:
    return [
        Task(_KINDS[number % len(_KINDS)], tomorrow() + number * _HALF_HOUR)
        for number in range(rounds)
    ]


def _racers(plan: Plan, *, control: bool = False) -> list[LateMoney]:
    return [
        LateMoney(number=number, seed=plan.seed, control=control)
        for number in range(plan.processes)
    ]


# What happens before the signal -------------------------------------------------------------------


def _pay_late(task: Task, tools: Tools) -> tuple[bytes, str]:
    """Let somebody pay for a time whose hold has ended meanwhile; return the notice of it."""
    service = _service(tools)
    held = hold(wish(task.starts_at, offering=_SESSION), tools=tools)
    paying.pay(held.token, somebody(), tools=tools)
    with unit_of_work() as session:
        row = session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()
        name = str(row.session)
        service.pay(name)
        now = tools.clock.now()
        row.opened_at, row.held_until = now - 36 * _MINUTE, now - _MINUTE
        if task.kind == LOST:
            _forget_the_session(session, row)
        elif task.kind == ENDED:
            _let_go(session, row)
    return service.notice(name)


def _forget_the_session(session: Session, row: Payment) -> None:
    row.state, row.session = PaymentState.OPENING, None
    row.booking.status = Status.HELD
    session.execute(
        update(Occupancy)
        .where(Occupancy.booking_id == row.booking_id)
        .values(status=Status.HELD, held_until=row.held_until)
    )


def _let_go(session: Session, row: Payment) -> None:
    row.state = PaymentState.EXPIRED
    row.booking.status, row.booking.request_key = Status.EXPIRED, None
    session.execute(delete(Occupancy).where(Occupancy.booking_id == row.booking_id))


def _service(tools: Tools) -> PretendPayments:
    assert isinstance(tools.payments, PretendPayments)
    return tools.payments


def _token_at(starts_at: datetime, tools: Tools) -> str:
    """Return the token of the page of who paid: hers was the first hold of that time."""
    link = db.session.scalars(
        select(Link)
        .join(Booking, Booking.id == Link.booking_id)
        .where(Booking.starts_at == starts_at, Link.purpose == Purpose.HOLD)
        .order_by(Booking.id)
        .limit(1)
    ).one()
    return link.token(tools.vault)


# What is found afterwards, by statements that share nothing with the product's --------------------


def _give_back() -> None:
    while refunding.send_refunds("battery", tools=the_tools()):
        db.session.remove()


def _ends(place: Ground) -> Counter[str]:
    """Count how each payment ended, by the service's own file and the bookings."""
    with closing(sqlite3.connect(place.instance / FILE)) as books:
        money = books.execute(
            "SELECT reference, minor, coalesce((SELECT sum(minor) FROM refunds "
            "WHERE refunds.intent = sessions.intent), 0) FROM sessions WHERE intent IS NOT NULL"
        ).fetchall()
    rows = db.session.execute(
        text(
            "SELECT p.reference, b.status FROM payments p JOIN bookings b ON b.id = p.booking_id "
            "WHERE p.state = 'paid'"
        )
    )
    status = {row.reference: row.status for row in rows}
    db.session.rollback()
    return Counter(
        _end(is_booked=status.get(reference) == "confirmed", paid=paid, gone=gone)
        for reference, paid, gone in money
    )


def _end(*, is_booked: bool, paid: int, gone: int) -> str:
    if is_booked:
        return "both" if gone else "booked"
    return "given back" if gone == paid else "neither"


def _owned_once() -> int:
    """Count the times that exactly one booking or living hold has."""
    return audit.count(
        "SELECT count(*) FROM (SELECT starts_at FROM bookings "
        "WHERE status IN ('confirmed', 'pending', 'held') "
        "GROUP BY starts_at HAVING count(*) = 1) AS owned"
    )


def _lost_while_pending(tasks: Sequence[Task]) -> int:
    """Count the times that were never let go, and that all the same somebody else has."""
    starts = {task.starts_at for task in tasks if task.kind == PENDING}
    paid = db.session.scalars(select(Booking.starts_at).where(Booking.status == "confirmed"))
    missing = starts - set(paid)
    refunded = db.session.scalars(
        select(Booking.starts_at)
        .join(Payment, Payment.booking_id == Booking.id)
        .where(Payment.refunds.any())
    )
    lost = missing | (starts & set(refunded))
    db.session.rollback()
    return len(lost)


def _letters() -> Counter[str]:
    """Count who was told that it is booked, and who that it goes back: once each."""
    told = {"confirmation": "booked", "too_late": "given back"}
    return Counter(
        {
            end: audit.count(
                "SELECT count(*) FROM outbox x JOIN payments p ON p.booking_id = x.booking_id "
                f"WHERE x.kind = '{kind}'"
            )
            for kind, end in told.items()
        }
    )
