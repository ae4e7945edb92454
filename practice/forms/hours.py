"""The forms of the hours: a week of windows, and dates that differ from it."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from practice.domain.hours import DateHours, Opening
from practice.forms.checks import once, tidy
from practice.forms.texts import Choice, at_most

WINDOWS = 4
_DAY = 24 * 60
_TIME = re.compile(r"(\d{1,2})[:.](\d\d)(?::00)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """Two fields for the begin and the end of some open time; `number` counts from 1."""

    number: int
    key: str
    opens: Any
    closes: Any

    @property
    def error(self) -> str:
        """What is wrong with one of the two."""
        return next(iter((*self.opens.errors, *self.closes.errors)), "")


class WindowsForm(FlaskForm):
    """A form with windows: in groups, each with up to four, of which the used ones are shown."""

    groups: tuple[str, ...] = ()
    extra_rows = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = {group: max(1, self._sent(group)) for group in self.groups}

    def windows(self, group: str) -> list[Window]:
        """Return the windows of a group that are to be shown."""
        return list(self._all(group))[: self._rows[group]]

    def may_add(self, group: str) -> bool:
        """Tell whether a group can have one window more."""
        return self._rows[group] < WINDOWS

    def rearranged(self, add: str, remove: str) -> bool:
        """Show one window more or less, as a button asked, and tell whether one did."""
        if add in self.groups:
            self._rows[add] = min(self._rows[add] + 1, WINDOWS)
            return True
        group, _, row = remove.partition("-")
        if group not in self.groups or row not in set(map(str, range(WINDOWS))):
            return False
        self._take_out(group, int(row))
        return True

    def fill(self, group: str, openings: tuple[Opening, ...]) -> None:
        """Show these openings."""
        self._rows[group] = max(1, min(len(openings), WINDOWS))
        for window, opening in zip(self._all(group), openings, strict=False):
            window.opens.data = _shown(opening.opens_minute)
            window.closes.data = _shown(opening.closes_minute)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each window by itself, and that no two of a group overlap."""
        fine = bool(super().validate(extra_validators))
        self.openings: dict[str, tuple[Opening, ...]] = {}
        for group in self.groups:
            self.openings[group] = _joined(self._checked(group))
        return fine and not any(
            window.error for group in self.groups for window in self._all(group)
        )

    def _all(self, group: str) -> Iterator[Window]:
        for row in range(WINDOWS):
            opens, closes = self[f"from_{group}_{row}"], self[f"to_{group}_{row}"]
            yield Window(row + 1, f"{group}-{row}", opens, closes)

    def _sent(self, group: str) -> int:
        sent = [w.number for w in self._all(group) if w.opens.raw_data or w.closes.raw_data]
        return max(sent, default=0)

    def _take_out(self, group: str, row: int) -> None:
        windows = list(self._all(group))
        for one, following in zip(windows[row:], [*windows[row + 1 :], None], strict=True):
            one.opens.data = following.opens.data if following else ""
            one.closes.data = following.closes.data if following else ""
        self._rows[group] = max(1, self._rows[group] - 1)

    def _checked(self, group: str) -> list[Opening]:
        found: list[Opening] = []
        for window in self._all(group):
            opening = _opening(window)
            if opening is None:
                continue
            other = next((o for o in found if _overlap(o, opening)), None)
            if other:
                _refuse(window.opens, f"This overlaps with {_span(other)}. Change one of the two.")
            found.append(opening)
        return found


class WeekForm(WindowsForm):
    """The weekly hours; the groups are "0" (Monday) to "6"."""

    groups = tuple(map(str, range(7)))

    def day_name(self, group: str) -> str:
        """Return the weekday of a group."""
        return calendar.day_name[int(group)]

    def to_request(self) -> dict[int, tuple[Opening, ...]]:
        """Return the openings by weekday (0 is Monday)."""
        return {int(group): openings for group, openings in self.openings.items()}


class DatesForm(WindowsForm):
    """Dates that are closed, or have other hours (the group "x")."""

    groups = ("x",)
    first = StringField(filters=[tidy], validators=[once])
    last = StringField(filters=[tidy], validators=[once])
    kind = Choice(
        choices={"closed": "Closed", "other": "Other hours"},
        default="closed",
        validators=[once],
    )
    note = StringField(filters=[tidy], validators=[once, at_most(200)])

    def validate_first(self, field: StringField) -> None:
        """Refuse what is no date."""
        if _date(field.data) is None:
            raise ValidationError("Choose a date.")

    def validate_last(self, field: StringField) -> None:
        """Refuse what is no date; empty is the first one."""
        if field.data and _date(field.data) is None:
            raise ValidationError("Choose a date, or leave this empty for one day.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that the hours fit the answer to "closed or other hours"."""
        fine = super().validate(extra_validators)
        window = next(self._all("x"))
        has_hours = bool(self.openings["x"])
        if self.kind.data == "other" and not has_hours and not window.error:
            _refuse(window.opens, "Enter from when to when you are open.")
            return False
        if self.kind.data == "closed" and has_hours:
            _refuse(self.kind, "You entered hours. Choose “Other hours”, or clear them.")
            return False
        return fine

    def to_request(self) -> DateHours:
        """Return the dates and their openings."""
        first = _sure(_date(self.first.data))
        return DateHours(
            first=first,
            last=_date(self.last.data) or first,
            openings=self.openings["x"] if self.kind.data == "other" else (),
            note=self.note.data,
        )


class RemoveDatesForm(FlaskForm):
    """The dates of an entry that goes."""

    first = StringField(validators=[once])
    last = StringField(validators=[once])

    def validate_first(self, field: StringField) -> None:
        """Refuse what is no date."""
        if _date(field.data) is None:
            raise ValidationError("Please choose one of the dates on the list.")

    validate_last = validate_first

    def to_request(self) -> tuple[date, date]:
        """Return the first and the last date."""
        return _sure(_date(self.first.data)), _sure(_date(self.last.data))


def _minute(text: str | None) -> int | None:
    match = _TIME.fullmatch((text or "").strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    total = hour * 60 + minute
    return total if minute < 60 and total <= _DAY else None  # noqa: PLR2004 - minutes of an hour


def _opening(window: Window) -> Opening | None:
    """Return the opening of a window, None where it is empty or wrong, and then with an error."""
    opens, closes = window.opens, window.closes
    if not opens.data and not closes.data:
        return None
    begin, end = _minute(opens.data), _minute(closes.data)
    if begin is None or begin == _DAY:
        _refuse(opens, "Enter when this begins, like 09:00.")
    elif end is None:
        _refuse(closes, "Enter when this ends, like 17:00.")
    elif (end or _DAY) <= begin:
        _refuse(closes, f"Choose an end after {_shown(begin)}. 00:00 as an end is midnight.")
    else:
        return Opening(begin, end or _DAY)
    return None


def _refuse(field: Any, sentence: str) -> None:
    field.errors = [*field.errors, sentence]


def _overlap(one: Opening, other: Opening) -> bool:
    return one.opens_minute < other.closes_minute and other.opens_minute < one.closes_minute


def _joined(openings: list[Opening]) -> tuple[Opening, ...]:
    """Return the openings in order, those that touch made one."""
    joined: list[Opening] = []
    for opening in sorted(openings):
        if joined and opening.opens_minute <= joined[-1].closes_minute:
            closes = max(joined[-1].closes_minute, opening.closes_minute)
            joined[-1] = Opening(joined[-1].opens_minute, closes)
        else:
            joined.append(opening)
    return tuple(joined)


def _shown(minute: int) -> str:
    # The end of the day is 00:00, since the browsers' own time fields know no 24:00.
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _span(opening: Opening) -> str:
    return f"{_shown(opening.opens_minute)} to {_shown(opening.closes_minute)}"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _sure(on: date | None) -> date:
    if on is None:
        raise ValueError("A form that was not checked has no date.")
    return on


def _add_windows(form: type[WindowsForm]) -> None:
    """Give a form the fields of its windows: from_0_0, to_0_0 and so on."""
    for group in form.groups:
        for row in range(WINDOWS):
            for end in ("from", "to"):
                setattr(
                    form, f"{end}_{group}_{row}", StringField(filters=[tidy], validators=[once])
                )


_add_windows(WeekForm)
_add_windows(DatesForm)
