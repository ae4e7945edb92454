"""A demo practice, made by the same acts as a real one, so that all of it can be tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_security.utils import hash_password
from sqlalchemy import select

from practice.domain.booking import Details, HoldRequest, Who
from practice.domain.offering import Questions
from practice.domain.refusal import Refusal
from practice.domain.span import Span
from practice.domain.words import SECRETS_WORDINGS
from practice.domain.zone import local_date, midnight, zone_named
from practice.models.accounts import User
from practice.models.coach import Coach
from practice.models.hours import WeeklyHours
from practice.models.offering import Offering
from practice.models.practice import Practice
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.house import house
from practice.queries.picking import diary_of
from practice.queries.times import starts_in
from practice.usecases.appointment import by_link
from practice.usecases.booking import book, hold
from practice.usecases.cancelling import cancel
from practice.usecases.demo_paying import pay_some
from practice.usecases.demo_writing import write_some
from practice.usecases.founding import Founder, found, is_founded
from practice.usecases.moving import become_both, move

ADDRESS = "maya@lantern.example"
PRICE_MINOR = 90_00
"""What the demo's session costs, in euro cents, where there is a way to pay."""
_ZONE = "Europe/London"

_PEOPLE = (
    ("Sam", "sam@mail.example"), ("Priya", "priya@mail.example"), ("Robin", "robin@mail.example"),
    ("Chris", "chris@mail.example"), ("Ola", "ola@mail.example"), ("Dan", "dan@mail.example"),
    ("Noor", "noor@mail.example"), ("Alex", "alex@mail.example"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demo:
    """How to sign in at the demo's desk; `is_new` tells whether it was made just now.

    `is_demo` is false where a real practice was found instead.
    """

    address: str
    is_new: bool
    is_demo: bool


def seed(password: str, *, tools: Tools) -> Demo:
    """Make the demo practice with some bookings in the coming days, once."""
    if is_founded():
        return Demo(ADDRESS, is_new=False, is_demo=house().is_demo)
    hashed = hash_password(password)
    with unit_of_work():  # a demo without its password would be a door without a key
        coach_id = found(Founder("Lantern", "Maya Ellis", ADDRESS, _ZONE), tools=tools)
        _furnish(coach_id, hashed, price_minor=PRICE_MINOR if tools.payments else 0)
    _book_some(coach_id, tools)
    pay_some(_starts(coach_id, "session", tools), _ZONE, tools=tools)
    return Demo(ADDRESS, is_new=True, is_demo=True)


def _furnish(coach_id: int, hashed: str, *, price_minor: int) -> None:
    with unit_of_work() as session:
        practice = session.get_one(Practice, 1)
        practice.is_demo = True
        practice.help_lines = (
            "Emergency: 112 or your local emergency number\n"
            "Demo help line: put the lines of your own country here"
        )
        practice.privacy_text = (
            "This is a demo. Nothing that you type here leaves this machine, and nobody reads it "
            "but whoever runs the demo."
        )
        practice.secrets_text = SECRETS_WORDINGS["asked"].text
        practice.safety_approved_by = "Dr Demo Reviewer (demo)"
        coach = session.get_one(Coach, coach_id)
        coach.about = (
            "Coach for people in relationships, in her fifteenth year. Calm, practical, and on "
            "nobody’s side."
        )
        coach.place_detail = "https://meet.example/maya"
        session.scalars(select(User).where(User.coach_id == coach_id)).one().password = hashed
        for hours in session.scalars(select(WeeklyHours).where(WeeklyHours.coach_id == coach_id)):
            hours.opens_minute, hours.closes_minute = 10 * 60, 13 * 60
        session.add_all(
            WeeklyHours(coach_id=coach_id, weekday=day, opens_minute=opens, closes_minute=closes)
            for day in range(5)
            for opens, closes in ((14 * 60, 16 * 60), (17 * 60 + 30, 20 * 60))
        )
        session.add(
            Offering(
                slug="session",
                name="Session",
                about="For people who have had the free chat.",
                length_minutes=60,
                step_minutes=30,
                buffer_after_minutes=15,
                notice_minutes=24 * 60,
                horizon_days=60,
                cancel_cutoff_minutes=24 * 60,
                move_cutoff_minutes=24 * 60,
                questionnaire=Questions.SHORT,
                price_minor=price_minor,
                full_refund_hours=48,
                part_refund_hours=24,
                part_refund_percent=50,
                position=1,
                coaches=[coach],
            )
        )


def _book_some(coach_id: int, tools: Tools) -> None:
    starts = _starts(coach_id, "free-chat", tools)
    tokens = []
    for index, (name, email) in enumerate(_PEOPLE):
        wanted = starts[min(index * 5 + index % 3, len(starts) - 1)]
        token = _book(name, email, wanted, index, tools)
        if token:
            tokens.append(token)
    become_both(by_link(tokens[1], tools=tools), tools=tools)
    move(by_link(tokens[2], tools=tools), starts[9], tools=tools)
    cancel(by_link(tokens[-1], tools=tools), tools=tools)
    write_some(tokens[0], tokens[1], _ZONE, tools=tools)


def _book(name: str, email: str, starts_at: datetime, index: int, tools: Tools) -> str:
    try:
        held = hold(
            HoldRequest(
                "", starts_at, Who.ME, _ZONE, f"demo{index}", f"demo{index}", f"demo{index}"
            ),
            tools=tools,
        )
        details = Details(
            name, email, invite=index % 3 == 0, reminder=index % 4 > 0, caller=f"demo{index}"
        )
        return book(held.token, details, tools=tools).token
    except Refusal:
        return ""


def _starts(coach_id: int, slug: str, tools: Tools) -> list[datetime]:
    now = tools.clock.now()
    with unit_of_work() as session:
        coach = session.get_one(Coach, coach_id)
        offering = session.scalars(select(Offering).where(Offering.slug == slug)).one()
        diary = diary_of(offering, coach, "")
        tomorrow = midnight(local_date(now, zone_named(_ZONE)), zone_named(_ZONE))
        return starts_in(diary, Span(tomorrow, tomorrow + timedelta(days=14)), now)
