"""Binding the journal's lines together at the end of each unit of work, and checking that they are.

A line is added when all else of its unit is written: the head of its chain is the last row that a
unit locks, and where there are several they are locked in order: no two wait for each other.
"""

from collections.abc import Iterable, Iterator
from typing import Final, cast

from flask import current_app
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from practice.domain.chain import START, Break, Head, Line, Stamp, bind, content_of, first_break
from practice.models.booking import Booking
from practice.models.journal import TOLD, Happening, JournalEntry, JournalHead
from practice.models.upsert import add_unless_there
from practice.ports import Tools

_AT_ONCE: Final = 1000
# Whose chain was taken away as a whole, with its head, has these.
_UNTOLD: Final = (
    select(Booking.coach_id)
    .where(
        Booking.confirmed_at.is_not(None),
        ~exists().where(JournalEntry.booking_id == Booking.id),
    )
    .distinct()
    .order_by(Booking.coach_id)
)


def bind_told(session: Session) -> None:
    """Add the lines that were told in this unit to the journal, each to the chain of its coach."""
    told: list[JournalEntry] = session.info.pop(TOLD, [])
    if not told:
        return
    session.flush()
    for chain in sorted({line.coach_id or 0 for line in told}):
        lines = [line for line in told if (line.coach_id or 0) == chain]
        _bind(session, chain, lines)
    session.flush()


def begin_chains(session: Session, *chains: int) -> None:
    """Begin these chains where there are none yet, so that no first line costs more than others."""
    for chain in chains:
        add_unless_there(session, JournalHead, chain=chain, number=0, link=START)


def length(session: Session) -> int:
    """Return how many lines all chains have together."""
    return session.scalar(select(func.sum(JournalHead.number))) or 0


def breaks(session: Session) -> dict[int, Break]:
    """Return where each chain of the journal is broken first, by chain; 0 is the house's own."""
    heads = {row.chain: Head(row.number, row.link) for row in session.scalars(select(JournalHead))}
    chains = session.scalars(select(JournalEntry.chain).distinct())
    found: dict[int, Break] = {}
    for chain in sorted(heads.keys() | {each for each in chains if each is not None}):
        broken = first_break(_lines(session, chain), heads.get(chain), _stamp())
        if broken is not None:
            found[chain] = broken
    loose = _loose(session)
    if loose is not None:
        found.setdefault(loose.coach_id or 0, Break(0, "A line without a number was put in."))
    for coach_id in session.scalars(_UNTOLD):
        found.setdefault(coach_id, Break(0, "Appointments stand of which no line tells any more."))
    return found


def _bind(session: Session, chain: int, lines: Iterable[JournalEntry]) -> None:
    row = session.get(JournalHead, chain, with_for_update=True, populate_existing=True)
    if row is None:
        begin_chains(session, chain)
        row = session.get_one(JournalHead, chain, with_for_update=True, populate_existing=True)
    head, stamp = Head(row.number, row.link), _stamp()
    for entry in lines:
        entry.chain, entry.number = chain, head.number + 1
        line, head = bind(head, _content(entry), stamp)
        entry.digest, entry.link = line.digest, line.link
        session.add(entry)
    row.number, row.link = head.number, head.link


def _lines(session: Session, chain: int) -> Iterator[Line]:
    """Yield the lines of a chain, so many at once: whoever finds a break reads no further."""
    last = -1
    while rows := session.scalars(
        select(JournalEntry)
        .where(JournalEntry.chain == chain, JournalEntry.number > last)
        .order_by(JournalEntry.number)
        .limit(_AT_ONCE)
        .execution_options(populate_existing=True)
    ).all():
        for row in rows:
            is_forgotten = row.happening == Happening.FORGOTTEN.name
            content = None if is_forgotten else _content(row)
            last = row.number or 0
            yield Line(last, row.digest or b"", row.link or b"", content)
            session.expunge(row)


def _loose(session: Session) -> JournalEntry | None:
    """Return a line that stands in no chain and is younger than the chains: no unit writes any."""
    first = select(func.min(JournalEntry.id)).where(JournalEntry.number.is_not(None))
    is_young = JournalEntry.number.is_(None) & (JournalEntry.id > first.scalar_subquery())
    # None has half a place, or one before the first: a chain that is read from there misses it.
    is_askew = (JournalEntry.chain.is_(None) != JournalEntry.number.is_(None)) | (
        JournalEntry.number < 1
    )
    return session.scalar(select(JournalEntry).where(is_young | is_askew).limit(1))


def _content(entry: JournalEntry) -> bytes:
    return content_of(
        entry.chain,
        entry.number,
        entry.at,
        entry.happening,
        str(entry.actor),
        entry.coach_id,
        entry.booking_id,
        entry.person_id,
        entry.client_id,
        entry.user_id,
        entry.starts_at,
    )


def _stamp() -> Stamp:
    """Return the stamp of the app at work: a key that does not lie in the database."""
    vault = cast("Tools", current_app.extensions["practice"]).vault
    return lambda data: vault.stamp(data, place="journal")
