"""What takes a coach's time: one row for each booking or block and coach, no two overlapping.

The database has the last word. On PostgreSQL an exclusion constraint refuses an overlap; int8range
stands in for the plain column so that no extension is needed. On SQLite two triggers do the same.
"""

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, String, Table, event, text
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import Base

NO_OVERLAP = "occupancies_no_overlap"


class Occupancy(Base):
    """A span of a coach's time that is taken; rows leave when a booking no longer takes time.

    The pads are the buffers (minutes) that the booking was made with.
    """

    __tablename__ = "occupancies"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("(booking_id IS NULL) <> (block_id IS NULL)", name="one_cause"),
        CheckConstraint("status IN ('held', 'pending', 'confirmed', 'blocked')", name="status"),
        CheckConstraint("(status = 'held') = (held_until IS NOT NULL)", name="held_until"),
        Index("ix_occupancies_coach_id_ends_at", "coach_id", "ends_at"),
        Index("ix_occupancies_booking_id", "booking_id"),
        Index(
            "ix_occupancies_coach_id_held_until",
            "coach_id",
            "held_until",
            sqlite_where=text("held_until IS NOT NULL"),
            postgresql_where=text("held_until IS NOT NULL"),
        ),
        Index(
            "ix_occupancies_blocked",
            "coach_id",
            "starts_at",
            sqlite_where=text("block_id IS NOT NULL"),
            postgresql_where=text("block_id IS NOT NULL"),
        ),
        Index("ix_occupancies_block_id", "block_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("blocks.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    pad_before_minutes: Mapped[int] = mapped_column(default=0)
    pad_after_minutes: Mapped[int] = mapped_column(default=0)


class Block(Base):
    """Time that a coach keeps for herself; its spans lie in `occupancies`.

    One that repeats says how: `every_weeks` weeks, until the date `until_on`, which is within.
    """

    __tablename__ = "blocks"
    __table_args__ = (Index("ix_blocks_coach_id", "coach_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id", ondelete="CASCADE"))
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    every_weeks: Mapped[int | None]
    until_on: Mapped[date | None]


POSTGRESQL_NO_OVERLAP = f"""
ALTER TABLE occupancies ADD CONSTRAINT {NO_OVERLAP} EXCLUDE USING gist (
    int8range(coach_id, coach_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at, '[)') WITH &&
)
"""

_TRIGGER = """
CREATE TRIGGER {name}_on_{verb} BEFORE {when} ON occupancies
BEGIN
    SELECT RAISE(ABORT, '{name}') WHERE EXISTS (
        SELECT 1 FROM occupancies
        WHERE coach_id = NEW.coach_id AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at{but}
    );
END
"""

SQLITE_NO_OVERLAP = (
    _TRIGGER.format(name=NO_OVERLAP, verb="insert", when="INSERT", but=""),
    _TRIGGER.format(
        name=NO_OVERLAP,
        verb="update",
        when="UPDATE OF coach_id, starts_at, ends_at",
        but=" AND id <> OLD.id",
    ),
)

_NO_OVERLAP_BY_DIALECT = {"postgresql": (POSTGRESQL_NO_OVERLAP,), "sqlite": SQLITE_NO_OVERLAP}


def _guard(table: Table) -> None:
    for dialect, statements in _NO_OVERLAP_BY_DIALECT.items():
        for statement in statements:
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


_guard(Base.metadata.tables["occupancies"])
