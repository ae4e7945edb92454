"""The pages of one booking: its details being typed, the booking itself, moving and cancelling."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from practice.domain.booking import Actor, Status, Who, may_replay
from practice.domain.cancelling import (
    may_cancel,
    may_move,
    may_undo,
    spoken_minutes,
)
from practice.domain.client import masked
from practice.domain.letters import clock, day_line, google_link, outlook_link, when_line
from practice.domain.offering import REMINDERS, Audience
from practice.domain.payment import PaymentState, RefundState
from practice.domain.refunding import ALL, after_move, refund_left, refund_share, spoken_terms
from practice.domain.refusal import NotFound
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.diary import is_held
from practice.models.link import NOTHING, Purpose, link_of, person_token, private_link
from practice.models.payment import Payment, current_payment, paid_payment
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.calendar_entry import entry_of
from practice.queries.house import house
from practice.queries.picking import diary_of
from practice.queries.place import meeting
from practice.queries.reminders import reminder_before
from practice.queries.times import Day, days_of, next_starts, sent


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """The page on which a hold gets a name; `booked` is the appointment's token once it has one.

    `price` ("€90") and `terms` are "" where nothing is to be paid. `is_asked_for` tells that the
    details are given and that the rest stands on the pages of paying. `coach` is who has the time,
    "" where it could be nobody else. `reminder` says when one would come ("the day before"), "" for
    never.
    """

    when: str
    zone_label: str
    zone: str
    who: str
    who_label: str
    subject: str
    button: str
    is_held: bool
    offering: str
    price: str = ""
    terms: str = ""
    service: str = ""
    is_asked_for: bool = False
    booked: str = ""
    is_past: bool = False
    coach: str = ""
    reminder: str = ""


@dataclass(frozen=True, slots=True)
class NearTime:
    """A start that is offered instead of one that has gone."""

    t: str
    label: str
    day: str


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """A booking as its client sees it. `state` is booked, cancelled or past.

    `paid` says what was paid and when, `money` what becomes of it, `terms` what cancelling gives
    back ("" each without); `if_cancelled` says what would come back by cancelling now. `offering`
    is "" where it is offered no more.
    """

    token: str
    state: str
    name: str
    when: str
    starts: str
    zone_label: str
    zone: str
    who: str
    place_lines: tuple[str, ...]
    join_href: str
    google_href: str
    outlook_href: str
    calendar_title: str
    masked_email: str
    next_steps: tuple[str, ...]
    may_move: bool
    may_cancel: bool
    may_undo: bool
    may_become_both: bool
    may_write: bool
    may_invite: bool
    cutoff_sentence: str
    offering: str
    paid: str = ""
    terms: str = ""
    money: str = ""
    if_cancelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MovePage:
    """The picker for another time; the old one is kept until the new one is sure."""

    token: str
    when: str
    zone: str
    zone_label: str
    days: tuple[Day, ...]
    months_label: str
    may_move: bool
    sentence: str
    money: tuple[str, ...]


def details_page(token: str, *, tools: Tools) -> DetailsPage:
    """Return the details page of a hold; raises NotFound."""
    now = tools.clock.now()
    booking = held_by(token, now=now)
    zone, terms = zone_named(booking.zone), booking.terms()
    page = DetailsPage(
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone_label=zone_label(zone, booking.starts_at),
        zone=booking.zone,
        who=booking.who,
        who_label="Both of us" if booking.who == Who.BOTH else "Just me",
        subject=f"Your appointment on {day_line(booking.starts_at, zone, now=now)}",
        button="Go on to payment" if terms.is_paid else "Book my free chat",
        is_held=is_held(reading(), booking.id, now),
        offering=booking.offering.slug,
        price=str(terms.price) if terms.is_paid else "",
        terms=spoken_terms(terms.cancellation) if terms.is_paid else "",
        service=service_name(tools),
        is_asked_for=terms.is_paid and _is_asked_for(booking),
        coach=found_coach(booking),
        reminder=REMINDERS.get(booking.offering.reminder_hours, ""),
    )
    if booking.confirmed_at is None:
        return page
    if not may_replay(booking.confirmed_at, now=now):
        return replace(page, is_past=True, is_asked_for=False)
    return replace(page, booked=person_token(reading(), booking.people[0].id, tools.vault))


def held_by(token: str, *, now: datetime) -> Booking:
    """Return the booking that the page of a hold is about; raises NotFound."""
    link = link_of(reading(), Purpose.HOLD, token, now=now)
    if link is None or link.booking_id is None:
        raise NotFound(NOTHING)
    return reading().get_one(Booking, link.booking_id, populate_existing=True)


def found_coach(booking: Booking) -> str:
    """Return whose time it is that somebody holds, "" in a house where it could be nobody else."""
    return booking.coach.name if house().has_several else ""


def service_name(tools: Tools) -> str:
    """Return the name of the payment service as people know it, or "" for one they don't."""
    service = tools.payments.service if tools.payments is not None else ""
    return {"stripe": "Stripe"}.get(service, "")


def _is_asked_for(booking: Booking) -> bool:
    """Tell whether a payment was begun that she may have made, or can make still."""
    payment = current_payment(reading(), booking.id)
    if payment is None:
        return False
    return booking.status == Status.PENDING or payment.state not in {
        PaymentState.OPENING,
        PaymentState.EXPIRED,
        PaymentState.FAILED,
    }


def near_times(nearest: tuple[datetime, ...], zone_name: str) -> tuple[NearTime, ...]:
    """Return starts as the page of a taken time offers them, in order of time."""
    zone = zone_named(zone_name)
    return tuple(
        NearTime(sent(start), clock(start, zone), day_line(start, zone))
        for start in sorted(nearest)
    )


def appointment_page(token: str, *, tools: Tools) -> AppointmentPage:
    """Return the booking of a private link; raises NotFound, the same for every reason."""
    now = tools.clock.now()
    person = person_of(token, tools=tools)
    booking, ours = person.booking, house()
    terms, zone = booking.terms(), zone_named(person.zone)
    how = meeting(booking.place, booking.coach.name)
    entry = entry_of(booking, ours, method="PUBLISH", now=now)
    stands = booking.status == Status.CONFIRMED and booking.ends_at > now
    gone = booking.cancellation
    movable = may_move(terms, booking.starts_at, by=Actor.CLIENT, now=now)
    cancellable = may_cancel(terms, booking.starts_at, by=Actor.CLIENT, now=now)
    return AppointmentPage(
        token=token,
        state=_state(booking, now),
        name=person.greeting,
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        starts=clock(booking.starts_at, zone),
        zone_label=zone_label(zone, booking.starts_at),
        zone=person.zone,
        who=booking.who,
        place_lines=how.lines,
        join_href=how.join_href,
        google_href=google_link(entry),
        outlook_href=outlook_link(entry),
        calendar_title=ours.calendar_title,
        masked_email=masked(person.client.address),
        next_steps=_next_steps(booking, person, how.join_href, now),
        may_move=stands and movable,
        may_cancel=stands and cancellable,
        may_undo=gone is not None and may_undo(gone, booking.starts_at, by=Actor.CLIENT, now=now),
        may_become_both=stands and booking.who == Who.ME and terms.audience is not Audience.ONE,
        may_invite=stands and person.role == "booker" and booking.who == Who.BOTH,
        may_write=booking.offering.questionnaire != "none",
        cutoff_sentence=_cutoffs(booking, movable=movable, cancellable=cancellable),
        offering=_offered_still(booking, tools),
        **_money_words(person, now),
    )


def move_page(token: str, *, chosen: date | None, tools: Tools) -> MovePage:
    """Return the times to which a booking can be moved; raises NotFound."""
    now = tools.clock.now()
    person = person_of(token, tools=tools)
    booking = person.booking
    zone = zone_named(person.zone)
    allowed = booking.status == Status.CONFIRMED and may_move(
        booking.terms(), booking.starts_at, by=Actor.CLIENT, now=now
    )
    diary = diary_of(booking.offering, booking.coach, person.zone, but_booking=booking.id)
    diary = replace(diary, terms=booking.terms())
    starts = [at for at in next_starts(diary, now) if at != booking.starts_at] if allowed else []
    days = days_of(starts, diary, now=now, chosen=chosen)
    return MovePage(
        token=token,
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone=person.zone,
        zone_label=zone_label(zone, booking.starts_at),
        days=days,
        months_label=" and ".join(dict.fromkeys(day.month for day in days)),
        may_move=allowed,
        sentence="" if allowed else _cutoffs(booking, movable=False, cancellable=True),
        money=_money_of_moving(booking, now),
    )


def _money_of_moving(booking: Booking, now: datetime) -> tuple[str, ...]:
    """Say what moving does to the money of a paid booking; () for one that costs nothing."""
    if not booking.price_minor or paid_payment(reading(), booking.id) is None:
        return ()
    terms = booking.terms().cancellation
    later = after_move(terms, booking.starts_at, now=now)
    costs_nothing = "Moving costs nothing: what was paid counts for the new time."
    return (costs_nothing,) if later == terms else (costs_nothing, spoken_terms(later))


def appointment_file(token: str, *, tools: Tools) -> bytes:
    """Return the calendar file of a booking; raises NotFound."""
    person = person_of(token, tools=tools)
    now = tools.clock.now()
    link = f"{tools.base_url}/a/{token}"
    entry = entry_of(person.booking, house(), method="PUBLISH", now=now, link=link)
    return tools.invites.write(entry)


def person_of(token: str, *, tools: Tools) -> BookingPerson:
    """Return the person whose appointment link this is; raises NotFound."""
    link = private_link(reading(), token, now=tools.clock.now())
    return reading().get_one(BookingPerson, link.person_id)


def _offered_still(booking: Booking, tools: Tools) -> str:
    """Return the end of the address where the same can be booked again, or "" if it can't."""
    offering = booking.offering
    payable = offering.price_minor == 0 or tools.payments is not None
    return offering.slug if payable and offering.archived_at is None else ""


def _money_words(person: BookingPerson, now: datetime) -> dict[str, Any]:
    """Return what its page says of the money of a booking, nothing for one that costs nothing.

    What was paid is told to who paid it; what cancelling comes to, to everybody who may cancel,
    and to the others without the amount.
    """
    booking = person.booking
    payment = paid_payment(reading(), booking.id) if booking.price_minor else None
    if payment is None or payment.paid_at is None:
        return {}
    zone = zone_named(person.zone)
    has_paid = person.role == "booker"
    words: dict[str, Any] = {
        "if_cancelled": _if_cancelled(booking, payment, zone, now, in_money=has_paid)
    }
    if has_paid:
        words["paid"] = f"{payment.received} on {day_line(payment.paid_at, zone, now=now)}"
        words["terms"] = spoken_terms(booking.terms().cancellation)
        words["money"] = _comes_back(booking, payment)
    return words


def _if_cancelled(
    booking: Booking, payment: Payment, zone: ZoneInfo, now: datetime, *, in_money: bool
) -> tuple[str, ...]:
    """Say what comes back by cancelling now, and until when how much does."""
    terms = booking.terms().cancellation
    came, starts_at = payment.received, booking.starts_at
    back = refund_left(terms, came, payment.refunded, starts_at, now=now)
    if not back.minor:
        return ("If you cancel now, nothing of what was paid comes back.",)
    if in_money:
        what = str(back) if back == came else f"{back} of {came}"
    else:
        what = "all of what was paid" if back == came else "a part of what was paid"
    first = f"If you cancel now, {what} goes back to the card that was paid with."
    is_all = refund_share(terms, starts_at, now=now) == ALL
    hours = terms.full_hours if is_all else terms.part_hours
    cutoff = max(timedelta(hours=hours), timedelta(minutes=booking.cancel_cutoff_minutes))
    until = starts_at - cutoff
    return (
        f"{first} It takes 5 to 10 days.",
        f"That holds until {day_line(until, zone, now=now)}, {clock(until, zone)}.",
        spoken_terms(terms),
    )


def _comes_back(booking: Booking, payment: Payment) -> str:
    """Say what goes back of a payment, or that nothing does where the booking is cancelled."""
    failed = [each for each in payment.refunds if each.state == RefundState.FAILED]
    back = payment.refunded
    if back.minor:
        return f"{back} goes back to the card you paid with. It takes 5 to 10 days."
    if failed:
        return "Your money could not be sent back yet. Your coach knows and looks after it."
    if booking.status == Status.CANCELLED:
        return "Nothing of it comes back. If you have a question about that, write to your coach."
    return ""


def _state(booking: Booking, now: datetime) -> str:
    if booking.status == Status.CANCELLED:
        return "cancelled"
    return "past" if booking.ends_at <= now or booking.status != Status.CONFIRMED else "booked"


def _next_steps(
    booking: Booking, person: BookingPerson, join_href: str, now: datetime
) -> tuple[str, ...]:
    zone = zone_named(person.zone)
    steps = [_link_goes(person)]
    before = reminder_before(person, now)
    if before and person.letters_ok:
        steps.append(f"One reminder comes {before}.")
    at = clock(booking.starts_at, zone)
    if join_href:
        steps.append(f"At {at}, open the link above. Your camera can stay off.")
    else:
        steps.append(f"At {at}, {booking.coach.name} expects you.")
    return tuple(steps)


def _link_goes(person: BookingPerson) -> str:
    if not person.letters_ok:
        return "No letters come, as you asked. This page is the way back: keep its address."
    # The same for a mailbox that others read: whoever looks over her shoulder must not learn of it.
    address = masked(person.client.address)
    return f"We write to {address}. Keep the address of this page as well: it is the way back."


def _cutoffs(booking: Booking, *, movable: bool, cancellable: bool) -> str:
    move, cancel = booking.move_cutoff_minutes, booking.cancel_cutoff_minutes
    if not movable or not cancellable:
        return (
            "It is close to your appointment, so it can’t be changed here any more. "
            "Please write to your coach. You don’t have to give a reason."
        )
    if move == cancel == 0:
        return "You can move or cancel until it starts. You don’t have to give a reason."
    if move == cancel:
        until = spoken_minutes(move)
        return f"You can move or cancel until {until} before. You don’t have to give a reason."
    return (
        f"You can move it until {spoken_minutes(move)} before, and cancel it until "
        f"{spoken_minutes(cancel)} before. You don’t have to give a reason."
    )
