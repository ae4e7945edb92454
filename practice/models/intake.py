"""What people write before they talk: sealed, each under the writer's own keys.

The tables tell that somebody wrote, and never what. An intake belongs to one person of a booking;
who has forgotten the way back begins another one.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.models.base import Base
from practice.models.booking import BookingPerson


class Intake(Base):
    """One person's answers to one version of one questionnaire.

    `key_id` and `private_key_id` name the keys of the answers and of the private section. Once
    they are destroyed (`erased_at`), nothing of it can be read by anybody. `keep_months` is how
    long after the last appointment it was agreed to keep them.
    """

    __tablename__ = "intakes"
    __table_args__ = (
        CheckConstraint("way_back IN ('passcode', 'code')", name="way_back"),
        Index("ix_intakes_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("booking_people.id"))
    questionnaire: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    way_back: Mapped[str] = mapped_column(String(10))
    passcode_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    key_id: Mapped[str] = mapped_column(String(32))
    private_key_id: Mapped[str] = mapped_column(String(32))
    keep_months: Mapped[int | None]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    person: Mapped[BookingPerson] = relationship()
    sections: Mapped[list["IntakeSection"]] = relationship(
        back_populates="intake", order_by="IntakeSection.id", cascade="all, delete-orphan"
    )


class IntakeSection(Base):
    """One section as it stands (`draft_sealed`) and as it was shared (`shared_sealed`).

    `shared_at` is empty while nothing is shared; `first_shared_at` stays, for what was read since.
    """

    __tablename__ = "intake_sections"
    __table_args__ = (UniqueConstraint("intake_id", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    section: Mapped[str] = mapped_column(String(40))
    draft_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]
    shared_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    shared_at: Mapped[datetime | None]
    first_shared_at: Mapped[datetime | None]

    intake: Mapped[Intake] = relationship(back_populates="sections")
