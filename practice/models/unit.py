"""The unit of work: one transaction, one commit, and what a busy database means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from practice.domain.refusal import Busy, TimeTaken
from practice.models.base import WRITING, Base, db
from practice.models.chain import bind_told
from practice.models.journal import TOLD
from practice.models.occupancy import NO_OVERLAP

T = TypeVar("T")

# PostgreSQL: serialization_failure, deadlock_detected, lock_not_available, and shutting down.
_PASSING = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08006", "08001"}
_ATTEMPTS = 3
_BUSY = "We are very busy this minute. Nothing is lost: please press the button again."


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open the one writing transaction of an act, committed at the end; within another, join it.

    Raises TimeTaken where the database's own constraint refuses an overlap, and Busy where the
    database could not be had in time.
    """
    session = db.session()
    if session.info.get("unit_open"):
        yield session
        return
    session.rollback()  # ends a reading transaction: what it saw may be old by now
    session.info["unit_open"] = True
    try:
        session.connection(execution_options={WRITING: True})
        yield session
        bind_told(session)
        session.commit()
    except DBAPIError as fault:
        session.rollback()
        raise _meaning(fault) from fault
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["unit_open"] = False
        session.info.pop(TOLD, None)


def act_as(user_id: int) -> None:
    """Say which account at the desk acts until this context ends; the journal tells it."""
    db.session().info["acting"] = user_id


def persistently(act: Callable[[], T]) -> T:
    """Do an act that is safe to repeat, again where the database was busy; raises Busy at last."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return act()
        except Busy:
            continue
    return act()


@contextmanager
def look() -> Iterator[Session]:
    """Open a reading that ends with the block; raises Busy where the database is away."""
    session = reading()
    try:
        yield session
    except DBAPIError as fault:
        raise _meaning(fault) from fault
    finally:
        session.rollback()


def forget(row: type[Base], which: ColumnElement[bool]) -> None:
    """Delete rows in a unit of their own, which is opened only where there are any; raises Busy."""
    with look() as session:
        if not session.scalar(select(exists().select_from(row).where(which))):
            return
    with unit_of_work() as session:
        session.execute(delete(row).where(which))


def reading() -> Session:
    """Return the session for statements that only read."""
    session: Session = db.session()
    return session


def commit_joined() -> None:
    """Commit what a library changed by itself, unless it happens within a unit of work."""
    session = db.session()
    if session.info.get("unit_open"):
        session.flush()
    else:
        bind_told(session)
        session.commit()


def _meaning(fault: DBAPIError) -> Exception:
    if isinstance(fault, IntegrityError) and NO_OVERLAP in str(fault.orig):
        return TimeTaken("That time has just gone.")
    if isinstance(fault, IntegrityError) and "request_key" in str(fault.orig):
        # The same press, at the same moment, in another diary: looked for again, it is found.
        return Busy(_BUSY)
    if _passing(fault):
        return Busy(_BUSY)
    return fault


def _passing(fault: DBAPIError) -> bool:
    state = getattr(fault.orig, "sqlstate", None)
    if state is not None:
        return state in _PASSING
    if not isinstance(fault, OperationalError):
        return False
    text = str(fault.orig)
    return fault.connection_invalidated or any(
        word in text for word in ("locked", "busy", "connection", "disk is full")
    )
