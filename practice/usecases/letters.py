"""Writing the letters of a happening into the open transaction; the worker sends them later."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from practice.domain.booking import Status
from practice.domain.letters import LetterKind
from practice.models.booking import Booking, BookingPerson
from practice.models.outbox import About, drop_waiting, is_written, write_letter


def tell_booked(
    session: Session, booking: Booking, *, now: datetime, confirms: bool = True
) -> None:
    """Write the confirmation for everybody, unless it is not wanted, and the reminders."""
    if confirms:
        _to_people(session, booking, LetterKind.CONFIRMATION, now=now)
    _to_coach(session, booking, LetterKind.COACH_BOOKED, now=now)
    _remind(session, booking, now=now)


def tell_moved(session: Session, booking: Booking, *, now: datetime) -> None:
    """Write that the booking moved; what waits of the old time is dropped."""
    drop_waiting(session, booking.id, "The appointment moved.")
    _to_people(session, booking, LetterKind.MOVED, now=now)
    _to_coach(session, booking, LetterKind.COACH_MOVED, now=now)
    _remind(session, booking, now=now)


def tell_cancelled(session: Session, booking: Booking, *, now: datetime) -> None:
    """Write that the booking is cancelled; what waits is dropped."""
    drop_waiting(session, booking.id, "The appointment was cancelled.")
    _to_people(session, booking, LetterKind.CANCELLED, now=now)
    _to_coach(session, booking, LetterKind.COACH_CANCELLED, now=now)


def tell_restored(session: Session, booking: Booking, *, now: datetime) -> None:
    """Write that the booking stands again."""
    drop_waiting(session, booking.id, "The cancellation was taken back.")
    tell_booked(session, booking, now=now)


def tell_joined(session: Session, person: BookingPerson, *, now: datetime) -> None:
    """Write the confirmation and the reminder of somebody who joined; nobody else is told."""
    _to_person(session, person, LetterKind.CONFIRMATION, now=now)
    remind_after_all(session, person, now=now)


def tell_refunded(session: Session, booking: Booking, refund_id: int, *, now: datetime) -> None:
    """Write to who booked that money goes back."""
    _of_money(session, booking, LetterKind.REFUNDED, f"refund-{refund_id}", refund_id, now)


def tell_too_late(session: Session, booking: Booking, refund_id: int, *, now: datetime) -> None:
    """Write to who paid that the time was somebody else's by then, and that all goes back."""
    _of_money(session, booking, LetterKind.TOO_LATE, f"refund-{refund_id}", refund_id, now)


def tell_payment_failed(
    session: Session, booking: Booking, payment_id: int, *, now: datetime
) -> None:
    """Write to who wanted to pay that the bank refused, days later."""
    _of_money(session, booking, LetterKind.PAYMENT_FAILED, f"payment-{payment_id}", None, now)


def remind_after_all(session: Session, person: BookingPerson, *, now: datetime) -> None:
    """Write the reminder of a person who wants one and for whom none was written."""
    booking = person.booking
    due_at = _reminder_due_at(booking)
    if due_at is None or due_at <= now:
        return
    if not person.wants_reminder or booking.status != Status.CONFIRMED:
        return
    if not is_written(session, _dedupe_of(person, LetterKind.REMINDER)):
        _to_person(session, person, LetterKind.REMINDER, now=now, due_at=due_at)


def _remind(session: Session, booking: Booking, *, now: datetime) -> None:
    due_at = _reminder_due_at(booking)
    if due_at is None or due_at <= now:
        return
    _to_people(session, booking, LetterKind.REMINDER, now=now, due_at=due_at)
    if booking.coach.wants_reminders:
        _to_coach(session, booking, LetterKind.COACH_REMINDER, now=now, due_at=due_at)


def _reminder_due_at(booking: Booking) -> datetime | None:
    """Return when the reminder of a booking is due; None where what it is of has none."""
    hours = booking.offering.reminder_hours
    return booking.starts_at - timedelta(hours=hours) if hours else None


def _to_people(
    session: Session,
    booking: Booking,
    kind: LetterKind,
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    for person in booking.people:
        if kind is LetterKind.REMINDER and not person.wants_reminder:
            continue
        _to_person(session, person, kind, now=now, due_at=due_at)


def _to_person(
    session: Session,
    person: BookingPerson,
    kind: LetterKind,
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    booking = person.booking
    write_letter(
        session,
        kind,
        _dedupe_of(person, kind),
        About(booking_id=booking.id, person_id=person.id, sequence=booking.sequence),
        due_at=due_at or now,
        now=now,
    )


def _of_money(
    session: Session,
    booking: Booking,
    kind: LetterKind,
    about: str,
    refund_id: int | None,
    now: datetime,
) -> None:
    booker = booking.people[0]
    dedupe = f"{kind}:{booking.id}:person-{booker.id}:{about}"
    if not is_written(session, dedupe):
        write_letter(
            session,
            kind,
            dedupe,
            About(
                booking_id=booking.id,
                person_id=booker.id,
                refund_id=refund_id,
                sequence=booking.sequence,
            ),
            due_at=now,
            now=now,
        )


def _to_coach(
    session: Session,
    booking: Booking,
    kind: LetterKind,
    *,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    write_letter(
        session,
        kind,
        _dedupe(booking, kind, f"coach-{booking.coach_id}"),
        About(booking_id=booking.id, coach_id=booking.coach_id, sequence=booking.sequence),
        due_at=due_at or now,
        now=now,
    )


def _dedupe_of(person: BookingPerson, kind: LetterKind) -> str:
    return _dedupe(person.booking, kind, f"person-{person.id}")


def _dedupe(booking: Booking, kind: LetterKind, reader: str) -> str:
    # The sequence is in the key: moved away and back again, a time is told of once more.
    return f"{kind}:{booking.id}:{reader}:{booking.starts_at:%Y%m%dT%H%M}:{booking.sequence}"
