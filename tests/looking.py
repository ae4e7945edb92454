"""Looking into the database without disturbing it: rows, whole dumps, and what SQL was sent."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import event, select

from practice.models.base import Base, db
from practice.models.booking import Booking
from practice.models.outbox import OutboxLetter
from tests.makers import Booked

Row = TypeVar("Row", bound=Base)
Dump = dict[str, list[tuple[Any, ...]]]


def all_of(model: type[Row], *where: Any) -> list[Row]:
    """The rows as they stand in the database now, oldest first."""
    key = next(iter(model.__table__.primary_key))
    rows = list(db.session.scalars(select(model).where(*where).order_by(key)))
    db.session.remove()
    return rows


def the_booking(booking: Booked) -> Booking:
    """The row of a booking as it stands now."""
    return all_of(Booking, Booking.id == booking.id)[0]


def letters(*, state: str = "", kind: str = "") -> list[OutboxLetter]:
    """The letters of the outbox, of this state and kind where they are named."""
    return [
        row for row in all_of(OutboxLetter) if state in {"", row.state} and kind in {"", row.kind}
    ]


def dump(*, without: Collection[str] = ()) -> Dump:
    """Every row of every table, but for the tables named."""
    with db.engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
            if name not in without
        }


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL that is sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
