"""The practice itself: one row with the owner's words and wishes, set at the desk."""

import secrets

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import Base


class Practice(Base):
    """The one practice of this house; every text may be empty until the owner writes it.

    `leave_href` is where "Leave this page" leads. `secrets_text` says what becomes of what one of
    two tells alone. `safety_approved_by` is the qualified person who approved the wording of the
    private section, which is off without; `safety_extras` are its items that were switched on.
    `uid` tells this house from others that use the same payment account; `statement` is what
    stands on bank statements, after the account's own prefix.
    """

    __tablename__ = "practices"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(200))
    headline: Mapped[str] = mapped_column(String(200), default="")
    lead: Mapped[str] = mapped_column(String(400), default="")
    privacy_text: Mapped[str] = mapped_column(Text, default="")
    help_lines: Mapped[str] = mapped_column(Text, default="")
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    sender_address: Mapped[str] = mapped_column(String(320), default="")
    calendar_title: Mapped[str] = mapped_column(String(200), default="")
    leave_href: Mapped[str] = mapped_column(String(500), default="")
    secrets_text: Mapped[str] = mapped_column(Text, default="")
    keep_answers_months: Mapped[int] = mapped_column(default=12)
    safety_approved_by: Mapped[str] = mapped_column(String(200), default="")
    safety_extras: Mapped[list[str]] = mapped_column(JSON, default=list)
    uid: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    statement: Mapped[str] = mapped_column(String(22), default="APPOINTMENT")
    is_demo: Mapped[bool] = mapped_column(default=False)
    put_off: Mapped[list[str]] = mapped_column(JSON, default=list)
