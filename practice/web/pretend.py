"""The page of the pretend payment service: what a person does there, and what is told of it.

It is served by the house only for want of another server. It knows nothing of bookings: it acts on
the service, and the house hears of it by a signed notice, as from a real one.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from practice.adapters.pretend import PretendPayments
from practice.forms.booking import PressForm
from practice.ports import PaymentsAway, PaymentsRefuse
from practice.usecases.payment import hear
from practice.web.door import tools
from practice.web.problems import problem

pretend = Blueprint("pretend", __name__, url_prefix="/pretend")

Answer = Response | str | tuple[str, int]


@pretend.get("/<session>")
def page(session: str) -> Answer:
    """Show the session with the ways out of it."""
    return _page(session)


@pretend.post("/<session>/pay")
def pay(session: str) -> Answer:
    """Pay, have the house told once, and go back to it."""
    return _paid(session, told=1)


@pretend.post("/<session>/pay-twice")
def pay_twice(session: str) -> Answer:
    """Pay, and have the same notice come twice, as it sometimes does."""
    return _paid(session, told=2)


@pretend.post("/<session>/decline")
def decline(session: str) -> Answer:
    """Let the card be declined; she can try another one."""
    try:
        _payments().fail(session)
    except PaymentsRefuse as refused:
        return _page(session, error=str(refused)), 409
    return _page(session, error="The card was declined. Nothing was paid."), 402


@pretend.post("/<session>/end")
def end(session: str) -> Answer:
    """Let the time for paying run out now, and have the house told."""
    _end(session)
    return redirect(url_for("pretend.page", session=session), 303)


@pretend.post("/<session>/pay-late")
def pay_late(session: str) -> Answer:
    """Pay when the time for it has run out, which the house hears of afterwards."""
    _end(session)
    _payments().pay_late(session)
    _tell(session)
    return redirect(_payments().page(session).paid_href, 303)


@pretend.errorhandler(PaymentsAway)
def _away(_fault: PaymentsAway) -> Answer:
    return problem(503), 503


def _payments() -> PretendPayments:
    payments = tools().payments
    if not isinstance(payments, PretendPayments):
        raise NotFound
    return payments


def _page(session: str, *, error: str = "") -> str:
    try:
        shown = _payments().page(session)
    except PaymentsRefuse as refused:
        raise NotFound from refused
    return render_template("pretend/pay.html", page=shown, form=PressForm(), error=error)


def _paid(session: str, *, told: int) -> Answer:
    try:
        _payments().pay(session)
    except PaymentsRefuse as refused:
        return _page(session, error=str(refused)), 409
    for _ in range(told):
        _tell(session)
    return redirect(_payments().page(session).paid_href, 303)


def _end(session: str) -> None:
    try:
        seen = _payments().expire(session)
    except PaymentsRefuse as refused:
        raise NotFound from refused
    if seen.status == "expired":
        _tell(session)


def _tell(session: str) -> None:
    hear(*_payments().notice(session), tools=tools())
