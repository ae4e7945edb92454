"""The form that asks why a time is not offered; it changes nothing, and so has no token."""

from collections.abc import Mapping
from datetime import date

from wtforms import Form, SelectField, StringField

from practice.forms.checks import once, tidy
from practice.forms.diary import a_clock_time, a_date, typed_date, typed_minute

_DAY = 24 * 60


class WhyForm(Form):
    """An offering, and a moment on the coach's clock."""

    offering = SelectField(validators=[once])
    on = StringField(filters=[tidy], validators=[once, a_date])
    at = StringField(filters=[tidy], validators=[once, a_clock_time])

    def offer(self, names: Mapping[int, str]) -> None:
        """Let these offerings, by their ids, be asked about."""
        self.offering.choices = {str(number): name for number, name in names.items()}

    def to_request(self) -> tuple[date, int]:
        """Return the date and the minute after its midnight."""
        on, minute = typed_date(self.on.data), typed_minute(self.at.data)
        if on is None or minute is None:
            raise ValueError("A form that was not checked has no moment.")
        return on, minute % _DAY
