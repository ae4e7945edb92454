"""Making a practice: its row, its first coach with an account, hours, and the free chat."""

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.domain.client import address_key
from practice.domain.offering import Questions
from practice.domain.refusal import NotAllowed
from practice.models.accounts import Role, User
from practice.models.chain import begin_chains
from practice.models.coach import Coach
from practice.models.hours import WeeklyHours
from practice.models.offering import Offering
from practice.models.practice import Practice
from practice.models.unit import reading, unit_of_work
from practice.ports import Tools

_NINE_TO_FIVE = (9 * 60, 17 * 60)
_ROLES = {
    "owner": "Everything, and who else may sign in.",
    "coach": "The own diary, clients and intakes.",
    "assistant": "The diary; never answers or notes.",
}


@dataclass(frozen=True, slots=True)
class Founder:
    """Who founds a practice, and what it is called."""

    practice_name: str
    coach_name: str
    address: str
    zone: str


def is_founded() -> bool:
    """Tell whether there is a practice already."""
    return bool(reading().scalar(select(func.count()).select_from(Practice)))


def found(founder: Founder, *, tools: Tools) -> int:
    """Make the practice and return its first coach's id; raises NotAllowed if there is one.

    The hours are Monday to Friday, 9 to 5, until the coach says otherwise.
    """
    with unit_of_work() as session:
        if session.get(Practice, 1) is not None:
            raise NotAllowed("There is a practice in this instance already.")
        session.add(Practice(id=1, name=founder.practice_name))
        coach = Coach(
            slug=slug_of(founder.coach_name),
            name=founder.coach_name,
            address=founder.address,
            zone=founder.zone,
        )
        session.add(coach)
        session.flush()
        begin_chains(session, 0, coach.id)
        give_starting_hours(session, coach)
        _offer_free_chat(session, coach)
        session.add(
            User(
                email=address_key(founder.address),
                coach_id=coach.id,
                create_datetime=tools.clock.now(),
                roles=_roles(session),
            )
        )
        return coach.id


def slug_of(name: str, otherwise: str = "coach") -> str:
    """Return a name as it stands in an address: "maya-ellis"; `otherwise` where no letter fits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or otherwise


def give_starting_hours(session: Session, coach: Coach) -> None:
    """Let a new coach work Monday to Friday, 9 to 5."""
    opens, closes = _NINE_TO_FIVE
    session.add_all(
        WeeklyHours(coach_id=coach.id, weekday=day, opens_minute=opens, closes_minute=closes)
        for day in range(5)
    )


def _offer_free_chat(session: Session, coach: Coach) -> None:
    session.add(
        Offering(
            slug="free-chat",
            name="Free 30-minute chat",
            length_minutes=30,
            step_minutes=30,
            buffer_after_minutes=15,
            notice_minutes=12 * 60,
            horizon_days=60,
            cancel_cutoff_minutes=0,
            move_cutoff_minutes=0,
            questionnaire=Questions.FULL,
            coaches=[coach],
        )
    )


def _roles(session: Session) -> list[Role]:
    roles = [Role(name=name, description=told) for name, told in _ROLES.items()]
    session.add_all(roles)
    return [role for role in roles if role.name == "owner"]
