"""`practice demo`: a practice to try, with a coach and some bookings."""

from dataclasses import replace

import click
from flask import current_app
from flask.cli import with_appcontext

from practice.adapters.pretend import FILE, PretendPayments
from practice.cli.database import bring_up_to_date
from practice.cli.tools import tools
from practice.forms.sign_in import DEMO_PASSWORD
from practice.ports import Tools
from practice.settings import PAYMENTS_FILE, Mode, PaidBy, load
from practice.usecases.demo import seed
from practice.usecases.founding import is_founded


@click.command()
@with_appcontext
def demo() -> None:
    """Make a demo practice in an empty instance; run twice, it is made once."""
    bring_up_to_date()
    if not is_founded() and not current_app.config["PRACTICE_LOOPBACK"]:
        raise click.ClickException(
            "The demo has a password that everybody knows, so it is made only where "
            "PRACTICE_BASE_URL is this machine's own address. Use practice init instead."
        )
    made = seed(DEMO_PASSWORD, tools=tools() if is_founded() else _with_payments(tools()))
    click.echo("The demo practice is made." if made.is_new else "There is a practice already.")
    base = tools().base_url
    click.echo(f"  Front page:  {base}/")
    click.echo(f"  Desk:        {base}/desk/")
    if made.is_demo:
        click.echo(f"  Sign in:     {made.address} with the password {DEMO_PASSWORD}")


def _with_payments(tools: Tools) -> Tools:
    """Let the new demo be paid for on a page of this laptop, now and at every later start."""
    settings = load()
    payments = settings.payments
    if payments.by is not PaidBy.NOBODY or payments.is_off or settings.mode is not Mode.LAPTOP:
        return tools
    (settings.instance / PAYMENTS_FILE).write_text(f"{PaidBy.PRETEND}\n")
    pretend = PretendPayments(settings.instance / FILE, tools.clock, tools.base_url)
    return replace(tools, payments=pretend)
