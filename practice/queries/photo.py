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


def photo(slug: str = "") -> Photo | None:
    """Return the photo of a coach by name, or of the first one, if there is one."""
    wanted = select(Coach.photo, Coach.photo_type).where(Coach.is_active)
    if slug:
        wanted = wanted.where(Coach.slug == slug)
    row = reading().execute(wanted.order_by(Coach.position, Coach.id).limit(1)).first()
    return Photo(row.photo, row.photo_type) if row and row.photo else None
