"""The form of an offering."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput

from practice.domain.money import CURRENCIES, Money, priced, typed
from practice.domain.offering import (
    REMINDERS,
    Audience,
    Draft,
    Offering,
    Place,
    PlaceKind,
    Questions,
)
from practice.domain.refunding import LONGEST_HOURS, CancellationTerms
from practice.domain.refusal import Invalid
from practice.forms.checks import once, tidy
from practice.forms.texts import (
    Choice,
    at_most,
    is_whole,
    number,
    number_if_any,
    plain_outside,
    said,
    tidy_lines,
    whole,
)
from practice.forms.words import PLACES, check_place

_UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60}
_LONGEST = 90 * 24 * 60
_OWN = "coach"


def _number(*checks: Any) -> StringField:
    return StringField(filters=[tidy], validators=[once, *checks])


def _unit() -> SelectField:
    return SelectField(choices={unit: unit for unit in _UNITS}, validators=[once])


class OfferingForm(FlaskForm):
    """What is offered, on which terms, and at which price."""

    name = StringField(
        filters=[tidy], validators=[once, said("Enter what this is called."), at_most(200)]
    )
    about = TextAreaField(filters=[tidy_lines], validators=[once, at_most(500)])
    price = _number()
    currency = SelectField(choices=list(CURRENCIES), validators=[once])
    full_hours = _number(whole(0, LONGEST_HOURS))
    part_percent = _number(whole(0, 99, may_miss=True))
    part_hours = _number(whole(0, LONGEST_HOURS, may_miss=True))
    length = _number(whole(5, 720))
    step = _number(whole(5, 720))
    buffer_before = _number(whole(0, 240))
    buffer_after = _number(whole(0, 240))
    notice = _number(whole(0, 9999))
    notice_unit = _unit()
    horizon = _number(whole(1, 730, may_miss=True))
    daily_cap = _number(whole(1, 100, may_miss=True))
    weekly_cap = _number(whole(1, 500, may_miss=True))
    move_cutoff = _number(whole(0, 9999))
    move_cutoff_unit = _unit()
    cancel_cutoff = _number(whole(0, 9999))
    cancel_cutoff_unit = _unit()
    questions = Choice(
        choices={
            Questions.FULL.value: "The whole questionnaire",
            Questions.SHORT.value: "Three questions",
            Questions.NONE.value: "Nothing",
        },
        validators=[once],
    )
    intake_cutoff = _number(whole(0, 9999))
    intake_cutoff_unit = _unit()
    place = Choice(choices={_OWN: "As set for the practice", **PLACES}, validators=[once])
    place_detail = TextAreaField(filters=[tidy_lines], validators=[once, at_most(500)])
    audience = Choice(
        choices={
            Audience.EITHER.value: "Alone or as two",
            Audience.ONE.value: "One person",
            Audience.COUPLE.value: "Two people together",
        },
        validators=[once],
    )
    coaches = SelectMultipleField(
        choices=(), coerce=int, validate_choice=False, option_widget=CheckboxInput()
    )
    confirmation_words = TextAreaField(
        filters=[tidy_lines], validators=[once, at_most(1000), plain_outside]
    )
    reminder_hours = Choice(
        choices={
            str(hours): told[:1].upper() + told[1:] if told else "No reminder"
            for hours, told in REMINDERS.items()
        },
        validators=[once],
    )
    shown = Choice(
        choices={"yes": "Shown on the site", "no": "Only by its secret link"},
        validators=[once],
    )

    def with_coaches(self, choices: Sequence[tuple[int, str]]) -> "OfferingForm":
        """Let these coaches, as (id, name), be chosen from; nothing is asked where there are none.

        Returns the form itself.
        """
        self.coaches.choices = list(choices)
        return self

    def validate_coaches(self, field: Field) -> None:
        """Refuse an offering of nobody, and of somebody who could not be chosen."""
        known = {coach_id for coach_id, _ in field.choices}
        if known and not (field.data and set(field.data) <= known):
            raise ValidationError("Choose at least one coach.")

    def offered_by(self) -> list[int] | None:
        """Return the coaches who are to offer it, None where that was not asked."""
        return list(self.coaches.data or ()) if self.coaches.choices else None

    def validate_price(self, field: Field) -> None:
        """Refuse what is no amount that can be charged in the currency; empty is free."""
        if not field.raw_data:
            raise ValidationError("Please write a price; 0 is free.")
        try:
            priced(typed(field.data, self.currency.data))
        except Invalid as refusal:
            if refusal.field == "price":
                raise ValidationError(refusal.sentence) from refusal

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell whether all can be used; terms that do not go together are named at their field."""
        if not super().validate(extra_validators):
            return False
        try:
            self._cancellation()
        except Invalid as refusal:
            self[refusal.field or "full_hours"].errors = [refusal.sentence]
            return False
        return True

    def validate_place_detail(self, field: TextAreaField) -> None:
        """Refuse, for a video call, what is no link; and a place that would be left out."""
        check_place(self.place.data, field)
        if self.place.data == _OWN and field.data:
            raise ValidationError("You entered a place. Choose its kind above, or clear this.")

    def validate_notice(self, _field: Field) -> None:
        """Refuse more than 90 days."""
        _check_long(self.notice, self.notice_unit)

    def validate_move_cutoff(self, _field: Field) -> None:
        """Refuse more than 90 days."""
        _check_long(self.move_cutoff, self.move_cutoff_unit)

    def validate_cancel_cutoff(self, _field: Field) -> None:
        """Refuse more than 90 days."""
        _check_long(self.cancel_cutoff, self.cancel_cutoff_unit)

    def validate_intake_cutoff(self, _field: Field) -> None:
        """Refuse more than 90 days."""
        _check_long(self.intake_cutoff, self.intake_cutoff_unit)

    def validate_horizon(self, field: Field) -> None:
        """Refuse a horizon that lies within the notice, for nothing could ever be booked."""
        notice = _minutes(self.notice, self.notice_unit)
        days = number_if_any(field)
        if days is not None and notice is not None and days * 24 * 60 < notice:
            raise ValidationError("This lies within the notice, so nothing could be booked.")

    def to_request(self) -> Draft:
        """Return what was typed as the domain knows it."""
        own = self.place.data == _OWN
        return Draft(
            name=self.name.data,
            about=self.about.data,
            terms=Offering(
                length_minutes=number(self.length),
                step_minutes=number(self.step),
                buffer_before_minutes=number(self.buffer_before),
                buffer_after_minutes=number(self.buffer_after),
                notice_minutes=_minutes(self.notice, self.notice_unit) or 0,
                horizon_days=number_if_any(self.horizon),
                daily_cap=number_if_any(self.daily_cap),
                weekly_cap=number_if_any(self.weekly_cap),
                move_cutoff_minutes=_minutes(self.move_cutoff, self.move_cutoff_unit) or 0,
                cancel_cutoff_minutes=_minutes(self.cancel_cutoff, self.cancel_cutoff_unit) or 0,
                audience=Audience(self.audience.data),
                price_minor=self._price().minor,
                currency=self.currency.data,
                cancellation=self._cancellation(),
            ),
            place=None if own else Place(PlaceKind(self.place.data), self.place_detail.data),
            is_shown=self.shown.data == "yes",
            questions=Questions(self.questions.data),
            confirmation_words=self.confirmation_words.data,
            reminder_hours=int(self.reminder_hours.data),
            intake_cutoff_minutes=_minutes(self.intake_cutoff, self.intake_cutoff_unit) or 0,
        )

    def _price(self) -> Money:
        return typed(self.price.data, self.currency.data)

    def _cancellation(self) -> CancellationTerms:
        percent = number_if_any(self.part_percent) or 0
        # Hours without a part say nothing, and would only stand in the way of another saving.
        until = (number_if_any(self.part_hours) or 0) if percent else 0
        return CancellationTerms(number(self.full_hours), until, percent)


def spoken(minutes: int) -> tuple[str, str]:
    """Return a length as the form shows it: a number and the largest unit that fits."""
    for unit in ("days", "hours"):
        if minutes and minutes % _UNITS[unit] == 0:
            return str(minutes // _UNITS[unit]), unit
    return str(minutes), "hours" if minutes == 0 else "minutes"


def _minutes(amount: Field, unit: Field) -> int | None:
    if not is_whole(amount.data) or unit.data not in _UNITS:
        return None
    return int(amount.data) * _UNITS[unit.data]


def _check_long(amount: Field, unit: Field) -> None:
    minutes = _minutes(amount, unit)
    if minutes is not None and minutes > _LONGEST:
        raise ValidationError("Use at most 90 days.")
