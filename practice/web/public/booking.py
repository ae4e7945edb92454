"""Booking: the press on a time, the details, and what is shown when the time has gone."""

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NoPayment, NotAllowed, NotFound, TimeTaken
from practice.forms.booking import DetailsForm, HoldForm
from practice.queries.appointment import DetailsPage, details_page, near_times
from practice.queries.paying import PayPage
from practice.queries.picking import default_zone
from practice.usecases.booking import book, renew
from practice.usecases.booking import hold as hold_time
from practice.usecases.paying import pay
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
        back = _picker(slug, form.zone.data, form.who.data)
        return taken(refusal, form.zone.data, form, action=url_for("public.hold"), back=back), 409
    except Invalid as refusal:
        return show_picker(slug, error=refusal.sentence, status=422, zone=form.zone.data)
    except NotFound as refusal:  # an offering that is none, or is offered no more
        return show_picker("", error=refusal.sentence, status=422, zone=form.zone.data)
    return redirect(url_for("public.details", token=receipt.token), 303)


@public.get("/book/h/<token>")
def details(token: str) -> Answer:
    """Show the details of a hold, or what it has become."""
    page = details_page(token, tools=tools())
    return _became(page, token, "public.pay") or _details(page, DetailsForm(formdata=None), token)


@public.post("/book/h/<token>")
def book_details(token: str) -> Answer:
    """Book the held time for the person who typed her details, or let her pay for it first."""
    form = DetailsForm()
    page = details_page(token, tools=tools())
    became = _became(page, token, "public.to_payment")
    if became is not None:  # sent twice, or from a page that stood open meanwhile
        return became
    if page.is_past:
        return _details(page, form, token), 409
    if not form.validate():
        renew(token, tools=tools())  # a slip of the pen must not cost the time
        return _details(page, form, token), 403 if form.csrf_token.errors else 422
    return _book_or_pay(token, page, form)


def _book_or_pay(token: str, page: DetailsPage, form: DetailsForm) -> Answer:
    wanted = form.to_request(caller=caller())
    try:
        if page.price:
            pay(token, wanted, tools=tools())
            return redirect(url_for("public.to_payment", token=token), 303)
        receipt = book(token, wanted, tools=tools())
    except TimeTaken as refusal:
        return _taken_while_typing(refusal, page, form, token), 409
    except NotAllowed as refusal:
        form.email.errors = [refusal.sentence]
        return _details(page, form, token), 409
    except NoPayment as refusal:
        page = details_page(token, tools=tools())  # the time is held for longer by now
        return _details(page, form, token, error=refusal.sentence), 503
    return redirect(url_for("public.appointment", token=receipt.token), 303)


def _became(page: DetailsPage, token: str, paying: str) -> Response | None:
    """Return the way to the booking that a hold became, or to paying for it; None before that."""
    if page.booked:
        return redirect(url_for("public.appointment", token=page.booked), 303)
    return redirect(url_for(paying, token=token), 303) if page.is_asked_for else None


def times_of(page: DetailsPage | PayPage) -> str:
    """Return the address of the times that can be picked in place of a held one."""
    return _picker(page.offering if page.price else "", page.zone, page.who)


def _picker(slug: str, zone: str, who: str) -> str:
    if slug:
        return url_for("public.offering", slug=slug, zone=zone, who=who)
    return url_for("public.home", zone=zone, who=who)


def _details(page: DetailsPage, form: DetailsForm, token: str, *, error: str = "") -> str:
    return render_template(
        "public/booking/details.html",
        page=page,
        form=form,
        token=token,
        email_suggestion=form.email_suggestion(),
        error=error,
        change_href=times_of(page),
    )


def _taken_while_typing(
    refusal: TimeTaken, page: DetailsPage, form: DetailsForm, token: str
) -> str:
    return taken(
        refusal,
        page.zone,
        form,
        action=url_for("public.book_details", token=token),
        back=times_of(page),
        typed=True,
        paid=bool(page.price),
    )


def taken(
    refusal: TimeTaken,
    zone: str,
    form: Any,
    *,
    action: str,
    back: str,
    typed: bool = False,
    paid: bool = False,
) -> str:
    """Render the page of a time that has gone, with the nearest ones and nothing typed lost."""
    return render_template(
        "public/booking/taken.html",
        sentence=refusal.sentence,
        times=near_times(refusal.nearest, zone),
        form=form,
        action=action,
        typed=typed,
        paid=paid,
        back=back,
    )
