"""The scenes of a practice of two: who it will be, before and after a hold, and the desk."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page
from sqlalchemy import update

from practice.models.coach import Coach
from practice.models.unit import unit_of_work
from tests import makers
from tests.stories.staging import Scene, Stage

_SLUG = "noor-haddad"
_WEEK = {day: ["10:00-16:00"] for day in ("Mon", "Tue", "Thu")}


def begin_coaches(_stage: Stage) -> None:
    """Let Noor offer the free chat too, once she is here: all other scenes play without her."""
    noor = makers.make_coach(offers="free-chat", position=1, is_active=False)
    makers.give_hours(_WEEK, coach_id=noor)


def _with_noor(path: str) -> Callable[[Page, Stage], object]:
    """Look at a page while Noor can be booked as well."""

    def play(page: Page, stage: Stage) -> None:
        _let(stage, is_active=True)
        try:
            page.goto(path.format(**stage.tokens))
        finally:
            _let(stage, is_active=False)

    return play


def _let(stage: Stage, *, is_active: bool) -> None:
    with stage.demo.app.app_context(), unit_of_work() as session:
        session.execute(update(Coach).where(Coach.slug == _SLUG).values(is_active=is_active))


COACHES: Final = (
    Scene("any-coach", _with_noor("/")),
    Scene("any-coach-sessions", _with_noor("/sessions")),
    Scene("any-coach-details", _with_noor("/book/h/{held}")),
    Scene("desk-offering-shared", _with_noor("/desk/offerings/1"), at_desk=True),
    Scene("desk-offerings-shared", _with_noor("/desk/offerings"), at_desk=True),
)
