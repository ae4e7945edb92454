"""The ground of all mapped classes: names of constraints, instants in UTC, and the engines."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

WRITING = "practice_writing"
KEYS = "keys"
"""The schema of people's keys: a file of its own on SQLite, attached under this name."""
_BUSY_MS = 30_000
# Whoever reads meanwhile keeps the log open, and nobody's page is to wait long for that.
_SETTLING_MS = 2_000


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant: refuses naive ones, stores UTC, returns aware UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant as aware UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every mapped class."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime()}  # noqa: RUF012 - SQLAlchemy's own way


# Rows stay readable after the commit: a receipt is made from them without asking again.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


def prepare_engines(app: Flask) -> None:
    """Give the app's engines their transactions: BEGIN IMMEDIATE for writers on SQLite."""
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine, Path(app.instance_path))
    app.teardown_appcontext(_let_go)


def prepare_engine(engine: Engine, instance: Path) -> None:
    """Give one engine its transactions, and on SQLite the keys that lie in the instance."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, instance / "keys.db")


def close_connections() -> None:
    """Close all connections that this process holds; the next statement opens a new one."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def settle_files() -> None:
    """Leave no older copy of a page in SQLite's write-ahead log; what others still read stays.

    PostgreSQL keeps its log as its administrator has set it.
    """
    session = db.session()
    if session.get_bind().dialect.name != "sqlite":
        return
    session.rollback()  # our own reading would hold the log open
    # By the driver: the engine would begin a transaction, within which there is no checkpoint.
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_SETTLING_MS}")
        cursor.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    finally:
        connection.close()


def _let_go(_fault: BaseException | None) -> None:
    """End what was read; an answer that is written stands, though the database went meanwhile."""
    try:
        db.session.remove()
    except DBAPIError:
        db.session.registry.clear()  # its connection is broken, and the pool knows that by itself


def _prepare_sqlite(engine: Engine, keys: Path) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transactions begin too late for a read that decides a write.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        _attach_keys(cursor, keys)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _attach_keys(cursor: sqlite3.Cursor, keys: Path) -> None:
    keys.touch(mode=0o600)
    cursor.execute(f"ATTACH DATABASE ? AS {KEYS}", (str(keys),))
    # No write-ahead log here: what is destroyed must be in no file when the act is done.
    for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {KEYS}.{pragma}")
