"""The forms of money at the desk: how much goes back, and the press that sends it."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import Regexp, ValidationError

from practice.domain.money import Money, typed
from practice.domain.refusal import Invalid
from practice.forms.checks import once, tidy
from practice.forms.texts import Choice

ALL, PART, KEEP = "all", "part", "keep"


def _like(pattern: str) -> Regexp:
    """Refuse what no page of this house has put into a hidden field."""
    return Regexp(rf"{pattern}\Z", message="Please choose the amount once more.")


class _Amount(FlaskForm):
    """What two forms have in common: all that is left, or an amount of it that is typed."""

    choice = Choice(choices={}, validators=[once])
    amount = StringField(filters=[tidy], validators=[once])

    def __init__(self, left: Money, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._left = left

    def validate_amount(self, field: StringField) -> None:
        """Refuse, where an amount is wanted, what is none, nothing at all, or more than is left."""
        if self.choice.data != PART:
            return
        try:
            money = typed(field.data, self._left.currency)
        except Invalid as refusal:
            raise ValidationError(refusal.sentence) from refusal
        if money.minor == 0:
            raise ValidationError("Please write how much goes back.")
        if money.minor > self._left.minor:
            raise ValidationError(f"Of this payment, {self._left} can still go back.")

    def to_request(self) -> Money:
        """Return what goes back; nothing where all is kept."""
        if self.choice.data == KEEP:
            return Money(0, self._left.currency)
        if self.choice.data == ALL:
            return self._left
        return typed(self.amount.data, self._left.currency)


class RefundForm(_Amount):
    """How much goes back: asked on one page, and pressed on the next."""

    class Meta:
        """Asking changes nothing, so it needs no token, and the address may be kept."""

        csrf = False

    def __init__(self, left: Money, *args: Any, **kwargs: Any) -> None:
        super().__init__(left, *args, **kwargs)
        self.choice.choices = {ALL: f"All of it, {left}", PART: "An amount"}


class NoShowForm(_Amount):
    """What becomes of the money of somebody who did not come."""

    def __init__(self, left: Money, *args: Any, **kwargs: Any) -> None:
        super().__init__(left, *args, **kwargs)
        self.choice.choices = {
            KEEP: "Keep the money",
            ALL: f"Give all of it back, {left}",
            PART: "Give an amount back",
        }


class SendBackForm(FlaskForm):
    """The amount that was shown, to go back now; `key` is the same for every press of one page."""

    attempt = HiddenField(validators=[once, _like(r"[0-9]{1,8}")])
    minor = HiddenField(validators=[once, _like(r"[1-9][0-9]{0,7}")])
    currency = HiddenField(validators=[once])
    key = HiddenField(validators=[once, _like(r"[0-9a-f]{16,40}")])

    def to_request(self) -> Money:
        """Return what goes back."""
        return Money(int(self.minor.data), self.currency.data or "")


class CancelForm(FlaskForm):
    """What goes back with a cancellation: one of the amounts that the page showed."""

    back = Choice(choices={}, validators=[once])

    def offer(self, amounts: dict[int, str]) -> None:
        """Let one of these be chosen: minor units, each with its label."""
        self.back.choices = {str(minor): label for minor, label in amounts.items()}

    def to_request(self, currency: str) -> Money:
        """Return what goes back."""
        return Money(int(self.back.data), currency)
