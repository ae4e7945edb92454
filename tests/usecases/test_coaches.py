"""Coaches who come and who leave: hours at first, and nobody is left with nobody."""

import pytest
from sqlalchemy import select

from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.hours import WeeklyHours
from practice.models.journal import JournalEntry
from practice.ports import Tools
from practice.queries.needs import wishes_page
from practice.usecases.asking import TimeWish, ask
from practice.usecases.coaches import StillBooked, add_coach, bring_back_coach, retire_coach
from tests.makers import at, book_for, cancel_for, change_offering, make_coach, seat_of
from tests.people import ADA

OWNER = Seat(1, Role.OWNER, 1)


def test_a_new_coach_works_nine_to_five_and_offers_nothing_yet(tools: Tools) -> None:
    made = add_coach(OWNER, "Noor Haddad", "noor@lantern.example", "Asia/Tokyo", tools=tools)
    again = add_coach(OWNER, "Noor Haddad", "other@lantern.example", "UTC", tools=tools)
    coach = db.session.get_one(Coach, made)
    assert (coach.slug, coach.zone, coach.position) == ("noor-haddad", "Asia/Tokyo", 1)
    assert (db.session.get_one(Coach, again).slug, again) == ("noor-haddad-2", made + 1)
    days = db.session.scalars(select(WeeklyHours.weekday).where(WeeklyHours.coach_id == made))
    assert sorted(days) == [0, 1, 2, 3, 4]
    told = db.session.scalars(select(JournalEntry.happening).where(JournalEntry.coach_id == made))
    assert list(told) == ["COACH_ADDED"]


def test_only_who_may_change_the_team_adds_and_retires(tools: Tools) -> None:
    noor = make_coach()
    for seat in (Seat(2, Role.COACH, 1), Seat(3, Role.ASSISTANT, 1)):
        with pytest.raises(NotFound):
            add_coach(seat, "Somebody", "somebody@mail.example", "UTC", tools=tools)
        with pytest.raises(NotFound):
            retire_coach(seat, noor, tools=tools)
        with pytest.raises(NotFound):
            bring_back_coach(seat, noor, tools=tools)
    with pytest.raises(Invalid):
        add_coach(OWNER, "Somebody", "somebody@mail.example", "Mars/Base", tools=tools)
    with pytest.raises(NotFound):
        retire_coach(OWNER, 99, tools=tools)


def test_who_waits_for_an_answer_is_answered_by_who_stays(tools: Tools) -> None:
    noor = make_coach(position=1)
    ask(TimeWish("Ada", ADA.email, "Evenings", "Europe/London"), ADA.caller, tools=tools)
    db.session.remove()
    assert len(wishes_page(OWNER, tools=tools).waiting) == 1

    retire_coach(OWNER, 1, tools=tools)
    db.session.remove()

    (wish,) = wishes_page(seat_of(noor), tools=tools).waiting
    assert (wish.name, wish.message) == ("Ada", "Evenings")
    assert wishes_page(OWNER, tools=tools).waiting == ()


def test_a_coach_leaves_only_when_nobody_is_to_come_and_is_not_the_last(tools: Tools) -> None:
    noor = make_coach()
    change_offering(notice_minutes=0)
    booked = book_for(at=at("Tue 10:00"))
    with pytest.raises(StillBooked, match="1 appointment is still to come with Maya") as refused:
        retire_coach(OWNER, 1, tools=tools)
    assert refused.value.booking_ids == (booked.id,)
    cancel_for(booked)
    retire_coach(OWNER, 1, tools=tools)
    retire_coach(OWNER, 1, tools=tools)  # twice is once
    db.session.remove()
    with pytest.raises(NotAllowed, match="Nobody else"):
        retire_coach(OWNER, noor, tools=tools)
    bring_back_coach(OWNER, 1, tools=tools)
    db.session.remove()
    assert db.session.get_one(Coach, 1).is_active
