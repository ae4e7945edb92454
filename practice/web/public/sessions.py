"""Sessions and prices: all that is offered, on one page."""

from flask import render_template, request

from practice.queries.picking import known_or
from practice.queries.sessions import all_offers
from practice.web.door import tools
from practice.web.public.blueprint import public


@public.get("/sessions")
def sessions() -> str:
    """Show every meeting that can be booked, with its length, its price and its terms."""
    return render_template(
        "public/sessions.html",
        offers=all_offers(with_paid=tools().payments is not None),
        zone=known_or(request.args.get("zone", ""), "") or None,
    )
