"""The zone in which the house speaks where nobody said another."""

from sqlalchemy import inspect, select

from practice.models.base import db
from practice.models.coach import Coach
from practice.models.unit import look


def house_zone() -> str:
    """Return the name of the first coach's zone, UTC where there is none; raises Busy."""
    first = select(Coach.zone).where(Coach.is_active).order_by(Coach.position, Coach.id).limit(1)
    with look() as session:
        if not inspect(db.engine).has_table(Coach.__tablename__):
            return "UTC"
        return session.scalar(first) or "UTC"
