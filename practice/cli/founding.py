"""`practice init`: make your own practice. `practice set-up-link`: a new way in for a coach."""

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import with_appcontext

from practice.cli.database import bring_up_to_date
from practice.cli.tools import tools
from practice.domain.letters import discreet
from practice.domain.refusal import Refusal
from practice.domain.zone import zone_named
from practice.usecases.accounts import make_set_up_link, take_factor_away
from practice.usecases.founding import Founder, found


def _an_address(_context: click.Context, _option: click.Parameter, text: str) -> str:
    try:
        return str(validate_email(text, check_deliverability=False).normalized)
    except EmailNotValidError as fault:
        raise click.BadParameter("This is no email address, like name@example.com.") from fault


def a_zone(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """Return the name of a zone that was typed; anything else is click's BadParameter."""
    try:
        return str(zone_named(text))
    except Refusal as refusal:
        raise click.BadParameter(f"{refusal.sentence} It is a name like Europe/London.") from (
            refusal
        )


@click.command()
@click.option("--practice-name", prompt="What is your practice called")
@click.option("--name", prompt="Your own name, as clients know you")
@click.option(
    "--email", prompt="Your email address, to sign in and get letters", callback=_an_address
)
@click.option("--zone", prompt="Your time zone", default="Europe/London", callback=a_zone)
@with_appcontext
def init(practice_name: str, name: str, email: str, zone: str) -> None:
    """Make your own practice, and print a one-time link to set your password."""
    revealing = discreet(name)
    if revealing:
        raise click.ClickException(
            f"Your name signs every letter, and “{revealing[0]}” would tell others what it is "
            "about. Please give the name alone."
        )
    bring_up_to_date()
    try:
        found(Founder(practice_name, name, email, zone), tools=tools())
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(f"{practice_name} is made. Set your password here, within 24 hours:")
    click.echo(make_set_up_link(email, tools=tools()))


@click.command("set-up-link")
@click.argument("email")
@with_appcontext
def set_up_link(email: str) -> None:
    """Print a new one-time link at which a coach sets a password."""
    try:
        click.echo(make_set_up_link(email, tools=tools()))
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal


@click.command("remove-factor")
@click.argument("email")
@with_appcontext
def remove_factor(email: str) -> None:
    """Take the second factor of somebody away who lost phone and recovery codes."""
    try:
        take_factor_away(email, tools=tools())
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo("The second factor is removed, and the account is signed out everywhere.")
