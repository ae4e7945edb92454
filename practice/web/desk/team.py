"""The team: who may sign in at the desk, as what, and whose diaries somebody keeps."""

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.roles import NOTHING, Right, Role
from practice.forms.booking import PressForm
from practice.forms.team import DiariesForm, InviteAssistantForm, InviteCoachForm
from practice.queries.account import account_page
from practice.queries.team import account_line, all_diaries, kept_diaries, team_page
from practice.usecases import team as acts
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_SAVED = {
    "role": "What the account may do is changed.",
    "diaries": "The diaries are changed.",
    "factor": "The second factor is removed, and the account is signed out everywhere.",
    "closed": "The account is closed, and signed out everywhere.",
}
_COACH, _ASSISTANT = "/team/coach", "/team/assistant"


@desk.get("/team")
@requires(Right.TEAM)
def team() -> str:
    """List the accounts."""
    lines = team_page(seat(), now=tools().clock.now())
    note = _SAVED.get(request.args.get("saved", ""), "")
    return render_template("desk/team.html", lines=lines, note=note)


@desk.get(_COACH)
@requires(Right.TEAM, proof=True)
def invite_coach() -> str:
    """Ask who is to coach here."""
    zone = account_page(seat(), 0, now=tools().clock.now()).zone
    return _ask_coach(InviteCoachForm(formdata=None, data={"zone": zone}))


@desk.post(_COACH)
@requires(Right.TEAM, proof=True)
def invite_coach_now() -> Answer:
    """Make a coach with an account, and show the link this once."""
    form = InviteCoachForm()
    if not form.validate():
        return _ask_coach(form), 422
    try:
        link = acts.invite_coach(
            seat(), form.name.data, form.checked_address, form.zone.data, tools=tools()
        )
    except Invalid as refusal:
        form.blame(refusal)
        return _ask_coach(form), 422
    return render_template("desk/team_link.html", name=form.name.data, link=link)


@desk.get(_ASSISTANT)
@requires(Right.TEAM, proof=True)
def invite_assistant() -> str:
    """Ask who is to keep which diaries."""
    return _ask_assistant(InviteAssistantForm(formdata=None))


@desk.post(_ASSISTANT)
@requires(Right.TEAM, proof=True)
def invite_assistant_now() -> Answer:
    """Make an assistant with an account, and show the link this once."""
    form = InviteAssistantForm()
    _offer(form)
    if not form.validate():
        return _ask_assistant(form), 422
    try:
        link = acts.invite_assistant(
            seat(), form.name.data, form.checked_address, form.diaries.data, tools=tools()
        )
    except Invalid as refusal:
        form.blame(refusal)
        return _ask_assistant(form), 422
    return render_template("desk/team_link.html", name=form.name.data, link=link)


@desk.get("/team/<int:user_id>")
@requires(Right.TEAM)
def colleague(user_id: int) -> str:
    """Show an account and what can be done about it."""
    return _colleague(user_id)


@desk.post("/team/<int:user_id>/role/<role>")
@requires(Right.TEAM, proof=True)
def set_role(user_id: int, role: str) -> Answer:
    """Make a coach an owner, or an owner a coach."""
    if role not in set(Role):
        raise NotFound(NOTHING)
    try:
        acts.set_role(seat(), user_id, Role(role), tools=tools())
    except NotAllowed as refusal:
        return _colleague(user_id, error=refusal.sentence), 409
    # Who is no owner any more finds no team either.
    leads = "desk.account" if role != Role.OWNER and user_id == seat().user_id else "desk.team"
    return redirect(url_for(leads, saved="role"), 303)


@desk.post("/team/<int:user_id>/diaries")
@requires(Right.TEAM, proof=True)
def set_diaries(user_id: int) -> Answer:
    """Say whose diaries an account keeps."""
    form = DiariesForm()
    _offer(form)
    if not form.validate():
        return _colleague(user_id, form=form), 422
    try:
        acts.set_diaries(seat(), user_id, form.diaries.data, tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _colleague(user_id, form=form), 422
    return _to_team("diaries")


@desk.post("/team/<int:user_id>/link")
@requires(Right.TEAM, proof=True)
def send_set_up(user_id: int) -> Answer:
    """Make a new link at which a password is set, send it, and show it this once."""
    link = acts.send_set_up(seat(), user_id, tools=tools())
    line = account_line(seat(), user_id, now=tools().clock.now())
    return render_template("desk/team_link.html", name=line.name, link=link)


@desk.post("/team/<int:user_id>/factor")
@requires(Right.TEAM, proof=True)
def reset_factor(user_id: int) -> Answer:
    """Take the second factor of a colleague away."""
    try:
        acts.reset_factor(seat(), user_id, tools=tools())
    except NotAllowed as refusal:
        return _colleague(user_id, error=refusal.sentence), 409
    return _to_team("factor")


@desk.post("/team/<int:user_id>/close")
@requires(Right.TEAM, proof=True)
def close_account(user_id: int) -> Answer:
    """Let nobody sign in with an account any more."""
    try:
        acts.close_account(seat(), user_id, tools=tools())
    except NotAllowed as refusal:
        return _colleague(user_id, error=refusal.sentence), 409
    return _to_team("closed")


@desk.post("/diaries/<int:coach_id>")
@requires(Right.SELF)
def open_diary(coach_id: int) -> Response:
    """Open another of the diaries that are kept."""
    if coach_id not in {diary.coach_id for diary in kept_diaries(seat())}:
        raise NotFound(NOTHING)
    session["diary"] = coach_id
    return redirect(url_for("desk.week"), 303)


@desk.context_processor
def diaries() -> dict[str, object]:
    """Give every page of the desk the diaries that can be opened from it."""
    return {"kept_diaries": lambda: kept_diaries(seat()), "may_right": _may}


def _may(name: str) -> bool:
    return seat().may(Right(name))


def _colleague(user_id: int, *, form: DiariesForm | None = None, error: str = "") -> str:
    line = account_line(seat(), user_id, now=tools().clock.now())
    if form is None:
        form = DiariesForm(formdata=None, data={"diaries": list(line.diary_ids)})
        _offer(form)
    press = PressForm(formdata=None)
    return render_template(
        "desk/colleague.html", line=line, form=form, press_form=press, error=error
    )


def _ask_coach(form: InviteCoachForm) -> str:
    return render_template("desk/invite_coach.html", form=form)


def _ask_assistant(form: InviteAssistantForm) -> str:
    _offer(form)
    return render_template("desk/invite_assistant.html", form=form)


def _offer(form: DiariesForm | InviteAssistantForm) -> None:
    form.offer([(diary.coach_id, diary.name) for diary in all_diaries(seat())])


def _to_team(saved: str) -> Response:
    return redirect(url_for("desk.team", saved=saved), 303)
