import pytest

from practice.domain.refusal import TooMany, Unreadable
from practice.models.base import db
from practice.models.time_request import TimeRequest
from practice.usecases.asking import TimeWish, ask
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, dump
from tests.makers import LONDON, change_offering, deliver_all, the_tools
from tests.people import ADA, MAYA

WISH = TimeWish(ADA.name, ADA.email, "Weekday evenings, after the canary sings.", LONDON)


def wish(caller: str = "caller") -> None:
    ask(WISH, caller, tools=the_tools())
    db.session.remove()


def test_a_wish_is_kept_sealed_and_the_coach_is_told_without_its_words(postbox: Postbox) -> None:
    wish()
    deliver_all()

    (row,) = all_of(TimeRequest)
    place = f"time_requests:{row.reference}:message"
    assert the_tools().vault.open(row.message_sealed, place=place) == WISH.message
    assert "canary" not in repr(dump())
    (letter,) = postbox.to(MAYA.email)
    assert "canary" not in body(letter)
    assert ADA.email not in letter.raw.decode()


def test_a_sealed_wish_does_not_open_in_another_row() -> None:
    wish()
    wish()

    first, second = all_of(TimeRequest)
    with pytest.raises(Unreadable):
        the_tools().vault.open(
            first.message_sealed, place=f"time_requests:{second.reference}:message"
        )


def test_a_caller_asks_five_times_and_then_waits(clock: FrozenClock) -> None:
    for _ in range(5):
        wish()

    with pytest.raises(TooMany) as refused:
        wish()
    assert len(all_of(TimeRequest)) == 5
    clock.advance(seconds=refused.value.retry_after)

    wish()


def test_where_nothing_is_offered_another_time_can_still_be_asked_for(postbox: Postbox) -> None:
    change_offering(is_shown=False)

    wish()
    deliver_all()

    assert len(postbox.to(MAYA.email)) == 1
