"""How migrations reach the database: on the app's own engine, foreign keys off on SQLite."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask_security import AsaList

from practice.models.base import KEYS, WRITING, UTCDateTime, db


def render_item(kind: str, thing: Any, _autogen: Any) -> str | bool:
    """Write our own types as plain ones: a migration must not change with the models."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, AsaList):
        return "sa.UnicodeText()"
    return False


def same_type(_context: Any, _column: Any, _meta: Any, inspected: Any, wanted: Any) -> bool | None:
    """Tell alembic that an instant is an instant, whatever class it was mapped with."""
    if isinstance(wanted, UTCDateTime) and isinstance(inspected, sa.DateTime):
        return False
    return None


def is_ours(name: str | None, kind: str, _parent: Any) -> bool:
    """Tell whether a schema is one that we look after: the main one, and that of the keys."""
    return kind != "schema" or name in {None, KEYS}


def run() -> None:
    """Run the migrations in one transaction."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # A batch copies and drops the table: with keys on, the drop would cascade to its rows.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        connection.execution_options(**{WRITING: True})  # in place, for this connection
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                render_item=render_item,
                compare_type=same_type,
                include_schemas=True,
                include_name=is_ours,
                render_as_batch=True,
                transactional_ddl=True,
            )
            with context.begin_transaction():
                if not is_sqlite:
                    # Two starts at once: the second waits, and finds everything done.
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(727283)"))
                context.run_migrations()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"A migration broke {len(broken)} references.")
            connection.commit()
        finally:
            if is_sqlite:
                connection.rollback()
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")


run()
