"""A crowd at the front door: many browsers over HTTP, few starts, every one of them booked once."""

import http.client
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.battery import audit
from tests.battery.ground import ground, house, open_only, tomorrow
from tests.battery.plan import Plan
from tests.battery.verdict import Verdict, percentile
from tests.battery.web import Answer, Browser, WebServer, csrf_of, hidden_of, starts_of

_CALLING_PROCESSES = 2
_STARTS_AT_ONCE = 4
_DAYS = 5


@dataclass
class Visitor:
    """One browser that wants one start: first the page, then the press, then the details."""

    number: int
    port: int
    start: str
    outcome: str = ""
    token: str = ""
    steps: tuple[tuple[str, float], ...] = ()

    def open_page(self) -> None:
        """Fetch the front page; its form carries a key of its own."""
        self._browser = Browser(self.port)
        page = self._asked("page", self._browser.get("/"))
        self._fields = hidden_of(page.text) if page.status == 200 else {}
        if not self._fields.get("csrf_token"):
            self.outcome = f"{page.status} at the page, or no form on it"

    def press(self) -> None:
        """Press the start; who gets it, gives the details at once."""
        if self.outcome:
            return
        fields = self._fields | {"who": "me", "t": self.start}
        held = self._asked("hold", self._browser.post("/book/hold", fields))
        if held.status != 303:
            self.outcome = f"{held.status} at the hold"
            return
        page = self._asked("details page", self._browser.get(held.location))
        details = {
            "csrf_token": csrf_of(page.text),
            "name": "Sam",
            "email": f"visitor-{self.number}@mail.example",
            "reminder": "y",
        }
        done = self._asked("details", self._browser.post(held.location, details))
        booked = done.status == 303 and done.location.startswith("/a/")
        self.outcome = "booked" if booked else f"{done.status} at the details"
        self.token = done.location.removeprefix("/a/") if booked else ""

    def _asked(self, step: str, answer: Answer) -> Answer:
        self.steps = (*self.steps, (step, answer.seconds))
        return answer


def crowd(dialect: str, plan: Plan) -> Verdict:
    """So many attempts on so few starts: all starts booked once, all others refused politely."""
    verdict = Verdict(f"HTTP: {plan.attempts} attempts on {plan.starts} starts", dialect)
    with ground(dialect) as place:
        # Five dates with an equal share of the starts; the front page shows all of them.
        share = plan.starts // _DAYS
        days = {tomorrow().date() + timedelta(days=n): share * 30 for n in range(_DAYS)}
        open_only(place, days)
        with WebServer(place, plan.web_workers) as server:
            starts = starts_of(Browser(server.port).get("/").text)
            verdict.expect("starts on the page", len(starts), plan.starts)
            began = time.monotonic()
            found = _rush(server.port, starts, plan)
            took = time.monotonic() - began
            _judge(verdict, found, plan)
            verdict.tell(attempts_a_second=plan.attempts / took)
            for defect in server.defects():
                verdict.breaches.append(f"in the log: {defect}")
        promised = {f"visitor-{n}@mail.example": token for n, token in found.promised.items()}
        audit.expect_acknowledged(verdict, place, promised)
        with house(place):
            verdict.expect("confirmed", audit.confirmed(), plan.starts)
    return verdict


@dataclass
class _Found:
    outcomes: Counter[str]
    seconds: dict[str, list[float]]
    promised: dict[int, str]


def _judge(verdict: Verdict, found: _Found, plan: Plan) -> None:
    refused = sum(number for what, number in found.outcomes.items() if what.startswith("409"))
    verdict.expect("booked", found.outcomes["booked"], plan.starts)
    verdict.expect("refused with 409", refused, plan.attempts - plan.starts)
    for what, number in found.outcomes.items():
        polite = what == "booked" or what.startswith("409")
        verdict.require(f"{number} x {what}", holds=polite)
    for step, seconds in found.seconds.items():
        shown = f"{percentile(seconds, 0.5)} / {percentile(seconds, 0.99)}"
        verdict.tell(**{f"{step} p50 / p99": shown})


def _rush(port: int, starts: Sequence[str], plan: Plan) -> _Found:
    """Send the visitors, a few starts at a time, from processes of their own."""
    draw = random.Random(plan.seed)
    each = plan.attempts // plan.starts
    rounds = []
    numbers = iter(range(plan.attempts))
    for begin in range(0, len(starts), _STARTS_AT_ONCE):
        wanted = [start for start in starts[begin : begin + _STARTS_AT_ONCE] for _ in range(each)]
        draw.shuffle(wanted)
        rounds.append([Visitor(next(numbers), port, start) for start in wanted])
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.battery.racing"])
    barrier = context.Barrier(_CALLING_PROCESSES)
    lines = []
    for number in range(_CALLING_PROCESSES):
        ours, theirs = context.Pipe(duplex=False)
        mine = [visitors[number::_CALLING_PROCESSES] for visitors in rounds]
        threads = max(plan.callers // _CALLING_PROCESSES, 1)
        context.Process(target=_call, args=(mine, threads, barrier, theirs), daemon=True).start()
        theirs.close()
        lines.append(ours)
    found = _Found(Counter(), {}, {})
    for line in lines:
        if not line.poll(plan.deadline_seconds):
            raise TimeoutError("the crowd did not come back in time")
        _gather(found, line.recv())
    return found


def _gather(found: _Found, told: Sequence[tuple[int, str, str, Any]]) -> None:
    for number, outcome, token, steps in told:
        found.outcomes[outcome] += 1
        if token:
            found.promised[number] = token
        for step, seconds in steps:
            found.seconds.setdefault(step, []).append(seconds)


def _call(
    rounds: Sequence[Sequence[Visitor]], threads: int, barrier: Barrier, theirs: Connection
) -> None:
    told = []
    with ThreadPoolExecutor(threads) as pool:
        for visitors in rounds:
            for act in (Visitor.open_page, Visitor.press):
                # All pages are open before the first press: then nobody is late by design.
                list(pool.map(lambda visitor, act=act: _safely(visitor, act), visitors))
                barrier.wait(timeout=300)
            told += [(each.number, each.outcome, each.token, each.steps) for each in visitors]
    theirs.send(told)
    theirs.close()


def _safely(visitor: Visitor, act: Any) -> None:
    try:
        act(visitor)
    except (OSError, http.client.HTTPException, AssertionError) as fault:
        visitor.outcome = f"{type(fault).__name__}: {fault}"
