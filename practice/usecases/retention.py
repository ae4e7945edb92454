"""How long what was written is kept: as long as the consent says, and sittings for a day."""

from datetime import datetime

from practice.domain.writing import SITTINGS_FOR
from practice.models.intake import Intake
from practice.models.intakes import outlived
from practice.models.link import Link, Purpose
from practice.models.practice import Practice
from practice.models.sitting import Sitting
from practice.models.unit import forget, look
from practice.usecases.erasing import erase

_AT_ONCE = 500


def let_go(now: datetime) -> None:
    """Destroy what was kept for as long as was promised, and forget sittings and codes of old."""
    _let_answers_go(now)
    forget(Sitting, Sitting.last_seen_at < now - SITTINGS_FOR)
    forget(Link, (Link.purpose == Purpose.WAY_BACK) & (Link.expires_at <= now))


def _let_answers_go(now: datetime) -> None:
    with look() as session:
        practice = session.get(Practice, 1)
        if practice is None:
            return
        old = outlived(session, now, months=practice.keep_answers_months, most=_AT_ONCE)
    if old:
        erase(Intake.id.in_(old), now)
