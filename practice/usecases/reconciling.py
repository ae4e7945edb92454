"""Asking the payment service ourselves: what nobody told us, and what is to be let go."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from practice.domain.defect import where_raised
from practice.domain.payment import LOOK_AFTER, ConcernKind, Seen
from practice.domain.refusal import Busy
from practice.models.concern import raise_concern
from practice.models.payment import Payment, to_release, undecided_before, unnoticed_between
from practice.models.unit import look, reading, unit_of_work
from practice.ports import PaymentsAway, PaymentsRefuse, Tools
from practice.usecases.payment import LOOK, record, service
from practice.usecases.payment_session import look_at

log = logging.getLogger("practice.payments")

# A notice comes within seconds; one that did not come in an hour tells of a wrong
# address or secret.
_SILENT_FOR = timedelta(hours=1)
_SILENT_SINCE = timedelta(days=1)
_SILENCES = 3


def release_due(*, tools: Tools) -> None:
    """End the sessions whose time is over, at the service first, and record what it says.

    A time is freed only when the service says that nothing was paid. Raises Busy.
    """
    if tools.payments is None:
        return
    with look() as session:
        over = to_release(session, tools.clock.now())
    _each(over, lambda payment: _end(payment, tools))


def reconcile(*, tools: Tools) -> None:
    """Look at every payment that is older than five minutes and not decided. Raises Busy."""
    if tools.payments is None:
        return
    now = tools.clock.now()
    with look() as session:
        undecided = undecided_before(session, now - LOOK_AFTER)
    _each(undecided, lambda payment: look_at(payment, by=LOOK, tools=tools))
    _miss_notices(now)


def _each(ids: Sequence[int], act: Callable[[Payment], None]) -> None:
    silences = 0
    for payment_id in ids:
        try:
            act(reading().get_one(Payment, payment_id, populate_existing=True))
            silences = 0
        except Busy:
            raise
        except PaymentsAway:
            # One whose answer nobody can read must not keep all others waiting for ever.
            silences += 1
            if silences == _SILENCES:
                log.warning("the payment service is away; trying again later")
                return
        except PaymentsRefuse as refusal:
            log.error("payment %s: the service refuses: %s", payment_id, refusal)  # noqa: TRY400
        except Exception as fault:  # noqa: BLE001 - one that fails must not stop the others
            log.error("payment %s failed\n%s", payment_id, where_raised(fault))  # noqa: TRY400


def _end(payment: Payment, tools: Tools) -> None:
    if payment.session is None:
        look_at(payment, by=LOOK, tools=tools)
        return
    if _was_on_trial(payment, tools):
        record(_unpaid(payment), by=LOOK, tools=tools)
        return
    name = payment.session
    reading().rollback()
    record(service(tools).expire(name), by=LOOK, tools=tools)


def _was_on_trial(payment: Payment, tools: Tools) -> bool:
    """Tell whether no real money was asked for, by a service that is no longer the one we ask."""
    ours = service(tools)
    return not payment.is_live and (payment.service, False) != (ours.service, ours.is_live)


def _unpaid(payment: Payment) -> Seen:
    """Return what there is to see of a session that nobody can be asked about any more."""
    return Seen(
        session=payment.session or "",
        status="expired",
        is_paid=False,
        price=payment.price,
        is_live=False,
        reference=payment.reference,
    )


def _miss_notices(now: datetime) -> None:
    """Tell the coach where payments came and no notice of any of them ever did."""
    with look() as session:
        if not unnoticed_between(session, now - _SILENT_SINCE, now - _SILENT_FOR):
            return
    with unit_of_work() as session:
        raise_concern(session, ConcernKind.NO_NOTICES, f"{now:%G-W%V}", now=now)
