"""The forms of people who are not booking: a wish for another time, a lost link, a zone."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from practice.forms.checks import a_name, a_zone, an_address, empty, once, tidy

_LONGEST_MESSAGE = 2000


class AskForm(FlaskForm):
    """A wish for a time that is not offered."""

    name = StringField(filters=[tidy], validators=[once, a_name])
    email = StringField(filters=[tidy], validators=[once, an_address])
    message = TextAreaField(validators=[once])
    zone = HiddenField(validators=[once, a_zone])
    website = StringField(validators=[empty])

    def validate_message(self, field: TextAreaField) -> None:
        """Refuse an empty wish, and a very long one."""
        if not (field.data or "").strip():
            raise ValidationError("Say roughly when would suit you, like “weekday evenings”.")
        if len(field.data) > _LONGEST_MESSAGE:
            raise ValidationError("Use at most 2,000 letters, please.")


class LostLinkForm(FlaskForm):
    """The address to which links are sent again."""

    email = StringField(filters=[tidy], validators=[once, an_address])
    website = StringField(validators=[empty])
