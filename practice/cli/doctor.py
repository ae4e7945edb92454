"""`practice doctor`: says in sentences what is wrongly set up."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

from practice.cli.tools import tools
from practice.queries.health import complaints
from practice.settings import Mode, PaidBy, Settings, load


@click.command()
@with_appcontext
def doctor() -> None:
    """Say what is wrongly set up; silence is not an answer, so good news is told as well."""
    migrations = current_app.extensions["migrate"].directory
    found = list(complaints(str(migrations), tools=tools()))
    settings = load()
    if settings.smtp_url is None and settings.mode is Mode.PRODUCTION:
        found.append("No mail server is set (PRACTICE_SMTP_URL): no letter reaches anybody.")
    for sentence in found:
        click.echo(f"- {sentence}")
    if not found:
        click.echo("All is well.")
    for sentence in _remarks(settings):
        click.echo(sentence)
    raise SystemExit(1 if found else 0)


def _remarks(settings: Settings) -> Iterator[str]:
    """Yield what is no fault and good to know; nobody is asked for it but the settings."""
    payments = settings.payments
    if settings.smtp_url is None and settings.mode is Mode.LAPTOP:
        yield f"Letters are put into {settings.instance / 'mail'}, as this is a laptop."
    if payments.by is PaidBy.PRETEND:
        yield "Payments are pretended: people pay on a page of this machine, and no money moves."
    if payments.by is PaidBy.NOBODY and payments.secret_key:
        yield "PRACTICE_PAYMENTS is off, so PRACTICE_STRIPE_SECRET_KEY is not used."
    if payments.by is PaidBy.STRIPE:
        yield from _stripe_remarks(settings)


def _stripe_remarks(settings: Settings) -> Iterator[str]:
    payments, hook = settings.payments, f"{settings.base_url}/hooks/stripe"
    if not payments.is_live:
        yield "PRACTICE_STRIPE_SECRET_KEY is a test key: Stripe’s test cards pay, no money moves."
    elif settings.mode is Mode.LAPTOP:
        yield "PRACTICE_STRIPE_SECRET_KEY is a live key: real money moves, on a laptop."
    if not payments.webhook_secrets:
        yield (
            "PRACTICE_STRIPE_WEBHOOK_SECRET is missing: Stripe cannot tell us that somebody has "
            "paid. Whoever comes back is booked at once, others by the worker, minutes later."
        )
    if settings.is_loopback:
        yield (
            f"Stripe cannot reach this laptop. Run stripe listen --forward-to {hook} beside it; it "
            "prints the secret for PRACTICE_STRIPE_WEBHOOK_SECRET."
        )
    yield (
        f"Stripe’s notices go to {hook}. To see whether they arrive, run "
        "stripe trigger checkout.session.completed: Stripe shows our answer. 200 is right; 400 "
        "means that PRACTICE_STRIPE_WEBHOOK_SECRET is another endpoint’s."
    )
