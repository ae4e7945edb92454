"""The whole battery: `python -m tests.battery`; it ends with a table, and with 1 on any breach."""

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from tests import databases
from tests.battery.crowd import crowd
from tests.battery.desk_racing import DESK_RACES
from tests.battery.failing import database_away
from tests.battery.ground import DIALECTS, say
from tests.battery.killing import killed_mail_workers, killed_web_workers
from tests.battery.paying import late_money, late_money_control
from tests.battery.plan import SHORT, WHOLE, Plan
from tests.battery.racing import RACES
from tests.battery.verdict import Verdict

Part = Callable[[str, Plan], Verdict]

PARTS: tuple[Part, ...] = (
    *RACES,
    *DESK_RACES,
    late_money,
    late_money_control,
    crowd,
    killed_web_workers,
    killed_mail_workers,
    database_away,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that were asked for on the databases that were asked for."""
    options = _options().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended, too
    plan = SHORT if options.short else WHOLE
    given = {
        field.name: getattr(options, field.name)
        for field in fields(Plan)
        if getattr(options, field.name) is not None
    }
    plan = replace(plan, **given)
    parts = [part for part in PARTS if not options.only or options.only in part.__name__]
    verdicts = [_tried(part, dialect, plan) for part in parts for dialect in options.databases]
    databases.forget_templates()
    _table(verdicts)
    return 1 if not verdicts or any(verdict.breaches for verdict in verdicts) else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.battery", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the sizes of `make test`")
    parser.add_argument("--only", default="", help="only parts with this in their names")
    parser.add_argument("--databases", nargs="+", choices=DIALECTS, default=list(DIALECTS))
    for field in fields(Plan):
        kind = float if isinstance(getattr(WHOLE, field.name), float) else int
        flag = f"--{field.name.replace('_', '-')}"
        parser.add_argument(flag, type=kind, help=f"{getattr(WHOLE, field.name)} unless given")
    return parser


def _tried(part: Part, dialect: str, plan: Plan) -> Verdict:
    began = time.monotonic()
    try:
        verdict = part(dialect, plan)
    except Exception as fault:  # noqa: BLE001 - the other parts are to be run all the same
        verdict = Verdict(part.__name__, dialect, {}, [f"{type(fault).__name__}: {fault}"])
        traceback.print_exc()
    verdict.tell(took=f"{time.monotonic() - began:.0f} s")
    say(f"{'holds ' if not verdict.breaches else 'BREACH'} {_row(verdict)}")
    return verdict


def _row(verdict: Verdict) -> str:
    figures = "; ".join(f"{name}: {value}" for name, value in verdict.figures.items())
    return f"| {verdict.name} | {verdict.database} | {figures} |"


def _table(verdicts: Sequence[Verdict]) -> None:
    print("\n| holds | part | database | figures |\n|---|---|---|---|")
    for verdict in verdicts:
        print(f"| {'NO' if verdict.breaches else 'yes'} {_row(verdict)}")
    for verdict in verdicts:
        for breach in verdict.breaches:
            print(f"\nBREACH in {verdict.name} ({verdict.database}): {breach}")


if __name__ == "__main__":
    sys.exit(main())
