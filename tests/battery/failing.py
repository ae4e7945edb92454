"""A database that goes away while people book: a crash of PostgreSQL, a lock on the SQLite file."""

import multiprocessing
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from sqlalchemy import make_url

from tests.battery import audit
from tests.battery.ground import Ground, built, ground
from tests.battery.killing import all_starts, judge_load
from tests.battery.plan import Plan
from tests.battery.server import DurableServer
from tests.battery.verdict import Verdict
from tests.battery.web import Load, WebServer, until

_RECOVERY_SECONDS = 5.0


def database_away(dialect: str, plan: Plan) -> Verdict:
    """Nothing acknowledged is lost, nobody sees a 500, and booking goes on within 5 seconds."""
    if dialect == "sqlite":
        return _locked_file(plan)
    return _crashed_server(plan)


def _locked_file(plan: Plan) -> Verdict:
    name = f"SQLite file locked {plan.lock_rounds} x {plan.locked_seconds:g} s"
    verdict = Verdict(name, "sqlite")
    with ground("sqlite") as place:
        with _visited(place, plan, verdict) as load:
            for _ in range(plan.lock_rounds):
                _somebody_booked(load)
                with _held_by_another(place):
                    threading.Event().wait(plan.locked_seconds)
                _note_recovery(verdict, load)
        audit.expect_acknowledged(verdict, place, load.promised)
    return verdict


def _crashed_server(plan: Plan) -> Verdict:
    with DurableServer() as server, ground("sqlite") as folder:
        kind = "immediate restarts" if server.can_crash else "ends of all connections"
        verdict = Verdict(f"PostgreSQL: {plan.restarts} {kind}", "postgresql")
        place = built(Ground("postgresql", server.new_database(), folder.instance))
        with _visited(place, plan, verdict) as load:
            for _ in range(plan.restarts):
                _somebody_booked(load)
                server.crash()
                server.come_back()
                _note_recovery(verdict, load)
        audit.expect_acknowledged(verdict, place, load.promised)
    return verdict


@contextmanager
def _visited(place: Ground, plan: Plan, verdict: Verdict) -> Iterator[Load]:
    draw = random.Random(plan.seed)
    with WebServer(place, plan.kill_workers) as server:
        with Load(server.port, all_starts(draw), plan.kill_callers) as load:
            yield load
        judge_load(verdict, load, server)
        answered = sum(n for status, n in load.statuses.items() if status.isdigit())
        verdict.tell(share_of_503=f"{100 * load.statuses['503'] / max(answered, 1):.1f} %")


def _somebody_booked(load: Load) -> None:
    before = len(load.promised)
    until(lambda: len(load.promised) > before, seconds=60, what="somebody is booked")


def _note_recovery(verdict: Verdict, load: Load) -> None:
    before = len(load.promised)
    took = until(lambda: len(load.promised) > before, seconds=60, what="booking goes on")
    slowest = max(took, float(verdict.figures.get("recovery s", "0")))
    verdict.tell(recovery_s=slowest)
    verdict.require(f"booking went on only after {took:.1f} s", holds=took < _RECOVERY_SECONDS)


@contextmanager
def _held_by_another(place: Ground) -> Iterator[None]:
    """Let another process hold the write lock of the file."""
    context = multiprocessing.get_context("forkserver")
    locked, enough = context.Event(), context.Event()
    path = make_url(place.url).database
    other = context.Process(target=_hold_lock, args=(path, locked, enough), daemon=True)
    other.start()
    assert locked.wait(60), "the file could not be locked"
    try:
        yield
    finally:
        enough.set()
        other.join(10)


def _hold_lock(path: str, locked: Event, enough: Event) -> None:
    link = sqlite3.connect(path, timeout=30, isolation_level=None)
    link.execute("BEGIN IMMEDIATE")
    locked.set()
    enough.wait(120)
    link.execute("ROLLBACK")
    link.close()
