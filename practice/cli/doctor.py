"""`practice doctor`: says in sentences what is wrongly set up."""

import click
from flask import current_app
from flask.cli import with_appcontext

from practice.cli.tools import tools
from practice.queries.health import complaints
from practice.settings import Mode, load


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
    if settings.smtp_url is None and settings.mode is Mode.LAPTOP:
        click.echo(f"Letters are put into {settings.instance / 'mail'}, as this is a laptop.")
    raise SystemExit(1 if found else 0)
