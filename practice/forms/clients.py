"""The forms of clients: a search, a note, an export, and an erasure that is meant."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from practice.domain.note import as_kept, check_note
from practice.domain.refusal import Invalid
from practice.forms.checks import once
from practice.forms.texts import Choice, at_most, is_whole

_UID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_MOST_SEARCHED = 200


class SearchForm(FlaskForm):
    """What to search by; it changes nothing, so it needs no token."""

    class Meta:
        """Nothing of a search is worth forging."""

        csrf = False

    q = StringField(validators=[at_most(_MOST_SEARCHED)])


class NoteForm(FlaskForm):
    """A note as it was typed; `seen-text` is which of its savings the page showed."""

    uid = HiddenField(validators=[once])
    seen = HiddenField(validators=[once], name="seen-text")
    text = TextAreaField(validators=[once])

    def validate_uid(self, field: Any) -> None:
        """Refuse a name that no page of ours gave."""
        if not _UID.fullmatch(field.data or ""):
            raise ValidationError("Please open this page again.")

    def validate_seen(self, field: Any) -> None:
        """Refuse what counts no savings."""
        if not is_whole(field.data):
            raise ValidationError("Please open this page again.")

    def validate_text(self, field: Any) -> None:
        """Refuse a note that says nothing, or too much."""
        try:
            check_note(as_kept(field.data or ""))
        except Invalid as refusal:
            raise ValidationError(refusal.sentence) from refusal


class ExportForm(FlaskForm):
    """In which form everything about a person is taken out, and whether with the own notes."""

    kind = Choice(choices=["html", "json"], default="html", validators=[once])
    notes = BooleanField(default=False)


class EraseForm(FlaskForm):
    """A box that says that an erasure is meant."""

    sure = BooleanField(default=False)

    def validate_sure(self, field: Any) -> None:
        """Refuse a box that was left empty: nobody can take this back."""
        if not field.data:
            raise ValidationError("Tick the box if you mean it. Nothing was erased.")
