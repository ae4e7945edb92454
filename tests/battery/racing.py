"""Races on the use cases: many processes, a barrier before every round, one act at one moment.

The control runs the same race with the house's protection taken away from outside, in the racing
processes and their database only. It must double-book, or the races prove nothing.
"""

# ruff: noqa: ARG002 (not every racer needs the task at the signal)

import contextlib
import multiprocessing
import random
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import event, select, text

from practice.domain.booking import Status
from practice.domain.refusal import NotAllowed, TimeTaken
from practice.domain.span import Span
from practice.models import unit
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.occupancy import NO_OVERLAP, Occupancy
from practice.models.offering import Offering
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases import diary
from practice.usecases.appointment import by_link
from practice.usecases.blocking import block
from practice.usecases.booking import book, hold
from practice.usecases.moving import move
from tests.battery import audit
from tests.battery.ground import (
    Ground,
    add_coach,
    booked,
    execute,
    ground,
    house,
    somebody,
    the_tools,
    tomorrow,
    wish,
)
from tests.battery.plan import Plan
from tests.battery.verdict import Verdict, percentile
from tests.makers import seat_of

WON, TAKEN = "won", "taken"
_PAUSE_SECONDS = 0.002
_MANY_ROUNDS = 50
_HALF_HOUR = timedelta(minutes=30)
_MIX = (
    {"length_minutes": 15, "buffer_after_minutes": 5},
    {"length_minutes": 30, "buffer_after_minutes": 15},
    {"length_minutes": 45, "buffer_before_minutes": 10},
    {"length_minutes": 60, "buffer_before_minutes": 5, "buffer_after_minutes": 15},
    {"length_minutes": 90, "buffer_before_minutes": 15, "buffer_after_minutes": 30},
)
_COACHES = (1, 2, 3)
_SPARE_STARTS = 8


@dataclass
class Racer:
    """One process in a race; a subclass says what it gets ready, and what it does at the signal."""

    number: int = 0
    seed: int = 0
    control: bool = False
    draw: random.Random = field(default_factory=random.Random)

    @property
    def tools(self) -> Tools:
        return the_tools()

    def ready(self, task: Any) -> None:
        """Do what comes before the signal."""

    def go(self, task: Any) -> str:
        """Do the act; return "won" (perhaps with a detail after a space), or raise."""
        raise NotImplementedError


class HoldAndBook(Racer):
    """Wants the same start as everybody."""

    def go(self, task: datetime) -> str:
        held = hold(wish(task), tools=self.tools)
        try:
            book(held.token, somebody(), tools=self.tools)
        except TimeTaken:
            # Only the control comes here: two were given the time, and the second look saw it.
            return f"{WON} a hold only"
        return WON


class BookInstead(Racer):
    """Holds a start of its own, and then wants everybody's start instead."""

    def ready(self, task: tuple[datetime, datetime]) -> None:
        own = task[1] + self.number * _HALF_HOUR
        self.token = hold(wish(own), tools=self.tools).token

    def go(self, task: tuple[datetime, datetime]) -> str:
        details = somebody()
        instead = replace(details, instead_at=task[0])
        book(self.token, instead, tools=self.tools)
        return WON


class PressTwice(Racer):
    """Sends the same request as everybody, as an impatient finger does."""

    def go(self, task: tuple[datetime, str]) -> str:
        held = hold(wish(task[0], browser=task[1]), tools=self.tools)
        return f"{WON} {book(held.token, somebody(), tools=self.tools).token}"


class Mixed(Racer):
    """Wants any length with one of three coaches; in a focal round all wishes hold one instant."""

    def ready(self, task: tuple[str, datetime]) -> None:
        kind, at = task
        self.coach = _COACHES[self.number % len(_COACHES)]
        length = self.draw.choice(_MIX)["length_minutes"]
        self.offering = f"coach-{self.coach}-{length}"
        steps = length // 15 if kind == "focal" else 12
        step = self.draw.randrange(steps) * timedelta(minutes=15)
        self.starts_at = at - step if kind == "focal" else at + step

    def go(self, task: tuple[str, datetime]) -> str:
        booked(self.starts_at, self.offering)
        return f"{WON} {self.coach}"


class BookOrBlock(Racer):
    """Every other process is the coach, who blocks where clients book."""

    def ready(self, task: datetime) -> None:
        self.at = task + self.draw.randrange(6) * _HALF_HOUR

    def go(self, task: datetime) -> str:
        if self.number % 2 == 0:
            booked(self.at)
            return f"{WON} a booking"
        span = Span(self.at, self.at + timedelta(minutes=70))
        try:
            block(seat_of(), span, "", around=self.draw.random() < 0.5, tools=self.tools)
        except NotAllowed as refusal:
            raise TimeTaken(refusal.sentence) from refusal
        return f"{WON} a block"


class Storm(Racer):
    """Has a booking and moves it into a free start; refused, it must still have the old one."""

    tokens: Sequence[str] = ()
    starts: Sequence[datetime] = ()

    def ready(self, task: int) -> None:
        self.access = by_link(self.tokens[self.number], tools=self.tools)
        self.old = self._stands_at()
        taken = set(db.session.scalars(select(Occupancy.starts_at)))
        self.new = self.draw.choice([at for at in self.starts if at not in taken])
        db.session.remove()

    def go(self, task: int) -> str:
        try:
            move(self.access, self.new, tools=self.tools)
        except TimeTaken:
            db.session.remove()
            if self._stands_at() != self.old:
                raise AssertionError("a refused move lost its old time") from None
            raise
        db.session.remove()
        if self._stands_at() != self.new:
            raise AssertionError("a move that was told did not happen")
        return WON

    def _stands_at(self) -> datetime:
        booking = db.session.get_one(Booking, self.access.booking_id, populate_existing=True)
        taken = db.session.scalars(
            select(Occupancy.starts_at).where(Occupancy.booking_id == booking.id)
        ).one()
        if booking.status != Status.CONFIRMED or taken != booking.starts_at:
            raise AssertionError(f"the booking is {booking.status} and its time is elsewhere")
        return booking.starts_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one act of one process ended: won, taken, or a fault; and how long it took."""

    word: str
    detail: str
    seconds: float


def race(
    ground: Ground, racers: Sequence[Racer], tasks: Sequence[Any], plan: Plan
) -> list[list[Outcome]]:
    """Let the racers do all tasks, each at one signal; return the outcomes of every round."""
    # A fork of a clean process: no thread, lock or open connection of ours is inherited.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.battery.racing"])
    barrier = context.Barrier(len(racers))
    runs = []
    for racer in racers:
        ours, theirs = context.Pipe(duplex=False)
        run = context.Process(
            target=_run, args=(ground, racer, tasks, barrier, theirs), daemon=True
        )
        run.start()
        theirs.close()
        runs.append((run, ours))
    deadline = time.monotonic() + plan.deadline_seconds
    try:
        columns = [_received(ours, deadline) for _, ours in runs]
    finally:
        for run, _ in runs:
            run.join(timeout=5)
            if run.is_alive():
                run.kill()
    return [list(row) for row in zip(*columns, strict=True)]


def _received(ours: Connection, deadline: float) -> list[Outcome]:
    if not ours.poll(max(0.0, deadline - time.monotonic())):
        raise TimeoutError("a racer did not come back in time")
    found: list[Outcome] = ours.recv()
    return found


def _run(
    ground: Ground, racer: Racer, tasks: Sequence[Any], barrier: Barrier, theirs: Connection
) -> None:
    racer.draw = random.Random(f"{racer.seed}:{racer.number}")
    outcomes: list[Outcome] = []
    with house(ground) as app:
        if racer.control:
            _unprotect(ground)
        _warm(app)
        for task in tasks:
            trouble = ""
            with app.app_context():
                try:
                    racer.ready(task)
                except Exception:  # noqa: BLE001 - whatever it is, it is a finding
                    trouble = traceback.format_exc(limit=-3)
            barrier.wait(timeout=120)
            outcomes.append(Outcome("fault", trouble, 0.0) if trouble else _timed(app, racer, task))
    theirs.send(outcomes)
    theirs.close()


def _warm(app: Any) -> None:
    """Read once all that an act reads, so that the first round is like the others."""
    with app.app_context(), contextlib.suppress(TimeTaken):
        hold(wish(tomorrow() - timedelta(days=7)), tools=the_tools())


def _timed(app: Any, racer: Racer, task: Any) -> Outcome:
    began = time.perf_counter()
    with app.app_context():
        try:
            word, _, detail = racer.go(task).partition(" ")
        except TimeTaken:
            word, detail = TAKEN, ""
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            word, detail = "fault", traceback.format_exc(limit=-3)
    return Outcome(word, detail, time.perf_counter() - began)


def _unprotect(ground: Ground) -> None:
    """Take lock and transaction from this process, and give the others 2 ms to come between."""
    setattr(diary, "lock_diary", lambda *_, **__: True)  # noqa: B010 - a constant name for mypy
    setattr(unit, "WRITING", "nobody asks for this")  # noqa: B010 - so that no BEGIN is IMMEDIATE
    for moment in ("before_insert", "before_update"):
        event.listen(Occupancy, moment, _pause)
    if ground.dialect == "sqlite":
        # A plain BEGIN would not do: the first write of a transaction that has read before fails
        # at once ("database is locked") if somebody else wrote since, and that is a protection
        # too. Statement by statement is what a careless program without transactions does.
        event.listen(db.engine, "before_cursor_execute", _never_begin, retval=True)


def _pause(*_: Any) -> None:
    time.sleep(_PAUSE_SECONDS)


def _never_begin(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any
) -> tuple[str, Any]:
    return ("SELECT 1" if statement.startswith("BEGIN") else statement), parameters


def drop_constraint(ground: Ground) -> None:
    """Take the constraint from a database, so that overlaps can be written."""
    if ground.dialect == "postgresql":
        execute(ground.url, f"ALTER TABLE occupancies DROP CONSTRAINT {NO_OVERLAP}")
        return
    with house(ground), unit_of_work() as session:
        names = session.scalars(
            text(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' "
                f"AND name LIKE '{NO_OVERLAP}%'"
            )
        ).all()
        assert len(names) == 2, names
        for name in names:
            session.execute(text(f"DROP TRIGGER {name}"))


def runners(kind: type[Racer], plan: Plan, *, control: bool = False) -> list[Racer]:
    return [
        kind(number=number, seed=plan.seed, control=control) for number in range(plan.processes)
    ]


def share_the_chat(place: Ground, coaches: int) -> None:
    """Let so many coaches, all around the clock, offer what stands on the front page."""
    with house(place), unit_of_work() as session:
        chat = session.scalars(select(Offering).where(Offering.is_shown)).one()
        for number in range(2, coaches + 1):
            add_coach(session, number, [])
            chat.coaches.append(session.get_one(Coach, number))


def many(rounds: Sequence[object]) -> bool:
    """Whether there are rounds enough for a share of nine in ten to mean something."""
    return len(rounds) >= _MANY_ROUNDS


def judge(verdict: Verdict, rounds: list[list[Outcome]]) -> None:
    """Note faults and the time that acts took."""
    every = [outcome for row in rounds for outcome in row]
    faults = [outcome.detail for outcome in every if outcome.word == "fault"]
    verdict.tell(rounds=len(rounds))
    verdict.expect("faults", len(faults), 0)
    verdict.breaches.extend(dict.fromkeys(faults[:3]))
    seconds = [outcome.seconds for outcome in every]
    verdict.tell(p50=percentile(seconds, 0.5), p99=percentile(seconds, 0.99))


def winners(row: Sequence[Outcome]) -> int:
    return sum(outcome.word == WON for outcome in row)


def contested(plan: Plan, count: int) -> list[datetime]:
    return [tomorrow() + number * _HALF_HOUR for number in range(count)]


def _instead_tasks(plan: Plan, count: int) -> list[tuple[datetime, datetime]]:
    """Return a contested start for each round, and where everybody's own holds of it begin."""
    # Every round's losers keep their holds, so each round has a stretch of its own.
    begin = tomorrow() + timedelta(days=4)
    return [
        (at, begin + number * plan.processes * _HALF_HOUR)
        for number, at in enumerate(contested(plan, count))
    ]


def race_for_one_start(dialect: str, plan: Plan) -> Verdict:
    """All want one start, round after round: exactly one gets it."""
    verdict = Verdict("race: hold and book one start", dialect)
    with ground(dialect) as place:
        tasks = contested(plan, plan.rounds)
        rounds = race(place, runners(HoldAndBook, plan), tasks, plan)
        one = sum(winners(row) == 1 for row in rounds)
        verdict.expect("rounds with one winner", one, len(rounds))
        judge(verdict, rounds)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), len(rounds))
            audit.expect_whole(verdict)
    return verdict


def race_to_book_instead(dialect: str, plan: Plan) -> Verdict:
    """All have holds elsewhere and book one start instead: exactly one gets it."""
    verdict = Verdict("race: book another start instead", dialect)
    with ground(dialect) as place:
        tasks = _instead_tasks(plan, _instead_rounds(plan, plan.side_rounds))
        rounds = race(place, runners(BookInstead, plan), tasks, plan)
        one = sum(winners(row) == 1 for row in rounds)
        verdict.expect("rounds with one winner", one, len(rounds))
        judge(verdict, rounds)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), len(rounds))
            audit.expect_whole(verdict)
    return verdict


def _instead_rounds(plan: Plan, rounds: int) -> int:
    # 55 days of half hours are all that the horizon holds.
    return min(rounds, 55 * 48 // plan.processes)


def race_of_double_presses(dialect: str, plan: Plan, *, coaches: int = 1) -> Verdict:
    """All send the same request at once: one booking, and the same answer for all."""
    whose = "" if coaches == 1 else f" of {coaches} coaches"
    verdict = Verdict(f"race: one request sent by all{whose}", dialect)
    with ground(dialect) as place:
        share_the_chat(place, coaches)
        rounds_wanted = max(plan.side_rounds // 5, 5)
        tasks = [(at, f"key{n}") for n, at in enumerate(contested(plan, rounds_wanted))]
        rounds = race(place, runners(PressTwice, plan), tasks, plan)
        same = sum(
            len({outcome.detail for outcome in row}) == 1 and winners(row) == len(row)
            for row in rounds
        )
        verdict.expect("rounds with one answer", same, len(rounds))
        judge(verdict, rounds)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), len(rounds))
            audit.expect_whole(verdict)
    return verdict


def race_of_mixed_lengths(dialect: str, plan: Plan) -> Verdict:
    """Lengths of 15 to 90 minutes, buffers, three coaches: no overlap, no gap too small."""
    verdict = Verdict("race: mixed lengths, 3 coaches", dialect)
    with ground(dialect) as place:
        with house(place), unit_of_work() as session:
            for number in _COACHES:
                add_coach(session, number, [{"step_minutes": 15, **each} for each in _MIX])
        half = (plan.side_rounds + 1) // 2
        focal = [("focal", tomorrow() + timedelta(hours=6 + 4 * n)) for n in range(half)]
        free = [("free", tomorrow() + timedelta(days=30, hours=3 * n)) for n in range(half)]
        rounds = race(place, runners(Mixed, plan), focal + free, plan)
        wanted = Counter(str(_COACHES[n % len(_COACHES)]) for n in range(plan.processes))
        one = sum(
            Counter(each.detail for each in row if each.word == WON) == Counter(list(wanted))
            for row in rounds[:half]
        )
        verdict.expect("rounds with one winner a coach", one, half)
        judge(verdict, rounds)
        with house(place):
            booked_in_all = sum(winners(row) for row in rounds)
            verdict.expect("confirmed", audit.confirmed(), booked_in_all)
            verdict.expect("gaps too small", audit.gaps_too_small(), 0)
            audit.expect_whole(verdict)
    return verdict


def race_with_blocks(dialect: str, plan: Plan) -> Verdict:
    """The coach blocks time while clients book it: each booking is before, or refused."""
    verdict = Verdict("race: clients book, the coach blocks", dialect)
    with ground(dialect) as place:
        tasks = [tomorrow() + timedelta(hours=5 * n) for n in range(plan.side_rounds)]
        rounds = race(place, runners(BookOrBlock, plan), tasks, plan)
        judge(verdict, rounds)
        won = Counter(each.detail for row in rounds for each in row if each.word == WON)
        verdict.tell(blocks=won["a block"])
        verdict.require("nobody blocked or nobody booked", holds=len(won) == 2)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), won["a booking"])
            audit.expect_whole(verdict)
    return verdict


def storm_of_moves(dialect: str, plan: Plan) -> Verdict:
    """Everybody moves into a few free starts: no overlap, and nobody loses a time by a refusal."""
    verdict = Verdict("storm: moves into 8 free starts", dialect)
    with ground(dialect) as place:
        starts = [
            tomorrow() + number * _HALF_HOUR for number in range(plan.processes + _SPARE_STARTS)
        ]
        racers = runners(Storm, plan)
        with house(place):
            tokens = [booked(at) for at in starts[: plan.processes]]
        for racer in racers:
            assert isinstance(racer, Storm)
            racer.tokens, racer.starts = tokens, starts
        rounds = race(place, racers, list(range(plan.side_rounds)), plan)
        judge(verdict, rounds)
        moved = sum(winners(row) for row in rounds)
        verdict.tell(moved=moved, refused=plan.processes * len(rounds) - moved)
        verdict.require("nothing moved at all", holds=moved > 0)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), plan.processes)
            audit.expect_whole(verdict)
    return verdict


def control(dialect: str, plan: Plan) -> Verdict:
    """Without lock and constraint the same races must double-book, or the harness is void."""
    verdict = Verdict("control: no lock, no constraint", dialect)
    for kind, name in ((HoldAndBook, "held twice"), (BookInstead, "booked twice")):
        with ground(dialect) as place:
            drop_constraint(place)
            count = plan.control_rounds
            tasks: list[Any] = contested(plan, count)
            if kind is BookInstead:
                tasks = list(_instead_tasks(plan, _instead_rounds(plan, count)))
            rounds = race(place, runners(kind, plan, control=True), tasks, plan)
            doubled = sum(winners(row) > 1 for row in rounds)
            verdict.tell(**{f"rounds {name}": f"{doubled} of {len(rounds)}"})
            # Ten rounds among a whole test run are too few for a share of nine in ten.
            share = 0.9 if many(rounds) else 0.5
            enough = doubled >= share * len(rounds)
            verdict.require(f"only {doubled} of {len(rounds)} rounds {name}: void", holds=enough)
            with house(place):
                found = audit.overlaps()
                verdict.tell(**{f"overlaps {name}": found})
                verdict.require("the audit is blind", holds=found > 0 or kind is HoldAndBook)
            _warn_of_faults(verdict, rounds)
    return verdict


def _warn_of_faults(verdict: Verdict, rounds: list[list[Outcome]]) -> None:
    faults = [each.detail for row in rounds for each in row if each.word == "fault"]
    verdict.tell(faults=int(verdict.figures.get("faults", "0")) + len(faults))


RACES = (
    race_for_one_start,
    race_to_book_instead,
    race_of_double_presses,
    race_of_mixed_lengths,
    race_with_blocks,
    storm_of_moves,
    control,
)
