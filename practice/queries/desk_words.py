"""The pages of the practice's own words: what is set, and what of it is seen outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from practice.domain.letters import day_line, discreet
from practice.domain.questionnaire import Section
from practice.domain.roles import Right, Seat
from practice.domain.words import LEAVE_HREF
from practice.domain.zone import zone_label, zone_named
from practice.models.coach import Coach
from practice.models.intakes import safety_is_on
from practice.models.practice import Practice
from practice.models.questionnaires import shipped
from practice.models.unit import reading
from practice.queries.house import house, parse_help_lines
from practice.queries.place import meeting


@dataclass(frozen=True, slots=True)
class Outside:
    """Letter, calendar entry and bank statement as others may see them.

    `revealing` lists words that tell.
    """

    sender_name: str
    sender_address: str
    subject: str
    title: str
    statement: str
    revealing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Safety:
    """The private section: whether it is asked, and its wording with every item there is.

    `extras` are the items, by id, that are asked only where they are switched on; `switched_on`
    are the labels of those that are.
    """

    is_on: bool
    has_help_lines: bool
    approved_by: str
    sections: tuple[Section, ...]
    extras: Mapping[str, str]
    switched_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordsPage:
    """All words as they stand; `values` are those of each part's form."""

    values: dict[str, dict[str, Any]]
    has_photo: bool
    slug: str
    zone_label: str
    place_lines: tuple[str, ...]
    help_lines: tuple[tuple[str, str], ...]
    outside: Outside
    leave_href: str
    safety: Safety


def words_page(seat: Seat, *, now: datetime) -> WordsPage:
    """Return the practice's and the coach's own words."""
    seat.require(Right.SETTINGS)
    session = reading()
    practice, coach = session.get_one(Practice, 1), session.get_one(Coach, seat.coach_id)
    zone = zone_named(coach.zone)
    return WordsPage(
        values=_of_the_practice(practice) | _of_the_coach(coach),
        has_photo=bool(coach.photo_type),
        slug=coach.slug,
        zone_label=zone_label(zone, now),
        place_lines=meeting(coach.place, coach.name).lines,
        help_lines=parse_help_lines(practice.help_lines),
        outside=_outside(day_line(now, zone)),
        leave_href=practice.leave_href or LEAVE_HREF,
        safety=_safety(practice),
    )


def _of_the_practice(practice: Practice) -> dict[str, dict[str, Any]]:
    return {
        "front": {
            "name": practice.name,
            "headline": practice.headline,
            "lead": practice.lead,
        },
        "privacy": {"text": practice.privacy_text},
        "help": {"lines": practice.help_lines},
        "before": {
            "secrets": practice.secrets_text,
            "keep_months": str(practice.keep_answers_months),
            "leave_href": practice.leave_href,
        },
        "safety": {
            "approved_by": practice.safety_approved_by,
            "extras": list(practice.safety_extras),
        },
        "outside": {
            "sender_name": practice.sender_name,
            "sender_address": practice.sender_address,
            "calendar_title": practice.calendar_title,
            "statement": practice.statement,
        },
    }


def _of_the_coach(coach: Coach) -> dict[str, dict[str, Any]]:
    return {
        "coach": {"name": coach.name, "about": coach.about},
        "zone": {"zone": coach.zone},
        "place": {"kind": coach.place_kind, "detail": coach.place_detail},
        "letters": {"address": coach.address, "reminders": coach.wants_reminders},
    }


def _safety(practice: Practice) -> Safety:
    sections = tuple(part for part in shipped("full").sections if part.is_private)
    extras = {
        option.id: option.label
        for section in sections
        for question in section.questions
        for option in question.options
        if option.is_extra
    }
    return Safety(
        is_on=safety_is_on(practice),
        has_help_lines=bool(parse_help_lines(practice.help_lines)),
        approved_by=practice.safety_approved_by,
        sections=sections,
        extras=extras,
        switched_on=tuple(extras[each] for each in extras if each in practice.safety_extras),
    )


def _outside(day: str) -> Outside:
    ours = house()
    seen = (ours.sender_name, ours.sender_address, ours.calendar_title, ours.statement)
    return Outside(
        sender_name=seen[0],
        sender_address=seen[1],
        subject=f"Your appointment on {day}",
        title=seen[2],
        statement=seen[3],
        revealing=tuple(dict.fromkeys(word for text in seen for word in discreet(text))),
    )
