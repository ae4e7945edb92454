"""What somebody has written, all of it at once: to look over, to share, to take along; consent."""

from collections.abc import Iterator
from dataclasses import dataclass

from practice.domain.letters import day_line
from practice.domain.questionnaire import Answer, Kind, Question, Section
from practice.models.answers import whole_of
from practice.ports import Tools
from practice.queries.writing import Writing, agreement, number_of, writing


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """A question with the answer in words; no line where it was skipped."""

    id: str
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewSection:
    """A section with its answers; `shared` says when it was shared, "" where it is not.

    One that is not asked any more is only there to be taken back and deleted.
    """

    at: int
    id: str
    title: str
    is_private: bool
    is_asked: bool
    answers: tuple[ReviewAnswer, ...]
    is_written: bool
    shared: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Everything that was written; `closed` says why nothing can be changed any more.

    `intake` names the intake.
    """

    intake: str
    coach: str
    sections: tuple[ReviewSection, ...]
    may_change: bool
    may_share: bool
    closed: str


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """The text to agree to, line by line; `given` is the day on which that was done.

    `intake` names the intake.
    """

    intake: str
    coach: str
    version: str
    lines: tuple[str, ...]
    label: str
    is_given: bool
    is_changed: bool
    given: str


def review_page(sitting_token: str, *, tools: Tools) -> ReviewPage:
    """Return all sections with their answers; raises NotFound, Away.

    Also those that are not asked any more, while anything of them is kept: the coach may read it.
    """
    it = writing(sitting_token, tools=tools)
    agreed = agreement(it).given_at is not None
    return ReviewPage(
        intake=it.intake.reference,
        coach=it.coach,
        sections=tuple(_all_reviewed(it)),
        may_change=not it.closed and agreed,
        may_share=not it.closed and agreed,
        closed=it.closed or ("" if agreed else "Please agree again before you write or share."),
    )


def consent_page(sitting_token: str, *, tools: Tools) -> ConsentPage:
    """Return the consent as it is asked today; raises NotFound, Away."""
    it = writing(sitting_token, tools=tools)
    agreed = agreement(it)
    return ConsentPage(
        intake=it.intake.reference,
        coach=it.coach,
        version=agreed.now.version,
        lines=agreed.now.lines,
        label=it.asked.consent.label,
        is_given=agreed.given_at is not None,
        is_changed=agreed.is_changed,
        given=day_line(agreed.given_at, it.zone, now=it.now) if agreed.given_at else "",
    )


def words_file(sitting_token: str, *, tools: Tools) -> str:
    """Return what was written as plain text, without the private part; raises NotFound, Away."""
    page = review_page(sitting_token, tools=tools)
    parts = []
    for section in page.sections:
        written = [answer for answer in section.answers if answer.lines]
        if written and not section.is_private:
            parts.append(f"{section.title}\n{'=' * len(section.title)}")
            parts += ["\n".join((answer.label, *answer.lines)) for answer in written]
    return "\n\n".join(parts) + "\n" if parts else "Nothing is written yet.\n"


def _all_reviewed(it: Writing) -> Iterator[ReviewSection]:
    asked, shown = {section.id: section for section in it.asked.sections}, it.shown
    for section in whole_of(it.intake).sections:
        if section.id in asked:
            yield _reviewed(it, asked[section.id], shown, is_asked=True)
            continue
        kept = frozenset(it.folder.draft(section.id).answers)
        if kept or it.folder.shared_at(section.id):
            yield _reviewed(it, section, kept, is_asked=False)


def _reviewed(
    it: Writing, section: Section, shown: frozenset[str], *, is_asked: bool
) -> ReviewSection:
    asked = [question for question in section.questions if question.id in shown]
    draft = it.folder.draft(section.id).answers
    told = {question.id: draft[question.id] for question in asked if question.id in draft}
    shared_at = it.folder.shared_at(section.id)
    return ReviewSection(
        at=number_of(it.intake, section),
        id=section.id,
        title=section.title,
        is_private=section.is_private,
        is_asked=is_asked,
        answers=tuple(
            ReviewAnswer(
                question.id,
                question.label,
                _words(question, told[question.id]) if question.id in told else (),
            )
            for question in asked
        ),
        is_written=bool(told),
        shared=it.when(shared_at) if shared_at else "",
        is_changed=shared_at is not None and it.folder.shared(section.id).answers != told,
    )


def _words(question: Question, answer: Answer) -> tuple[str, ...]:
    """Say an answer in words; a place on a scale with what its two ends mean."""
    words = question.words(answer)
    if question.kind is not Kind.SCALE or not (question.low and question.high):
        return words
    ends = [f"{end[:1].lower()}{end[1:]}" for end in (question.low, question.high)]
    steps = [option.id for option in question.options if option.id.isdigit()]
    told = f" of {steps[-1]} ({steps[0]} {ends[0]}, {steps[-1]} {ends[1]})"
    return tuple(f"{word}{told}" if word in steps else word for word in words)
