"""The journal as its owner reads it: who did what and when, and whether all of it is there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select

from practice.domain.booking import Actor
from practice.domain.letters import moment_line
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.accounts import User
from practice.models.chain import breaks, length
from practice.models.coach import Coach
from practice.models.journal import Happening, JournalEntry
from practice.models.unit import reading
from practice.queries.table import csv_of, inert

PER_PAGE: Final = 50
CHECKED_AT_ONCE: Final = 10_000
MOST_ROWS: Final = 50_000
_ACTORS: Final = {Actor.CLIENT.value: "A client", Actor.HOUSE.value: "The house"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the journal is asked for; None and "" are everything."""

    coach_id: int | None = None
    user_id: int | None = None
    kind: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line; `number` is "" for what was written before the chain began."""

    number: str
    at: str
    instant: str
    who: str
    told: str
    diary: str
    booking: str


@dataclass(frozen=True, slots=True)
class JournalPage:
    """A page of the journal, newest first, and the choices that narrow it.

    `broken` says of each chain that does not hold what was done to it, once it was checked.
    """

    lines: tuple[JournalLine, ...]
    wanted: Wanted
    has_more: bool
    coaches: tuple[tuple[int, str], ...]
    accounts: tuple[tuple[int, str], ...]
    kinds: tuple[tuple[str, str], ...]
    is_checked: bool
    broken: tuple[str, ...]
    zone_label: str


def journal_page(seat: Seat, wanted: Wanted, *, checks: bool = False, now: datetime) -> JournalPage:
    """Return a page of the journal, with a look at whether all of it is there.

    A long journal is looked through only on wish (`checks`): it takes seconds.
    """
    seat.require(Right.JOURNAL)
    checks = checks or length(reading()) <= CHECKED_AT_ONCE
    zone_name = reading().get_one(Coach, seat.coach_id).zone
    rows = reading().scalars(
        _asked(wanted).offset((wanted.page - 1) * PER_PAGE).limit(PER_PAGE + 1)
    )
    lines = list(_lines(rows.all(), zone_name, now))
    return JournalPage(
        lines=tuple(lines[:PER_PAGE]),
        wanted=wanted,
        has_more=len(lines) > PER_PAGE,
        coaches=tuple(_coaches().items()),
        accounts=tuple(_accounts().items()),
        kinds=tuple((each.name, each.value.rstrip(".")) for each in Happening),
        is_checked=checks,
        broken=tuple(broken_chains()) if checks else (),
        zone_label=zone_label(zone_named(zone_name), now),
    )


def journal_csv(seat: Seat, wanted: Wanted, *, now: datetime) -> str:
    """Return what is asked for as a table, all pages of it."""
    seat.require(Right.JOURNAL)
    found = reading().scalars(_asked(wanted).limit(MOST_ROWS)).all()
    rows = (
        (
            line.number,
            line.instant,
            inert(line.who),
            inert(line.told),
            inert(line.diary),
            line.booking,
        )
        for line in _lines(found, "UTC", now)
    )
    return csv_of(("number", "at", "who", "what", "diary", "booking"), rows)


def broken_chains() -> Iterator[str]:
    """Yield of each chain of the journal that does not hold what was done to it."""
    coaches = _coaches()
    for chain, broken in breaks(reading()).items():
        whose = f"Journal of {coaches[chain]}" if chain in coaches else "Journal of the house"
        yield f"{whose}: {broken.sentence}"


def _asked(wanted: Wanted) -> Select[JournalEntry]:
    asked = select(JournalEntry).order_by(JournalEntry.id.desc())
    if wanted.coach_id is not None:
        asked = asked.where(JournalEntry.coach_id == wanted.coach_id)
    if wanted.user_id is not None:
        asked = asked.where(JournalEntry.user_id == wanted.user_id)
    if wanted.kind:
        asked = asked.where(JournalEntry.happening == wanted.kind)
    return asked


def _lines(rows: Iterable[JournalEntry], zone_name: str, now: datetime) -> Iterator[JournalLine]:
    coaches, accounts, zone = _coaches(), _accounts(), zone_named(zone_name)
    for row in rows:
        yield JournalLine(
            number=str(row.number or ""),
            at=moment_line(row.at, zone, now=now),
            instant=row.at.isoformat(timespec="seconds"),
            who=accounts.get(row.user_id or 0, _ACTORS.get(row.actor, "Somebody at the desk")),
            told=_told(row.happening),
            diary=coaches.get(row.coach_id or 0, "The practice"),
            booking=str(row.booking_id or ""),
        )


def _told(happening: str) -> str:
    return Happening[happening].value if happening in Happening.__members__ else happening


def _coaches() -> dict[int, str]:
    rows = reading().execute(select(Coach.id, Coach.name).order_by(Coach.position, Coach.id))
    return {each.id: each.name for each in rows}


def _accounts() -> dict[int, str]:
    rows = reading().execute(
        select(User.id, User.name, User.email, Coach.name.label("coach"))
        .outerjoin(Coach, User.coach_id == Coach.id)
        .order_by(User.id)
    )
    return {each.id: each.name or each.coach or each.email for each in rows}
