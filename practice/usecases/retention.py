"""How long what was written is kept: as long as the consent says, and sittings for a day."""

from datetime import datetime

from sqlalchemy import delete, select

from practice.domain.writing import SITTINGS_FOR, months_before
from practice.models.intake import Intake
from practice.models.intakes import is_outlived
from practice.models.link import Link, Purpose
from practice.models.practice import Practice
from practice.models.sitting import Sitting
from practice.models.unit import look, unit_of_work
from practice.usecases.erasing import erase

_AT_ONCE = 500


def let_go(now: datetime) -> None:
    """Destroy what was kept for as long as was promised, and forget sittings and codes of old."""
    _let_answers_go(now)
    _forget_old_sittings(now)
    _forget_dead_codes(now)


def _let_answers_go(now: datetime) -> None:
    with look() as session:
        practice = session.get(Practice, 1)
        if practice is None:
            return
        ours = practice.keep_answers_months
        living = Intake.erased_at.is_(None)
        old: list[int] = []
        for agreed in list(session.scalars(select(Intake.keep_months).where(living).distinct())):
            # A longer span holds for nobody who has not agreed to it.
            months = ours if agreed is None else min(ours, agreed)
            outlived = is_outlived(months_before(now, months))
            same = Intake.keep_months.is_not_distinct_from(agreed)
            old += session.scalars(select(Intake.id).where(living, same, outlived).limit(_AT_ONCE))
    if old:
        erase(Intake.id.in_(old), now)


def _forget_old_sittings(now: datetime) -> None:
    old = Sitting.last_seen_at < now - SITTINGS_FOR
    with look() as session:
        if session.scalar(select(Sitting.id).where(old).limit(1)) is None:
            return
    with unit_of_work() as session:
        session.execute(delete(Sitting).where(old))


def _forget_dead_codes(now: datetime) -> None:
    dead = (Link.purpose == Purpose.WAY_BACK) & (Link.expires_at <= now)
    with look() as session:
        if session.scalar(select(Link.id).where(dead).limit(1)) is None:
            return
    with unit_of_work() as session:
        session.execute(delete(Link).where(dead))
