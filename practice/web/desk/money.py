"""Money of one booking at the desk: giving it back, who did not come, and what differs."""

import secrets

from flask import render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from practice.domain.money import Money
from practice.domain.refusal import NotAllowed
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.desk_money import ALL, KEEP, NoShowForm, RefundForm, SendBackForm
from practice.forms.texts import is_whole
from practice.queries.desk_refund import NoShowPage, RefundPage, no_show_page, refund_page
from practice.usecases import desk_payment, no_show
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.bookings import back_to_booking, show_booking
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_AGAIN = "Please choose the amount once more. Nothing has gone back yet."


@desk.get("/bookings/<int:booking_id>/refund")
@requires(Right.MONEY)
def refund(booking_id: int) -> Answer:
    """Ask how much goes back, and then show the exact amount before the press; changes nothing."""
    try:
        page = _refund_page(booking_id, request.args.get("payment", ""))
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    if "choice" not in request.args:
        return _how_much(page, RefundForm(page.left, formdata=None, data={"choice": ALL}))
    form = RefundForm(page.left, formdata=request.args)
    if not form.validate():
        return _how_much(page, form), 422
    return _sure(page, form.to_request(), secrets.token_hex(16))


@desk.post("/bookings/<int:booking_id>/refund")
@requires(Right.MONEY)
def send_back(booking_id: int) -> Answer:
    """Give the amount back that was shown; pressed twice, it goes back once."""
    form = SendBackForm()
    if not form.validate():
        try:
            page = _refund_page(booking_id, "")
        except NotAllowed as refusal:
            return show_booking(booking_id, error=refusal.sentence), 409
        again = RefundForm(page.left, formdata=None, data={"choice": ALL})
        return _how_much(page, again, error=_AGAIN), 422
    try:
        desk_payment.refund(
            seat(),
            booking_id,
            form.to_request(),
            attempt=int(form.attempt.data),
            key=form.key.data,
            tools=tools(),
        )
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "refund")


@desk.get("/bookings/<int:booking_id>/no-show")
@requires(Right.DIARY)
def no_show_of(booking_id: int) -> Answer:
    """Ask what becomes of the money of somebody who did not come."""
    page = no_show_page(seat(), booking_id, now=tools().clock.now())
    if not page.may_mark:
        return show_booking(booking_id)
    return _did_not_come(page, _no_show_form(page, posted=False))


@desk.post("/bookings/<int:booking_id>/no-show")
@requires(Right.DIARY)
def note_no_show(booking_id: int) -> Answer:
    """Note that nobody came, and give back what was chosen."""
    page = no_show_page(seat(), booking_id, now=tools().clock.now())
    money = None
    if page.may_mark:
        form = _no_show_form(page, posted=True)
        if not form.validate():
            return _did_not_come(page, form), 422
        money = form.to_request() if isinstance(form, NoShowForm) else None
    try:
        no_show.mark(seat(), booking_id, money, tools=tools())
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "no-show")


@desk.post("/bookings/<int:booking_id>/came")
@requires(Right.DIARY)
def note_came(booking_id: int) -> Answer:
    """Note that somebody came after all."""
    try:
        no_show.take_back(seat(), booking_id, tools=tools())
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "came")


@desk.post("/bookings/<int:booking_id>/payments/<int:attempt>/accept")
@requires(Right.MONEY)
def accept_payment(booking_id: int, attempt: int) -> Answer:
    """Take a payment that differs from what was asked for as it is."""
    try:
        desk_payment.accept_strange(seat(), booking_id, attempt, tools=tools())
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "accepted")


@desk.post("/bookings/<int:booking_id>/payments/<int:attempt>/return")
@requires(Right.MONEY)
def return_payment(booking_id: int, attempt: int) -> Answer:
    """Give a payment that differs from what was asked for back."""
    try:
        desk_payment.return_strange(seat(), booking_id, attempt, tools=tools())
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "returned")


def _refund_page(booking_id: int, attempt: str) -> RefundPage:
    if attempt and not is_whole(attempt):
        raise NotFound
    wanted = int(attempt) if attempt else None
    return refund_page(seat(), booking_id, wanted, now=tools().clock.now())


def _how_much(page: RefundPage, form: RefundForm, *, error: str = "") -> str:
    can_charge = tools().payments is not None
    return render_template(
        "desk/refund.html", page=page, form=form, error=error, can_charge=can_charge
    )


def _sure(page: RefundPage, money: Money, key: str) -> str:
    values = {
        "attempt": page.attempt,
        "minor": money.minor,
        "currency": money.currency,
        "key": key,
    }
    form = SendBackForm(formdata=None, data=values)
    return render_template("desk/refund_sure.html", page=page, form=form, money=money)


def _no_show_form(page: NoShowPage, *, posted: bool) -> NoShowForm | PressForm:
    if page.back is None:
        return PressForm() if posted else PressForm(formdata=None)
    if posted:
        return NoShowForm(page.back.all)
    return NoShowForm(page.back.all, formdata=None, data={"choice": KEEP})


def _did_not_come(page: NoShowPage, form: NoShowForm | PressForm) -> str:
    return render_template("desk/no_show.html", page=page, form=form)
