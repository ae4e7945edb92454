"""For people who are not booking now: another time, a lost link, and what the house is."""

from flask import render_template, request
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from practice.forms.ask import AskForm, LostLinkForm
from practice.queries.appointment import service_name
from practice.queries.photo import photo as photo_of
from practice.queries.picking import known_or_default
from practice.usecases.asking import TimeWish
from practice.usecases.asking import ask as ask_for_time
from practice.usecases.links import send_again
from practice.web.door import caller, tools
from practice.web.public.blueprint import public

Answer = Response | str | tuple[str, int]


@public.get("/ask")
def ask() -> Answer:
    """Show the short form for another time."""
    zone = known_or_default(request.args.get("zone", ""))
    return render_template("public/booking/ask.html", form=AskForm(formdata=None, zone=zone))


@public.post("/ask")
def send_ask() -> Answer:
    """Keep the wish and tell the coach."""
    form = AskForm()
    if not form.validate():
        status = 403 if form.csrf_token.errors else 422
        return render_template("public/booking/ask.html", form=form), status
    wish = TimeWish(
        name=form.name.data,
        email=form.email.checked,
        message=form.message.data.strip(),
        zone=form.zone.data,
    )
    ask_for_time(wish, caller(), tools=tools())
    return render_template("public/booking/ask_sent.html")


@public.get("/my-link")
def lost_link() -> Answer:
    """Show the form that sends private links to their owner again."""
    return render_template("public/link/lost.html", form=LostLinkForm(formdata=None))


@public.post("/my-link")
def send_link() -> Answer:
    """Have the links sent, and say the same to everybody."""
    form = LostLinkForm()
    if not form.validate():
        status = 403 if form.csrf_token.errors else 422
        return render_template("public/link/lost.html", form=form), status
    send_again(form.email.checked, caller(), tools=tools())
    return render_template("public/link/lost_sent.html")


@public.get("/how-it-works")
def how() -> str:
    """Say how it works, and what coaching is and is not."""
    return render_template("public/pages/how.html")


@public.get("/privacy")
def privacy() -> str:
    """Say how this is kept private."""
    return render_template(
        "public/pages/privacy.html",
        takes_money=tools().payments is not None,
        service=service_name(tools()),
    )


@public.get("/help")
def help() -> str:  # noqa: A001 - the page is called so
    """Show the help lines of the practice."""
    return render_template("public/pages/help.html")


@public.get("/photo")
def photo() -> Response:
    """Give a coach's photo: the first one's, or that of the one who is named."""
    found = photo_of(request.args.get("of", ""))
    if found is None:
        raise NoSuchPage
    return Response(
        found.content, content_type=found.kind, headers={"Cache-Control": "public, max-age=3600"}
    )
