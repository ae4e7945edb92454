"""Finding clients: who is one of a coach's, and by which appointments."""

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, contains_eager

from practice.domain.booking import Status
from practice.domain.refusal import NotFound
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.payment import Payment

NO_CLIENT = "There is no such client in your diary."
# A hold with a name is not an appointment yet, and one that ended without money never was.
_NOT_YET = (Status.HELD, Status.PENDING, Status.EXPIRED)


def with_coach(coach_id: int) -> ColumnElement[bool]:
    """Return what makes a booking one by which somebody is this coach's client."""
    is_paid = exists().where(Payment.booking_id == Booking.id, Payment.paid_at.is_not(None))
    return (Booking.coach_id == coach_id) & (Booking.status.not_in(_NOT_YET) | is_paid)


def file_id(person: BookingPerson) -> int:
    """Return the client whose file a person of a booking has at its coach's desk, or 0."""
    is_theirs = person.booking.status not in _NOT_YET and person.client.erased_at is None
    return person.client_id if is_theirs else 0


def came_to(coach_id: int) -> ColumnElement[bool]:
    """Return what makes a client one of this coach's."""
    return exists(
        select(BookingPerson.id)
        .join(Booking)
        .where(BookingPerson.client_id == Client.id, with_coach(coach_id))
        .correlate(Client)
    )


def client_of(session: Session, client_id: int, coach_id: int, *, lock: bool = False) -> Client:
    """Return one of a coach's clients; raises NotFound for all others, and for who was erased.

    With `lock`, nobody else writes to the client until the act ends.
    """
    found = select(Client).where(
        Client.id == client_id, Client.erased_at.is_(None), came_to(coach_id)
    )
    if lock:
        found = found.with_for_update().execution_options(populate_existing=True)
    client = session.scalar(found)
    if client is None:
        raise NotFound(NO_CLIENT)
    return client


def was_erased(session: Session, booking_id: int) -> bool:
    """Tell whether anybody of a booking was erased; nobody is before the open unit ends."""
    people = (
        select(Client.erased_at)
        .join(BookingPerson, BookingPerson.client_id == Client.id)
        .where(BookingPerson.booking_id == booking_id)
        .with_for_update(read=True, key_share=True, of=Client)
    )
    return any(at is not None for at in session.scalars(people))


def people_of(session: Session, client_id: int, coach_id: int) -> list[BookingPerson]:
    """Return a client as a person of each appointment with a coach, the latest start first.

    One statement, however many there are.
    """
    return list(
        session.scalars(
            select(BookingPerson)
            .join(Booking)
            .where(BookingPerson.client_id == client_id, with_coach(coach_id))
            .options(contains_eager(BookingPerson.booking))
            .order_by(Booking.starts_at.desc(), BookingPerson.id.desc())
        )
    )
