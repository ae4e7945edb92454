"""Adding a row that another writer may be adding at the same moment."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from practice.models.base import Base


def add_unless_there(session: Session, model: type[Base], **values: Any) -> None:
    """Insert the row unless one with its unique values is there (ON CONFLICT DO NOTHING)."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(model).values(**values).on_conflict_do_nothing())
