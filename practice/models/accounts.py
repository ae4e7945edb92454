"""Who may sign in at the desk: accounts and roles in the shape that Flask-Security asks for."""

import secrets
from datetime import datetime

from flask_security import AsaList, RoleMixin, SQLAlchemyUserDatastore, UserMixin
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.models.base import Base, db
from practice.models.coach import Coach
from practice.models.unit import commit_joined

user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)

# Whose diaries an account keeps besides its own; the keeper is an assistant there.
user_diaries = Table(
    "user_diaries",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("coach_id", ForeignKey("coaches.id", ondelete="CASCADE"), primary_key=True),
)


def new_stamp() -> str:
    """Return a fresh session stamp: sessions with the old one end."""
    return secrets.token_hex(32)


class Role(Base, RoleMixin):
    """What an account may do: owner, coach or assistant."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[list[str] | None] = mapped_column(
        MutableList.as_mutable(AsaList()), nullable=True
    )


class User(Base, UserMixin):
    """An account at the desk; a new `fs_uniquifier` ends all its sessions.

    `totp_sealed` is the secret of the second factor, in use since `totp_since_at`; `totp_step` is
    the last 30-second step (RFC 6238) whose code was used. `coach_id` is the own diary, or for an
    assistant the first one that is kept.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_stamp)
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    create_datetime: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(200), default="")
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary(256))
    totp_since_at: Mapped[datetime | None]
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment] # ours, not any mixin
        secondary=user_roles
    )
    coach: Mapped[Coach | None] = relationship()
    diaries: Mapped[list[Coach]] = relationship(secondary=user_diaries)

    @property
    def has_factor(self) -> bool:
        """Whether a second factor is asked for at the sign-in."""
        return self.totp_since_at is not None


class AccountStore(SQLAlchemyUserDatastore):
    """Flask-Security's store, which joins an open unit of work instead of committing by itself."""

    def __init__(self) -> None:
        super().__init__(db, User, Role)

    def commit(self) -> None:
        """Commit by the house's one way."""
        commit_joined()
