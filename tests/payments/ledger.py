"""A small model of bookings and money: what must be so, told once more and without any database.

It knows what happened at the payment service (`truth`) and what the house has learnt of it
(`known`). Every act that a test does to the house is done here as well; it returns the name of the
refusal that must come, or "".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes import FrozenClock

MINUTE = timedelta(minutes=1)
PRICE = 9000
DECIDED = {"won", "lost"}
UNDECIDED = {"opening", "open", "processing"}


@dataclass(eq=False)
class Back:
    """Money on its way back, as our rows have it; `due` is None where chance moved it."""

    minor: int
    reason: str
    since: datetime
    due: datetime | None
    key: str = ""
    state: str = "waiting"
    attempts: int = 0
    tries: int = 0
    wait: int = 0
    name: str = ""

    def again(self, times: int) -> None:
        """Wait a minute after the first time, then two, four … sixty, more or less."""
        self.due, self.wait = None, min(2 ** (times - 1), 60)


@dataclass(eq=False)
class Given:
    """A refund at the service: ours, where it was asked for by `back`."""

    name: str
    minor: int
    back: Back | None = None
    stands: bool = True


@dataclass(eq=False)
class Try:
    """One try to pay."""

    visit: "Visit"
    opened_at: datetime
    held_until: datetime
    session: str = ""
    intent: str = ""
    truth: str = "none"
    known: str = "opening"
    is_intent_known: bool = False
    taken: int = 0
    received: int = 0
    dispute: str = ""
    backs: list[Back] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.visit.tries.index(self) + 1

    @property
    def kept(self) -> int:
        return self.received - sum(back.minor for back in self.backs if back.state != "failed")

    @property
    def left(self) -> int:
        """What the service could still give back."""
        return self.taken - sum(given.minor for given in self.given if given.stands)

    @property
    def is_stood_on(self) -> bool:
        """Whether a booking may stand on it."""
        return self.known == "paid" and not any(
            back.reason in {"late", "twice"} for back in self.backs
        )


@dataclass(eq=False)
class Visit:
    """A booking, free or paid."""

    id: int
    token: str
    person: str
    starts_at: datetime
    minutes: int
    status: str
    held_until: datetime | None = None
    letters: int = 0
    cancelled_at: datetime | None = None
    cancelled_by: str = ""
    most: int = 2
    tries: list[Try] = field(default_factory=list)

    @property
    def is_paid(self) -> bool:
        return self.minutes == 60

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.minutes * MINUTE

    @property
    def takes_time(self) -> bool:
        return self.status in {"held", "pending", "confirmed"}

    @property
    def paid_try(self) -> Try | None:
        return next((one for one in self.tries if one.is_stood_on), None)


class Ledger:
    """All bookings and all money."""

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.visits: list[Visit] = []
        self.tries: list[Try] = []
        self.backs: list[tuple[Try, Back]] = []
        self.heard: set[str] = set()
        self.concerns: list[tuple[str, Try]] = []

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def pass_time(self) -> None:
        """Let holds and sessions end whose time is over."""
        for visit in self.visits:
            if visit.status == "held" and visit.held_until and visit.held_until <= self.now:
                visit.status = "expired"
        for one in self.tries:
            if one.truth == "open" and one.opened_at + 31 * MINUTE <= self.now:
                one.truth = "ended"

    def is_free(self, starts_at: datetime, minutes: int, but: Visit | None = None) -> bool:
        ends_at = starts_at + minutes * MINUTE
        return not any(
            one is not but
            and one.takes_time
            and one.starts_at < ends_at
            and starts_at < one.ends_at
            for one in self.visits
        )

    def is_open(self, starts_at: datetime, minutes: int, but: Visit | None = None) -> bool:
        return starts_at > self.now and self.is_free(starts_at, minutes, but)

    # What clients do.

    def pay(self, visit: Visit, *, looks: bool, trouble: str) -> str:
        """Begin to pay, or pay again, which looks first; trouble away or lost hits the service."""
        if looks and visit.status == "pending":
            self.look(visit.tries[-1])
        if visit.status in {"held", "expired"}:
            if not self.is_open(visit.starts_at, visit.minutes, visit):
                return "TimeTaken"
            self._hold(visit)
        current = visit.tries[-1]
        if current.known != "opening":
            return ""
        if trouble == "away":
            return "NoPayment"
        if current.truth == "none":
            current.truth = "open"
        if trouble == "lost":
            return "NoPayment"
        self.learn(current)
        return ""

    def _hold(self, visit: Visit) -> None:
        until = min(self.now + 35 * MINUTE, visit.starts_at)
        visit.status, visit.held_until = "held", until
        before = visit.tries[-1] if visit.tries else None
        if before is not None and before.known == "opening":
            if self.now < before.opened_at + MINUTE:
                before.held_until = until
                return
            before.known = "expired"
        made = Try(visit, self.now, until)
        visit.tries.append(made)
        self.tries.append(made)

    def give_up(self, visit: Visit) -> None:
        if visit.status == "pending":
            current = visit.tries[-1]
            if current.known in UNDECIDED:
                self._end(current)
        elif visit.status == "held":
            visit.status = "expired"

    def come_back(self, visit: Visit) -> None:
        if visit.tries and visit.tries[-1].known in UNDECIDED:
            self.look(visit.tries[-1])

    def cancel(self, visit: Visit, by: str) -> str:
        if visit.status == "cancelled":
            return ""
        if visit.status != "confirmed" or visit.ends_at <= self.now:
            return "NotAllowed"
        if by == "client" and visit.starts_at <= self.now:
            return "TooLate"
        paid = visit.paid_try
        if paid is not None:
            money = paid.kept
            if by == "client":
                money = paid.received * self._halves(visit) // 2 - (paid.received - paid.kept)
            if money > 0:
                self._back(paid, money, "cancelled", self.now + 10 * MINUTE)
        visit.status, visit.cancelled_at, visit.cancelled_by = "cancelled", self.now, by
        return ""

    def _halves(self, visit: Visit) -> int:
        """How many halves go back by cancelling now; a late move never makes it more again."""
        ahead = visit.starts_at - self.now
        return min(visit.most, 2 if ahead >= 1440 * MINUTE else 1 if ahead >= 720 * MINUTE else 0)

    def undo(self, visit: Visit, by: str) -> str:
        if visit.status == "confirmed":
            return ""
        at = visit.cancelled_at
        may = visit.status == "cancelled" and visit.cancelled_by == by and at is not None
        if not may or at is None or self.now > at + 10 * MINUTE or self.now >= visit.starts_at:
            return "NotAllowed"
        backs = [
            (one, back) for one in visit.tries for back in one.backs if back.reason == "cancelled"
        ]
        if any(
            back.state == "done" or (back.state == "waiting" and back.attempts) for _, back in backs
        ):
            return "NotAllowed"
        if any(self._is_gone_since(back, at) for one in visit.tries for back in one.backs):
            return "NotAllowed"
        if not self.is_free(visit.starts_at, visit.minutes, visit):
            return "TimeTaken"
        for one, back in backs:
            if back.state == "waiting":
                one.backs.remove(back)
                self.backs.remove((one, back))
        visit.status, visit.cancelled_at, visit.cancelled_by = "confirmed", None, ""
        visit.letters += 1
        return ""

    def _is_gone_since(self, back: Back, at: datetime) -> bool:
        is_to_drop = back.reason == "cancelled" and back.state == "waiting"
        return back.state != "failed" and not is_to_drop and back.since >= at

    def move(self, visit: Visit, to: datetime, by: str) -> str:
        if visit.status != "confirmed" or visit.ends_at <= self.now:
            return "NotAllowed"
        if visit.starts_at == to:
            return ""
        if by == "client" and visit.starts_at <= self.now:
            return "TooLate"
        if to <= self.now:
            return "TimeTaken" if by == "client" else "Invalid"
        if not self.is_free(to, visit.minutes, visit):
            return "TimeTaken"
        if by == "client":
            visit.most = self._halves(visit)
        visit.starts_at = to
        return ""

    # What the coach does.

    def give(self, one: Try, minor: int, key: str) -> str:
        """Give money of a payment back, from the desk."""
        if one.known != "paid":
            return "NotAllowed"
        if any(back.key == key for back in one.backs):
            return ""
        if not 0 < minor <= one.kept:
            return "NotAllowed"
        self._back(one, minor, "coach", self.now, key)
        return ""

    def accept(self, one: Try) -> str:
        """Take money that was not what was asked for as it is."""
        visit = one.visit
        if not self._is_to_decide(one) or one.kept <= 0:
            return "NotAllowed"
        if visit.status != "pending":
            is_open = self.is_open(visit.starts_at, visit.minutes, visit)
            if visit.status not in {"held", "expired"} or not is_open:
                return "NotAllowed"
        self._confirm(one)
        return ""

    def send_back(self, one: Try) -> str:
        """Give money that was not what was asked for back."""
        visit = one.visit
        if not self._is_to_decide(one):
            return "NotAllowed"
        if one.kept > 0:
            self._back(one, one.kept, "coach", self.now, f"strange:{len(one.backs)}")
        if visit.status in {"held", "pending"} and visit.tries[-1] is one:
            visit.status = "expired"
        return ""

    def _is_to_decide(self, one: Try) -> bool:
        waits = one.visit.status in {"held", "pending"} and one.visit.tries[-1] is one
        return one.known == "strange" and (waits or one.kept > 0)

    def give_by_hand(self, one: Try, name: str, minor: int) -> None:
        """Give money back in the service's dashboard; the house hears of it by a notice only."""
        one.given.append(Given(name, minor))

    # What the house learns.

    def learn(self, one: Try) -> None:
        """Hear how a session stands now, from whomever."""
        if one.known in {"paid", "strange"}:
            return
        visit = one.visit
        if one.truth == "paid":
            self._learn_paid(one)
        elif one.known not in UNDECIDED:
            return
        elif one.truth in {"ended", "failed"}:
            one.known = "expired" if one.truth == "ended" else "failed"
            if visit.status == "pending" and visit.tries[-1] is one:
                visit.status = "expired"
        else:
            self._learn_to_wait(one)

    def _learn_to_wait(self, one: Try) -> None:
        if one.truth == "processing":
            one.known, one.is_intent_known = "processing", True
        elif one.known == "opening":
            one.known = "open"
        if one.visit.status == "held":
            one.visit.status = "pending"

    def _learn_paid(self, one: Try) -> None:
        visit = one.visit
        one.received, one.is_intent_known = one.taken, True
        if one.taken != PRICE:
            one.known = "strange"
            self.concerns.append(("amount_differs", one))
            return
        one.known = "paid"
        is_waited_for = visit.status in {"held", "pending"}
        if is_waited_for or (
            visit.status == "expired" and self.is_open(visit.starts_at, visit.minutes, visit)
        ):
            self._confirm(one)
        else:
            late = visit.status == "expired"
            self._back(one, one.kept, "late" if late else "twice", self.now)

    def _confirm(self, one: Try) -> None:
        one.known = "paid"
        one.visit.status = "confirmed"
        one.visit.letters += 1

    def look(self, one: Try) -> None:
        """Ask the service about one payment."""
        if one.truth != "none":
            self.learn(one)
        elif one.known == "opening" and not (
            one.visit.status == "held" and self.now < one.held_until
        ):
            one.known = "expired"

    def _end(self, one: Try) -> None:
        if one.truth == "open":
            one.truth = "ended"
        self.learn(one)

    # What the worker does.

    def release_due(self) -> None:
        over = [
            one
            for one in self.tries
            if one.known in {"opening", "open"}
            and (one.held_until <= self.now or one.visit.status not in {"held", "pending"})
        ]
        for one in over:
            if one.known == "opening":
                self.look(one)
            else:
                self._end(one)

    def reconcile(self) -> None:
        old = [
            one
            for one in self.tries
            if one.known in UNDECIDED and one.opened_at <= self.now - 5 * MINUTE
        ]
        for one in old:
            self.look(one)

    def send_refunds(self, names: Iterator[str], trouble: str) -> None:
        """Ask for what is due; `names` tells how the service calls what it gives."""
        due = [
            (one, back)
            for one, back in self.backs
            if back.state == "waiting" and back.due is not None and back.due <= self.now
        ]
        for one, back in sorted(due, key=lambda each: each[1].due or self.now):
            self._send(one, back, names, trouble)
            trouble = ""

    def _send(self, one: Try, back: Back, names: Iterator[str], trouble: str) -> None:
        back.attempts += 1
        if trouble == "away" or (trouble == "lost" and back.attempts > 1):
            back.again(back.attempts)
            return
        mine = next((given for given in one.given if given.stands and given.back is back), None)
        if back.attempts > 1 and mine is not None:
            given = mine
        elif one.left == 0:
            given = [each for each in one.given if each.stands][-1]
        elif back.minor > one.left:
            back.tries += 1
            if back.tries == 8:
                self._fail(one, back)
            else:
                back.again(back.tries)
            return
        else:
            given = Given(next(names), back.minor, back)
            one.given.append(given)
        if trouble == "lost":
            back.again(back.attempts)
        else:
            self._take(one, back, given)

    def _take(self, one: Try, back: Back, given: Given) -> None:
        """Take a refund for ours, where it is, or made by hand it gave the same."""
        is_noted = any(each.name == given.name for each in one.backs if each is not back)
        if given.back is back or (given.minor == back.minor and not is_noted):
            back.state, back.name = "done", given.name
            return
        back.state = "failed"
        if not is_noted:
            self._note(one, given)

    # What notices tell.

    def hear_of_session(self, notice: str, one: Try) -> None:
        if notice not in self.heard:
            self.heard.add(notice)
            self.learn(one)

    def hear_of_refunds(self, notice: str, one: Try) -> None:
        if not self._knows_intent(one) or notice in self.heard:
            return
        self.heard.add(notice)
        for given in one.given:
            self._mirror(one, given)

    def hear_of_dispute(self, notice: str, one: Try, status: str) -> None:
        if not self._knows_intent(one) or notice in self.heard:
            return
        self.heard.add(notice)
        if one.dispute in DECIDED and status not in DECIDED:
            return  # older news does not open again what is decided
        one.dispute = status
        if ("disputed", one) not in self.concerns:
            self.concerns.append(("disputed", one))

    def _knows_intent(self, one: Try) -> bool:
        if not one.is_intent_known and one.known == "open":
            self.learn(one)
        return one.is_intent_known

    def _mirror(self, one: Try, given: Given) -> None:
        ours = next(
            (back for back in one.backs if back.name == given.name or back is given.back), None
        )
        if ours is None:
            if given.stands:
                self._note(one, given)
        elif not given.stands:
            self._fail(one, ours)
        elif ours.state != "done":
            ours.state, ours.name = "done", given.name

    def _note(self, one: Try, given: Given) -> None:
        back = self._back(one, given.minor, "outside", self.now)
        back.state, back.name = "done", given.name

    def _fail(self, one: Try, back: Back) -> None:
        if back.state != "failed":
            back.state = "failed"
            self.concerns.append(("refund_failed", one))

    def _back(self, one: Try, minor: int, reason: str, due: datetime, key: str = "") -> Back:
        back = Back(minor, reason, self.now, due, key)
        one.backs.append(back)
        self.backs.append((one, back))
        return back


def try_of(tries: Sequence[Try], *, session: str = "", intent: str = "") -> Try:
    """The try of a session or an intent, by the service's name."""
    return next(
        one
        for one in tries
        if (session and one.session == session) or (intent and one.intent == intent)
    )
