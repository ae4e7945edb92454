"""Another process of the house, which is killed while Stripe is asked for something.

Run as a module it does one act; the test lets it stand at a gate in Stripe and kills it there.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from practice.adapters.stripe import StripePayments
from practice.domain.booking import Details
from practice.models.vault import MasterVault
from practice.usecases import paying, refunding
from tests import databases
from tests.fakes import FrozenClock, make_tools
from tests.makers import the_tools
from tests.people import ADA
from tests.stripe_server import KEY, SECRET, StripeServer, Trouble

_READY = b"ready\n"


@dataclass(frozen=True, slots=True)
class Another:
    """A house of which another process runs."""

    database: str
    instance: Path
    stripe: StripeServer

    def dies(self, act: str, token: str = "", *, asking: str, is_done: bool) -> None:
        """Let it do an act, and kill it before it hears Stripe's answer to what it asks for.

        `is_done` tells whether Stripe did what was asked: the first answer gets lost on the way,
        and it is killed while it asks once more under the same key.
        """
        self.stripe.calm()
        if is_done:
            self.stripe.trouble(Trouble.LOSE, on=asking)
        self.stripe.trouble(Trouble.DROP, on=asking)
        with (
            self.stripe.gate(asking) as first,
            self.stripe.gate(asking) as second,
            self._running(act, token) as process,
        ):
            if is_done:
                first.open()
            (second if is_done else first).wait()
            process.kill()
            process.wait(10)
        self.stripe.calm()

    def _running(self, act: str, token: str) -> "subprocess.Popen[bytes]":
        told = {
            "database": self.database,
            "instance": str(self.instance),
            "stripe": self.stripe.url,
            "now": self.stripe.clock.now().isoformat(),
            "act": act,
            "token": token,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.payments.another", json.dumps(told)],
            cwd=_root(),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == _READY
        return process


def _root() -> Path:
    """Where the house's code lies."""
    return Path(__file__).parents[2]


def main(told: dict[str, str]) -> None:
    """Do the act that was told, on the database that was told."""
    tools = make_tools(
        clock=FrozenClock(datetime.fromisoformat(told["now"])),
        vault=MasterVault(databases.MASTER_KEY),
        payments=StripePayments(KEY, [SECRET], api_base=told["stripe"]),
    )
    house = databases.house_on(told["database"], Path(told["instance"]), tools)
    with house as app, app.app_context():
        sys.stdout.buffer.write(_READY)
        sys.stdout.flush()
        if told["act"] == "pay":
            details = Details(ADA.name, ADA.email, invite=False, reminder=True, caller=ADA.caller)
            paying.pay(told["token"], details, tools=the_tools())
        else:
            refunding.send_refunds("the one that dies", tools=the_tools())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
