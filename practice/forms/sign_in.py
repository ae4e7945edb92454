"""The forms of getting in: password and code, a new password, a way back."""

from typing import Any

from flask_security.forms import LoginForm
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import ValidationError
from zxcvbn import zxcvbn

from practice.domain.refusal import Invalid

DEMO_PASSWORD = "quiet-lantern-42"  # noqa: S105 - printed by the demo, refused off loopback

_SAME_FOR_ALL = "That email and password don’t go together."
_SHORTEST = 12
_LONGEST = 128
_STRONG_ENOUGH = 3
_LONGEST_CODE = 20
_LONGEST_ADDRESS = 320


class SignInForm(LoginForm):
    """Flask-Security's form, with one sentence for every reason it can say no."""

    def validate(self, **kwargs: Any) -> bool:
        """Check address and password; the demo's password is good on this machine only."""
        fine = bool(super().validate(**kwargs))
        if fine and self.password.data == DEMO_PASSWORD and not self.may_demo():
            self.password.errors = [
                "The demo’s password works on this machine only. Please set your own first."
            ]
            return False
        if not fine and "csrf_token" not in self.errors:
            self.email.errors, self.password.errors = [], [_SAME_FOR_ALL]
            self.form_errors: list[str] = []
        return fine

    def may_demo(self) -> bool:
        """Tell whether the demo's password is good for this request."""
        return False


class SetPasswordForm(FlaskForm):
    """The first password, typed once, shown on wish."""

    password = PasswordField()

    def validate_password(self, field: PasswordField) -> None:
        """Refuse what is short, very long, the demo's, or easily guessed (zxcvbn below 3 of 4)."""
        text = field.data or ""
        if len(text) < _SHORTEST:
            raise ValidationError("Use at least 12 letters. Several unrelated words work well.")
        if len(text) > _LONGEST:
            raise ValidationError("Use at most 128 letters.")
        if text == DEMO_PASSWORD or zxcvbn(text[:72])["score"] < _STRONG_ENOUGH:
            raise ValidationError("This is easily guessed. Several unrelated words work well.")


class ProveForm(FlaskForm):
    """The password of who is signed in, and a code where a second factor is set."""

    password = PasswordField()
    code = StringField()

    def validate_password(self, field: PasswordField) -> None:
        """Refuse nothing, and more than any password has."""
        if not field.data or len(field.data) > _LONGEST:
            raise ValidationError("Enter your password.")

    def blame(self, refusal: Invalid) -> None:
        """Show a refusal at the field that it is about."""
        field = self.code if refusal.field == "code" else self.password
        field.errors = [refusal.sentence]


class CodeForm(FlaskForm):
    """A code of an authenticator app, or a recovery code."""

    code = StringField()

    def validate_code(self, field: StringField) -> None:
        """Refuse what no code is as long as."""
        if not 6 <= len((field.data or "").strip()) <= _LONGEST_CODE:  # noqa: PLR2004
            raise ValidationError("Enter the six digits, or a recovery code.")

    def blame(self, refusal: Invalid) -> None:
        """Show a refusal at the code."""
        self.code.errors = [refusal.sentence]


class ForgotForm(FlaskForm):
    """The address of an account whose password is forgotten."""

    email = StringField()

    def validate_email(self, field: StringField) -> None:
        """Refuse what is no address; whether an account has it is told to nobody."""
        text = (field.data or "").strip()
        if "@" not in text or len(text) > _LONGEST_ADDRESS:
            raise ValidationError("Enter your email, like name@example.com.")
