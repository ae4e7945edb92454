"""`practice migrate`: bring the database to the shape that this version needs."""

import logging

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from practice.cli.tools import tools
from practice.domain.refusal import Busy, NotAllowed
from practice.usecases.starting import settle_keys


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the database up to date; safe to run at every start."""
    bring_up_to_date()
    click.echo("The database is up to date.")


def bring_up_to_date() -> None:
    """Run the migrations that are missing, unless the keys at hand are wrong: that ends it."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        end_with_wrong_keys()
        upgrade()
        end_with_wrong_keys()
    except Busy as busy:
        sentence = "The database cannot be had just now. Nothing was changed: please try again."
        raise click.ClickException(sentence) from busy


def end_with_wrong_keys() -> None:
    """End with one sentence where the keys at hand are not this practice's; may raise Busy."""
    try:
        settle_keys(tools=tools())
    except NotAllowed as refusal:
        raise click.ClickException(refusal.sentence) from refusal
