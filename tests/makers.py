"""Makers: a practice, its offerings and hours, and bookings by the acts that people do.

Every default is valid and boring; a test names what it is about. Makers need an app context and
leave no open session behind, so that what is read afterwards comes from the database.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import delete, select

from practice.domain.booking import Actor, Details, HoldRequest, Who
from practice.domain.client import address_key
from practice.domain.questionnaire import fingerprint
from practice.domain.roles import Role, Seat
from practice.domain.writing import Start
from practice.models.accounts import User
from practice.models.answers import Folder, Shared, readable_private, readable_sections
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.consent import current_consent
from practice.models.hours import DateException, ExceptionHours, WeeklyHours
from practice.models.link import Purpose, link_of, person_token
from practice.models.offering import Offering
from practice.models.practice import Practice
from practice.models.sealed import Document
from practice.models.sitting import sitting_of
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.invitation import invite_page
from practice.usecases import booking as booking_acts
from practice.usecases import intake as intake_acts
from practice.usecases import inviting
from practice.usecases import sittings as sitting_acts
from practice.usecases.appointment import Access, by_coach, by_link
from practice.usecases.cancelling import cancel, undo
from practice.usecases.founding import Founder, found
from practice.usecases.intake import Saved
from practice.usecases.moving import become_both, move
from practice.usecases.post import deliver_due
from tests.fakes import NOW
from tests.people import ADA, BEN, MAYA, Person

LONDON = "Europe/London"
PASSWORD = "four unrelated quiet words"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as its client holds it: the token of the private link, and which row it is."""

    token: str
    id: int
    person_id: int


def the_tools() -> Tools:
    """The tools of the app whose context is open."""
    return cast("Tools", current_app.extensions["practice"])


def seat_of(coach_id: int = 1, role: Role = Role.OWNER) -> Seat:
    """The seat of a coach at the own diary."""
    return Seat(1, role, coach_id)


def at(text: str, *, week: int = 0) -> datetime:
    """The instant of "Tue 10:00" on the coach's clock, in the week of NOW or so many later."""
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    monday = NOW.date()
    on = monday + timedelta(days=_DAYS.index(day) + 7 * week)
    summer = 1  # NOW is 1 June: London is an hour ahead until the end of October
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC) - timedelta(hours=summer)


def make_practice(*, coach: Person = MAYA, zone: str = LONDON, **words: Any) -> int:
    """Found the practice, Monday to Friday 9 to 5 with a free chat; return the coach's id."""
    coach_id = found(Founder("Lantern", coach.name, coach.email, zone), tools=the_tools())
    with unit_of_work() as session:
        session.get_one(Coach, coach_id).place_detail = "https://meet.example/maya"
        _set(session.get_one(Practice, 1), words)
    db.session.remove()
    return coach_id


def make_coach(*, name: str = "Noor Haddad", offers: str = "", **words: Any) -> int:
    """Add a coach without hours, who also offers the offering of this slug; return the id."""
    slug = name.lower().replace(" ", "-")
    with unit_of_work() as session:
        coach = Coach(slug=slug, name=name, address=f"{slug}@lantern.example", zone=LONDON)
        _set(coach, words)
        session.add(coach)
        if offers:
            offering = _offering(session, offers)
            offering.coaches.append(coach)
        session.flush()
        coach_id = coach.id
    db.session.remove()
    return coach_id


def make_offering(slug: str = "session", *, coaches: Sequence[int] = (1,), **terms: Any) -> int:
    """Add an offering, an hour long on the half hour unless told otherwise; return its id."""
    with unit_of_work() as session:
        offering = Offering(slug=slug, name="Session", length_minutes=60, step_minutes=30)
        _set(offering, terms)
        offering.coaches = [session.get_one(Coach, coach_id) for coach_id in coaches]
        session.add(offering)
        session.flush()
        offering_id = offering.id
    db.session.remove()
    return offering_id


def change_offering(slug: str = "free-chat", **terms: Any) -> None:
    """Change the terms of an offering."""
    with unit_of_work() as session:
        _set(_offering(session, slug), terms)
    db.session.remove()


def give_hours(weekly: Mapping[str, Sequence[str]], *, coach_id: int = 1) -> None:
    """Replace a coach's weekly hours: `give_hours({"Mon": ["09:00-12:00", "13:00-17:00"]})`."""
    with unit_of_work() as session:
        session.execute(delete(WeeklyHours).where(WeeklyHours.coach_id == coach_id))
        for day, spans in weekly.items():
            for opens, closes in map(_minutes, spans):
                session.add(
                    WeeklyHours(
                        coach_id=coach_id,
                        weekday=_DAYS.index(day),
                        opens_minute=opens,
                        closes_minute=closes,
                    )
                )
    db.session.remove()


def give_date(on: date, *spans: str, coach_id: int = 1) -> None:
    """Give a date hours of its own; without any it is closed."""
    with unit_of_work() as session:
        session.add(
            DateException(
                coach_id=coach_id,
                on=on,
                openings=[
                    ExceptionHours(opens_minute=opens, closes_minute=closes)
                    for opens, closes in map(_minutes, spans)
                ],
            )
        )
    db.session.remove()


def hold_for(person: Person = ADA, *, at: datetime, **wishes: Any) -> str:
    """Hold a start for somebody, by the act itself; return the hold's token."""
    fields: dict[str, Any] = {
        "offering": "",
        "starts_at": at,
        "who": Who.ME,
        "zone": LONDON,
        "key": "",
        "browser": person.browser,
        "caller": person.caller,
    }
    with _session_removed():
        receipt = booking_acts.hold(HoldRequest(**(fields | wishes)), tools=the_tools())
    return receipt.token


def book_hold(token: str, person: Person = ADA, **wishes: Any) -> Booked:
    """Put somebody's name to a hold, by the act itself."""
    fields: dict[str, Any] = {
        "name": person.name,
        "email": person.email,
        "invite": False,
        "reminder": True,
        "caller": person.caller,
    }
    with _session_removed():
        receipt = booking_acts.book(token, Details(**(fields | wishes)), tools=the_tools())
    return booked(receipt.token)


def book_for(
    person: Person = ADA,
    *,
    at: datetime,
    invite: bool = False,
    reminder: bool = True,
    **wishes: Any,
) -> Booked:
    """Book a start for somebody: hold it, then give the details."""
    token = hold_for(person, at=at, **wishes)
    return book_hold(token, person, invite=invite, reminder=reminder)


def booked(token: str) -> Booked:
    """The booking that a private link opens."""
    session = db.session()
    link = link_of(session, Purpose.APPOINTMENT, token, now=the_tools().clock.now())
    assert link is not None, "this is no private link"
    assert link.booking_id is not None
    assert link.person_id is not None
    found = Booked(token, link.booking_id, link.person_id)
    db.session.remove()
    return found


def access_to(booking: Booked, *, by: Actor = Actor.CLIENT) -> Access:
    """The way to a booking that its client has, or its coach."""
    if by is Actor.CLIENT:
        return by_link(booking.token, tools=the_tools())
    coach_id = db.session.get_one(Booking, booking.id).coach_id
    return by_coach(seat_of(coach_id), booking.id)


def move_for(booking: Booked, *, to: datetime, by: Actor = Actor.CLIENT) -> None:
    """Move a booking, by the act itself."""
    with _session_removed():
        move(access_to(booking, by=by), to, tools=the_tools())


def cancel_for(booking: Booked, *, by: Actor = Actor.CLIENT) -> None:
    """Cancel a booking, by the act itself."""
    with _session_removed():
        cancel(access_to(booking, by=by), tools=the_tools())


def undo_for(booking: Booked, *, by: Actor = Actor.CLIENT) -> None:
    """Take a cancellation back, by the act itself."""
    with _session_removed():
        undo(access_to(booking, by=by), tools=the_tools())


def both_for(booking: Booked, *, by: Actor = Actor.CLIENT) -> None:
    """Make a booking one for two, by the act itself."""
    with _session_removed():
        become_both(access_to(booking, by=by), tools=the_tools())


def invitation_to(booking: Booked) -> str:
    """The token by which others may join a booking for two, made by the act itself."""
    with _session_removed():
        inviting.make_link(booking.token, "caller", tools=the_tools())
        href = invite_page(booking.token, tools=the_tools()).link
    return href.rpartition("/")[2]


def join_for(
    booking: Booked, person: Person = BEN, *, email: str = "", zone: str = LONDON
) -> Booked:
    """Let somebody join a booking for two, by the act itself; return it as that one holds it."""
    token = invitation_to(booking)
    joining = inviting.Joining(person.name, email or person.email, zone)
    with _session_removed():
        inviting.join(token, joining, person.caller, tools=the_tools())
        newest = (
            select(BookingPerson.id)
            .join(Client)
            .where(
                BookingPerson.booking_id == booking.id,
                Client.address_key == address_key(joining.email),
            )
            .order_by(BookingPerson.id.desc())
        )
        own = person_token(db.session(), db.session.scalars(newest).first() or 0, the_tools().vault)
    return booked(own)


def give_password(person: Person = MAYA, password: str = PASSWORD) -> str:
    """Give a coach a password to sign in with; return it."""
    from flask_security.utils import hash_password

    hashed = hash_password(password)
    with unit_of_work() as session:
        session.scalars(select(User).where(User.email == person.email)).one().password = hashed
    db.session.remove()
    return password


def deliver_all(owner: str = "worker") -> int:
    """Let the worker work until nothing is due; return how many letters it took up."""
    taken = 0
    while count := deliver_due(owner, tools=the_tools()):
        taken += count
        db.session.remove()
    db.session.remove()
    return taken


@contextmanager
def _session_removed() -> Iterator[None]:
    try:
        yield
    finally:
        db.session.remove()


def _offering(session: Any, slug: str) -> Offering:
    found: Offering = session.scalars(select(Offering).where(Offering.slug == slug)).one()
    return found


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        assert hasattr(row, name), f"{type(row).__name__} has no {name}"
        setattr(row, name, value)


def _minutes(span: str) -> tuple[int, int]:
    opens, closes = (
        int(hour) * 60 + int(minute) for hour, minute in (t.split(":") for t in span.split("-"))
    )
    return opens, closes


# Writing before a talk ------------------------------------------------------------------------

PASSCODE = "blue kettle, slow train"


def change_practice(**words: Any) -> None:
    """Change the practice's own words and wishes."""
    with unit_of_work() as session:
        _set(session.get_one(Practice, 1), words)
    db.session.remove()


def change_person(booking: Booked, **wishes: Any) -> None:
    """Change what one person of a booking wishes for letters."""
    with unit_of_work() as session:
        _set(session.get_one(BookingPerson, booking.person_id), wishes)
    db.session.remove()


def turn_safety_on(*, extras: Sequence[str] = ()) -> None:
    """Have the private section asked: help lines are there, and its wording is approved."""
    change_practice(
        help_lines="Samaritans: 116 123",
        safety_approved_by="Dr Iris Lund, clinical psychologist",
        safety_extras=list(extras),
    )


def begin_for(
    booking: Booked,
    person: Person = ADA,
    *,
    passcode: str = PASSCODE,
    questionnaire: str = "full",
    agrees: bool = True,
) -> str:
    """Begin an intake, with mailed codes where the passcode is ""; return the sitting's token."""
    start = Start(questionnaire, "passcode" if passcode else "code", passcode)
    with _session_removed():
        began = sitting_acts.begin(booking.token, start, person.caller, tools=the_tools())
    if agrees:
        agree_for(began.token)
    return began.token


def meant_by(sitting: str) -> str:
    """The reference of what a sitting has open, which every button of its pages sends."""
    with _session_removed():
        return sitting_of(db.session(), sitting).intake.reference


def agree_for(sitting: str) -> None:
    """Agree to the consent as it reads now, by the act itself."""
    session = db.session()
    person = sitting_of(session, sitting).intake.person
    version = current_consent(session, person).version
    meant = meant_by(sitting)
    with _session_removed():
        intake_acts.agree(sitting, version, meant=meant, tools=the_tools())


def come_back_for(booking: Booked, person: Person = ADA, *, passcode: str = PASSCODE) -> str:
    """Come back with a passcode, by the act itself; return the new sitting's token."""
    with _session_removed():
        began = sitting_acts.come_back(booking.token, passcode, person.caller, tools=the_tools())
    return began.token


def write_for(
    sitting: str,
    section: str,
    answers: Mapping[str, Any],
    *,
    seen: Mapping[str, str] | None = None,
    done: bool = True,
) -> Saved:
    """Save answers of a section by their question's id, as a page would that was just loaded."""
    if seen is None:
        kept = drafts_of(sitting).get(section, Document()).answers
        seen = {name: fingerprint(kept.get(name)) for name in answers}
    with _session_removed():
        return intake_acts.save_section(
            sitting, section, answers, seen, done=done, tools=the_tools()
        )


def share_for(sitting: str, *sections: str) -> None:
    """Share sections with the coach, by the act itself."""
    meant = meant_by(sitting)
    for section in sections:
        with _session_removed():
            intake_acts.share(sitting, section, meant=meant, tools=the_tools())


def drafts_of(sitting: str) -> dict[str, Document]:
    """What the writer of a sitting left in each section, whether or not the sitting is idle."""
    with _session_removed():
        session = db.session()
        intake = sitting_of(session, sitting).intake
        return Folder(session, intake, vault=the_tools().vault).drafts()


def shared_by(booking: Booked, *, private: bool = False) -> list[Shared]:
    """What the coach may read of whoever holds this link."""
    read = readable_private if private else readable_sections
    with _session_removed():
        return read(db.session(), booking.person_id, vault=the_tools().vault)
