"""The ledger of consents: who agreed to which text and when, and when it was taken back."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from practice.models.base import Base


class ConsentText(Base):
    """A text that somebody was asked to agree to; `version` is the SHA-256 of it, in hex."""

    __tablename__ = "consent_texts"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime]


class Consent(Base):
    """One line of the ledger: given, or taken back. Lines are added and never changed."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_person_id", "person_id"),
        Index("ix_consents_intake_id", "intake_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("booking_people.id"))
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    version: Mapped[str] = mapped_column(ForeignKey("consent_texts.version"))
    is_given: Mapped[bool]
    at: Mapped[datetime]
