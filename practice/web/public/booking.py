"""Booking: the press on a time, the details, and what is shown when the time has gone."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed, NotFound, TimeTaken
from practice.forms.booking import DetailsForm, HoldForm
from practice.queries.appointment import DetailsPage, details_page, near_times
from practice.queries.picking import default_zone
from practice.usecases.booking import book, give_up, renew
from practice.usecases.booking import hold as hold_time
from practice.web.door import browser, caller, tools
from practice.web.public.blueprint import public
from practice.web.public.picking import show_picker

Answer = Response | str | tuple[str, int]


@public.post("/book/hold")
def hold() -> Answer:
    """Hold the pressed time and go on to the details."""
    form = HoldForm()
    form.zone.data = form.zone.data or default_zone()
    slug = form.offering.data or ""
    if not form.validate():
        sentence = next(iter(form.errors.values()))[0]
        return show_picker(slug, error=sentence, status=422, zone="")
    try:
        receipt = hold_time(form.to_request(browser=browser(), caller=caller()), tools=tools())
    except TimeTaken as refusal:
        return _taken(refusal, form.zone.data, form, action=url_for("public.hold")), 409
    except Invalid as refusal:
        return show_picker(slug, error=refusal.sentence, status=422, zone=form.zone.data)
    except NotFound as refusal:  # an offering that is none, or is offered no more
        return show_picker("", error=refusal.sentence, status=422, zone=form.zone.data)
    return redirect(url_for("public.details", token=receipt.token), 303)


@public.get("/book/h/<token>")
def details(token: str) -> Answer:
    """Show the details of a hold, or the booking it has become."""
    page = details_page(token, tools=tools())
    if page.booked:
        return redirect(url_for("public.appointment", token=page.booked), 303)
    return _details(page, DetailsForm(formdata=None), token)


@public.post("/book/h/<token>")
def book_details(token: str) -> Answer:
    """Book the held time for the person who typed her details."""
    form = DetailsForm()
    page = details_page(token, tools=tools())
    if page.booked:
        return redirect(url_for("public.appointment", token=page.booked), 303)
    if page.is_past:
        return _details(page, form, token), 409
    if not form.validate():
        renew(token, tools=tools())  # a slip of the pen must not cost the time
        return _details(page, form, token), 403 if form.csrf_token.errors else 422
    try:
        receipt = book(token, form.to_request(caller=caller()), tools=tools())
    except TimeTaken as refusal:
        action = url_for("public.book_details", token=token)
        return _taken(refusal, page.zone, form, action=action, typed=True), 409
    except NotAllowed as refusal:
        form.email.errors = [refusal.sentence]
        return _details(page, form, token), 409
    return redirect(url_for("public.appointment", token=receipt.token), 303)


@public.post("/book/h/<token>/change")
def change_time(token: str) -> Answer:
    """Give the held time up, so that it stands in the list again, and show the list."""
    page = details_page(token, tools=tools())
    if not page.booked:
        give_up(token, tools=tools())
    return redirect(url_for("public.home", zone=page.zone, who=page.who), 303)


def _details(page: DetailsPage, form: DetailsForm, token: str) -> str:
    return render_template(
        "public/booking/details.html",
        page=page,
        form=form,
        token=token,
        email_suggestion=form.email_suggestion(),
        change_href=url_for("public.home", zone=page.zone, who=page.who),
    )


def _taken(refusal: TimeTaken, zone: str, form: Any, *, action: str, typed: bool = False) -> str:
    return render_template(
        "public/booking/taken.html",
        sentence=refusal.sentence,
        times=near_times(refusal.nearest, zone),
        form=form,
        action=action,
        typed=typed,
        back=url_for("public.home", zone=zone, who=request.form.get("who", "me")),
    )
