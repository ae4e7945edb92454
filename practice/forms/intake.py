"""The forms of writing first: beginning, coming back, agreeing, and a section full of questions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import ValidationError

from practice.domain.questionnaire import (
    Answer,
    Answers,
    Question,
    Section,
    answer_of,
    fingerprint,
)
from practice.domain.refusal import Invalid
from practice.domain.writing import Start, WayBack, check_passcode
from practice.forms.checks import once
from practice.forms.texts import said

LATER, NEXT = "later", "next"
# No question may be called as one of these, which a section's page sends beside its answers.
KEPT_NAMES = frozenset({"csrf_token", "intake", "passcode", "then"})
_SEEN = "seen-"


class BeginForm(FlaskForm):
    """Which questions, and how to come back to the answers."""

    questionnaire = StringField(validators=[once])
    way_back = StringField(validators=[once])
    # Another id: the gate shows this form and the one for coming back.
    passcode = PasswordField(validators=[once], id="new-passcode")
    again = PasswordField(validators=[once])

    def validate_way_back(self, field: StringField) -> None:
        """Refuse anything but the two ways."""
        if field.data not in set(WayBack):
            raise ValidationError("Choose how you would like to come back.")

    def validate_passcode(self, field: PasswordField) -> None:
        """Refuse a passcode that is quickly guessed, where one is wanted."""
        if self.way_back.data == WayBack.PASSCODE:
            try:
                check_passcode(field.data or "")
            except Invalid as refusal:
                raise ValidationError(refusal.sentence) from refusal

    def validate_again(self, field: PasswordField) -> None:
        """Refuse a second passcode that is another one: nobody can look it up later."""
        if self.way_back.data == WayBack.PASSCODE and field.data != self.passcode.data:
            raise ValidationError("The two are not the same. Please type both once more.")

    def to_start(self) -> Start:
        """Return what was chosen as the domain knows it."""
        passcode = self.passcode.data if self.way_back.data == WayBack.PASSCODE else ""
        return Start(self.questionnaire.data or "", self.way_back.data, passcode or "")


class BackForm(FlaskForm):
    """The passcode of who comes back."""

    passcode = PasswordField(validators=[once, said("Enter your passcode.")])


class AgreeForm(FlaskForm):
    """One unticked box under the text that somebody agrees to."""

    version = HiddenField(validators=[once])
    agree = BooleanField(default=False)

    def validate_agree(self, field: BooleanField) -> None:
        """Refuse a box that was left empty: nothing is kept without it."""
        if not field.data:
            raise ValidationError("Tick the box if you agree. Without it we keep nothing.")


@dataclass(slots=True)
class Asked:
    """A question on its page: what stands in it, what was seen, and what is wrong with it.

    `theirs` is what another tab has saved meanwhile, in words; () where nothing clashes.
    """

    question: Question
    values: tuple[str, ...]
    seen: str
    error: str = ""
    clashes: bool = False
    theirs: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What stands in the field of a question in own words."""
        return "\n".join(self.values)


class SectionForm(FlaskForm):
    """One section of questions; whatever was typed stays in `asked`, good or not.

    `intake` names whose page it is: two people's pages in one browser must not mix.
    """

    intake = HiddenField(validators=[once])
    passcode = PasswordField(validators=[once])
    then = StringField(validators=[once])

    def __init__(
        self,
        section: Section,
        shown: Collection[str],
        answers: Answers,
        *,
        sent: Mapping[str, Sequence[str]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**(options if sent is not None else options | {"formdata": None}))
        self.asked = [
            _shown(question, answers.get(question.id)) if sent is None else _typed(question, sent)
            for question in section.questions
            if (question.id in shown if sent is None else _SEEN + question.id in sent)
        ]
        self.typed: dict[str, Answer | None] = {}

    @property
    def seen(self) -> dict[str, str]:
        """The fingerprints of the answers that the page showed."""
        return {each.question.id: each.seen for each in self.asked}

    def validate(self, extra_validators: Any = None) -> bool:
        """Read every answer; tell whether all can be kept."""
        is_good = bool(super().validate(extra_validators))
        for each in self.asked:
            try:
                self.typed[each.question.id] = answer_of(each.question, each.values)
            except Invalid as refusal:
                each.error = refusal.sentence
                is_good = False
        return is_good

    def show_clash(self, stored: Mapping[str, Answer | None], seen: Mapping[str, str]) -> None:
        """Show what another tab has saved beside what was typed here; the next save is meant."""
        for each in self.asked:
            if each.question.id in stored:
                each.clashes = True
                theirs = stored[each.question.id]
                each.theirs = each.question.words(theirs) if theirs is not None else ()
                each.seen = seen.get(each.question.id, each.seen)


def _shown(question: Question, answer: Answer | None) -> Asked:
    values = (answer,) if isinstance(answer, str) else tuple(answer or ())
    return Asked(question, values, fingerprint(answer))


def _typed(question: Question, sent: Mapping[str, Sequence[str]]) -> Asked:
    values = tuple(sent.get(question.id, ()))
    return Asked(question, values, next(iter(sent[_SEEN + question.id]), ""))
