"""Writing before a talk: agree, save, share, take back, delete. Each act needs a living sitting.

What a button does names the intake whose page it stood on (`meant`): a tab that was left open may
be another person's. Nothing of it is told to anybody: no letter, no journal. The one exception is
that everything was deleted, which the writer's own ledger keeps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from practice.domain.questionnaire import (
    Answer,
    Questionnaire,
    Section,
    check_size,
    fingerprint,
)
from practice.domain.refusal import NotAllowed
from practice.domain.writing import check_write, settle, shown_of
from practice.models.answers import Folder, asked, unshare_all, whole_of
from practice.models.consent import (
    consent_of,
    consents_of,
    current_consent,
    give_consent,
    take_back_consent,
)
from practice.models.intake import Intake
from practice.models.intakes import lock_intake, others_of
from practice.models.link import private_link
from practice.models.sealed import Document
from practice.models.sitting import Sitting, check_meant, living_sitting, see, sitting_of
from practice.models.unit import persistently, reading, unit_of_work
from practice.ports import Tools
from practice.usecases.counting import count
from practice.usecases.erasing import erase_person

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save: where `conflicts` holds anything, nothing was written.

    `conflicts` gives what another tab saved meanwhile (None: it was emptied there), and `seen` the
    fingerprints of what is kept now, with which the next save is a deliberate one.
    """

    conflicts: Mapping[str, Answer | None]
    at: datetime
    seen: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Opened:
    """What an act has before it: the locked intake, what it asks, and its folder."""

    session: Session
    sitting: Sitting
    intake: Intake
    questionnaire: Questionnaire
    folder: Folder
    now: datetime

    def check_open(self) -> None:
        """Raise TooLate or NotAllowed where nothing may be written or shared any more."""
        person = self.intake.person
        cutoff = person.booking.offering.intake_cutoff_minutes
        check_write(person.booking.status, person.booking.starts_at, cutoff, now=self.now)
        given = consent_of(self.session, self.intake)
        wanted = current_consent(self.session, person).version
        if given is None or not given.holds_for(wanted):
            raise NotAllowed("Please read and agree first: then you can go on.")

    def answers(self) -> dict[str, dict[str, Answer]]:
        """Return what is kept, by section."""
        return {name: document.answers for name, document in self.folder.drafts().items()}


def agree(sitting_token: str, version: str, *, meant: str, tools: Tools) -> None:
    """Agree to the text of this version; twice is once.

    Raises NotAllowed where it has changed, NotFound, Away, Busy.
    """

    def act(it: _Opened) -> None:
        wanted = current_consent(it.session, it.intake.person)
        if version != wanted.version:
            raise NotAllowed("This text has changed meanwhile. Please read it once more.")
        given = consent_of(it.session, it.intake)
        if given is None or not given.holds_for(version):
            give_consent(it.session, it.intake, wanted, it.now)

    _on_intake(sitting_token, act, meant=meant, tools=tools)


def withdraw(sitting_token: str, *, meant: str, tools: Tools) -> None:
    """Take the consent back: what was shared is taken from the coach, and writing ends.

    Of this intake, and of those that the same way back opens, which was shown here. Never of any
    other: whoever holds the private link could take back what somebody else agreed to.
    """

    def act(it: _Opened) -> None:
        mine = [it.intake, *others_of(it.session, it.sitting)]
        agreed = consents_of(it.session, [intake.id for intake in mine])
        for intake in mine:
            given = agreed.get(intake.id)
            if given is not None and given.is_given:
                take_back_consent(it.session, given, it.now)
            # So that to agree again shares nothing: that is pressed section by section.
            unshare_all(intake)

    _on_intake(sitting_token, act, meant=meant, tools=tools)


def save_section(
    sitting_token: str,
    section_id: str,
    typed: Mapping[str, Answer | None],
    seen: Mapping[str, str],
    *,
    done: bool,
    tools: Tools,
) -> Saved:
    """Keep what was typed in a section, unless another tab wrote something else meanwhile.

    Raises NotFound, Away, NotAllowed (no consent), TooLate, Invalid (too much), Busy.
    """

    def act(it: _Opened) -> Saved:
        section = it.questionnaire.section(section_id)
        it.check_open()
        kept = it.answers()
        stored = kept.get(section_id, {})
        merged = settle(section, stored, typed, seen)
        if merged.conflicts:
            theirs = {name: stored.get(name) for name in merged.conflicts}
            return Saved(theirs, it.now, _fingerprints(section, stored))
        check_size({**kept, section_id: merged.answers}.values())
        it.folder.keep_draft(section_id, Document(merged.answers, done), it.now)
        return Saved({}, it.now, _fingerprints(section, merged.answers))

    return _on_intake(sitting_token, act, tools=tools)


def share(sitting_token: str, section_id: str, *, meant: str, tools: Tools) -> None:
    """Give the coach a copy of a section as it stands: what is shown of it and was answered.

    Raises NotFound, Away, NotAllowed (no consent, or nothing written), TooLate, Busy.
    """

    def act(it: _Opened) -> None:
        section = it.questionnaire.section(section_id)
        it.check_open()
        kept = it.answers()
        shown = shown_of(it.questionnaire, kept)
        mine = kept.get(section_id, {})
        answers = {q.id: mine[q.id] for q in section.questions if q.id in mine and q.id in shown}
        if not answers:
            raise NotAllowed("There is nothing written in this section yet.")
        it.folder.keep_shared(section_id, answers, it.now)

    _on_intake(sitting_token, act, meant=meant, tools=tools)


def unshare(sitting_token: str, section_id: str, *, meant: str, tools: Tools) -> None:
    """Take the coach's copy of a section away, at any time; raises NotFound, Away, Busy."""

    def act(it: _Opened) -> None:
        section = whole_of(it.intake).section(section_id)
        it.folder.keep_shared(section.id, {}, None)

    _on_intake(sitting_token, act, meant=meant, tools=tools)


def delete_answer(sitting_token: str, question_id: str, *, meant: str, tools: Tools) -> None:
    """Delete an answer here and in the coach's copy, at any time; raises NotFound, Away, Busy.

    What was shared of questions that are hidden without it goes from the coach's copies as well.
    """

    def act(it: _Opened) -> None:
        whole = whole_of(it.intake)
        section, kept = whole.section_of(question_id), it.answers()
        shown = shown_of(whole, kept)
        draft = it.folder.draft(section.id)
        if draft.answers.pop(question_id, None) is not None:
            it.folder.keep_draft(section.id, draft, it.now)
        gone = {question_id} | (shown - shown_of(whole, {**kept, section.id: draft.answers}))
        for name in kept:
            _unshare_answers(it.folder, name, gone)

    _on_intake(sitting_token, act, meant=meant, tools=tools)


def delete_everything(token: str, *, tools: Tools) -> None:
    """Delete all that was ever written from a booking's private link, whoever presses.

    The same work and the same answer whether there was anything. Raises NotFound, TooMany, Busy.
    """
    now = tools.clock.now()
    person_id = private_link(reading(), token, now=now).person_id
    # Generous: whoever else has the link must not keep the writer from deleting.
    count((f"erase:{person_id}", 60, 10), tools=tools)
    erase_person(person_id, now)


def delete_everything_here(sitting_token: str, *, meant: str, tools: Tools) -> None:
    """Delete all that this writer ever wrote for the booking, even from an idle sitting.

    Raises NotFound, OtherNotes, Busy.
    """
    sitting = sitting_of(reading(), sitting_token)
    check_meant(sitting, meant)
    erase_person(sitting.intake.person_id, tools.clock.now())


def _on_intake(
    sitting_token: str, act: Callable[[_Opened], T], *, meant: str | None = None, tools: Tools
) -> T:
    """Do an act on the intake of a living sitting, the one that is meant: all of it or nothing."""
    now = tools.clock.now()

    def once() -> T:
        with unit_of_work() as session:
            sitting = living_sitting(session, sitting_token, now=now)
            if meant is not None:
                check_meant(sitting, meant)
            intake = lock_intake(session, sitting.intake_id)
            # Once more behind the lock: whoever came back meanwhile has ended it.
            sitting = living_sitting(session, sitting_token, now=now)
            see(session, sitting, now)
            folder = Folder(session, intake, vault=tools.vault)
            return act(_Opened(session, sitting, intake, asked(session, intake), folder, now))

    return persistently(once)


def _fingerprints(section: Section, answers: Mapping[str, Answer]) -> dict[str, str]:
    return {q.id: fingerprint(answers.get(q.id)) for q in section.questions}


def _unshare_answers(folder: Folder, section: str, gone: set[str]) -> None:
    answers = folder.shared(section).answers
    if gone & answers.keys():
        left = {name: answer for name, answer in answers.items() if name not in gone}
        folder.keep_shared(section, left, folder.shared_at(section))
