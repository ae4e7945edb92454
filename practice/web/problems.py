"""How a "no" looks: each refusal and each HTTP error as a page with one sentence."""

import logging

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    SecurityError,
    UnsupportedMediaType,
)
from werkzeug.wrappers import Response

from practice.domain.defect import where_raised
from practice.domain.refusal import (
    Away,
    Busy,
    Closed,
    Invalid,
    NoPayment,
    NotAllowed,
    NotFound,
    OtherNotes,
    Refusal,
    TimeTaken,
    TooLate,
    TooMany,
    Unreadable,
)
from practice.usecases.guessing import count_guess
from practice.web.door import caller, tools

log = logging.getLogger("practice.web")

Answer = tuple[str, int, dict[str, str]]

_STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    TimeTaken: 409,
    TooLate: 409,
    NotAllowed: 409,
    Away: 403,
    OtherNotes: 409,
    NotFound: 404,
    Closed: 404,
    TooMany: 429,
    Busy: 503,
    NoPayment: 503,
    Unreadable: 500,
}
_TITLES = {
    400: "We could not read that",
    403: "Please press the button again",
    404: "Page not found",
    405: "That doesn’t work here",
    409: "That didn’t work",
    413: "That is too much at once",
    415: "We could not read that",
    422: "Something needs another look",
    429: "One moment, please",
    500: "Something went wrong on our side",
    503: "We are very busy this minute",
}
_SENTENCES = {
    400: "Your browser sent something we can’t read. Nothing was changed.",
    403: "This page was open for a long while. Go back, load it once more and press the button.",
    404: "There is nothing at this address. Please look at the link once more.",
    405: "This address takes no request of this kind. Nothing was changed.",
    413: "What was sent is too large. Nothing was changed.",
    415: "Your browser sent something we can’t read. Nothing was changed.",
    503: "Please try again in a few seconds. Nothing you booked is lost.",
    500: "The fault is ours and we have noted it. Nothing you booked is lost.",
}
_BUSY_SECONDS = 5


def answer_problems(app: Flask) -> None:
    """Register how refusals, HTTP errors and defects are answered."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _defect)


def problem(status: int, sentence: str = "") -> str:
    """Render the page of a problem."""
    return render_template(
        "public/problem.html",
        title=_TITLES.get(status, "That didn’t work"),
        sentence=sentence or _SENTENCES.get(status, "Nothing was changed."),
        status=status,
    )


def when_again(refusal: Refusal) -> dict[str, str]:
    """Return the header that says after how many seconds to try again, if that is of any use."""
    if isinstance(refusal, TooMany):
        return {"Retry-After": str(refusal.retry_after)}
    return {"Retry-After": str(_BUSY_SECONDS)} if isinstance(refusal, Busy) else {}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status that a refusal is answered with."""
    return _STATUS[type(refusal)]


def _refused(refusal: Refusal) -> Answer:
    status = status_of(refusal)
    if isinstance(refusal, NotFound) and request.view_args and "token" in request.view_args:
        try:
            count_guess(caller(), tools=tools())
        except TooMany as too_many:
            refusal, status = too_many, 429
    if isinstance(refusal, Busy):
        return _broken(503), 503, when_again(refusal)
    if isinstance(refusal, NotFound):
        return problem(404), 404, {}  # one page, whatever the reason
    return problem(status, refusal.sentence), status, when_again(refusal)


def _stale(_fault: CSRFError) -> Answer:
    return problem(403), 403, {}


def _http(fault: HTTPException) -> Answer | Response:
    code = fault.code or 500
    if code < 400:  # noqa: PLR2004 - redirects are answers, not problems
        return fault.get_response()
    if isinstance(fault, SecurityError):
        # No page is drawn for a host that is not ours: its links would have nowhere to lead.
        return Response("There is no practice at this address.\n", code, mimetype="text/plain")
    if isinstance(fault, UnsupportedMediaType):
        return _broken(code), code, {}  # our pages ask who is signed in, which reads the body
    headers: dict[str, str] = {}
    if isinstance(fault, MethodNotAllowed) and fault.valid_methods:
        headers["Allow"] = ", ".join(fault.valid_methods)
    return problem(code), code, headers


def database_away(fault: Exception) -> Answer:
    """Answer that the database cannot be had just now: nothing is lost, trying again is safe."""
    log.error("the database is away in %s: %s", request.endpoint, type(fault).__name__)
    return _broken(503), 503, {"Retry-After": str(_BUSY_SECONDS)}


def _defect(fault: Exception) -> Answer:
    # The path is left out on purpose, as it may hold a private link.
    log.error("defect in %s\n%s", request.endpoint, where_raised(fault))
    return _broken(500), 500, {}


def _broken(status: int) -> str:
    # Without the context of other pages: the practice's name would be asked of the database.
    page = current_app.jinja_env.get_template("public/broken.html")
    return page.render(status=status, title=_TITLES[status], sentence=_SENTENCES[status])
