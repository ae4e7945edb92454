import pytest

from practice.domain.refusal import NotAllowed
from practice.models.accounts import User
from practice.models.coach import Coach
from practice.models.hours import WeeklyHours
from practice.models.offering import Offering
from practice.usecases.founding import Founder, found, is_founded, slug_of
from tests.looking import all_of, dump
from tests.makers import the_tools
from tests.people import MAYA


def test_a_practice_is_founded_with_hours_and_a_free_chat() -> None:
    (maya,) = all_of(Coach)
    (chat,) = all_of(Offering)

    assert is_founded()
    assert (maya.slug, maya.address, maya.zone) == ("maya-ellis", MAYA.email, "Europe/London")
    assert (chat.length_minutes, chat.price_minor, chat.is_shown) == (30, 0, True)
    assert chat.questionnaire == "full"
    assert [row.weekday for row in all_of(WeeklyHours)] == [0, 1, 2, 3, 4]


def test_the_founder_has_an_account_without_a_password() -> None:
    (user,) = all_of(User)

    assert (user.email, user.password, user.active) == (MAYA.email, None, True)


def test_a_practice_is_founded_once() -> None:
    before = dump()

    with pytest.raises(NotAllowed):
        found(Founder("Another", "Ben", "ben@mail.example", "UTC"), tools=the_tools())

    assert dump() == before


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Maya Ellis", "maya-ellis"),
        ("Zoë O’Brien-Łuk", "zoe-obrien-uk"),
        ("  ", "coach"),
        ("李雷", "coach"),
        ("A" * 300, "a" * 60),
    ],
)
def test_a_name_becomes_an_address(name: str, slug: str) -> None:
    assert slug_of(name) == slug
