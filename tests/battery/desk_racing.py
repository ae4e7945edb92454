"""Races of the desk's ways into a diary, and of several coaches for one start.

The control of the second kind of race runs without lock and constraint, as that of the first does.
"""

import contextlib
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations

from practice.domain.booking import Actor, ByHand, Who
from practice.domain.refusal import NotAllowed, TimeTaken
from practice.domain.repeating import Repeat, Stretch
from practice.domain.roles import Role, Seat
from practice.domain.span import Span
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.link import Purpose, link_of
from practice.ports import Tools
from practice.usecases.appointment import Access, by_link
from practice.usecases.blocking import block, block_often
from practice.usecases.booking import book, hold
from practice.usecases.by_hand import book_by_hand
from practice.usecases.moving import move
from tests.battery import audit
from tests.battery.ground import booked, ground, house, somebody, tomorrow, wish
from tests.battery.plan import Plan
from tests.battery.racing import (
    TAKEN,
    WON,
    Outcome,
    Racer,
    contested,
    drop_constraint,
    judge,
    many,
    race,
    race_of_double_presses,
    runners,
    share_the_chat,
    winners,
)
from tests.battery.verdict import Verdict
from tests.makers import seat_of

_WAYS = ("a client", "by hand", "a move", "a block", "a repeated block")
# A block is written fastest and wins most rounds, so round by round other two meet.
_MEETINGS = (_WAYS, *combinations(_WAYS, 2))
_HALF_HOUR = timedelta(minutes=30)
_SEAT = Seat(1, Role.OWNER, 1)
_CHAT = 1
_COACHES = 3


class AnyWay(Racer):
    """Wants the same half hour of one coach as everybody, by one of the ways of the round."""

    way: str = ""
    access: Access | None = None

    def ready(self, task: tuple[datetime, Sequence[str]]) -> None:
        self.way = task[1][self.number % len(task[1])]
        if self.way == "a move" and self.access is None:
            own = tomorrow() + timedelta(days=40) + self.number * _HALF_HOUR
            known = by_link(booked(own), tools=self.tools)
            self.access = Access(known.booking_id, known.coach_id, Actor.COACH)

    def go(self, task: tuple[datetime, Sequence[str]]) -> str:
        try:
            self._take(task[0])
        except NotAllowed as refusal:  # what is taken cannot be blocked
            raise TimeTaken(refusal.sentence) from refusal
        return f"{WON} {self.way}"

    def _take(self, at: datetime) -> None:
        if self.way == "a client":
            booked(at)
        elif self.way == "a block":
            block(seat_of(), Span(at, at + _HALF_HOUR), "", around=False, tools=self.tools)
        elif self.way == "a repeated block":
            _block_three_weeks(at, self.tools)
        elif self.way == "a move" and self.access is not None:
            move(self.access, at, tools=self.tools)
        else:
            book_by_hand(_SEAT, _by_hand(at), tools=self.tools)


class AnyCoach(Racer):
    """Wants the same start as everybody, with whoever has it."""

    def go(self, task: datetime) -> str:
        held = hold(wish(task), tools=self.tools)
        link = link_of(db.session(), Purpose.HOLD, held.token, now=self.tools.clock.now())
        assert link is not None
        coach_id = db.session.get_one(Booking, link.booking_id).coach_id
        with contextlib.suppress(TimeTaken):
            # Only the control is refused here: two were given the time, and the second look saw it.
            book(held.token, somebody(), tools=self.tools)
        return f"{WON} {coach_id}"


def _block_three_weeks(at: datetime, tools: Tools) -> None:
    on, minute = at.date(), at.hour * 60 + at.minute
    stretch = Stretch(on, minute, on, minute + 30)
    repeat = Repeat(1, on + timedelta(weeks=2))
    if block_often(_SEAT, stretch, repeat, "", around=False, tools=tools).left_out:
        raise TimeTaken("Another block had the first of its times.")


def _by_hand(at: datetime) -> ByHand:
    who = somebody()
    return ByHand(
        _CHAT, at, Who.ME, who.name, who.email, confirms=True, reminds=True,
        key=secrets.token_hex(8),
    )  # fmt: skip


def race_of_all_ways(dialect: str, plan: Plan) -> Verdict:
    """Clients, notes by hand, moves, blocks and repeated ones want one half hour: one gets it."""
    verdict = Verdict("race: client, by hand, move, block", dialect)
    with ground(dialect) as place:
        starts = contested(plan, plan.side_rounds)
        tasks = [(at, _MEETINGS[n % len(_MEETINGS)]) for n, at in enumerate(starts)]
        rounds = race(place, runners(AnyWay, plan), tasks, plan)
        one = sum(winners(row) == 1 for row in rounds)
        verdict.expect("rounds with one winner", one, len(rounds))
        judge(verdict, rounds)
        won = Counter(each.detail for row in rounds for each in row if each.word == WON)
        verdict.tell(**{way: won[way] for way in _WAYS})
        if many(rounds):
            verdict.require(f"only by {sorted(won)}", holds=len(won) == len(_WAYS))
        with house(place):
            audit.expect_whole(verdict)
    return verdict


def race_for_any_coach(dialect: str, plan: Plan) -> Verdict:
    """All want one start of three coaches: each has it once, and all others are told "taken"."""
    verdict = Verdict(f"race: one start of {_COACHES} coaches", dialect)
    with ground(dialect) as place:
        share_the_chat(place, _COACHES)
        rounds = race(place, runners(AnyCoach, plan), contested(plan, plan.side_rounds), plan)
        each = sum(_by_coach(row) == dict.fromkeys(_names(), 1) for row in rounds)
        verdict.expect("rounds with one winner a coach", each, len(rounds))
        told = sum(outcome.word == TAKEN for row in rounds for outcome in row)
        verdict.expect("told taken", told, len(rounds) * (plan.processes - _COACHES))
        judge(verdict, rounds)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), len(rounds) * _COACHES)
            audit.expect_whole(verdict)
    return verdict


def double_presses_for_any_coach(dialect: str, plan: Plan) -> Verdict:
    """All send the same request for any of three coaches at once: one booking with one of them."""
    return race_of_double_presses(dialect, plan, coaches=_COACHES)


def control_of_any_coach(dialect: str, plan: Plan) -> Verdict:
    """Without lock and constraint the same race must give one coach's time twice."""
    verdict = Verdict("control: any coach, no lock", dialect)
    with ground(dialect) as place:
        share_the_chat(place, _COACHES)
        drop_constraint(place)
        tasks = contested(plan, plan.control_rounds)
        rounds = race(place, runners(AnyCoach, plan, control=True), tasks, plan)
        doubled = sum(max(_by_coach(row).values(), default=0) > 1 for row in rounds)
        verdict.tell(rounds_held_twice=f"{doubled} of {len(rounds)}")
        enough = doubled >= (0.9 if many(rounds) else 0.5) * len(rounds)
        verdict.require(f"only {doubled} of {len(rounds)} rounds: void", holds=enough)
    return verdict


def _by_coach(row: Sequence[Outcome]) -> Counter[str]:
    return Counter(outcome.detail for outcome in row if outcome.word == WON)


def _names() -> list[str]:
    return [str(number + 1) for number in range(_COACHES)]


DESK_RACES = (
    race_of_all_ways,
    race_for_any_coach,
    double_presses_for_any_coach,
    control_of_any_coach,
)
