"""What must be tidied from time to time: dead holds, full buckets, old sent letters."""

from datetime import timedelta

from sqlalchemy import delete, select

from practice.domain.availability import Holding
from practice.models.occupancy import Occupancy
from practice.models.throttle import Bucket
from practice.models.unit import reading, unit_of_work
from practice.ports import Tools
from practice.usecases.diary import on_diary

_BUCKETS_FOR = timedelta(days=1)


def keep_house(*, tools: Tools) -> None:
    """Let dead holds go in every diary, and forget throttles that have long filled again."""
    now = tools.clock.now()
    coaches = reading().scalars(
        select(Occupancy.coach_id)
        .where(Occupancy.status == Holding.HELD, Occupancy.held_until <= now)
        .distinct()
    )
    for coach_id in list(coaches):
        on_diary(coach_id, lambda _session: None, now=now)  # the path lets dead holds go itself
    reading().rollback()
    stale = select(Bucket.key).where(Bucket.refilled_at < now - _BUCKETS_FOR).limit(1)
    if reading().scalar(stale) is not None:
        with unit_of_work() as session:
            session.execute(delete(Bucket).where(Bucket.refilled_at < now - _BUCKETS_FOR))
    reading().rollback()
