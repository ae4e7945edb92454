"""The forms of the team: who is invited, and whose diaries somebody keeps."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from practice.domain.letters import discreet
from practice.domain.refusal import Invalid
from practice.domain.zone import known_zones
from practice.forms.checks import a_zone, another_s_address, another_s_name, once, tidy


class _InviteForm(FlaskForm):
    """Who is invited."""

    name = StringField(filters=[tidy], validators=[once, another_s_name])
    address = StringField(filters=[tidy], validators=[once, another_s_address])

    def blame(self, refusal: Invalid) -> None:
        """Show a refusal at the field that it is about."""
        field = self[refusal.field] if refusal.field in self._fields else self.address
        field.errors = [refusal.sentence]

    @property
    def checked_address(self) -> str:
        """The address in its normal form."""
        return str(self.address.checked)


class InviteCoachForm(_InviteForm):
    """A coach with a diary of her own."""

    zone = SelectField(validators=[once, a_zone], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone.choices = [(name, name.replace("_", " ")) for name in known_zones()]

    def validate_name(self, field: Field) -> None:
        """Refuse a name that would tell others what a letter is about."""
        if discreet(field.data or ""):
            raise ValidationError("This name signs letters, so give the name alone.")


class _DiariesField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DiariesForm(FlaskForm):
    """Whose diaries are kept."""

    diaries = _DiariesField(coerce=int)

    def offer(self, diaries: Sequence[tuple[int, str]]) -> None:
        """Let these diaries, as (id, name), be chosen from."""
        self.diaries.choices = list(diaries)

    def blame(self, refusal: Invalid) -> None:
        """Show a refusal at the diaries."""
        self.diaries.errors = [refusal.sentence]


class InviteAssistantForm(_InviteForm):
    """An assistant, and whose diaries she keeps."""

    diaries = _DiariesField(coerce=int)

    def offer(self, diaries: Sequence[tuple[int, str]]) -> None:
        """Let these diaries, as (id, name), be chosen from."""
        self.diaries.choices = list(diaries)
