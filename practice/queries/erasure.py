"""Before a person is erased: what stands in the way, what goes, and what stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from practice.domain.booking import Status
from practice.domain.letters import when_line
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.clients import client_of
from practice.models.coach import Coach
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.payment import Payment
from practice.models.unit import reading

_UNDECIDED = ("opening", "open", "processing")


@dataclass(frozen=True, slots=True)
class Stands:
    """An appointment that is still to come; of one with another coach it tells no more than whose.

    `booking_id` is 0 and `when` "" there.
    """

    booking_id: int
    when: str
    coach: str


@dataclass(frozen=True, slots=True)
class ErasePage:
    """What an erasure of a client would do; with anything in `coming`, or unpaid, it is refused."""

    client_id: int
    name: str
    address: str
    coming: tuple[Stands, ...]
    is_paying: bool
    past: int
    elsewhere: int
    payments: int
    waiting: int
    zone_label: str


def erase_page(seat: Seat, client_id: int, *, now: datetime) -> ErasePage:
    """Return what the erasure of a client of this diary would do; raises NotFound."""
    seat.require(Right.EXPORT)
    session = reading()
    client = client_of(session, client_id, seat.coach_id)
    own = session.get_one(Coach, seat.coach_id)
    zone = zone_named(own.zone)
    coming = session.execute(_of(client_id, is_coming(now)).order_by(Booking.starts_at)).all()
    past = session.execute(_of(client_id, ~is_coming(now))).all()
    return ErasePage(
        client_id=client.id,
        name=client.name,
        address=client.address,
        coming=tuple(
            Stands(
                row.id if row.coach_id == seat.coach_id else 0,
                when_line(row.starts_at, row.ends_at, zone, now=now)
                if row.coach_id == seat.coach_id
                else "",
                row.name,
            )
            for row in coming
        ),
        is_paying=is_paying(session, client_id),
        past=sum(row.coach_id == seat.coach_id for row in past),
        elsewhere=sum(row.coach_id != seat.coach_id for row in past),
        payments=_payments(session, client_id),
        waiting=_waiting(session, client_id),
        zone_label=zone_label(zone, now),
    )


def is_coming(now: datetime) -> ColumnElement[bool]:
    """Return what makes a booking one that has to be cancelled before its people are erased."""
    return or_(
        Booking.status.in_((Status.HELD, Status.PENDING)),
        and_(Booking.status == Status.CONFIRMED, Booking.ends_at > now),
    )


def has_coming(session: Session, client_id: int, now: datetime) -> bool:
    """Tell whether a client has anything to come, with whichever coach."""
    return session.execute(_of(client_id, is_coming(now)).limit(1)).first() is not None


def is_paying(session: Session, client_id: int) -> bool:
    """Tell whether it is undecided whether a client has paid: late money may still book a time."""
    found = (
        select(Payment.id)
        .join(BookingPerson, BookingPerson.booking_id == Payment.booking_id)
        .where(BookingPerson.client_id == client_id, Payment.state.in_(_UNDECIDED))
    )
    return session.scalar(found.limit(1)) is not None


def _of(client_id: int, which: ColumnElement[bool]):  # type: ignore[no-untyped-def]
    return (
        select(Booking.id, Booking.coach_id, Booking.starts_at, Booking.ends_at, Coach.name)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .join(Coach, Coach.id == Booking.coach_id)
        .where(BookingPerson.client_id == client_id, which)
    )


def _payments(session: Session, client_id: int) -> int:
    counted = (
        select(func.count(Payment.id))
        .join(BookingPerson, BookingPerson.booking_id == Payment.booking_id)
        .where(
            BookingPerson.client_id == client_id,
            BookingPerson.role == "booker",
            Payment.paid_at.is_not(None),
        )
    )
    return session.scalar(counted) or 0


def _waiting(session: Session, client_id: int) -> int:
    hers = select(BookingPerson.id).where(BookingPerson.client_id == client_id)
    counted = select(func.count(OutboxLetter.id)).where(
        or_(OutboxLetter.person_id.in_(hers), OutboxLetter.client_id == client_id),
        OutboxLetter.state == LetterState.WAITING,
    )
    return session.scalar(counted) or 0
