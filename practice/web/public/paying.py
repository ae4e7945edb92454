"""Paying for a held time: the way to the payment page, the way back, and giving the time up."""

from typing import Any
from urllib.parse import urlsplit

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NoPayment, NotAllowed, TimeTaken
from practice.forms.booking import HoldForm, PressForm
from practice.queries.paying import PayPage, Standing, paid_page, pay_page, payment_href
from practice.usecases.booking import give_up
from practice.usecases.paying import come_back, pay_again
from practice.web.door import tools
from practice.web.public.blueprint import public
from practice.web.public.booking import taken, times_of
from practice.web.public.picking import new_key

Answer = Response | str | tuple[str, int]

# What the page of coming back has something to say of.
_TOLD_THERE = {
    Standing.WAIT,
    Standing.PROCESSING,
    Standing.LATE,
    Standing.STRANGE,
    Standing.PAST,
}


@public.get("/book/h/<token>/pay")
def pay(token: str) -> Answer:
    """Show the held time and its price to somebody who came back without paying."""
    page = pay_page(token, tools=tools())
    return _elsewhere(page, token) or _pay(page, token)


@public.post("/book/h/<token>/pay")
def pay_now(token: str) -> Answer:
    """Let her pay, in a new session where the last one has ended."""
    page = pay_page(token, tools=tools())
    elsewhere = _elsewhere(page, token)
    if elsewhere is not None:
        return elsewhere
    try:
        pay_again(token, tools=tools())
    except NoPayment as refusal:
        return _pay(pay_page(token, tools=tools()), token, error=refusal.sentence), 503
    except NotAllowed as refusal:
        page = pay_page(token, tools=tools())
        return _elsewhere(page, token) or (_pay(page, token, error=refusal.sentence), 409)
    except TimeTaken as refusal:
        form, action = _hold_form(page), url_for("public.hold")
        return taken(refusal, page.zone, form, action=action, back=times_of(page)), 409
    return redirect(url_for("public.to_payment", token=token), 303)


@public.get("/book/h/<token>/to-payment")
def to_payment(token: str) -> Answer:
    """Send her on to the payment page: a page of ours does, for a form's answer must not."""
    try:
        way = payment_href(token, tools=tools())
    except NoPayment as refusal:
        return _pay(pay_page(token, tools=tools()), token, error=refusal.sentence), 503
    if way.standing is Standing.UNASKED:
        return redirect(url_for("public.details", token=token), 303)
    if way.standing is not Standing.OPEN:
        return redirect(url_for("public.paid", token=token), 303)
    if urlsplit(way.href).scheme not in {"https", "http"}:
        return redirect(url_for("public.pay", token=token), 303)
    return render_template("public/paying/to_payment.html", href=way.href)


@public.get("/book/h/<token>/paid")
def paid(token: str) -> Answer:
    """Look what became of the payment, write it down, and show it: the one GET that writes."""
    page = pay_page(token, tools=tools())
    if page.standing in {Standing.OPEN, Standing.PROCESSING}:
        come_back(token, tools=tools())
        page = paid_page(token, tools=tools())
    if page.standing is Standing.OPEN:
        return redirect(url_for("public.pay", token=token), 303)
    if page.standing in _TOLD_THERE:
        return render_template(
            "public/paying/paid.html",
            page=page,
            token=token,
            form=_hold_form(page),
            times_href=times_of(page),
        )
    return _elsewhere(page, token) or _pay(page, token)


@public.post("/book/h/<token>/change")
def change_time(token: str) -> Answer:
    """Give the held time up, so that it stands in the list again, and show the list."""
    page = pay_page(token, tools=tools())
    if page.standing in {Standing.UNASKED, Standing.OPEN}:
        try:
            give_up(token, tools=tools())
        except NoPayment as refusal:
            return _pay(page, token, error=refusal.sentence), 503
        page = pay_page(token, tools=tools())
    if page.price and page.standing in {Standing.BOOKED, *_TOLD_THERE}:
        return redirect(url_for("public.paid", token=token), 303)  # she has paid meanwhile
    return redirect(times_of(page), 303)


def _elsewhere(page: PayPage, token: str) -> Response | None:
    """Return the way to the page that has more to say than that of paying, if there is one."""
    if page.standing is Standing.BOOKED:
        return redirect(url_for("public.appointment", token=page.booked), 303)
    if page.standing in _TOLD_THERE:
        return redirect(url_for("public.paid", token=token), 303)
    if page.standing is Standing.UNASKED:
        return redirect(url_for("public.details", token=token), 303)
    return None


def _pay(page: PayPage, token: str, *, error: str = "") -> str:
    return render_template(
        "public/paying/pay.html",
        page=page,
        form=PressForm(formdata=None),
        token=token,
        error=error,
        times_href=times_of(page),
    )


def _hold_form(page: PayPage) -> HoldForm:
    """Return the form that holds another time of the same offering."""
    data: dict[str, Any] = {
        "who": page.who,
        "zone": page.zone,
        "offering": page.offering,
        "key": new_key(),
    }
    return HoldForm(formdata=None, data=data)
