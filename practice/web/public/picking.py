"""Where a time is picked: the front page, other offerings, the month, the zones."""

import secrets
from datetime import date
from http.client import OK
from typing import Any

from flask import render_template, request
from flask_wtf.csrf import generate_csrf

from practice.domain.refusal import Invalid
from practice.forms.booking import HoldForm
from practice.queries.house import house
from practice.queries.picking import month_page, pick_page, zones_page
from practice.web.door import browser, tools
from practice.web.drawn import drawn_pages
from practice.web.public.blueprint import public

Page = str | tuple[str, int]


@public.get("/")
def home() -> Page:
    """Show the front page, which is the picker."""
    return show_picker("")


@public.get("/sessions/<slug>")
def offering(slug: str) -> Page:
    """Show the picker of another offering."""
    return show_picker(slug)


@public.get("/times/<month>")
def month(month: str) -> str:
    """Show a month of dates, and the times of one of them."""
    page = month_page(
        request.args.get("offering", ""),
        request.args.get("zone", ""),
        month,
        who=request.args.get("who", ""),
        chosen=chosen_day(),
        now=tools().clock.now(),
        with_paid=tools().payments is not None,
    )
    return render_template("public/booking/month.html", page=page, form=_form(page))


@public.get("/zone")
def zones() -> str:
    """Show the zones of the world to choose from."""
    page = zones_page(request.args.get("zone", ""))
    return render_template(
        "public/booking/zones.html", page=page, offering=request.args.get("offering", "")
    )


def show_picker(slug: str, *, error: str = "", status: int = 200, zone: str | None = None) -> Page:
    """Render the picker; a garbled zone is answered with the coach's, 422 and a sentence."""
    wanted = request.args.get("zone", "") if zone is None else zone
    try:
        page = _page(slug, wanted, error)
    except Invalid as refusal:
        page, status = _page(slug, "", refusal.sentence), 422
    if status != OK:
        return render_template("public/booking/pick.html", page=page, form=_form(page)), status
    # Most who come see the same times, and a page of sixty buttons takes long to write out.
    own = {"csrf": generate_csrf(), "key": new_key()}
    return drawn_pages().page(
        (page, house()),
        own,
        lambda: render_template(
            "public/booking/pick.html", page=page, form=_form(page, own["key"])
        ),
    )


def chosen_day() -> date | None:
    """Return the day that the address or the form names, if it names one."""
    try:
        return date.fromisoformat(request.values.get("d", ""))
    except ValueError:
        return None


def _page(slug: str, zone: str, error: str) -> Any:
    return pick_page(
        slug,
        zone,
        who=request.values.get("who", ""),
        chosen=chosen_day(),
        now=tools().clock.now(),
        with_paid=tools().payments is not None,
        error=error,
    )


def _form(page: Any, key: str = "") -> HoldForm:
    """Return a fresh form: its key makes two presses of one page one act."""
    return HoldForm(
        formdata=None,
        data={
            "who": page.who,
            "zone": page.zone,
            "offering": page.offering,
            "key": key or new_key(),
        },
    )


def new_key() -> str:
    """Return the key of a fresh form that holds a time, for a browser that is known from now on."""
    browser()  # known from now on: two first presses at once must not come from two browsers
    return secrets.token_hex(8)
