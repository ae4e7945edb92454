"""The coach's photo."""

from dataclasses import dataclass

from sqlalchemy import select

from practice.models.coach import Coach
from practice.models.unit import reading


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture, and its media type."""

    content: bytes
    kind: str


def photo() -> Photo | None:
    """Return the photo of the first coach, if there is one."""
    row = (
        reading()
        .execute(
            select(Coach.photo, Coach.photo_type)
            .where(Coach.is_active, Coach.photo.is_not(None))
            .order_by(Coach.position, Coach.id)
            .limit(1)
        )
        .first()
    )
    return Photo(row.photo, row.photo_type) if row else None
