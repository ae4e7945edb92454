"""`python -m benchmarks`: one run, one worker each, by turns; ends with a table."""

import argparse
import contextlib
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import select

from benchmarks import bare, past, visiting
from benchmarks.inside import commits_of_acts, open_slots_milliseconds
from benchmarks.notices import Told, told_at
from benchmarks.writing import Writer, writer_at
from practice.domain.span import Span
from practice.models.offering import Offering
from practice.models.unit import reading
from practice.queries.house import house as words_of_house
from practice.queries.picking import diary_of, pick_page
from practice.queries.times import sent, starts_in
from practice.usecases.founding import Founder, found
from tests.battery.ground import Ground, booked, house, say, the_tools
from tests.battery.server import DurableServer
from tests.battery.web import WebServer, hidden_of

HERE = Path(__file__).parent
_FOUNDER = Founder("Lantern", "Maya Ellis", "maya@lantern.example", "Europe/London")
_GUNICORN = (
    sys.executable, "-m", "gunicorn", "benchmarks.bare:{app}()", "--bind", "127.0.0.1:{port}",
    "--workers", "1", "--worker-class", "gthread", "--threads", "8", "--no-control-socket",
    "--log-level", "warning",
)  # fmt: skip
_GRANIAN = (
    sys.executable, "-m", "granian", "practice.app:create_app", "--factory", "--interface", "wsgi",
    "--host", "127.0.0.1", "--port", "{port}", "--workers", "1", "--blocking-threads", "8",
    "--no-ws", "--log-level", "warning",
)  # fmt: skip
_COMING_BOOKINGS = 20


@dataclass
class Target:
    """One server, and all that was measured of it."""

    name: str
    server: WebServer
    ground: Ground | None = None
    starts: list[str] = field(default_factory=list)
    writer: Writer | None = None
    pages: list[visiting.Sample] = field(default_factory=list)
    bookings: list[visiting.Sample] = field(default_factory=list)
    megabytes: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables."""
    options = _options().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended, too
    lines: list[str] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="practice-bench-")))
        postgresql = stack.enter_context(DurableServer())
        grounds = list(_grounds(folder, postgresql, options.past, options.databases))
        targets = _serve(stack, folder, grounds, granian=options.granian)
        _measure(targets, options)
        told = _hear(stack, targets, options)
        lines += _pages_table(targets, options)
        lines += _bookings_table(targets)
        lines += _writing_table(targets)
        lines += _notices_table(told)
        lines += _others(targets, grounds[0][1])
    text = "\n".join(lines)
    print(text)
    if options.write:
        (HERE / "RESULTS.md").write_text(_headline() + text + "\n")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--past", nargs="+", type=int, default=[100, 10_000, 1_000_000])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pages", type=int, default=60, help="front pages a round")
    parser.add_argument("--bookings", type=int, default=10, help="bookings a round")
    parser.add_argument("--granian", action="store_true", help="pip-install granian and compare")
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    return parser


def _grounds(
    folder: Path, postgresql: DurableServer, counts: Sequence[int], databases: Sequence[str]
) -> Iterator[tuple[str, Ground]]:
    for count in counts:
        for dialect in databases:
            instance = folder / f"{dialect}-{count}"
            instance.mkdir()
            sqlite = f"sqlite:///{instance / 'practice.db'}"
            url = sqlite if dialect == "sqlite" else postgresql.new_database()
            ground = Ground(dialect, url, instance)
            with house(ground):
                upgrade()
                found(_FOUNDER, tools=the_tools())
            past.add_past(url, count)
            with house(ground):
                for at in _open_starts()[: 3 * _COMING_BOOKINGS : 3]:
                    booked(at)
            say(f"{dialect} with {count:,} past bookings is ready")
            yield f"{dialect}, {count:,}", ground


def _open_starts() -> list[datetime]:
    offering = reading().scalars(select(Offering).where(Offering.is_shown)).one()
    diary = diary_of(offering, offering.coaches[0], "")
    now = datetime.now(UTC)
    return starts_in(diary, Span(now, now + timedelta(days=61)), now)


def _serve(
    stack: contextlib.ExitStack,
    folder: Path,
    grounds: Sequence[tuple[str, Ground]],
    *,
    granian: bool,
) -> list[Target]:
    frozen = {bare.FROZEN: str(_freeze(folder, grounds[0][1]))}
    targets = []
    for name in ("hello", "constant", "ready"):
        command = [part.replace("{app}", name) for part in _GUNICORN]
        server = WebServer(grounds[0][1], 1, command=command, environ=frozen)
        targets.append(Target(name, stack.enter_context(server)))
    for name, ground in grounds:
        with house(ground):
            # Every other start, so that the buffer of one does not refuse the next; latest first.
            starts = [sent(at) for at in _open_starts()[::-2]]
        server = stack.enter_context(WebServer(ground, 1))
        targets.append(Target(name, server, ground, starts))
    if granian:
        name, ground = grounds[0]
        server = WebServer(ground, 1, command=_GRANIAN, environ=_with_granian(folder))
        targets.append(Target(f"{name}, granian", stack.enter_context(server)))
    return targets


def _freeze(folder: Path, ground: Ground) -> Path:
    """Keep the front page of this moment for the bare apps."""
    path = folder / "frozen.pickle"
    with house(ground) as app:
        text = app.test_client().get("/", base_url="http://127.0.0.1:8000").text
        hidden = "".join(
            f'<input id="{name}" name="{name}" type="hidden" value="{value}">'
            for name, value in hidden_of(text).items()
        )
        page = pick_page("", "", who="me", chosen=None, now=datetime.now(UTC), with_paid=False)
        rules = tuple((rule.rule, rule.endpoint) for rule in app.url_map.iter_rules())
        bare.freeze(path, bare.Frozen(text, page, words_of_house(), bare.Form(hidden), rules))
    return path


def _with_granian(folder: Path) -> dict[str, str]:
    target = folder / "granian"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "granian"],
        check=True,
    )
    return {"PYTHONPATH": os.pathsep.join((str(HERE.parent), str(target)))}


def _measure(targets: Sequence[Target], options: argparse.Namespace) -> None:
    for target in targets:
        visiting.visit(target.server.pid, target.server.port, 20)  # warm
    for number in range(options.rounds):
        for target in targets:
            target.pages.append(
                visiting.visit(target.server.pid, target.server.port, options.pages)
            )
        say(f"front pages, round {number + 1} of {options.rounds}")
    for target in targets:
        target.megabytes = visiting.resident_megabytes(target.server.pid)
    for number in range(options.rounds):
        for target in targets:
            _book_some(target, options.bookings)
        say(f"bookings, round {number + 1} of {options.rounds}")
    _write(targets, options)
    for target in targets:
        target.megabytes = max(target.megabytes, visiting.resident_megabytes(target.server.pid))


def _write(targets: Sequence[Target], options: argparse.Namespace) -> None:
    for target in _first_of_each(targets, options):
        assert target.ground is not None
        start = target.starts.pop()
        target.writer = writer_at(target.ground, target.server.pid, target.server.port, start)
    for number in range(options.rounds):
        for target in targets:
            if target.writer is not None:
                target.writer.save_some(options.bookings)
                target.writer.open_some(options.bookings)
        say(f"notes and briefs, round {number + 1} of {options.rounds}")


def _hear(
    stack: contextlib.ExitStack, targets: Sequence[Target], options: argparse.Namespace
) -> list[Told]:
    told = []
    for target in _first_of_each(targets, options):
        assert target.ground is not None
        count = options.rounds * options.bookings
        starts, target.starts = target.starts[:count], target.starts[count:]
        times = [datetime.fromisoformat(start) for start in starts]
        told.append(stack.enter_context(told_at(target.name, target.ground, times)))
    for number in range(options.rounds):
        for each in told:
            each.hear_some(options.bookings)
        say(f"notices, round {number + 1} of {options.rounds}")
    return told


def _first_of_each(targets: Sequence[Target], options: argparse.Namespace) -> list[Target]:
    """Return the first of our own servers on each database."""
    return [
        next(each for each in targets if each.name.startswith(f"{dialect}, "))
        for dialect in options.databases
    ]


def _book_some(target: Target, count: int) -> None:
    if len(target.starts) >= count:
        starts, target.starts = target.starts[:count], target.starts[count:]
        target.bookings.append(visiting.book(target.server.pid, target.server.port, starts))


def _cpu(samples: Sequence[visiting.Sample]) -> float:
    """Return the median over the rounds of the server's CPU milliseconds for one request."""
    return statistics.median(1000 * each.cpu / len(each.seconds) for each in samples)


def _share(samples: Sequence[visiting.Sample], share: float) -> float:
    """Return the median over the rounds of a percentile, in milliseconds."""
    return statistics.median(
        1000 * sorted(each.seconds)[min(int(share * len(each.seconds)), len(each.seconds) - 1)]
        for each in samples
    )


def _pages_table(targets: Sequence[Target], options: argparse.Namespace) -> list[str]:
    by_name = {target.name: target for target in targets}
    ready = _cpu(by_name["ready"].pages)
    hello = _cpu(by_name["hello"].pages)
    lines = [
        f"\n## Front page ({options.rounds} rounds of {options.pages}, by turns)\n",
        "| target | CPU ms | p50 ms | p99 ms | ready's CPU / its | hello's CPU / its | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for target in targets:
        cpu = _cpu(target.pages)
        lines.append(
            f"| {target.name} | {cpu:.2f} | {_share(target.pages, 0.5):.2f} "
            f"| {_share(target.pages, 0.99):.2f} | {ready / cpu:.2f} | {hello / cpu:.2f} "
            f"| {target.megabytes:.0f} |"
        )
    for dialect in options.databases:
        ours = [target for target in targets if target.name.startswith(f"{dialect}, ")]
        first, last = ours[0], [each for each in ours if "granian" not in each.name][-1]
        grown = _cpu(last.pages) / _cpu(first.pages) - 1
        slower = _share(last.pages, 0.5) / _share(first.pages, 0.5) - 1
        lines.append(
            f"\n{dialect}: from {options.past[0]:,} to {options.past[-1]:,} past bookings "
            f"{grown:+.0%} CPU, {slower:+.0%} p50 (goal: within 10 %)."
        )
    return lines


def _bookings_table(targets: Sequence[Target]) -> list[str]:
    lines = [
        "\n## Booking (hold and details, two durable commits)\n",
        "| target | CPU ms a booking | p50 ms | p99 ms |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {target.name} | {_cpu(target.bookings):.2f} | {_share(target.bookings, 0.5):.2f} "
        f"| {_share(target.bookings, 0.99):.2f} |"
        for target in targets
        if target.bookings
    ]
    return lines


def _writing_table(targets: Sequence[Target]) -> list[str]:
    lines = [
        "\n## Notes: a section of 10 kB is saved, and a brief is opened (press and page)\n",
        "| target | what | CPU ms | p50 ms | p99 ms |",
        "|---|---|---|---|---|",
    ]
    for target in targets:
        if target.writer is None:
            continue
        for what, samples in (("save", target.writer.saves), ("brief", target.writer.briefs)):
            lines.append(
                f"| {target.name} | {what} | {_cpu(samples):.2f} | {_share(samples, 0.5):.2f} "
                f"| {_share(samples, 0.99):.2f} |"
            )
    return lines


def _notices_table(told: Sequence[Told]) -> list[str]:
    lines = [
        "\n## Payment notices, one worker (each books a paid time, in one durable commit)\n",
        "| target | what | a second | CPU ms | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|",
    ]
    for each in told:
        for what, samples in (("first", each.first), ("again", each.again)):
            rate = statistics.median(len(one.seconds) / sum(one.seconds) for one in samples)
            lines.append(
                f"| {each.name} | {what} | {rate:.0f} | {_cpu(samples):.2f} "
                f"| {_share(samples, 0.5):.2f} | {_share(samples, 0.99):.2f} |"
            )
        share = _cpu(each.again) / _cpu(each.first)
        lines.append(f"| {each.name} | a duplicate costs | {share:.0%} of a first | | | |")
    return lines


def _others(targets: Sequence[Target], ground: Ground) -> list[str]:
    with house(ground) as app:
        latest = _open_starts()[-1]
    commits = commits_of_acts(app, latest)
    starts = [target.server.started_in for target in targets if target.starts]
    worker = max(target.megabytes for target in targets)
    return [
        "\n## Others\n",
        "| what | figure | goal |",
        "|---|---|---|",
        f"| `open_slots`, 60 days, 500 taken | {open_slots_milliseconds():.2f} ms | < 2 ms |",
        *(
            f"| commits of a {act} | {number} | {0 if act == 'front page' else 1} |"
            for act, number in commits.items()
        ),
        f"| largest worker | {worker:.0f} MB | < 120 MB |",
        f"| start, command to first answer | {statistics.median(starts):.2f} s | < 2 s |",
    ]


def _headline() -> str:
    return (
        "# Results of one run\n\n"
        f"Made by `python -m benchmarks --write` on {datetime.now(UTC):%Y-%m-%d}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}. "
        "Compare only inside one run.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
