"""The practice itself: one row with the owner's words and wishes, set at the desk."""

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import Base


class Practice(Base):
    """The one practice of this house; every text may be empty until the owner writes it."""

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
    is_demo: Mapped[bool] = mapped_column(default=False)
    put_off: Mapped[list[str]] = mapped_column(JSON, default=list)
