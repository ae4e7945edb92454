"""The composition root: settings and tools in, one app out. Nothing else builds things."""

import logging
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import Migrate
from flask_security import Security
from flask_wtf import CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from practice.adapters.clock import SystemClock
from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import JinjaLetters
from practice.adapters.maildir import DiskMailer
from practice.adapters.smtp import SmtpMailer
from practice.models.accounts import AccountStore
from practice.models.base import db, prepare_engines
from practice.models.everything import EVERYTHING
from practice.models.vault import MasterVault
from practice.ports import BusyFeeds, Clock, Payments, Tools
from practice.queries.house import house
from practice.settings import PaidBy, Settings, load
from practice.web.desk import desk
from practice.web.guards import guard, headers_for
from practice.web.hooks import hooks
from practice.web.problems import answer_problems, database_away
from practice.web.public import public
from practice.web.security import SECURITY, DeskSignInForm, guard_sign_in

HERE = Path(__file__).parent
_YEAR_SECONDS = 31_536_000
# These check the token with the form, so that a stale one loses nothing that was typed.
_CHECK_THE_TOKEN_THEMSELVES = (
    "public.book_details",
    "public.save_section",
    "public.send_ask",
    "public.send_link",
    "desk.save_note",
)


def create_app(
    settings: Settings | None = None, tools: Tools | None = None, *, reads_calendars: bool = False
) -> Flask:
    """Build the app; settings come from the environment and tools from them unless given."""
    settings = settings or load()
    app = Flask("practice", root_path=str(HERE), instance_path=str(settings.instance))
    app.config.update(_config(settings))
    app.extensions["practice"] = tools or tools_for(settings, reads_calendars=reads_calendars)
    _remember(app)
    guard(app, https=settings.is_https)
    csrf = CSRFProtect(app)
    answer_problems(app)
    app.register_error_handler(OperationalError, database_away)
    app.register_blueprint(public)
    app.register_blueprint(desk)
    _take_money(app, csrf)
    _let_coaches_in(app)
    for endpoint in _CHECK_THE_TOKEN_THEMSELVES:
        csrf.exempt(app.view_functions[endpoint])
    _dress_templates(app)
    _serve(app, settings)
    return app


def tools_for(settings: Settings, *, reads_calendars: bool = False) -> Tools:
    """Return the real tools for these settings: SMTP where a server is named, else a folder.

    Only the worker and commands read calendars: a page never waits for a stranger's server.
    """
    clock, invites = SystemClock(), IcalInvites()
    mailer = (
        SmtpMailer(settings.smtp_url)
        if settings.smtp_url
        else DiskMailer(settings.instance / "mail")
    )
    return Tools(
        clock=clock,
        mailer=mailer,
        letters=JinjaLetters(invites),
        invites=invites,
        vault=MasterVault(settings.master_key),
        base_url=settings.base_url,
        rate_limits=settings.rate_limits,
        payments=_payments_for(settings, clock),
        feeds=_feeds() if reads_calendars else None,
    )


def _feeds() -> BusyFeeds:
    # Imported here only, as below: a process that serves pages has no use for it.
    from practice.adapters.feeds import IcsFeeds  # noqa: PLC0415

    return IcsFeeds()


def _payments_for(settings: Settings, clock: Clock) -> Payments | None:
    # Imported here only: whoever takes no money does not wait for these at every start.
    how = settings.payments
    if how.by is PaidBy.STRIPE:
        from practice.adapters.stripe import StripePayments  # noqa: PLC0415

        return StripePayments(how.secret_key, how.webhook_secrets, api_base=how.api_base)
    if how.by is PaidBy.PRETEND:
        from practice.adapters.pretend import FILE, PretendPayments  # noqa: PLC0415

        return PretendPayments(settings.instance / FILE, clock, settings.base_url)
    return None


def _config(settings: Settings) -> dict[str, Any]:
    name = urlsplit(settings.base_url).hostname or "localhost"
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings.database_url),
        "TRUSTED_HOSTS": [name, *(["localhost", "127.0.0.1"] if settings.is_loopback else [])],
        "MAX_CONTENT_LENGTH": 512 * 1024,
        "MAX_FORM_MEMORY_SIZE": 512 * 1024,
        "SESSION_COOKIE_NAME": "__Host-practice" if settings.is_https else "practice",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # we send no Referer ourselves, so it cannot be asked for
        "PRACTICE_LOOPBACK": settings.is_loopback,
    }


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 30}}
    return {
        "hide_parameters": True,  # what people typed must not reach a log by way of a traceback
        "isolation_level": "READ COMMITTED",  # the lock on the diary rests on it
        "pool_pre_ping": True,
        "connect_args": {"options": "-c lock_timeout=10000 -c timezone=utc"},
    }


def _remember(app: Flask) -> None:
    db.init_app(app)
    prepare_engines(app)
    Migrate(app, db, directory=str(HERE / "migrations"), render_as_batch=True, compare_type=True)
    logging.getLogger("practice").setLevel(logging.INFO)
    app.shell_context_processor(lambda: {row.__name__: row for row in EVERYTHING})


def _let_coaches_in(app: Flask) -> None:
    app.config.update(SECURITY)
    Security(app, AccountStore(), login_form=DeskSignInForm)
    guard_sign_in(app)


def _take_money(app: Flask, csrf: CSRFProtect) -> None:
    app.register_blueprint(hooks)
    csrf.exempt(hooks)  # what comes there is signed, and by no browser
    payments = app.extensions["practice"].payments
    if payments is not None and payments.service == PaidBy.PRETEND:
        from practice.web.pretend import pretend  # noqa: PLC0415 - on few machines only

        app.register_blueprint(pretend)


def _dress_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    versions = {
        path.name: sha256(path.read_bytes()).hexdigest()[:10]
        for path in (HERE / "static").iterdir()
        if path.is_file()
    }

    @app.context_processor
    def _house() -> dict[str, Any]:
        return {"house": house()}

    @app.url_defaults
    def _version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values["v"] = versions[values["filename"]]


def _serve(app: Flask, settings: Settings) -> None:
    def dress(headers: Any, _path: str, _url: str) -> None:
        for name, value in headers_for(https=settings.is_https).items():
            headers[name] = value

    files = WhiteNoise(
        app.wsgi_app,
        root=str(HERE / "static"),
        prefix="static/",
        max_age=_YEAR_SECONDS,
        allow_all_origins=False,
        add_headers_function=dress,
    )
    app.wsgi_app = files  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            files, x_for=hops, x_proto=hops, x_host=hops
        )
