"""What holds for every request and answer: sizes, garbled text, headers, nothing kept in caches."""

from flask import Flask, Response, abort, request

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

# NUL cannot be stored in PostgreSQL; U+FFFD is what bytes that are no UTF-8 are read as.
_GARBLED = ("\x00", "\ufffd")


def guard(app: Flask, *, https: bool) -> None:
    """Refuse garbled requests before any view sees them, and dress every answer."""
    app.before_request(_refuse_garbled)

    @app.after_request
    def _dress(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers.setdefault(
                "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
            )
        return response


def _refuse_garbled() -> None:
    texts = [request.path, *request.args.keys()]
    for values in request.args.listvalues():
        texts += values
    if request.method == "POST":
        for key, values in request.form.lists():
            texts += [key, *values]
    if any(mark in text for text in texts for mark in _GARBLED):
        abort(400)
