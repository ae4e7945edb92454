"""Moving a booking: the old time is kept until the new one is sure, in one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Who, admit, ends_at
from practice.domain.cancelling import check_move
from practice.domain.refunding import after_move
from practice.domain.refusal import Invalid, TimeTaken
from practice.models.booking import Booking
from practice.models.diary import occupy
from practice.models.journal import Happening, tell_of
from practice.models.unit import reading
from practice.ports import Tools
from practice.usecases.appointment import Access, check_stands, count_change, fresh
from practice.usecases.diary import check_free, check_open, on_diary, with_nearest
from practice.usecases.letters import tell_moved


def move(access: Access, starts_at: datetime, *, tools: Tools) -> bool:
    """Move a booking to another start and tell whether it moved; asked twice, it moves once.

    A client keeps to the offered times and the cut-off; a coach moves to any time that nobody
    has. Raises TimeTaken with the nearest starts, TooLate, NotAllowed, Busy.
    """
    now = tools.clock.now()
    known = reading().get_one(Booking, access.booking_id)
    coach, terms = known.coach, known.terms()

    def act(session: Session) -> bool:
        booking = fresh(session, access)
        count_change(session, access, tools=tools, now=now)
        coach, terms = booking.coach, booking.terms()
        check_stands(booking, now=now)
        if booking.starts_at == starts_at:
            return False
        check_move(terms, booking.starts_at, by=access.actor, now=now)
        if access.actor is Actor.COACH:
            _check_coming(starts_at, now)
            check_free(session, coach, terms, starts_at, now=now, but_booking=booking.id)
        else:
            check_open(session, coach, terms, starts_at, now=now, but_booking=booking.id)
            capped = after_move(terms.cancellation, booking.starts_at, now=now)
            booking.most_refund_percent = capped.most_percent
        booking.moved_from_at = booking.starts_at
        booking.starts_at = starts_at
        booking.ends_at = ends_at(starts_at, terms)
        booking.sequence += 1
        booking.moved_at = now
        occupy(session, booking)
        tell_moved(session, booking, now=now)
        tell_of(session, booking, Happening.MOVED, actor=access.actor, now=now)
        return True

    try:
        return on_diary(access.coach_id, act, now=now)
    except TimeTaken as refusal:
        raise with_nearest(
            refusal, coach, terms, starts_at, now=now, but_booking=access.booking_id
        ) from refusal


def become_both(access: Access, *, tools: Tools) -> None:
    """Make a booking one for two; nobody is written to. Raises NotAllowed, Invalid."""
    now = tools.clock.now()

    def act(session: Session) -> None:
        booking = fresh(session, access)
        count_change(session, access, tools=tools, now=now)
        check_stands(booking, now=now)
        if booking.who == Who.BOTH:
            return
        admit(Who.BOTH, booking.terms())
        booking.who = Who.BOTH
        tell_of(session, booking, Happening.BECAME_BOTH, actor=access.actor, now=now)

    on_diary(access.coach_id, act, now=now)


def _check_coming(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise Invalid("Please choose a time that is still to come.", field="on")
