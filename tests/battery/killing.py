"""Processes that die: web workers while people book, mail workers between sending and marking."""

# ruff: noqa: ARG002 (aiosmtpd passes by position more than an answer needs)

import contextlib
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from itertools import count
from threading import Event

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from sqlalchemy import select, update

from practice.models.base import db
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.unit import unit_of_work
from tests.battery import audit
from tests.battery.ground import Ground, booked, ground, house, tomorrow
from tests.battery.plan import Plan
from tests.battery.verdict import Verdict, percentile
from tests.battery.web import Load, WebServer, free_port, until

_HORIZON_STARTS = 58 * 48
_HALF_HOUR = timedelta(minutes=30)


def all_starts(draw: random.Random) -> Iterator[datetime]:
    """Yield the starts of the horizon in no order, again and again: who is late is refused."""
    starts = [tomorrow() + number * _HALF_HOUR for number in range(_HORIZON_STARTS)]
    for _ in count():
        draw.shuffle(starts)
        yield from starts


def killed_web_workers(dialect: str, plan: Plan) -> Verdict:
    """Workers are killed while people book: nothing acknowledged is lost, nothing stands half."""
    verdict = Verdict(f"kill -9: {plan.kills} web workers", dialect)
    draw = random.Random(plan.seed)
    with ground(dialect) as place:
        with (
            WebServer(place, plan.kill_workers) as server,
            Load(server.port, all_starts(draw), plan.kill_callers) as load,
        ):
            killed = _kill_many(server, load, draw, plan)
            before = len(load.promised)
            until(
                lambda: len(load.promised) > before, seconds=30, what="booking goes on afterwards"
            )
        verdict.expect("kills", killed, plan.kills)
        judge_load(verdict, load, server)
        audit.expect_acknowledged(verdict, place, load.promised)
    return verdict


def _kill_many(server: WebServer, load: Load, draw: random.Random, plan: Plan) -> int:
    killed = 0
    pause = Event()
    while killed < plan.kills:
        before = len(load.promised)
        # Each kill meets a house that books: something was acknowledged since the last one.
        _books_again(server, load, before)
        pause.wait(draw.random() * 0.03)  # so that kills do not keep step with answers
        killed += server.kill_worker(draw)
    return killed


def _books_again(server: WebServer, load: Load, before: int) -> None:
    until(
        lambda: len(load.promised) > before and len(server.workers()) > 1,
        seconds=60,
        what="somebody is booked between two kills",
    )


def judge_load(verdict: Verdict, load: Load, server: WebServer) -> None:
    """Note what visitors saw, and what stands in the log of the server."""
    verdict.tell(acknowledged=len(load.promised))
    verdict.tell(answers=dict(load.statuses))
    verdict.tell(p50=percentile(load.seconds, 0.5), p99=percentile(load.seconds, 0.99))
    verdict.breaches.extend(f"{n} x {fault}" for fault, n in Counter(load.faults).items())
    verdict.breaches.extend(f"in the log: {defect}" for defect in server.defects())


class _Office:
    """A mail server that takes every letter, and kills the worker that brings it when told to."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.worker: subprocess.Popen[bytes] | None = None
        self.kills_left = 0
        self.killed = 0

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: object, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.ids[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        if self.kills_left and self.worker is not None:
            # The letter is taken, and whoever brought it never learns so.
            self.kills_left -= 1
            self.killed += 1
            self.worker.send_signal(signal.SIGKILL)
        return "250 OK"


def killed_mail_workers(dialect: str, plan: Plan) -> Verdict:
    """Mail workers die between sending and marking: every letter goes, twice only by a kill."""
    verdict = Verdict(f"kill -9: {plan.mail_kills} mail workers", dialect)
    office = _Office()
    with ground(dialect) as place:
        with house(place):
            for number in range(plan.mail_letters // 2):
                booked(tomorrow() + number * _HALF_HOUR)
        port = free_port()
        controller = Controller(office, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            with house(place):
                for _ in range(plan.mail_kills):
                    office.kills_left = 1
                    with _worker(place, port, office) as worker:
                        worker.wait(60)
                    _five_minutes_pass()
                with _worker(place, port, office):
                    until(lambda: _due() == 0, seconds=120, what="all due letters are sent")
                _judge_mail(verdict, office, plan)
                audit.expect_whole(verdict)
        finally:
            controller.stop()
    return verdict


@contextlib.contextmanager
def _worker(place: Ground, port: int, office: _Office) -> Iterator[subprocess.Popen[bytes]]:
    with (place.instance / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "practice", "worker"],
            env=place.environ(PRACTICE_SMTP_URL=f"smtp://127.0.0.1:{port}"),
            stdout=log,
            stderr=log,
        )
    office.worker = worker
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.terminate()
            try:
                worker.wait(15)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait(5)


def _five_minutes_pass() -> None:
    """Let every lease end, as it would by itself after five minutes."""
    with unit_of_work() as session:
        session.execute(
            update(OutboxLetter)
            .where(OutboxLetter.state == LetterState.LEASED)
            .values(leased_until=datetime.now(UTC) - timedelta(seconds=1))
        )
    db.session.remove()


def _due() -> int:
    rows = db.session.scalars(
        select(OutboxLetter.id).where(
            OutboxLetter.state.in_((LetterState.WAITING, LetterState.LEASED)),
            OutboxLetter.due_at <= datetime.now(UTC),
        )
    ).all()
    db.session.remove()
    return len(rows)


def _judge_mail(verdict: Verdict, office: _Office, plan: Plan) -> None:
    sent = set(
        db.session.scalars(
            select(OutboxLetter.reference).where(OutboxLetter.state == LetterState.SENT)
        )
    )
    states = Counter(db.session.scalars(select(OutboxLetter.state)))
    db.session.remove()
    twice = sum(number - 1 for number in office.ids.values())
    verdict.expect("kills", office.killed, plan.mail_kills)
    verdict.expect("letters sent", len(office.ids), 2 * (plan.mail_letters // 2))
    verdict.expect("marked as sent", len(sent), len(office.ids))
    verdict.expect("never sent", states[LetterState.DEAD], 0)
    verdict.tell(sent_twice_with_one_id=twice)
    verdict.require(
        f"{twice} letters came twice after {office.killed} kills", holds=twice <= office.killed
    )
    for message_id in office.ids:
        own = any(reference in message_id for reference in sent)
        verdict.require(f"a letter with a foreign id {message_id}", holds=own)
