"""`practice doctor`: says in sentences what is wrongly set up."""

import click
from flask.cli import with_appcontext

from practice.cli.tools import tools
from practice.queries.health import complaints
from practice.settings import load


@click.command()
@with_appcontext
def doctor() -> None:
    """Say what is wrongly set up; silence is not an answer, so good news is told as well."""
    found = list(complaints(tools=tools()))
    settings = load()
    if settings.smtp_url is None:
        found.append("No mail server is set (PRACTICE_SMTP_URL): letters stay on this machine.")
    for sentence in found:
        click.echo(f"- {sentence}")
    if not found:
        click.echo("All is well.")
    raise SystemExit(1 if found else 0)
