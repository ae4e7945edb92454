"""`practice migrate`: bring the database to the shape that this version needs."""

import logging

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the database up to date; safe to run at every start."""
    bring_up_to_date()
    click.echo("The database is up to date.")


def bring_up_to_date() -> None:
    """Run the migrations that are missing."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade()
