"""What is offered: the list, and the page of each offering."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.money import plain
from practice.domain.offering import Audience, Questions
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.offerings import OfferingForm, spoken
from practice.queries.desk_offerings import OfferingPage, coach_choices, offering_page
from practice.queries.desk_offerings import offerings_page as offerings_of
from practice.usecases.offerings import (
    add_offering,
    archive_offering,
    change_offering,
    move_down,
    move_up,
    restore_offering,
)
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

# No larger number is an id; a database that keeps them in 32 bits would stumble over one.
_ONE = "/offerings/<int(max=2147483647):offering_id>"
_NOTES = {
    "saved": "This is saved, and live. Appointments already booked stay as they are.",
    "added": "This is offered from now on.",
    "archived": "This is not offered any more. Its appointments stay booked.",
    "restored": "This is offered again.",
    "moved": "The order is saved.",
}
_FIRST: dict[str, Any] = {
    "length": "60",
    "step": "30",
    "buffer_before": "0",
    "buffer_after": "15",
    "notice": "24",
    "notice_unit": "hours",
    "horizon": "60",
    "move_cutoff": "24",
    "move_cutoff_unit": "hours",
    "cancel_cutoff": "24",
    "cancel_cutoff_unit": "hours",
    "questions": Questions.SHORT.value,
    "intake_cutoff": "0",
    "intake_cutoff_unit": "hours",
    "place": "coach",
    "confirmation_words": "",
    "reminder_hours": "24",
    "audience": Audience.EITHER.value,
    "shown": "yes",
    "price": "",
    "currency": "EUR",
    "full_hours": "24",
    "part_percent": "",
    "part_hours": "",
}


@desk.get("/offerings")
@requires(Right.SETTINGS)
def offerings() -> Answer:
    """List what is offered."""
    return render_template(
        "desk/offerings.html",
        page=offerings_of(seat()),
        note=_note(),
        press_form=PressForm(formdata=None),
        base_url=tools().base_url,
        can_charge=tools().payments is not None,
    )


@desk.get("/offerings/new")
@requires(Right.SETTINGS)
def new_offering() -> Answer:
    """Ask for a new offering."""
    first = _FIRST | {"coaches": [seat().coach_id]}
    return _new(_asking(OfferingForm(formdata=None, data=first)))


@desk.post("/offerings/new")
@requires(Right.SETTINGS)
def save_new_offering() -> Answer:
    """Offer something new."""
    form = _asking(OfferingForm())
    if not form.validate():
        return _new(form), 422
    made = add_offering(seat(), form.to_request(), offered_by=form.offered_by(), tools=tools())
    return redirect(url_for("desk.offering", offering_id=made, note="added"), 303)


@desk.get(_ONE)
@requires(Right.SETTINGS)
def offering(offering_id: int) -> Answer:
    """Show an offering with all its terms."""
    page = _page(offering_id)
    return _offering(page, _asking(OfferingForm(formdata=None, data=_values(page))))


@desk.post(_ONE)
@requires(Right.SETTINGS)
def save_offering(offering_id: int) -> Answer:
    """Offer it on other terms."""
    form = _asking(OfferingForm())
    if not form.validate():
        return _offering(_page(offering_id), form), 422
    wanted = form.to_request()
    change_offering(seat(), offering_id, wanted, offered_by=form.offered_by(), tools=tools())
    return redirect(url_for("desk.offering", offering_id=offering_id, note="saved"), 303)


@desk.post(f"{_ONE}/up")
@requires(Right.SETTINGS)
def offering_up(offering_id: int) -> Answer:
    """Let it stand one place earlier."""
    move_up(seat(), offering_id, tools=tools())
    return redirect(url_for("desk.offerings", note="moved"), 303)


@desk.post(f"{_ONE}/down")
@requires(Right.SETTINGS)
def offering_down(offering_id: int) -> Answer:
    """Let it stand one place later."""
    move_down(seat(), offering_id, tools=tools())
    return redirect(url_for("desk.offerings", note="moved"), 303)


@desk.get(f"{_ONE}/archive")
@requires(Right.SETTINGS)
def archive(offering_id: int) -> Answer:
    """Ask once whether it is to be offered no more."""
    form = PressForm(formdata=None)
    return render_template("desk/archive.html", page=_page(offering_id), form=form)


@desk.post(f"{_ONE}/archive")
@requires(Right.SETTINGS)
def archive_it(offering_id: int) -> Answer:
    """Offer it no more."""
    archive_offering(seat(), offering_id, tools=tools())
    return redirect(url_for("desk.offerings", note="archived"), 303)


@desk.post(f"{_ONE}/restore")
@requires(Right.SETTINGS)
def restore_it(offering_id: int) -> Answer:
    """Offer it again."""
    restore_offering(seat(), offering_id, tools=tools())
    return redirect(url_for("desk.offerings", note="restored"), 303)


def _page(offering_id: int) -> OfferingPage:
    return offering_page(seat(), offering_id, now=tools().clock.now())


def _asking(form: OfferingForm) -> OfferingForm:
    """Let the form ask who offers it, where this account may say and there are several."""
    return form.with_coaches(coach_choices(seat()))


def _note() -> str:
    return _NOTES.get(request.args.get("note", ""), "")


def _new(form: OfferingForm) -> str:
    return render_template(
        "desk/offering.html",
        form=form,
        page=None,
        note="",
        can_charge=tools().payments is not None,
    )


def _offering(page: OfferingPage, form: OfferingForm) -> str:
    return render_template(
        "desk/offering.html",
        form=form,
        page=page,
        note=_note(),
        base_url=tools().base_url,
        can_charge=tools().payments is not None,
    )


def _values(page: OfferingPage) -> dict[str, Any]:
    """Return the terms of an offering as its form shows them."""
    terms = page.terms
    values: dict[str, Any] = {
        "name": page.name,
        "about": page.about,
        "coaches": list(page.coach_ids),
        "length": str(terms.length_minutes),
        "step": str(terms.step_minutes),
        "buffer_before": str(terms.buffer_before_minutes),
        "buffer_after": str(terms.buffer_after_minutes),
        "horizon": _text(terms.horizon_days),
        "daily_cap": _text(terms.daily_cap),
        "weekly_cap": _text(terms.weekly_cap),
        "audience": terms.audience.value,
        "confirmation_words": page.confirmation_words,
        "reminder_hours": str(page.reminder_hours),
        "shown": "yes" if page.is_shown else "no",
        "questions": page.questions.value,
        "place": page.place.kind.value if page.place else "coach",
        "place_detail": page.place.detail if page.place else "",
        "price": plain(terms.price) if terms.is_paid else "",
        "currency": terms.currency,
        "full_hours": str(terms.cancellation.full_hours),
        "part_percent": str(terms.cancellation.part_percent or ""),
        "part_hours": str(terms.cancellation.part_hours) if terms.cancellation.part_percent else "",
    }
    for name, minutes in (
        ("notice", terms.notice_minutes),
        ("move_cutoff", terms.move_cutoff_minutes),
        ("cancel_cutoff", terms.cancel_cutoff_minutes),
        ("intake_cutoff", page.intake_cutoff_minutes),
    ):
        values[name], values[f"{name}_unit"] = spoken(minutes)
    return values


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
