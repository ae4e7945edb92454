"""Inviting another person along, and being invited.

Whoever booked can open all of these pages, so none tells whether somebody joined or declined.
"""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed
from practice.forms.booking import PressForm
from practice.forms.invitation import InviteForm, JoinForm
from practice.queries.invitation import invitation_words, invite_page, invited_page
from practice.queries.picking import zones_page
from practice.usecases import inviting
from practice.web.door import caller, tools
from practice.web.public.blueprint import public

Answer = Response | str | tuple[str, int]


@public.get("/a/<token>/partner")
def partner(token: str) -> Answer:
    """Offer the two ways to invite the other person."""
    return _invite(token, InviteForm(formdata=None))


@public.post("/a/<token>/partner")
def preview_invitation(token: str) -> Answer:
    """Show the letter word for word before it is sent."""
    form = InviteForm()
    if not form.validate():
        return _invite(token, form), 403 if form.csrf_token.errors else 422
    try:
        inviting.make_link(token, caller(), tools=tools())
        words = invitation_words(token, form.email.checked, tools=tools())
    except Invalid as refusal:
        form.email.errors = [refusal.sentence]
        return _invite(token, form), 422
    except NotAllowed as refusal:
        return _invite(token, form, error=refusal.sentence), 409
    page = invite_page(token, tools=tools())
    if page.is_sent:
        return _invite(token, form), 409
    return render_template("public/invitation/preview.html", page=page, form=form, words=words)


@public.post("/a/<token>/partner/send")
def send_invitation(token: str) -> Answer:
    """Send the letter that was shown."""
    form = InviteForm()
    if not form.validate():
        return _invite(token, form), 422
    try:
        inviting.send_invitation(token, form.email.checked, caller(), tools=tools())
    except NotAllowed as refusal:
        return _invite(token, form, error=refusal.sentence), 409
    return redirect(url_for("public.partner", token=token), 303)


@public.post("/a/<token>/partner/link")
def make_invitation_link(token: str) -> Answer:
    """Make the link that she may pass on herself."""
    try:
        inviting.make_link(token, caller(), tools=tools())
    except NotAllowed as refusal:
        return _invite(token, InviteForm(formdata=None), error=refusal.sentence), 409
    return redirect(url_for("public.partner", token=token, _anchor="link"), 303)


@public.get("/p/<token>")
def invited(token: str) -> Answer:
    """Show what one was invited to, for ever the same while it is to come."""
    page = invited_page(token, zone_name=request.args.get("zone", ""), tools=tools())
    if "clock" in request.args:
        clocks = zones_page(page.zone)
        return render_template("public/invitation/clocks.html", page=page, clocks=clocks)
    return _invited(token, JoinForm(formdata=None, zone=page.zone))


@public.post("/p/<token>/join")
def join(token: str) -> Answer:
    """Let the invited person come; her link goes by letter, to her alone."""
    form = JoinForm()
    if not form.validate():
        return _invited(token, form), 403 if form.csrf_token.errors else 422
    joining = inviting.Joining(form.name.data, form.email.checked, form.zone.data)
    try:
        inviting.join(token, joining, caller(), tools=tools())
    except NotAllowed:
        return _invited(token, form), 409
    return render_template("public/invitation/joined.html")


@public.post("/p/<token>/decline")
def decline(token: str) -> Answer:
    """Forget the address of the invitation, and tell nobody."""
    try:
        inviting.decline(token, caller(), tools=tools())
    except NotAllowed:
        return _invited(token, JoinForm(formdata=None)), 409
    return render_template("public/invitation/declined.html")


def _invite(token: str, form: InviteForm, *, error: str = "") -> str:
    return render_template(
        "public/invitation/invite.html",
        page=invite_page(token, tools=tools()),
        form=form,
        press_form=PressForm(formdata=None),
        error=error,
    )


def _invited(token: str, form: JoinForm) -> str:
    page = invited_page(token, zone_name=form.zone.data or "", tools=tools())
    template = "public/invitation/invited.html" if page.stands else "public/invitation/ended.html"
    return render_template(template, page=page, form=form, press_form=PressForm(formdata=None))
