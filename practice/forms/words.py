"""The forms of the practice's own words and wishes, one for each part of the desk's page."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput

from practice.domain.offering import Place, PlaceKind, is_web_link
from practice.domain.words import (
    SECRETS_WORDINGS,
    BeforeWords,
    ClockWish,
    CoachWords,
    FrontWords,
    HelpWords,
    LetterWish,
    OutsideWords,
    PlaceWish,
    PrivacyWords,
    SafetyWords,
    Words,
    is_statement,
    is_way_out,
)
from practice.domain.zone import known_zones
from practice.forms.checks import a_zone, an_address, once, tidy
from practice.forms.texts import (
    Choice,
    at_most,
    number,
    plain_outside,
    said,
    tidy_lines,
    whole,
)

LARGEST_PHOTO = 6 * 1024 * 1024
_MOST_LINES = 12

PLACES = {
    PlaceKind.VIDEO.value: "Video call",
    PlaceKind.PHONE.value: "Phone call",
    PlaceKind.ADDRESS.value: "At an address",
}


class WordsForm(FlaskForm):
    """What the forms of all parts have in common."""

    def to_request(self) -> Words:
        """Return what was typed as the domain knows it."""
        raise NotImplementedError


class FrontForm(WordsForm):
    """The practice's name, and what the front page says first."""

    name = StringField(
        filters=[tidy], validators=[once, said("Enter the name of your practice."), at_most(200)]
    )
    headline = StringField(filters=[tidy], validators=[once, at_most(200)])
    lead = TextAreaField(filters=[tidy_lines], validators=[once, at_most(400)])

    def to_request(self) -> FrontWords:
        """Return what was typed as the domain knows it."""
        return FrontWords(self.name.data, self.headline.data, self.lead.data)


class CoachForm(WordsForm):
    """The coach's name, which stands in letters and calendars, and what is told of her."""

    name = StringField(
        filters=[tidy],
        validators=[
            once,
            said("Enter the name by which clients know you."),
            at_most(200),
            plain_outside,
        ],
    )
    about = TextAreaField(filters=[tidy_lines], validators=[once, at_most(600)])

    def to_request(self) -> CoachWords:
        """Return what was typed as the domain knows it."""
        return CoachWords(self.name.data, self.about.data)


class PhotoForm(FlaskForm):
    """A picture to upload."""

    photo = FileField()

    def validate_photo(self, field: Any) -> None:
        """Refuse no file, and a very large one."""
        if not field.data:
            raise StopValidation("Choose a picture first.")
        self.content = field.data.read(LARGEST_PHOTO + 1)
        if len(self.content) > LARGEST_PHOTO:
            raise ValidationError("This picture is larger than 6 MB. Choose a smaller one.")


class ZoneForm(WordsForm):
    """The zone of the diary."""

    zone = SelectField(validators=[once, a_zone], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, dict[str, str]] = {}
        names = dict.fromkeys((*known_zones(), *([self.zone.data] if self.zone.data else [])))
        for name in names:
            region, _, place = name.partition("/")
            groups.setdefault(region, {})[name] = (place or name).replace("_", " ")
        self.zone.choices = groups

    def to_request(self) -> ClockWish:
        """Return what was chosen as the domain knows it."""
        return ClockWish(self.zone.data)


class PlaceForm(WordsForm):
    """Where or how to meet."""

    kind = Choice(choices=PLACES, validators=[once])
    detail = TextAreaField(filters=[tidy_lines], validators=[once, at_most(500)])

    def validate_detail(self, field: TextAreaField) -> None:
        """Refuse, for a video call, what is no link that can be opened."""
        check_place(self.kind.data, field)

    def to_request(self) -> PlaceWish:
        """Return what was typed as the domain knows it."""
        return PlaceWish(Place(PlaceKind(self.kind.data), self.detail.data))


class PrivacyForm(WordsForm):
    """The practice's own words about privacy."""

    text = TextAreaField(filters=[tidy_lines], validators=[once, at_most(4000)])

    def to_request(self) -> PrivacyWords:
        """Return what was typed as the domain knows it."""
        return PrivacyWords(self.text.data)


class HelpForm(WordsForm):
    """The help lines, one a line."""

    lines = TextAreaField(filters=[tidy_lines], validators=[once, at_most(1000)])

    def validate_lines(self, field: TextAreaField) -> None:
        """Refuse a line without a name, or without a way to reach it."""
        lines = [line for line in (field.data or "").split("\n") if line]
        if len(lines) > _MOST_LINES:
            raise ValidationError("Use at most 12 lines: in need, a short list is read sooner.")
        for line in lines:
            name, _, how = line.partition(":")
            if not name.strip() or not how.strip():
                raise ValidationError(
                    f"Write “{line[:60]}” as a name, a colon and how to reach it, "
                    "like “Emergency: 112”."
                )

    def to_request(self) -> HelpWords:
        """Return what was typed as the domain knows it."""
        lines = [line for line in self.lines.data.split("\n") if line]
        return HelpWords("\n".join(lines))


class BeforeForm(WordsForm):
    """What holds for writing before the talk: secrets, how long it is kept, and the way out."""

    secrets = TextAreaField(filters=[tidy_lines], validators=[once, at_most(1000)])
    keep_months = StringField(filters=[tidy], validators=[once, whole(1, 120)])
    leave_href = StringField(filters=[tidy], validators=[once, at_most(500), plain_outside])

    def started(self, key: str) -> bool:
        """Fill in a ready wording; tell whether there is one of this name."""
        if key not in SECRETS_WORDINGS:
            return False
        self.secrets.data = SECRETS_WORDINGS[key].text
        return True

    def validate_leave_href(self, field: StringField) -> None:
        """Refuse what is no plain address; empty is the house's own."""
        if field.data and not is_way_out(field.data):
            raise ValidationError("Enter a whole web address, like https://www.bbc.com/weather.")

    def to_request(self) -> BeforeWords:
        """Return what was typed as the domain knows it."""
        return BeforeWords(self.leave_href.data, self.secrets.data, number(self.keep_months))


class SafetyForm(WordsForm):
    """Who approved the wording of the private section, and which of its extra items are asked."""

    approved_by = StringField(filters=[tidy], validators=[once, at_most(200)])
    extras = SelectMultipleField(choices={}, option_widget=CheckboxInput())

    def offer(self, extras: Mapping[str, str]) -> None:
        """Let these extra items, each with its label, be ticked."""
        self.extras.choices = dict(extras)

    def to_request(self) -> SafetyWords:
        """Return what was typed as the domain knows it."""
        return SafetyWords(self.approved_by.data, tuple(self.extras.data or ()))


class OutsideForm(WordsForm):
    """What others may see of letters and calendar entries."""

    sender_name = StringField(filters=[tidy], validators=[once, at_most(200), plain_outside])
    sender_address = StringField(filters=[tidy], validators=[once])
    calendar_title = StringField(filters=[tidy], validators=[once, at_most(200), plain_outside])
    statement = StringField(filters=[tidy], validators=[once, plain_outside])

    def validate_statement(self, field: StringField) -> None:
        """Refuse what no bank prints; empty is the house's own."""
        if field.data and not is_statement(field.data):
            raise ValidationError(
                "Use at most 22 plain letters, figures, spaces, dots and dashes, and at least one "
                "letter."
            )

    def validate_sender_address(self, field: StringField) -> None:
        """Refuse what is no address, and one that tells too much; empty is the coach's own."""
        field.checked = ""
        if field.data:
            an_address(self, field)
            plain_outside(self, field)

    def to_request(self) -> OutsideWords:
        """Return what was typed as the domain knows it."""
        return OutsideWords(
            self.sender_name.data,
            self.sender_address.checked,
            self.calendar_title.data,
            self.statement.data,
        )


class LettersForm(WordsForm):
    """The coach's own letters."""

    address = StringField(filters=[tidy], validators=[once, an_address])
    reminders = BooleanField()

    def to_request(self) -> LetterWish:
        """Return what was typed as the domain knows it."""
        return LetterWish(self.address.checked, bool(self.reminders.data))


def check_place(kind: str, field: Any) -> None:
    """Refuse a video call's detail that is no link a browser may open."""
    if kind == PlaceKind.VIDEO and field.data and not is_web_link(field.data):
        raise ValidationError(
            "Enter the link of your video room, like https://meet.example/you, or leave this empty."
        )
