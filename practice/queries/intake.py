"""The pages on which somebody writes: the gate, the hub, one section, and what stands between."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import select

from practice.domain.letters import clock, day_line
from practice.domain.questionnaire import Answers, Section
from practice.domain.refusal import NotFound
from practice.domain.writing import NOTHING_ASKED, lengths
from practice.domain.zone import zone_named
from practice.models.answers import asked, whole_of
from practice.models.intake import Intake
from practice.models.intakes import others_of, reads_of
from practice.models.journal import Happening
from practice.models.link import NOTHING
from practice.models.practice import Practice
from practice.models.questionnaires import shipped
from practice.models.sealed import Document
from practice.models.sitting import sitting_of
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.appointment import person_of
from practice.queries.writing import (
    Writing,
    agreement,
    called,
    closed_for,
    number_of,
    writing,
)

# An everyday page that says nothing of who opens it.
LEAVE_HREF = "https://www.bbc.com/weather"


@dataclass(frozen=True, slots=True)
class GatePage:
    """What a booking's link leads to; made without a look at whether anything was ever begun."""

    token: str
    lengths: tuple[str, ...]
    preselected: str
    full_minutes: int
    short_minutes: int
    may_begin: bool
    closed: str


@dataclass(frozen=True, slots=True)
class Step:
    """A section in the list; `state` is "Not started", "In progress" or "Done"."""

    at: int
    id: str
    title: str
    minutes: int
    state: str


@dataclass(frozen=True, slots=True)
class OtherNotes:
    """Another intake to which the same way back leads."""

    reference: str
    begun: str


@dataclass(frozen=True, slots=True)
class HubPage:
    """The list of sections, who read what, and what else can be done; `intake` names the intake."""

    intake: str
    coach: str
    sections: tuple[Step, ...]
    others: tuple[OtherNotes, ...]
    reads: tuple[str, ...]
    is_agreed: bool
    agreed: str
    closed: str
    has_private: bool


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One section of questions at a number in its address; `next` is that of the one after, or 0.

    `intake` names the intake, `shown` which questions stand on the page.
    """

    intake: str
    at: int
    section: Section
    number: int
    count: int
    coach: str
    answers: Answers
    shown: frozenset[str]
    is_agreed: bool
    may_change: bool
    closed: str
    next: int
    secrets: str
    zone: ZoneInfo

    def spoken(self, at: datetime) -> str:
        """Say a time of day on the writer's clock: "10:42am"."""
        return clock(at, self.zone)


@dataclass(frozen=True, slots=True)
class SupportPage:
    """What everybody sees after the private section, and which section comes then."""

    coach: str
    next: int


@dataclass(frozen=True, slots=True)
class AwayPage:
    """How somebody comes back who was idle for long."""

    way_back: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Which intake is open, and whether a section of it was called done."""

    intake: str
    is_done: bool


def gate_page(token: str, *, tools: Tools) -> GatePage:
    """Return the gate of a booking's link; raises NotFound.

    It stays open where the offering asks nothing any more: what was written is still there.
    """
    now = tools.clock.now()
    person = person_of(token, tools=tools)
    offered = lengths(person.booking.offering.questionnaire)
    closed = closed_for(person, now) if offered else NOTHING_ASKED
    return GatePage(
        token=token,
        lengths=offered,
        preselected="short" if person.role == "partner" else next(iter(offered), ""),
        full_minutes=_minutes("full"),
        short_minutes=_minutes("short"),
        may_begin=not closed,
        closed=closed,
    )


def hub_page(sitting_token: str, *, tools: Tools) -> HubPage:
    """Return the list of sections as they stand; raises NotFound, Away."""
    it = writing(sitting_token, tools=tools)
    kept = it.folder.drafts()
    agreed = agreement(it)
    return HubPage(
        intake=it.intake.reference,
        coach=it.coach,
        sections=tuple(
            Step(
                number_of(it.intake, each),
                each.id,
                each.title,
                each.minutes,
                _state(kept.get(each.id)),
            )
            for each in it.asked.sections
        ),
        others=tuple(
            OtherNotes(other.reference, it.when(other.created_at))
            for other in others_of(reading(), it.sitting)
        ),
        reads=_reads(it),
        is_agreed=agreed.given_at is not None,
        agreed=day_line(agreed.given_at, it.zone, now=it.now) if agreed.given_at else "",
        closed=it.closed,
        has_private=any(each.is_private for each in it.asked.sections),
    )


def section_at(sitting_token: str, number: int, *, tools: Tools) -> str:
    """Return the section that a number in an address means; raises NotFound, Away."""
    it = writing(sitting_token, tools=tools)
    return _section_at(it.intake, number).id


def section_page(sitting_token: str, number: int, *, tools: Tools) -> SectionPage:
    """Return a section with what stands in it; raises NotFound, Away."""
    it = writing(sitting_token, tools=tools)
    section = it.asked.section(_section_at(it.intake, number).id)
    return _page(
        it.intake,
        section,
        answers=it.folder.draft(section.id).answers,
        shown=it.shown,
        is_agreed=agreement(it).given_at is not None,
        closed=it.closed,
    )


def support_page(sitting_token: str, *, tools: Tools) -> SupportPage:
    """Return the page after the private section; the same whatever was written in it."""
    it = writing(sitting_token, tools=tools)
    order = it.asked.sections
    after = [number_of(it.intake, late) for each, late in pairwise(order) if each.is_private]
    return SupportPage(it.coach, after[0] if after else 0)


def kept_page(reference: str, number: int, *, tools: Tools) -> SectionPage:
    """Return a section without any answer, to hold what could not be saved; raises NotFound.

    It needs no sitting and opens nothing: whoever was idle for long loses no word.
    """
    intake = reading().scalar(select(Intake).where(Intake.reference == reference))
    if intake is None:
        raise NotFound(NOTHING)
    section = asked(reading(), intake).section(_section_at(intake, number).id)
    closed = closed_for(intake.person, tools.clock.now())
    return _page(intake, section, answers={}, shown=frozenset(), is_agreed=True, closed=closed)


def standing(sitting_token: str, section_id: str, *, tools: Tools) -> Standing:
    """Return which intake is open, and where a section of it stands; raises NotFound, Away."""
    it = writing(sitting_token, tools=tools)
    return Standing(it.intake.reference, it.folder.draft(section_id).done)


def way_back_of(reference: str) -> str:
    """Return how an intake is come back to: "passcode" or "code"; "" where there is none."""
    way = reading().scalar(select(Intake.way_back).where(Intake.reference == reference))
    return way or ""


def away_page(sitting_token: str) -> AwayPage:
    """Return how to come back to an idle sitting; raises NotFound."""
    return AwayPage(sitting_of(reading(), sitting_token).intake.way_back)


def leave_href() -> str:
    """Return where "Leave this page" leads."""
    practice = reading().get(Practice, 1)
    return (practice.leave_href if practice else "") or LEAVE_HREF


def _section_at(intake: Intake, number: int) -> Section:
    sections = whole_of(intake).sections
    if not 1 <= number <= len(sections):
        raise NotFound(NOTHING)
    return sections[number - 1]


def _page(
    intake: Intake,
    section: Section,
    *,
    answers: Answers,
    shown: frozenset[str],
    is_agreed: bool,
    closed: str,
) -> SectionPage:
    order = list(asked(reading(), intake).sections)
    at = [each.id for each in order].index(section.id)
    return SectionPage(
        intake=intake.reference,
        at=number_of(intake, section),
        section=section,
        number=at + 1,
        count=len(order),
        coach=called(intake.person),
        answers=answers,
        shown=shown,
        is_agreed=is_agreed,
        may_change=not closed,
        closed=closed,
        next=number_of(intake, order[at + 1]) if at + 1 < len(order) else 0,
        secrets=reading().get_one(Practice, 1).secrets_text,
        zone=zone_named(intake.person.zone),
    )


def _minutes(slug: str) -> int:
    return sum(section.minutes for section in shipped(slug).sections)


def _state(document: Document | None) -> str:
    if document is None or not (document.answers or document.done):
        return "Not started"
    return "Done" if document.done else "In progress"


def _reads(it: Writing) -> tuple[str, ...]:
    # The journal knows the person alone. Somebody else may have begun from the same link, and
    # must not learn from here that anything else was ever read: only what came after an own share.
    # What was told once stays told, also when nothing is shared or asked of that kind any more.
    since = {kind: it.folder.first_shared_at(is_private=kind) for kind in (True, False)}
    told = []
    for at, happening in reads_of(reading(), it.intake.person_id):
        private = happening is Happening.PRIVATE_READ
        first = since[private]
        if first is not None and at >= first:
            what = "the private part" if private else "what you shared"
            told.append(f"{it.coach} opened {what} on {it.when(at)}.")
    return tuple(told)
