"""Audits over the database itself, by statements that share nothing with the product's own."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from practice.models.base import db
from practice.models.link import Purpose, link_of
from tests.battery.ground import Ground, house, the_tools
from tests.battery.verdict import Verdict

_OCCUPANCIES = """
SELECT count(*) FROM occupancies a JOIN occupancies b
ON a.coach_id = b.coach_id AND a.id < b.id
AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""
_BOOKINGS = """
SELECT count(*) FROM bookings a JOIN bookings b
ON a.coach_id = b.coach_id AND a.id < b.id
AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status IN ('confirmed', 'pending', 'held') AND b.status IN ('confirmed', 'pending', 'held')
"""
_HALVES = {
    "confirmed without its time": """
        SELECT count(*) FROM bookings b WHERE b.status = 'confirmed' AND NOT EXISTS (
            SELECT 1 FROM occupancies o WHERE o.booking_id = b.id AND o.status = 'confirmed'
            AND o.starts_at = b.starts_at AND o.ends_at = b.ends_at AND o.coach_id = b.coach_id)""",
    "confirmed without a person": """
        SELECT count(*) FROM bookings b WHERE b.status = 'confirmed' AND NOT EXISTS (
            SELECT 1 FROM booking_people p WHERE p.booking_id = b.id)""",
    "confirmed without a link": """
        SELECT count(*) FROM bookings b WHERE b.status = 'confirmed' AND NOT EXISTS (
            SELECT 1 FROM links l WHERE l.booking_id = b.id AND l.purpose = 'appointment')""",
    "confirmed without letters": """
        SELECT count(*) FROM bookings b WHERE b.status = 'confirmed' AND (
            NOT EXISTS (SELECT 1 FROM outbox x WHERE x.booking_id = b.id
                        AND x.person_id IS NOT NULL)
            OR NOT EXISTS (SELECT 1 FROM outbox x WHERE x.booking_id = b.id
                           AND x.coach_id IS NOT NULL))""",
    "time of nobody": """
        SELECT count(*) FROM occupancies o JOIN bookings b ON b.id = o.booking_id
        WHERE b.status NOT IN ('confirmed', 'pending', 'held')""",
}
_CONFIRMED = "SELECT count(*) FROM bookings WHERE status = 'confirmed'"


def count(statement: str) -> int:
    """Return the number that a statement counts, in the open house."""
    found = db.session.execute(text(statement)).scalar_one()
    db.session.rollback()
    return int(found)


def confirmed() -> int:
    """Return how many bookings are confirmed."""
    return count(_CONFIRMED)


def overlaps() -> int:
    """Return how many pairs of bookings or of taken spans share time."""
    return count(_OCCUPANCIES) + count(_BOOKINGS)


def expect_whole(verdict: Verdict) -> None:
    """Note overlaps and every confirmed booking that is not all there, in the open house."""
    verdict.expect("overlaps", overlaps(), 0)
    for what, statement in _HALVES.items():
        found = count(statement)
        verdict.require(f"{what}: {found}", holds=found == 0)
    if db.engine.dialect.name == "sqlite":
        for pragma, fine in (("integrity_check", "ok"), ("foreign_key_check", None)):
            answer = db.session.execute(text(f"PRAGMA {pragma}")).scalar()
            verdict.require(f"{pragma}: {answer}", holds=answer == fine)
    db.session.rollback()


def gaps_too_small() -> int:
    """Return how many neighbours stand closer than the larger of their buffers."""
    rows = db.session.execute(
        text(
            "SELECT coach_id, starts_at, ends_at, pad_before_minutes, pad_after_minutes "
            "FROM occupancies ORDER BY coach_id, starts_at"
        )
    ).all()
    db.session.rollback()
    return sum(
        first[0] == second[0] and _too_close(first, second) for first, second in pairwise(rows)
    )


def _too_close(first: Any, second: Any) -> bool:
    gap = _instant(second.starts_at) - _instant(first.ends_at)
    return gap < timedelta(minutes=max(first.pad_after_minutes, second.pad_before_minutes))


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def expect_acknowledged(verdict: Verdict, ground: Ground, promised: Mapping[str, str]) -> None:
    """Note every promise (e-mail: private link's token) that the database does not keep."""
    with house(ground):
        kept = Counter(_kept(email, token) for email, token in promised.items())
        verdict.expect("acknowledged and lost", len(promised) - kept[""], 0)
        for why, number in kept.items():
            verdict.require(f"{why}: {number}", holds=not why)
        twice = count(
            "SELECT count(*) FROM (SELECT c.id FROM clients c JOIN booking_people p "
            "ON p.client_id = c.id JOIN bookings b ON b.id = p.booking_id "
            "WHERE b.status = 'confirmed' GROUP BY c.id HAVING count(*) > 1) AS twice"
        )
        verdict.expect("booked twice by one wish", twice, 0)
        expect_whole(verdict)


def _kept(email: str, token: str) -> str:
    """Say what is missing of a promise, or nothing."""
    tools = the_tools()
    link = link_of(db.session(), Purpose.APPOINTMENT, token, now=tools.clock.now())
    if link is None:
        return "acknowledged without a link"
    row = db.session.execute(
        text(
            "SELECT b.status, c.address FROM bookings b "
            "JOIN booking_people p ON p.booking_id = b.id "
            "JOIN clients c ON c.id = p.client_id WHERE b.id = :id"
        ),
        {"id": link.booking_id},
    ).first()
    if row is None or row.address != email:
        return "acknowledged to somebody else"
    if row.status != "confirmed":
        return f"acknowledged but {row.status}"
    kinds = set(
        db.session.execute(
            text("SELECT kind FROM outbox WHERE booking_id = :id"), {"id": link.booking_id}
        ).scalars()
    )
    missing = {"confirmation", "coach_booked"} - {kind.replace("-", "_") for kind in kinds}
    return f"acknowledged without {sorted(missing)}" if missing else ""
