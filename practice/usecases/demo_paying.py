"""What people of the demo pay for where no money moves, by the same acts as in earnest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from practice.domain.booking import Details, HoldRequest, Who
from practice.domain.money import Money
from practice.domain.payment import Seen
from practice.domain.refusal import Refusal
from practice.domain.roles import Role, Seat
from practice.models.booking import Booking
from practice.models.link import person_token
from practice.models.payment import current_payment
from practice.models.unit import reading
from practice.ports import Tools
from practice.usecases.appointment import by_link
from practice.usecases.booking import held_by, hold
from practice.usecases.cancelling import cancel
from practice.usecases.desk_payment import refund
from practice.usecases.paying import pay
from practice.usecases.payment import hear
from practice.usecases.refunding import send_refunds

_PEOPLE = (
    ("Iris", "iris@mail.example"),
    ("Tom", "tom@mail.example"),
    ("Lena", "lena@mail.example"),
)


@runtime_checkable
class PretendDoor(Protocol):
    """The door of a payment service at which anybody may pay by asking."""

    def pay(self, session: str) -> Seen:
        """Pay in an open session."""
        ...

    def notice(self, session: str) -> tuple[bytes, str]:
        """Write what is told of a session: body and signature."""
        ...


def pay_some(starts: Sequence[datetime], zone: str, *, tools: Tools) -> None:
    """Book three paid sessions at later starts: one kept, one cancelled, one half paid back.

    Nothing is booked where the service that is set up moves real money.
    """
    door: object = tools.payments
    if not isinstance(door, PretendDoor):
        return
    booked = []
    for index, (name, email) in enumerate(_PEOPLE):
        start = starts[len(starts) * (index + 3) // (len(_PEOPLE) + 3)]
        found = _pay(name, email, start, zone, door, tools)
        if found is not None:
            booked.append(found)
    for booking in booked[1:2]:
        token = person_token(reading(), booking.people[0].id, tools.vault)
        cancel(by_link(token, tools=tools), tools=tools)
    for booking in booked[2:]:
        half = Money(booking.price_minor // 2, booking.currency)
        seat = Seat(0, Role.OWNER, booking.coach_id)
        refund(seat, booking.id, half, attempt=1, key="demo", tools=tools)
    send_refunds("demo", tools=tools)


def _pay(
    name: str, email: str, starts_at: datetime, zone: str, door: PretendDoor, tools: Tools
) -> Booking | None:
    try:
        whose = f"demo-{name}"
        wish = HoldRequest("session", starts_at, Who.ME, zone, whose, whose, whose)
        token = hold(wish, tools=tools).token
        details = Details(name, email, invite=False, reminder=True, caller=whose)
        pay(token, details, tools=tools)
    except Refusal:
        return None
    booking = held_by(reading(), token, tools.clock.now())
    payment = current_payment(reading(), booking.id)
    if payment is None or payment.session is None:
        return None
    session = payment.session
    door.pay(session)
    hear(*door.notice(session), tools=tools)
    return reading().get_one(Booking, booking.id, populate_existing=True)
