"""The forms of other calendars: one to read, what an old picture means, and names in the feed."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from practice.domain.busy import LONGEST_ADDRESS, WhenOld, calendar_address
from practice.domain.feed import FeedNames
from practice.domain.refusal import Invalid
from practice.forms.checks import once, tidy
from practice.forms.texts import Choice, at_most, said

_WHEN_OLD = {
    WhenOld.KEEP.value: "Go by what it said last",
    WhenOld.CLOSE.value: "Let nobody book until it is read again",
}
_NAMES = {
    FeedNames.FULL.value: "Whole names",
    FeedNames.FIRST.value: "First names",
    FeedNames.INITIALS.value: "Initials",
    FeedNames.NONE.value: "No names",
}


class SourceForm(FlaskForm):
    """What a calendar is called, and what its picture is worth once it is a day old."""

    name = StringField(
        filters=[tidy],
        validators=[once, said("Give the calendar a name, please."), at_most(200)],
    )
    when_old = Choice(choices=_WHEN_OLD, default=WhenOld.KEEP.value, validators=[once])

    def chosen(self) -> WhenOld:
        """Return what to do with an old picture."""
        return WhenOld(self.when_old.data)

    def blame(self, refusal: Invalid) -> None:
        """Put the sentence of a refusal beside the field that it is about."""
        field = self[refusal.field if refusal.field in self else "name"]
        field.errors = [*field.errors, refusal.sentence]


class NewSourceForm(SourceForm):
    """A calendar to read."""

    url = StringField(validators=[once, at_most(LONGEST_ADDRESS)])

    def validate_url(self, field: StringField) -> None:
        """Refuse what is no address of a calendar."""
        try:
            calendar_address(field.data or "")
        except Invalid as refusal:
            raise ValidationError(refusal.sentence) from refusal


class FeedNamesForm(FlaskForm):
    """How names stand in the feed."""

    names = Choice(choices=_NAMES, validators=[once])

    def chosen(self) -> FeedNames:
        """Return what was chosen."""
        return FeedNames(self.names.data)
