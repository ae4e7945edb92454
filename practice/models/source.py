"""Other calendars of a coach, and when they are busy: the last good picture of each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.busy import WhenOld
from practice.models.base import Base
from practice.ports import Vault


class CalendarSource(Base):
    """A calendar that is read into a diary; its address is a secret and lies sealed here.

    `shown` is the address as a page may show it ("calendar.example/…"). `good_at` is when the
    picture was last confirmed, `asked_at` when it was last asked for; the picture reaches from
    `known_from_at` to `known_until_at`. `trouble` is the name of a domain.busy.Trouble, "" for
    none, since `troubled_at`. `told_at` is when the coach was written to about an old picture.
    `picture` names what lies in busy_spans: another random name whenever that changes, "" at first.
    """

    __tablename__ = "calendar_sources"
    __table_args__ = (
        CheckConstraint("when_old IN ('keep', 'close')", name="when_old"),
        Index("ix_calendar_sources_coach_id", "coach_id"),
        Index("ix_calendar_sources_next_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    shown: Mapped[str] = mapped_column(String(300))
    url_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    when_old: Mapped[str] = mapped_column(String(10), default=WhenOld.KEEP)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    good_at: Mapped[datetime | None]
    known_from_at: Mapped[datetime | None]
    known_until_at: Mapped[datetime | None]
    picture: Mapped[str] = mapped_column(String(32), default="")
    etag: Mapped[str] = mapped_column(String(300), default="")
    modified: Mapped[str] = mapped_column(String(100), default="")
    trouble: Mapped[str] = mapped_column(String(20), default="")
    troubled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[str] = mapped_column(String(4000), default="")
    told_at: Mapped[datetime | None]

    def url(self, vault: Vault) -> str:
        """Return the address; raises Unreadable."""
        return vault.open(self.url_sealed, place=place_of(self.uid))


class BusySpan(Base):
    """A span in which a calendar is busy; those of one calendar neither overlap nor touch."""

    __tablename__ = "busy_spans"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_busy_spans_coach_id_ends_at", "coach_id", "ends_at"),
        Index("ix_busy_spans_source_id", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("calendar_sources.id", ondelete="CASCADE"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


def place_of(uid: str) -> str:
    """Return the place for which the address of a source is sealed."""
    return f"calendar_sources:{uid}:url"


def ask_anew(session: Session, coach_id: int, now: datetime) -> None:
    """Let all calendars of a coach be read anew: what they said was told on another clock.

    What is under way is not kept, and "unchanged" would be no answer.
    """
    session.execute(
        update(CalendarSource)
        .where(CalendarSource.coach_id == coach_id)
        .values(next_at=now, asked_at=now, etag="", modified="")
    )
