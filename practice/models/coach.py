"""A coach: words about the person, the clock of the diary, the place to meet."""

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from practice.domain.offering import Place, PlaceKind
from practice.models.base import Base


class Coach(Base):
    """A coach and the diary that goes with the name; this row is what a writer locks.

    `feed_names` says how names stand in the own feed: full, first, initials or none.
    """

    __tablename__ = "coaches"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    about: Mapped[str] = mapped_column(Text, default="")
    photo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    photo_type: Mapped[str] = mapped_column(String(40), default="")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    place_kind: Mapped[str] = mapped_column(String(20), default=PlaceKind.VIDEO)
    place_detail: Mapped[str] = mapped_column(String(500), default="")
    feed_names: Mapped[str] = mapped_column(String(10), default="initials")
    wants_reminders: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    @property
    def place(self) -> Place:
        """Where or how this coach meets people unless the offering says otherwise."""
        return Place(PlaceKind(self.place_kind), self.place_detail)
