"""The keys of people's answers, kept apart from the answers: destroying a key erases them.

On SQLite the table lies in a file of its own, keys.db beside the database; on PostgreSQL in a
schema of its own. So both can be backed up, and their backups thrown away, by themselves.
"""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import KEYS, Base


class PersonKey(Base):
    """One data key (32 bytes), wrapped by the master key whose id is `master_id`."""

    __tablename__ = "person_keys"
    __table_args__ = {"schema": KEYS}  # noqa: RUF012 - SQLAlchemy's own way

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(256))
    master_id: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
