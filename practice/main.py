"""The console script `practice`: hands create_app to the commands."""

import os

import click
from flask import Flask
from flask.cli import FlaskGroup

from practice.app import create_app
from practice.cli import COMMANDS
from practice.settings import Faults


def house_of_commands() -> Flask:
    """Build the app as commands have it: they may read calendars, which no page waits for."""
    return create_app(reads_calendars=True)


@click.group(
    cls=FlaskGroup, create_app=house_of_commands, add_default_commands=False, load_dotenv=False
)
def practice() -> None:
    """Booking and intake for a coaching practice, on your own machine."""


for command in COMMANDS:
    practice.add_command(command)


def main() -> None:
    """Run a command; wrong settings are told in sentences, not in a traceback."""
    os.umask(0o077)  # what we write is for the owner's eyes: the database is a file
    try:
        practice(prog_name="practice")
    except Faults as faults:
        for sentence in faults.sentences:
            click.echo(sentence, err=True)
        raise SystemExit(2) from None
