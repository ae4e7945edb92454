"""The ledger of consents: who agreed to which text and when, and when it was taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from practice.domain.consent import consent_text, version_of, whole
from practice.models.base import Base
from practice.models.booking import BookingPerson
from practice.models.intake import Intake
from practice.models.practice import Practice
from practice.models.upsert import add_unless_there


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

    def holds_for(self, version: str) -> bool:
        """Tell whether this line agrees to the text of this version."""
        return self.is_given and self.version == version


@dataclass(frozen=True, slots=True)
class ConsentNow:
    """What somebody who writes now is asked to agree to, and how many months it says."""

    version: str
    months: int
    lines: tuple[str, ...]


def current_consent(session: Session, person: BookingPerson) -> ConsentNow:
    """Return the consent as the practice words it today, for a person of a booking."""
    practice = session.get_one(Practice, 1)
    lines = consent_text(
        coach=person.booking.coach.name,
        months=practice.keep_answers_months,
        secrets=practice.secrets_text,
        privacy=practice.privacy_text,
    )
    return ConsentNow(version_of(whole(lines)), practice.keep_answers_months, lines)


def consents_of(session: Session, intake_ids: Collection[int]) -> dict[int, Consent]:
    """Return the last line of the ledger for each of these intakes that has one."""
    last = (
        select(func.max(Consent.id))
        .where(Consent.intake_id.in_(intake_ids))
        .group_by(Consent.intake_id)
    )
    lines = session.scalars(select(Consent).where(Consent.id.in_(last)))
    return {line.intake_id: line for line in lines}


def consent_of(session: Session, intake: Intake) -> Consent | None:
    """Return the last line of the ledger for an intake, or None where nothing was agreed yet."""
    return consents_of(session, [intake.id]).get(intake.id)


def ledger_of(session: Session, person_id: int) -> list[Consent]:
    """Return every line of a person's ledger, oldest first."""
    lines = select(Consent).where(Consent.person_id == person_id).order_by(Consent.id)
    return list(session.scalars(lines))


def give_consent(session: Session, intake: Intake, agreed: ConsentNow, now: datetime) -> None:
    """Add to the ledger that the writer of an intake agreed; the text is kept word for word."""
    add_unless_there(
        session,
        ConsentText,
        version=agreed.version,
        text=whole(agreed.lines),
        first_used_at=now,
    )
    intake.keep_months = agreed.months
    _add_line(session, intake.person_id, intake.id, agreed.version, now, is_given=True)


def take_back_consent(session: Session, given: Consent, now: datetime) -> None:
    """Add to the ledger that what was given is taken back."""
    _add_line(session, given.person_id, given.intake_id, given.version, now, is_given=False)


def _add_line(
    session: Session, person_id: int, intake_id: int, version: str, now: datetime, *, is_given: bool
) -> None:
    session.add(
        Consent(
            person_id=person_id, intake_id=intake_id, version=version, is_given=is_given, at=now
        )
    )
