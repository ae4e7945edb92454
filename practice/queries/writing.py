"""What every page of an intake stands on: whose it is, what is asked, and what was answered."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from practice.domain.letters import moment_line
from practice.domain.questionnaire import Questionnaire, Section
from practice.domain.refusal import Refusal
from practice.domain.writing import check_write, shown_of
from practice.domain.zone import zone_named
from practice.models.answers import Folder, asked, whole_of
from practice.models.booking import BookingPerson
from practice.models.consent import ConsentNow, consent_of, current_consent
from practice.models.intake import Intake
from practice.models.sitting import Sitting, living_sitting
from practice.models.unit import reading
from practice.ports import Tools


@dataclass(frozen=True, slots=True)
class Writing:
    """An intake that somebody has open, with the questions as they are asked today.

    `closed` says why nothing can be changed any more, "" while it can.
    """

    sitting: Sitting
    intake: Intake
    person: BookingPerson
    asked: Questionnaire
    folder: Folder
    closed: str
    now: datetime

    @property
    def shown(self) -> frozenset[str]:
        """The ids of the questions that are shown to whom these answers are."""
        drafts = self.folder.drafts()
        return shown_of(self.asked, {name: each.answers for name, each in drafts.items()})

    @property
    def zone(self) -> ZoneInfo:
        """The clock of who writes."""
        return zone_named(self.person.zone)

    @property
    def coach(self) -> str:
        """What the coach is called in a sentence."""
        return called(self.person)

    def when(self, at: datetime) -> str:
        """Say an instant on the writer's clock: "Monday 1 June, 10:42am"."""
        return moment_line(at, self.zone, now=self.now)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Where the consent of an intake stands; `given_at` is None where nothing holds today."""

    now: ConsentNow
    given_at: datetime | None
    is_changed: bool


def writing(sitting_token: str, *, tools: Tools) -> Writing:
    """Return the intake of a living sitting; raises NotFound, Away."""
    now = tools.clock.now()
    sitting = living_sitting(reading(), sitting_token, now=now)
    person = sitting.intake.person
    return Writing(
        sitting=sitting,
        intake=sitting.intake,
        person=person,
        asked=asked(reading(), sitting.intake),
        folder=Folder(reading(), sitting.intake, vault=tools.vault),
        closed=closed_for(person, now),
        now=now,
    )


def number_of(intake: Intake, section: Section) -> int:
    """Return the number of a section in addresses, by which nobody sees what it asks.

    Of all that its version holds: it stays the same whatever the practice switches on or off.
    """
    ids = [each.id for each in whole_of(intake).sections]
    return ids.index(section.id) + 1


def open_reference(sitting_token: str, *, tools: Tools) -> str:
    """Return the reference of the intake of a living sitting; raises Closed, Away."""
    return living_sitting(reading(), sitting_token, now=tools.clock.now()).intake.reference


def called(person: BookingPerson) -> str:
    """Return what a person's coach is called in a sentence."""
    return person.booking.coach.name.partition(" ")[0]


def closed_for(person: BookingPerson, now: datetime) -> str:
    """Say why a person can write nothing any more, or "" while that is possible."""
    booking = person.booking
    try:
        check_write(
            booking.status, booking.starts_at, booking.offering.intake_cutoff_minutes, now=now
        )
    except Refusal as refusal:
        return refusal.sentence
    return ""


def agreement(it: Writing) -> Agreement:
    """Return where the consent stands today."""
    now = current_consent(reading(), it.person)
    last = consent_of(reading(), it.intake)
    given = last is not None and last.is_given
    holds = last is not None and last.holds_for(now.version)
    return Agreement(now, last.at if last and holds else None, is_changed=given and not holds)
