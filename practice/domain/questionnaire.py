"""The questionnaire: what is asked, what of it is shown, and what an answer is.

A questionnaire is shipped with the package, version by version; answers keep the version that they
answered. Everything may be skipped, and no question depends on what was said in private.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeVar

from practice.domain.refusal import Invalid, NotFound

Answer = str | tuple[str, ...]
Answers = Mapping[str, Answer]

LONGEST_ANSWER: Final = 10_000
LARGEST_INTAKE: Final = 200_000
NOT_SURE: Final = "not-sure"
RATHER_TALK: Final = "rather-talk"
RATHER_NOT: Final = "rather-not"

# Controls, and what turns the direction of the words that follow it, on the coach's page as well.
_UNSEEN: Final = dict.fromkeys(
    [
        *(code for code in range(0x20) if chr(code) not in "\t\n"),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)


class Kind(StrEnum):
    """How a question is answered."""

    SHORT = "short"
    LONG = "long"
    ONE = "one"
    SEVERAL = "several"
    SCALE = "scale"
    YES_NO = "yes-no"
    CONSENT = "consent"

    @property
    def is_text(self) -> bool:
        """Whether the answer is the person's own words."""
        return self in {Kind.SHORT, Kind.LONG}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; an extra one is left out until the practice switches it on."""

    id: str
    label: str
    sources: tuple[str, ...] = ()
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Shown where the answer to an earlier question is, or holds, any of these options."""

    question: str
    any_of: tuple[str, ...]


_FIXED_OPTIONS: Final = {
    Kind.YES_NO: (
        Option("yes", "Yes"),
        Option("no", "No"),
        Option(RATHER_NOT, "I’d rather not say"),
    ),
    Kind.SCALE: (*(Option(step, step) for step in "12345"), Option(NOT_SURE, "Not sure")),
    Kind.CONSENT: (Option("yes", "Yes, I agree"),),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question; kinds with fixed options (yes-no, scale, consent) bring these themselves.

    A scale goes from "1" (`low` says what that means) to "5" (`high`), and has "not-sure".
    `sources` are the ids of the prompts that it was made from.
    """

    id: str
    kind: Kind
    label: str
    help: str = ""
    options: tuple[Option, ...] = ()
    when: Condition | None = None
    sources: tuple[str, ...] = ()
    is_private: bool = False
    low: str = ""
    high: str = ""

    def __post_init__(self) -> None:
        fixed = _FIXED_OPTIONS.get(self.kind)
        if fixed is not None and not self.options:
            object.__setattr__(self, "options", fixed)
        _check(bool(self.id and self.label), f"question {self.id!r} has an id and a label")
        _check(fixed in {None, self.options}, f"{self.id} brings no options where they are fixed")
        _check(bool(self.options) != self.kind.is_text, f"{self.id} has options, or is a text")
        _check_once((option.id for option in self.options), f"{self.id} has each option")
        if self.kind is Kind.SCALE:
            _check(bool(self.low and self.high), f"{self.id} says what its two ends mean")

    def takes(self, option_id: str) -> bool:
        """Tell whether there is such an option to choose."""
        return any(option.id == option_id for option in self.options)

    def words(self, answer: Answer) -> tuple[str, ...]:
        """Say an answer in words: the text as typed, or the label of each chosen option."""
        if self.kind.is_text:
            return (answer,) if isinstance(answer, str) else tuple(answer)
        labels = {option.id: option.label for option in self.options}
        return tuple(labels.get(chosen, chosen) for chosen in _chosen(answer))


@dataclass(frozen=True, slots=True)
class Section:
    """What stands on one page; a private one has a key, a permission and an intro of its own."""

    id: str
    title: str
    minutes: int
    intro: str
    questions: tuple[Question, ...]
    is_private: bool = False

    def __post_init__(self) -> None:
        _check(bool(self.id and self.title), f"section {self.id!r} has an id and a title")
        _check(bool(self.questions), f"{self.id} asks something")
        _check(self.minutes > 0, f"{self.id} takes some time")
        for question in self.questions:
            _check(question.is_private == self.is_private, f"{question.id} is as its section is")
            _check(question.kind is not Kind.CONSENT, f"{question.id} is no consent")

    def question(self, question_id: str) -> Question:
        """Find a question of this section; NotFound if it asks no such thing."""
        return _found(self.questions, question_id)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of what is asked, checked as a whole when it is made."""

    slug: str
    version: int
    title: str
    sections: tuple[Section, ...]
    consent: Question

    def __post_init__(self) -> None:
        asked = list(self.questions())
        extras = (o.id for question in asked for o in question.options if o.is_extra)
        _check(self.consent.kind is Kind.CONSENT, "it asks for consent")
        _check(any(not section.is_private for section in self.sections), "it has an open section")
        _check_once((section.id for section in self.sections), "it has each section")
        _check_once((question.id for question in [*asked, self.consent]), "it asks each question")
        _check_once(extras, "it has each extra option")
        earlier: dict[str, Question] = {}
        for question in asked:
            if question.when is not None:
                _check_condition(question.id, question.when, earlier)
            earlier[question.id] = question

    def section(self, section_id: str) -> Section:
        """Find a section; NotFound if there is none of this name."""
        return _found(self.sections, section_id)

    def questions(self) -> Iterator[Question]:
        """Go through all questions in their order, but for the consent."""
        return (question for section in self.sections for question in section.questions)

    def question(self, question_id: str) -> Question:
        """Find a question in any section; NotFound if no such thing is asked."""
        return _found(self.questions(), question_id)

    def section_of(self, question_id: str) -> Section:
        """Find the section that asks a question; NotFound if no such thing is asked."""
        question = self.question(question_id)
        return next(section for section in self.sections if question in section.questions)


# What is shown ------------------------------------------------------------------------------------


def visible(questionnaire: Questionnaire, answers: Answers) -> frozenset[str]:
    """Tell the ids of all questions that are shown to whom these answers are."""
    shown: set[str] = set()
    for question in questionnaire.questions():
        if question.when is None or (
            # Whoever takes back a choice takes back all that hung on it.
            question.when.question in shown
            and set(_chosen(answers.get(question.when.question, ()))) & set(question.when.any_of)
        ):
            shown.add(question.id)
    return frozenset(shown)


def with_extras(questionnaire: Questionnaire, extras: Collection[str]) -> Questionnaire:
    """Leave out the extra options that are not switched on."""
    return replace(
        questionnaire,
        sections=tuple(
            replace(section, questions=tuple(_with_extras(q, extras) for q in section.questions))
            for section in questionnaire.sections
        ),
    )


def without_private(questionnaire: Questionnaire) -> Questionnaire:
    """Leave out the private sections."""
    open_ones = tuple(section for section in questionnaire.sections if not section.is_private)
    return replace(questionnaire, sections=open_ones)


# What an answer is --------------------------------------------------------------------------------


def answer_of(question: Question, values: Sequence[str]) -> Answer | None:
    """Read what a form sent for a question; None where it was skipped, Invalid with its field.

    A text is kept as it was typed: only the line ends of browsers and unprintable characters go.
    """
    if question.kind.is_text:
        return _text_of(question, values)
    chosen = {value for value in values if value}
    if not all(question.takes(value) for value in chosen):
        raise Invalid("Please choose from the answers that are offered.", field=question.id)
    if question.kind is Kind.SEVERAL:
        return tuple(option.id for option in question.options if option.id in chosen) or None
    if len(chosen) > 1:
        raise Invalid("Please choose one answer only.", field=question.id)
    return next(iter(chosen), None)


def check_size(all_answers: Iterable[Answers]) -> None:
    """Raise Invalid where all that one person wrote is more than is kept of one person."""
    size = sum(
        len(part.encode(errors="surrogatepass"))
        for answers in all_answers
        for answer in answers.values()
        for part in _chosen(answer)
    )
    if size > LARGEST_INTAKE:
        raise Invalid(
            "That is more than we can keep for one appointment. Nothing you typed is lost: "
            "it is still here on the page. Please shorten it a little and save again."
        )


# Two tabs -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merged:
    """A section's answers after a save, and the questions whose two texts are both to be shown.

    Where there are conflicts, `answers` holds what is stored for them, and nothing is to be saved.
    """

    answers: dict[str, Answer]
    conflicts: frozenset[str]


def fingerprint(answer: Answer | None) -> str:
    """Tell one answer from another in 16 hex digits; a skipped one has a fingerprint, too."""
    return sha256(json.dumps(answer).encode()).hexdigest()[:16]


def merge(
    section: Section,
    stored: Answers,
    typed: Mapping[str, Answer | None],
    seen: Mapping[str, str],
) -> Merged:
    """Join what was typed (None: emptied; absent: not asked) with what is stored by now.

    `seen` holds the fingerprints of the answers that the page showed when it was loaded. A choice
    that the practice has switched off since stays: no page could show it, and nobody took it back.
    """
    answers, conflicts = dict(stored), set[str]()
    for question in section.questions:
        if question.id not in typed:
            continue
        old = stored.get(question.id)
        new = _with_unoffered(question, typed[question.id], old)
        basis = seen.get(question.id, fingerprint(None))
        if basis == fingerprint(old):
            answers.pop(question.id, None)
            if new is not None:
                answers[question.id] = new
        elif fingerprint(new) not in {fingerprint(old), basis}:
            conflicts.add(question.id)
    return Merged(answers, frozenset(conflicts))


# Pieces -------------------------------------------------------------------------------------------

_Asked = TypeVar("_Asked", Question, Section)


def _chosen(answer: Answer) -> tuple[str, ...]:
    return (answer,) if isinstance(answer, str) else tuple(answer)


def _text_of(question: Question, values: Sequence[str]) -> str | None:
    text = "\n".join(values).replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    text = text.encode(errors="replace").decode()
    if question.kind is Kind.SHORT:
        text = text.replace("\n", " ")
    if len(text) > LONGEST_ANSWER:
        raise Invalid(
            f"That is longer than the {LONGEST_ANSWER:,} characters that fit here. Nothing you "
            "typed is lost: it is still here on the page.",
            field=question.id,
        )
    return text if text.strip() else None


def _with_unoffered(question: Question, new: Answer | None, old: Answer | None) -> Answer | None:
    if question.kind is not Kind.SEVERAL:
        return new
    unoffered = [chosen for chosen in _chosen(old or ()) if not question.takes(chosen)]
    return (*_chosen(new or ()), *unoffered) or None


def _with_extras(question: Question, extras: Collection[str]) -> Question:
    kept = tuple(o for o in question.options if not o.is_extra or o.id in extras)
    return replace(question, options=kept)


def _check_condition(asker: str, when: Condition, earlier: Mapping[str, Question]) -> None:
    _check(when.question in earlier, f"{asker} depends on a question that stands before it")
    basis = earlier[when.question]
    lasting = {option.id for option in basis.options if not option.is_extra}
    _check(not basis.is_private, f"{asker} depends on nothing private")
    _check(bool(when.any_of), f"{asker} depends on some option")
    _check(lasting.issuperset(when.any_of), f"{asker} depends on options that are always there")


def _check(holds: bool, must: str) -> None:  # noqa: FBT001 (reads as an assertion)
    if not holds:
        raise ValueError(f"This must hold in a questionnaire: {must}.")


def _check_once(ids: Iterable[str], must: str) -> None:
    twice = [name for name, times in Counter(ids).items() if times > 1]
    _check(not twice, f"{must} once ({', '.join(twice)})")


def _found(things: Iterable[_Asked], wanted: str) -> _Asked:
    for thing in things:
        if thing.id == wanted:
            return thing
    raise NotFound("There is nothing of this name in these questions.")
