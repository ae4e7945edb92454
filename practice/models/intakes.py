"""Finding intakes: whose they are, which one a way back leads to, and who else may be let go."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from practice.domain.booking import Status
from practice.domain.refusal import NotFound
from practice.domain.writing import WayBack, months_before
from practice.models.booking import Booking, BookingPerson
from practice.models.intake import Intake, IntakeSection
from practice.models.journal import Happening, JournalEntry
from practice.models.link import Link, Purpose
from practice.models.practice import Practice
from practice.models.sitting import Sitting

_READ = (Happening.INTAKE_READ.name, Happening.PRIVATE_READ.name)


def living_intakes(session: Session, person_id: int) -> list[Intake]:
    """Return all that a person began and that is not deleted, newest first."""
    return list(session.scalars(_living(person_id)))


def intake_by_passcode(session: Session, person_id: int, digest: bytes) -> Intake | None:
    """Return the newest intake of a person that a passcode opens, or None."""
    fits = Intake.passcode_digest == digest
    return session.scalar(_living(person_id, fits).limit(1))


def intakes_by_code(session: Session, person_id: int | None) -> list[Intake]:
    """Return all intakes of a person to which a mailed code leads, newest first."""
    return list(session.scalars(_living(person_id, Intake.way_back == WayBack.CODE)))


def others_of(session: Session, sitting: Sitting) -> list[Intake]:
    """Return what else the same way back leads to, newest first; nothing for who only began."""
    intake = sitting.intake
    if not sitting.came_back:
        return []
    same: ColumnElement[bool] = Intake.passcode_digest == intake.passcode_digest
    if intake.way_back == WayBack.CODE:
        same = Intake.way_back == WayBack.CODE
    return list(session.scalars(_living(intake.person_id, same, Intake.id != intake.id)))


def lock_intake(session: Session, intake_id: int) -> Intake:
    """Return an intake that nobody else writes to until the act ends; raises NotFound."""
    intake = session.get(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake is None or intake.erased_at is not None:
        raise NotFound("There is nothing at this address.")
    return intake


def keys_of(session: Session, *which: ColumnElement[bool]) -> list[str]:
    """Return the ids of both keys of each living intake that is meant."""
    rows = session.execute(
        select(Intake.key_id, Intake.private_key_id).where(Intake.erased_at.is_(None), *which)
    )
    return [key for row in rows for key in row]


def forget_words(session: Session, keys: list[str], now: datetime) -> None:
    """Delete the rows of intakes whose keys are destroyed: sections and sittings."""
    # The intakes first: that waits for whoever is saving, so that nothing is added after it.
    session.execute(
        update(Intake)
        .where(Intake.key_id.in_(keys), Intake.erased_at.is_(None))
        .values(erased_at=now, passcode_digest=None)
    )
    gone = select(Intake.id).where(Intake.key_id.in_(keys))
    for row in (IntakeSection, Sitting):
        session.execute(delete(row).where(row.intake_id.in_(gone)))


def forget_codes(session: Session, person_id: int) -> None:
    """Delete the mailed codes of a person, which lead nowhere any more."""
    session.execute(
        delete(Link).where(Link.person_id == person_id, Link.purpose == Purpose.WAY_BACK)
    )


def outlived(session: Session, now: datetime, *, months: int, most: int) -> list[int]:
    """Return the ids of intakes whose time is over, `most` of each span at the most.

    That is as many months after the writer's last appointment as were agreed to, or as the
    practice keeps them today (`months`): a longer span holds for nobody who has not agreed to it.
    """
    living = Intake.erased_at.is_(None)
    old: list[int] = []
    for agreed in list(session.scalars(select(Intake.keep_months).where(living).distinct())):
        span = months if agreed is None else min(months, agreed)
        same = Intake.keep_months.is_not_distinct_from(agreed)
        is_old = _is_outlived(months_before(now, span))
        old += session.scalars(select(Intake.id).where(living, same, is_old).limit(most))
    return old


def _is_outlived(ended_before: datetime) -> ColumnElement[bool]:
    """Return what makes an intake one to let go: its writer's last appointment ended by then."""
    writer, meeting = aliased(BookingPerson), aliased(Booking)
    same, later = aliased(BookingPerson), aliased(Booking)
    ended = exists(
        select(meeting.id)
        .join(writer, writer.booking_id == meeting.id)
        .where(writer.id == Intake.person_id, meeting.ends_at <= ended_before)
    )
    came_again = exists(
        select(later.id)
        .join(same, same.booking_id == later.id)
        .join(writer, writer.client_id == same.client_id)
        .where(
            writer.id == Intake.person_id,
            later.status.in_((Status.CONFIRMED, Status.DONE)),
            later.ends_at > ended_before,
        )
    )
    return ended & ~came_again


def reads_of(session: Session, person_id: int) -> list[tuple[datetime, Happening]]:
    """Return when what a person shared was opened, and whether the private note was, oldest first.

    Only of what is still there: of what was deleted nobody has a reason to learn anything.
    """
    rows = session.execute(
        select(JournalEntry.at, JournalEntry.happening)
        .where(JournalEntry.person_id == person_id, JournalEntry.happening.in_(_READ))
        .order_by(JournalEntry.id)
    )
    return [(at, Happening[name]) for at, name in rows]


def safety_is_on(practice: Practice) -> bool:
    """Tell whether the private section is asked: with help lines, and its wording approved."""
    return bool(practice.help_lines.strip() and practice.safety_approved_by.strip())


def _living(person_id: int | None, *which: ColumnElement[bool]) -> Select[Intake]:
    return (
        select(Intake)
        .where(Intake.person_id == person_id, Intake.erased_at.is_(None), *which)
        .order_by(Intake.id.desc())
    )
