"""The scenes of other calendars: read, in trouble, never read, and old, which every page tells."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from playwright.sync_api import Page
from sqlalchemy import update

from practice.domain.busy import Trouble, WhenOld
from practice.models.source import CalendarSource
from practice.models.unit import unit_of_work
from practice.usecases.feeding import make_feed
from tests.fakes import NOW
from tests.feeding import add_calendar, busy, import_all, reading_calendars, seat_of
from tests.makers import at as moment
from tests.makers import the_tools
from tests.stories.staging import Scene, Stage, at

_FAMILY, _CHOIR = "https://family.example/f.ics", "https://choir.example/c.ics"
_DOUBT = (
    "“Supervision” repeats in a way that was not clear, and is kept free every week from 2 June."
)


def begin_calendars(stage: Stage) -> None:
    """Let the demo's coach have three calendars, and a feed."""
    with reading_calendars() as calendars:
        calendars.say(
            busy(
                (moment("Tue 12:00"), moment("Tue 13:00")),
                (moment("Wed 15:30"), moment("Wed 16:15")),
                (moment("Fri 0:00"), moment("Sat 0:00")),
                warnings=(_DOUBT,),
            )
        )
        calendars.say(busy(), Trouble.REFUSED, url=_FAMILY)
        calendars.say(Trouble.NO_CALENDAR, url=_CHOIR)
        clock = stage.demo.clock
        clock.at = NOW - timedelta(hours=3)
        stage.tokens["private"] = str(add_calendar())
        stage.tokens["family"] = str(add_calendar("Family", _FAMILY, when_old=WhenOld.CLOSE))
        import_all()
        clock.at = NOW - timedelta(minutes=4)
        stage.tokens["choir"] = str(add_calendar("Choir", _CHOIR))
        import_all()
        clock.at = NOW
    make_feed(seat_of(), tools=the_tools())


def _while_old(path: str) -> Callable[[Page, Stage], object]:
    """Open a page while one calendar was not read for two days."""

    def play(page: Page, stage: Stage) -> None:
        before = NOW - timedelta(hours=3)
        _good_at(stage, NOW - timedelta(days=2))
        page.goto(path.format(**stage.tokens))
        _good_at(stage, before)

    return play


def _good_at(stage: Stage, at: object) -> None:
    with stage.demo.app.app_context(), unit_of_work() as session:
        session.execute(
            update(CalendarSource)
            .where(CalendarSource.id == int(stage.tokens["family"]))
            .values(good_at=at)
        )


def _add_too_little(page: Page, _stage: Stage) -> None:
    page.goto("/desk/calendars")
    page.get_by_label("Secret address").fill("calendar.example")
    page.get_by_role("button", name="Add this calendar").click()


CALENDARS: Final = (
    Scene("desk-calendars-errors", _add_too_little, at_desk=True, status=422),
    Scene("desk-calendar-trouble", at("/desk/calendars/{family}"), at_desk=True),
    Scene("desk-calendar-new", at("/desk/calendars/{choir}"), at_desk=True),
    Scene("desk-calendar-old", _while_old("/desk/calendars/{family}"), at_desk=True),
    Scene("desk-week-calendar-old", _while_old("/desk/"), at_desk=True),
)
