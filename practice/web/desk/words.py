"""The practice's own words: one page that shows them all, and a page to change each part."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from practice.adapters.photo import KIND, portrait
from practice.domain.refusal import Invalid
from practice.domain.roles import Right
from practice.domain.words import LEAVE_HREF, SECRETS_WORDINGS
from practice.forms.booking import PressForm
from practice.forms.words import (
    LARGEST_PHOTO,
    BeforeForm,
    CoachForm,
    FrontForm,
    HelpForm,
    LettersForm,
    OutsideForm,
    PhotoForm,
    PlaceForm,
    PrivacyForm,
    SafetyForm,
    WordsForm,
    ZoneForm,
)
from practice.queries.checklist import steps_left
from practice.queries.desk_hours import stranded
from practice.queries.desk_words import WordsPage, words_page
from practice.usecases.words import change_words, remove_photo, set_photo
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_FORMS: dict[str, type[WordsForm]] = {
    "front": FrontForm,
    "coach": CoachForm,
    "zone": ZoneForm,
    "place": PlaceForm,
    "privacy": PrivacyForm,
    "help": HelpForm,
    "before": BeforeForm,
    "safety": SafetyForm,
    "outside": OutsideForm,
    "letters": LettersForm,
}
_SAVED = {
    "front": "The name and the first words of your front page are saved.",
    "coach": "Your words about yourself are saved.",
    "photo": "Your photo is saved.",
    "no-photo": "Your photo is removed.",
    "zone": "Your time zone is saved. Your hours keep their times on the new clock.",
    "place": "Where you meet is saved.",
    "privacy": "Your words about privacy are saved.",
    "help": "Your help lines are saved.",
    "before": "What holds before the chat is saved.",
    "safety": "Your wishes about the part on feeling safe are saved.",
    "outside": "What others may see is saved.",
    "letters": "Your wishes about your own letters are saved.",
}
_OWN_PARTS = frozenset({"coach", "zone", "place", "letters"})
# What a browser sends around a picture; beyond it the body is not read at all.
_LARGEST_UPLOAD = LARGEST_PHOTO + 2 * 1024 * 1024


@desk.url_value_preprocessor
def _admit_pictures(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a coach, and nobody else, send more than other pages take, before the body is read."""
    if endpoint == "desk.save_photo" and current_user.is_authenticated:
        request.max_content_length = _LARGEST_UPLOAD


@desk.get("/practice")
@requires(Right.SETTINGS)
def words() -> str:
    """Show all words as they stand."""
    now, saved = tools().clock.now(), request.args.get("saved", "")
    return render_template(
        "desk/words.html",
        page=words_page(seat(), now=now),
        note=_SAVED.get(saved, ""),
        left=steps_left(seat()),
        is_owner=seat().may(Right.PRACTICE),
        stranded=stranded(seat(), now=now) if saved == "zone" else (),
    )


@desk.get("/practice/photo")
@requires(Right.SETTINGS)
def photo() -> Answer:
    """Ask for a picture."""
    return _photo(PhotoForm(formdata=None))


@desk.post("/practice/photo")
@requires(Right.SETTINGS)
def save_photo() -> Answer:
    """Show another picture of the coach."""
    form = PhotoForm()
    if not form.validate():
        return _photo(form), 422
    try:
        picture = portrait(form.content)
    except Invalid as refusal:
        form.photo.errors = [refusal.sentence]
        return _photo(form), 422
    set_photo(seat(), picture, KIND, tools=tools())
    return redirect(url_for("desk.words", saved="photo"), 303)


@desk.post("/practice/photo/remove")
@requires(Right.SETTINGS)
def drop_photo() -> Answer:
    """Show no picture any more."""
    remove_photo(seat(), tools=tools())
    return redirect(url_for("desk.words", saved="no-photo"), 303)


@desk.get("/practice/<part>")
@requires(Right.SETTINGS)
def words_part(part: str) -> Answer:
    """Ask for other words."""
    page = _page()
    form = _form_of(part)(formdata=None, data=page.values[part])
    return _part(part, form, page)


@desk.post("/practice/<part>")
@requires(Right.SETTINGS)
def save_words(part: str) -> Answer:
    """Save other words, live at once; or fill in a ready wording, and save nothing."""
    form, page = _form_of(part)(), _page()
    if isinstance(form, BeforeForm) and form.started(request.form.get("start", "")):
        return _part(part, form, page)
    if isinstance(form, SafetyForm):
        form.offer(page.safety.extras)
    if not form.validate():
        return _part(part, form, page), 422
    change_words(seat(), form.to_request(), tools=tools())
    return redirect(url_for("desk.words", saved=part), 303)


def _form_of(part: str) -> type[WordsForm]:
    if part not in _FORMS:
        raise NotFound
    if part not in _OWN_PARTS:
        seat().require(Right.PRACTICE)
    return _FORMS[part]


def _page() -> WordsPage:
    return words_page(seat(), now=tools().clock.now())


def _part(part: str, form: WordsForm, page: WordsPage) -> str:
    if isinstance(form, SafetyForm):
        form.offer(page.safety.extras)
    return render_template(
        "desk/words_part.html",
        part=part,
        form=form,
        page=page,
        wordings=SECRETS_WORDINGS,
        leave_href=LEAVE_HREF,
    )


def _photo(form: PhotoForm) -> str:
    page = _page()
    press = PressForm(formdata=None)
    return render_template("desk/photo.html", form=form, page=page, press_form=press)
