"""What every page may say of the practice: its names and its owner's words."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from practice.domain.letters import clean_line
from practice.models.coach import Coach
from practice.models.practice import Practice
from practice.models.unit import reading


@dataclass(frozen=True, slots=True)
class House:
    """The practice as its visitors see it; `help_lines` are (name, how to reach) pairs.

    `statement` ends the line of a payment on a bank statement. `coach_name` is the first coach's,
    and `has_several` tells whether there are others.
    """

    name: str
    coach_name: str
    about: str
    has_photo: bool
    headline: str
    lead: str
    privacy_text: str
    help_lines: tuple[tuple[str, str], ...]
    sender_name: str
    sender_address: str
    calendar_title: str
    statement: str
    is_demo: bool
    is_set_up: bool
    has_several: bool = False


_EMPTY = House("Practice", "", "", False, "", "", "", (), "", "", "Appointment", "", False, False)  # noqa: FBT003 - a value with every field in order


_Other = aliased(Coach)

# Made once: every page asks this.
_WORDS = (
    select(
        Practice.name,
        Practice.headline,
        Practice.lead,
        Practice.privacy_text,
        Practice.help_lines,
        Practice.sender_name,
        Practice.sender_address,
        Practice.calendar_title,
        Practice.statement,
        Practice.is_demo,
        Coach.name.label("coach_name"),
        Coach.address.label("coach_address"),
        Coach.about,
        Coach.photo_type,
        select(func.count(_Other.id)).where(_Other.is_active).scalar_subquery().label("coaches"),
    )
    .outerjoin_from(Practice, Coach, onclause=Coach.is_active.is_(True))
    .order_by(Coach.position, Coach.id)
    .limit(1)
)


def house() -> House:
    """Return the words of the practice, or plain ones where nothing is set up yet."""
    session = reading()
    row = session.execute(_WORDS).first()
    if row is None:
        return _EMPTY
    coach_name = row.coach_name or row.name
    has_several = row.coaches > 1
    # Outside stands a name that is true of every letter: of one coach hers, of several the house's.
    sender = row.name if has_several else coach_name
    return House(
        name=row.name,
        coach_name=coach_name,
        about=row.about or "",
        has_photo=bool(row.photo_type),
        headline=row.headline,
        lead=row.lead,
        privacy_text=row.privacy_text,
        help_lines=parse_help_lines(row.help_lines),
        sender_name=row.sender_name or sender,
        sender_address=row.sender_address or row.coach_address or "",
        calendar_title=row.calendar_title or default_title("" if has_several else coach_name),
        statement=row.statement,
        is_demo=row.is_demo,
        is_set_up=True,
        has_several=has_several,
    )


def default_title(coach_name: str) -> str:
    """Return the neutral title that calendars show unless the owner wrote another."""
    first = clean_line(coach_name).partition(" ")[0]
    return f"Appointment – {first}" if first else "Appointment"


def parse_help_lines(text: str) -> tuple[tuple[str, str], ...]:
    """Return (name, how to reach) pairs from lines like "Samaritans: 116 123"."""
    pairs = (line.partition(":") for line in text.splitlines() if line.strip())
    return tuple((name.strip(), detail.strip()) for name, _, detail in pairs)
