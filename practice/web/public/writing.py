"""Writing: the list of sections, and one section of questions at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Response as Answered
from flask import abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import (
    Away,
    Busy,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    TooLate,
    TooMany,
)
from practice.forms.booking import PressForm
from practice.forms.intake import NEXT, SectionForm
from practice.queries.intake import (
    SectionPage,
    hub_page,
    kept_page,
    section_page,
    standing,
    support_page,
    way_back_of,
)
from practice.usecases import intake, sittings
from practice.usecases.intake import Saved
from practice.web.door import caller, tools
from practice.web.problems import status_of, when_again
from practice.web.public.blueprint import public
from practice.web.public.sitting import (
    has_passed_intro,
    here,
    leave_note,
    note_left,
    pass_intro,
    sit_down,
    sitting,
    slow_down,
    told,
    wants_json,
)

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]
ScriptAnswer = Answered | tuple[Answered, int, dict[str, str]]

_NOTES = {
    "saved": "Saved. You can leave, or go on with any other section.",
    "agreed": "Thank you. Start wherever you like.",
    "withdrawn": "You have taken it back. What you shared can’t be read any more.",
}
_CLASH = "This was changed in another tab meanwhile. Nothing was overwritten: both stand below."
_STALE = "This page was open for a long while. Nothing you typed is lost. Please press once more."
_CLOSED = (
    "Your notes are closed in this browser. What you typed is still here. Open your own link in "
    "another tab, then save here once more."
)
_OTHERS = (
    "Other notes are open in this browser now, so nothing was saved. What you typed is still "
    "here: copy it, or open your own link in another tab and save here once more."
)
_BACK = "You were away for a while. What you typed is still here. Save it with your passcode."
_BACK_BY_CODE = "You were away for a while. What you typed is still here, and not saved yet."
_LOOK = "Nothing you typed is lost. Please look at this:"
_PRESS = "You were away for a while. What you typed is still here: press Save to keep it."
# The script shows one line, in the bar of a small screen; whatever else there is to see is on the
# page that a button brings.
_ON_THE_LINE = {
    _CLASH: "Changed in another tab, not saved here. Press Save to see both texts.",
    _LOOK: "Not saved yet. Press Save to see what needs another look.",
    _STALE: "Not saved yet. Press Save once more.",
    _CLOSED: "Your notes are closed in this browser. Press Save to see what to do.",
    _OTHERS: "Other notes are open here, so nothing was saved. Press Save to see what to do.",
    _BACK: _PRESS,
    _BACK_BY_CODE: _PRESS,
}
_KEEPING_THE_WORDS = {Invalid, NotAllowed, TooLate, Busy}


class _Unsaved(Exception):
    """Nothing was saved; the page is shown again with all that was typed."""

    def __init__(
        self,
        sentence: str,
        status: int,
        *,
        away: bool = False,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.away = away
        self.headers = dict(headers)


@dataclass(frozen=True, slots=True)
class _Pressed:
    """A section's page as it was sent."""

    page: SectionPage
    form: SectionForm


@public.get("/write")
def notes() -> Answer:
    """Show the list of sections."""
    page = hub_page(here(), tools=tools())
    return render_template(
        "public/intake/hub.html",
        page=page,
        form=PressForm(formdata=None),
        note=note_left(_NOTES),
    )


@public.get("/write/section/<int:number>")
def section(number: int) -> Answer:
    """Show one section; the private one only after its own page."""
    page = section_page(here(), number, tools=tools())
    if not page.is_agreed:
        return redirect(url_for("public.consent"), 303)
    if page.section.is_private and not has_passed_intro() and page.may_change:
        return render_template("public/intake/intro.html", page=page, form=PressForm(formdata=None))
    return _show(page, SectionForm(page.section, page.shown, page.answers))


@public.post("/write/section/<int:number>/open")
def open_section(number: int) -> Answer:
    """Go on from the private section's own page to its questions."""
    page = section_page(here(), number, tools=tools())
    pass_intro()
    return redirect(url_for("public.section", number=page.at), 303)


@public.get("/write/support")
def support() -> Answer:
    """Show what everybody sees who opened the private section."""
    page = support_page(here(), tools=tools())
    return render_template("public/intake/support.html", page=page)


@public.post("/write/section/<int:number>")
def save_section(number: int) -> Answer | ScriptAnswer:
    """Save what was typed; what cannot be saved stays on the page."""
    # The token is checked with the form, so that a stale one loses nothing.
    stale = not PressForm().validate()
    try:
        page = kept_page(request.form.get("intake", ""), number, tools=tools())
    except NotFound:
        if stale:
            abort(403)
        raise
    form = SectionForm(page.section, (), {}, sent=request.form.to_dict(flat=False))
    sent = _Pressed(page, form)
    try:
        saved = _save(sent)
    except _Unsaved as no:
        return _unsaved(sent, no)
    if saved.conflicts:
        form.show_clash(saved.conflicts, saved.seen)
        return _unsaved(sent, _Unsaved(_CLASH, 409))
    if wants_json():
        page = section_page(sitting(), number, tools=tools())
        asked = [each.id for each in page.section.questions if each.id in page.shown]
        return jsonify(saved=page.spoken(saved.at), seen=dict(saved.seen), shown=asked)
    return redirect(_onwards(sent), 303)


def _save(sent: _Pressed) -> Saved:
    form = sent.form
    if not form.validate():
        if form.csrf_token.errors:
            raise _Unsaved(_STALE, 403)
        raise _Unsaved(_LOOK, 422)
    try:
        if form.passcode.data:
            sit_down(
                sittings.come_back_here(sitting(), form.passcode.data, caller(), tools=tools())
            )
        stands = standing(sitting(), sent.page.section.id, tools=tools())
        if stands.intake != sent.page.intake:
            raise _Unsaved(_OTHERS, 409)
        return intake.save_section(
            sitting(),
            sent.page.section.id,
            form.typed,
            form.seen,
            done=stands.is_done if wants_json() else form.then.data == NEXT,
            tools=tools(),
        )
    except Refusal as refusal:
        raise _meaning(refusal, sent) from refusal


def _meaning(refusal: Refusal, sent: _Pressed) -> _Unsaved:
    if isinstance(refusal, Away):
        by_passcode = way_back_of(sent.page.intake) == "passcode"
        return _Unsaved(_BACK if by_passcode else _BACK_BY_CODE, 403, away=True)
    if isinstance(refusal, NotFound):
        return _Unsaved(_CLOSED, 403)
    if isinstance(refusal, TooMany):
        return _Unsaved(slow_down(refusal), 429, away=True, headers=when_again(refusal))
    if type(refusal) not in _KEEPING_THE_WORDS:
        raise refusal
    if refusal.field == "passcode":
        sent.form.passcode.errors = [refusal.sentence]
        return _Unsaved(refusal.sentence, 403, away=True)
    return _Unsaved(refusal.sentence, status_of(refusal), headers=when_again(refusal))


def _unsaved(sent: _Pressed, no: _Unsaved) -> Answer | ScriptAnswer:
    if wants_json():
        return *told(_on_the_line(sent, no), no.status), no.headers
    by_passcode = no.away and way_back_of(sent.page.intake) == "passcode"
    page = _show(sent.page, sent.form, no=no, ask_passcode=by_passcode)
    return page, no.status, no.headers


def _on_the_line(sent: _Pressed, no: _Unsaved) -> str:
    # Own words are refused for their length alone.
    too_long = [each for each in sent.form.asked if each.error and each.question.kind.is_text]
    if too_long and no.sentence == _LOOK:
        which = "one answer is" if len(too_long) == 1 else "some answers are"
        return f"Not saved yet: {which} too long."
    return _ON_THE_LINE.get(no.sentence, no.sentence)


def _show(
    page: SectionPage,
    form: SectionForm,
    *,
    no: _Unsaved | None = None,
    ask_passcode: bool = False,
) -> str:
    return render_template(
        "public/intake/section.html",
        page=page,
        form=form,
        error=no.sentence if no else "",
        away=no.away if no else False,
        ask_passcode=ask_passcode,
    )


def _onwards(sent: _Pressed) -> str:
    """Return where a saved section leads: on, back to the list, or to what is asked now as well."""
    if sent.form.then.data != NEXT:
        leave_note("saved")
        return url_for("public.notes")
    page = section_page(sitting(), sent.page.at, tools=tools())
    asked = {question.id for question in page.section.questions}
    fresh = (asked & page.shown) - set(sent.form.seen)
    if fresh:
        if page.section.is_private:
            pass_intro()
            return url_for("public.section", number=page.at)
        first = next(each.id for each in page.section.questions if each.id in fresh)
        return url_for("public.section", number=page.at, _anchor=f"q-{first}")
    if page.section.is_private:
        return url_for("public.support")
    if page.next:
        return url_for("public.section", number=page.next)
    return url_for("public.review")
