"""What must be tidied from time to time: dead holds, full buckets, addresses of the invited."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from practice.domain.availability import Holding
from practice.domain.booking import Status
from practice.domain.payment import UNDECIDED
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.invitation import Invitation
from practice.models.journal import redact
from practice.models.keys import are_keys_left, destroy_left_keys
from practice.models.link import Link
from practice.models.occupancy import Occupancy
from practice.models.outbox import OutboxLetter
from practice.models.payment import HeardNotice, Payment
from practice.models.throttle import Bucket
from practice.models.unit import forget, look, unit_of_work
from practice.ports import Tools
from practice.usecases.diary import on_diary
from practice.usecases.retention import let_go

_BUCKETS_FOR = timedelta(days=1)
_HOLDS_FOR = timedelta(days=7)
# Stripe repeats a notice for three days at most (https://docs.stripe.com/webhooks#retries).
_NOTICES_FOR = timedelta(days=90)
_INVITED_FOR = timedelta(days=14)
_AT_ONCE = 500


def keep_house(*, tools: Tools) -> None:
    """Let dead holds go, and forget old ones and throttles that have long filled. Raises Busy."""
    now = tools.clock.now()
    _let_dead_holds_go(now)
    _forget_old_holds(now)
    forget(Bucket, Bucket.refilled_at < now - _BUCKETS_FOR)
    forget(HeardNotice, HeardNotice.heard_at < now - _NOTICES_FOR)
    _forget_invited(now)
    let_go(now)
    _destroy_left_keys()


def _let_dead_holds_go(now: datetime) -> None:
    with look() as session:
        coaches = list(
            session.scalars(
                select(Occupancy.coach_id)
                .where(Occupancy.status == Holding.HELD, Occupancy.held_until <= now)
                .distinct()
            )
        )
    for coach_id in coaches:
        on_diary(coach_id, lambda _session: None, now=now)  # the path lets dead holds go itself


def _forget_old_holds(now: datetime) -> None:
    """Forget holds that ended a week ago and never became a booking, and who meant to pay."""
    has_money = exists().where(
        Payment.booking_id == Booking.id,
        Payment.paid_at.is_not(None) | Payment.state.in_(UNDECIDED),
    )
    old = (
        select(Booking.id)
        .where(Booking.status == Status.EXPIRED, Booking.held_at < now - _HOLDS_FOR, ~has_money)
        .limit(_AT_ONCE)
    )
    with look() as session:
        if session.scalar(old.limit(1)) is None:
            return
    with unit_of_work() as session:
        ended = list(session.scalars(old.with_for_update(skip_locked=True)))
        _forget_unpaid(session, ended)
        for row in (Link, OutboxLetter):
            session.execute(delete(row).where(row.booking_id.in_(ended)))
        redact(session, ended)
        _forget_people(session, ended)
        session.execute(delete(Booking).where(Booking.id.in_(ended)))


def _forget_unpaid(session: Session, ended: list[int]) -> None:
    unpaid = select(Payment.id).where(Payment.booking_id.in_(ended))
    # The ids of notices stay: heard once more, they still mean nothing.
    session.execute(
        update(HeardNotice).where(HeardNotice.payment_id.in_(unpaid)).values(payment_id=None)
    )
    session.execute(delete(Payment).where(Payment.booking_id.in_(ended)))


def _forget_people(session: Session, ended: list[int]) -> None:
    people = BookingPerson.booking_id.in_(ended)
    clients = list(session.scalars(select(BookingPerson.client_id).where(people).distinct()))
    session.execute(delete(BookingPerson).where(people))
    session.execute(
        delete(Client).where(
            Client.id.in_(clients),
            ~exists().where(BookingPerson.client_id == Client.id),
            ~exists().where(OutboxLetter.client_id == Client.id),
        )
    )


def _forget_invited(now: datetime) -> None:
    """Forget the addresses of people who were invited and did nothing, or when it is too late."""
    # From the few addresses to their bookings, never from all that is past.
    stale = (
        select(Invitation.id)
        .join(Booking)
        .where(
            Invitation.address_sealed.is_not(None),
            or_(
                Invitation.sent_at <= now - _INVITED_FOR,
                Booking.ends_at <= now,
                Booking.status == Status.CANCELLED,
            ),
        )
        .limit(_AT_ONCE)
    )
    with look() as session:
        old = list(session.scalars(stale))
    if old:
        with unit_of_work() as session:
            session.execute(
                update(Invitation).where(Invitation.id.in_(old)).values(address_sealed=None)
            )


def _destroy_left_keys() -> None:
    """Destroy keys of what was deleted, which came back with an older copy of the keys."""
    with look() as session:
        if not are_keys_left(session):
            return
    with unit_of_work() as session:
        destroy_left_keys(session)
