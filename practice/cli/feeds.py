"""`practice feeds check`: says in sentences what a calendar would block."""

import sys
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from practice.cli.founding import a_zone
from practice.cli.tools import tools
from practice.domain.busy import FeedAsk, FeedTrouble, Picture
from practice.domain.letters import day_line, moment_line, when_line
from practice.domain.refusal import Busy
from practice.domain.span import Span
from practice.domain.zone import day_span, local_date, midnight, zone_label, zone_named
from practice.queries.house_zone import house_zone

_DAYS: Final = 60
_DAY: Final = timedelta(days=1)
_NEARLY_A_WEEK: Final = timedelta(days=6)
"""In less than that a weekday says which one is meant."""
_MOMENT: Final = timedelta(microseconds=1)


def _a_zone_or_none(context: click.Context, option: click.Parameter, text: str) -> str:
    return a_zone(context, option, text) if text else ""


@click.group()
def feeds() -> None:
    """Look at calendars that stand elsewhere."""


@feeds.command()
@click.argument("url")
@click.option("--zone", default="", callback=_a_zone_or_none)
@with_appcontext
def check(url: str, zone: str) -> None:
    """Say what the calendar at URL would block in the next 60 days; nothing is kept.

    URL is the calendar's secret address. Write - to type it afterwards, so that it stays out of
    your shell's history. ZONE is a name like Europe/London; it is the first coach's unless given.
    """
    if url == "-":
        url = sys.stdin.readline()
    now = tools().clock.now()
    clock = zone_named(zone or _usual_zone())
    window = Span(now, now + _DAYS * _DAY)
    calendars = tools().feeds
    if calendars is None:
        raise click.ClickException("Calendars are read by the worker and by commands alone.")
    try:
        picture = calendars.picture(FeedAsk(url, window, str(clock)), now=now)
    except FeedTrouble as trouble:
        raise click.ClickException(trouble.trouble.value) from None
    for sentence in _sentences(picture, window, clock):
        click.echo(sentence)


def _usual_zone() -> str:
    try:
        return house_zone()
    except Busy:  # the calendar can be read all the same, and the zone is told
        return "UTC"


def _sentences(picture: Picture, window: Span, zone: ZoneInfo) -> list[str]:
    """Return the whole report; times are those of the zone."""
    now, spans = window.starts_at, [_within(span, window) for span in picture.spans or ()]
    if spans:
        count = "one span of time" if len(spans) == 1 else f"{len(spans)} spans of time"
        hours = _hours(sum((span.ends_at - span.starts_at for span in spans), timedelta()))
        told = [f"In the next {_DAYS} days this calendar would block {count}, {hours} in all:"]
        told += [f"- {_line(span, zone, now)}" for span in spans]
        told.append(f"The times are those of {zone_label(zone, now)}.")
    else:
        told = [f"This calendar would block nothing in the next {_DAYS} days."]
    if picture.warnings:
        told += ["Worth knowing:", *(f"- {warning}" for warning in picture.warnings)]
    return told


def _within(span: Span, window: Span) -> Span:
    return Span(max(span.starts_at, window.starts_at), min(span.ends_at, window.ends_at))


def _line(span: Span, zone: ZoneInfo, now: datetime) -> str:
    """Say a span: whole days as days, anything longer than a week with both its dates."""
    first = local_date(span.starts_at, zone)
    if span.starts_at == midnight(first, zone):
        ends = span.ends_at - _MOMENT
        last = local_date(ends, zone)
        if span.ends_at == day_span(last, zone).ends_at:
            since, until = (day_line(at, zone, now=now) for at in (span.starts_at, ends))
            return f"{since}, all day" if first == last else f"{since} to {until}, all day"
    if span.ends_at - span.starts_at > _NEARLY_A_WEEK:
        both = (moment_line(at, zone, now=now) for at in (span.starts_at, span.ends_at))
        return " to ".join(both)
    return when_line(span.starts_at, span.ends_at, zone, now=now)


def _hours(length: timedelta) -> str:
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    told = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(told) or "less than a minute"
