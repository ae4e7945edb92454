"""What holds for every request and answer: sizes, garbled text, headers, nothing kept in caches."""

from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import SecurityError
from werkzeug.routing import IntegerConverter, Map

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}

_STRICT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

# NUL cannot be stored in PostgreSQL; U+FFFD is what bytes that are no UTF-8 are read as.
_GARBLED = ("\x00", "\ufffd")
_URLENCODED = "application/x-www-form-urlencoded"
_KINDS = {"", _URLENCODED, "multipart/form-data"}
_MOST_FIELDS = 500
_FILES = {"photo"}
_HOOKS = {"hooks.stripe"}


class RowNumber(IntegerConverter):
    """A number in an address, as large as a row's number can be: no row lies beyond."""

    def __init__(self, url_map: Map, **limits: Any) -> None:
        super().__init__(url_map, **({"max": 2**31 - 1} | limits))


def headers_for(*, https: bool) -> dict[str, str]:
    """Return the headers that every answer carries, pages and files alike."""
    return HEADERS | (_STRICT if https else {})


def guard(app: Flask, *, https: bool) -> None:
    """Refuse garbled requests before any view sees them, and dress every answer."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_answer_hooks)
    app.before_request(_refuse_garbled)
    headers = headers_for(https=https)

    @app.after_request
    def _dress(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        kept = response.cache_control
        if kept.no_store or not (kept.public or kept.private):
            response.headers["Cache-Control"] = "no-store"
        return response


def _answer_hooks() -> ResponseReturnValue | None:
    """Let a hook read its bytes itself, and first: they are signed as they are.

    Nobody is signed in there. The libraries that look for who is would parse the body as JSON.
    """
    if request.method == "POST" and request.endpoint in _HOOKS:
        return current_app.dispatch_request()
    return None


def _refuse_garbled() -> None:
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception  # a host that is not ours: no page can be drawn for it
    pairs = list(request.args.items(multi=True))
    raw = request.query_string
    if request.method == "POST":
        if request.mimetype not in _KINDS:
            abort(415)  # forms are all that we read; libraries would parse JSON as one
        if request.mimetype == _URLENCODED:
            raw += b"&" + request.get_data()
        pairs += request.form.items(multi=True)
        if request.files.keys() - _FILES:
            abort(400)  # a file in place of a text is no text
    if len(pairs) > _MOST_FIELDS:
        abort(413)
    texts = (request.path, *(text for pair in pairs for text in pair))
    if not _is_utf8(raw) or any(mark in text for text in texts for mark in _GARBLED):
        abort(400)


def _is_utf8(quoted: bytes) -> bool:
    # Asked of the bytes: what they are parsed into shows a broken one as the harmless text "%FF".
    try:
        unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        return False
    return True
