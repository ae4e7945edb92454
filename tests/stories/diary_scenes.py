"""The scenes of the diary: day, month, by hand with its warnings, why not, and what is over."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from playwright.sync_api import Page

from practice.domain.repeating import Repeat, Stretch
from practice.domain.roles import Role, Seat
from practice.usecases.blocking import block_often
from tests import makers
from tests.stories.staging import Scene, Stage, at


def begin_diary(stage: Stage) -> None:
    """Furnish the demo with time that is blocked again and again, and something that is over."""
    seat, tools = Seat(1, Role.OWNER, 1), makers.the_tools()
    lunch = Stretch(date(2026, 9, 7), 12 * 60, date(2026, 9, 7), 13 * 60)
    repeat = Repeat(2, lunch.first + timedelta(days=60))
    made = block_often(seat, lunch, repeat, "Supervision", around=True, tools=tools)
    stage.tokens["often"] = str(made.block_id)
    stage.tokens["over"] = str(makers.booked(stage.tokens["past"]).id)


def _close_a_full_day(page: Page, _stage: Stage) -> None:
    page.goto("/desk/hours/dates")
    page.get_by_label("Date", exact=True).fill("2026-06-02")
    page.get_by_role("button", name="Save these dates").last.click()


def _by_hand(on: str, clock_time: str) -> Callable[[Page, Stage], object]:
    def play(page: Page, _stage: Stage) -> None:
        page.goto(f"/desk/bookings/new?on={on}&at={clock_time}")
        page.get_by_label("Name").fill("Cleo")
        page.get_by_label("Email").fill("cleo2@mail.example")
        page.get_by_role("button", name="Book it").last.click()

    return play


DIARY: Final = (
    Scene("desk-day-full", at("/desk/day?on=2026-06-02"), at_desk=True),
    Scene("desk-day-closed", at("/desk/day?on=2026-06-07"), at_desk=True),
    Scene("desk-day-hidden", at("/desk/day?on=2026-06-02&names=hidden"), at_desk=True),
    Scene("desk-month-hidden", at("/desk/month?names=hidden"), at_desk=True),
    Scene("desk-by-hand-warned", _by_hand("2026-06-07", "06:00"), at_desk=True, status=409),
    Scene("desk-by-hand-taken", _by_hand("2026-06-02", "10:00"), at_desk=True, status=409),
    Scene("desk-by-hand-wrong", _by_hand("2026-05-02", "10:00"), at_desk=True, status=422),
    Scene("desk-why-taken", at("/desk/why-not?offering=1&on=2026-06-02&at=10:00"), at_desk=True),
    Scene("desk-why-wrong", at("/desk/why-not?offering=1&on=&at="), at_desk=True, status=422),
    Scene("desk-dates-asked", _close_a_full_day, at_desk=True, status=409),
    Scene("desk-block-often", at("/desk/blocks/{often}"), at_desk=True),
    Scene("desk-booking-over", at("/desk/bookings/{over}"), at_desk=True),
)
