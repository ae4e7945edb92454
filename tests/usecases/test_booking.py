from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from practice.domain.booking import Who
from practice.domain.refusal import Invalid, NotAllowed, NotFound, Refusal, TimeTaken, TooMany
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.journal import JournalEntry
from practice.models.link import Link
from practice.models.occupancy import Occupancy
from tests.fakes import FrozenClock
from tests.looking import all_of, dump, letters, the_booking
from tests.makers import (
    at,
    book_for,
    book_hold,
    booked,
    cancel_for,
    change_offering,
    give_date,
    hold_for,
    make_coach,
    make_offering,
)
from tests.people import ADA, BEN, CLEO


def test_a_hold_takes_the_time_and_details_make_it_a_booking(clock: FrozenClock) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    (held,) = all_of(Occupancy)

    ada = book_hold(token, ADA)

    assert (held.status, held.held_until) == ("held", clock.now() + timedelta(minutes=15))
    (taken,) = all_of(Occupancy)
    assert (taken.status, taken.held_until) == ("confirmed", None)
    assert (taken.starts_at, taken.ends_at) == (at("Tue 10:00"), at("Tue 10:30"))
    booking = the_booking(ada)
    assert (booking.status, booking.sequence) == ("confirmed", 0)
    assert [entry.happening for entry in all_of(JournalEntry)] == ["HELD", "BOOKED"]
    assert {row.kind for row in letters(state="waiting")} >= {"confirmation", "coach_booked"}


def test_a_held_time_cannot_be_held_by_anybody_else() -> None:
    hold_for(ADA, at=at("Tue 10:00"))

    with pytest.raises(TimeTaken):
        hold_for(BEN, at=at("Tue 10:00"))


def test_a_taken_start_is_refused_with_the_nearest_three() -> None:
    book_for(ADA, at=at("Tue 10:00"))

    with pytest.raises(TimeTaken) as refused:
        hold_for(BEN, at=at("Tue 10:00"))

    # The quarter of an hour after a chat keeps 10:30 closed, and 9:30 would run into it.
    assert refused.value.nearest == (at("Tue 09:00"), at("Tue 11:00"), at("Tue 11:30"))
    assert refused.value.sentence == "That time has just gone."


def test_a_time_that_was_never_offered_is_refused_like_a_taken_one() -> None:
    before = dump()
    never = [
        at("Tue 10:07"),  # between two starts
        at("Sat 10:00"),  # a free day
        at("Tue 16:45"),  # runs on after the last hour
        at("Mon 18:00"),  # within the notice of twelve hours, and after hours
        at("Mon 09:00"),  # past
        at("Mon 09:00", week=52),  # beyond the horizon
    ]

    for wanted in never:
        with pytest.raises(TimeTaken):
            hold_for(ADA, at=wanted)

    assert dump() == before


def test_pressed_twice_one_page_holds_once() -> None:
    first = hold_for(ADA, at=at("Tue 10:00"), key="a1b2")
    second = hold_for(ADA, at=at("Tue 10:00"), key="a1b2")

    assert first == second
    assert len(all_of(Booking)) == 1


def test_pressed_twice_after_the_booking_the_hold_is_still_the_same() -> None:
    token = hold_for(ADA, at=at("Tue 10:00"), key="a1b2")
    book_hold(token)

    assert hold_for(ADA, at=at("Tue 10:00"), key="a1b2") == token


def test_the_same_page_can_hold_another_time() -> None:
    first = hold_for(ADA, at=at("Tue 10:00"), key="a1b2")
    second = hold_for(ADA, at=at("Tue 14:00"), key="a1b2")

    assert first != second


def test_a_key_of_an_ended_hold_can_hold_again(clock: FrozenClock) -> None:
    first = hold_for(ADA, at=at("Tue 10:00"), key="a1b2")
    clock.advance(minutes=15)
    hold_for(BEN, at=at("Wed 10:00"))  # lets the dead hold go

    assert hold_for(ADA, at=at("Tue 10:00"), key="a1b2") != first


def test_somebody_elses_key_shows_nobody_elses_hold() -> None:
    hers = hold_for(ADA, at=at("Tue 10:00"), key="a1b2")

    with pytest.raises(TimeTaken):
        hold_for(BEN, at=at("Tue 10:00"), key="a1b2")
    assert hers


def test_sent_twice_the_details_book_once() -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))

    first = book_hold(token)
    again = book_hold(token, BEN)

    assert again == first
    assert len(all_of(BookingPerson)) == 1
    assert len(letters(kind="confirmation")) == 1


def test_a_hold_lets_the_time_go_after_fifteen_minutes(clock: FrozenClock) -> None:
    hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=14, seconds=59)
    with pytest.raises(TimeTaken):
        hold_for(BEN, at=at("Tue 10:00"))

    clock.advance(seconds=1)

    ben = book_for(BEN, at=at("Tue 10:00"))
    assert the_booking(ben).starts_at == at("Tue 10:00")


def test_a_hold_that_ended_is_booked_all_the_same_if_the_time_is_free(clock: FrozenClock) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=40)

    ada = book_hold(token)

    assert the_booking(ada).starts_at == at("Tue 10:00")


def test_a_hold_that_ended_is_booked_even_after_it_was_swept_away(clock: FrozenClock) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=40)
    hold_for(BEN, at=at("Wed 10:00"))

    ada = book_hold(token)

    assert the_booking(ada).status == "confirmed"
    assert len(all_of(Occupancy, Occupancy.booking_id == ada.id)) == 1


def test_a_hold_that_ended_and_lost_its_time_is_refused_with_others(clock: FrozenClock) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=15)
    book_for(BEN, at=at("Tue 10:00"))
    before = dump()

    with pytest.raises(TimeTaken) as refused:
        book_hold(token)

    assert len(refused.value.nearest) == 3
    assert at("Tue 10:00") not in refused.value.nearest
    assert dump() == before


def test_another_time_can_be_booked_instead_of_the_lost_one(clock: FrozenClock) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=15)
    book_for(BEN, at=at("Tue 10:00"))

    ada = book_hold(token, instead_at=at("Tue 11:00"))

    booking = the_booking(ada)
    assert (booking.starts_at, booking.ends_at) == (at("Tue 11:00"), at("Tue 11:30"))


def test_a_living_hold_keeps_the_notice_of_its_own_moment(clock: FrozenClock) -> None:
    clock.advance(hours=10, minutes=55)  # 20:55: noon of the notice for 9 tomorrow is at 21:00
    token = hold_for(ADA, at=at("Tue 09:00"))
    clock.advance(minutes=10)

    ada = book_hold(token)

    assert the_booking(ada).starts_at == at("Tue 09:00")


def test_a_dead_hold_has_lost_the_notice_of_its_own_moment(clock: FrozenClock) -> None:
    clock.advance(hours=10, minutes=55)
    token = hold_for(ADA, at=at("Tue 09:00"))
    clock.advance(minutes=20)

    with pytest.raises(TimeTaken):
        book_hold(token)


def test_a_browser_holds_two_times_and_the_oldest_goes_first(clock: FrozenClock) -> None:
    first = hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(seconds=1)
    second = hold_for(ADA, at=at("Tue 11:00"))
    clock.advance(seconds=1)
    hold_for(ADA, at=at("Tue 12:00"))

    held = {row.starts_at for row in all_of(Occupancy)}
    assert held == {at("Tue 11:00"), at("Tue 12:00")}
    assert first != second
    assert hold_for(BEN, at=at("Tue 10:00"))


def test_an_address_holds_sixty_times_and_then_waits(clock: FrozenClock) -> None:
    starts = [
        at(f"{day} {hour}:00", week=week)
        for week in range(8)
        for day in ("Tue", "Wed", "Thu", "Fri")
        for hour in (10, 14)
    ]
    for number, start in enumerate(starts[:60]):
        hold_for(ADA, at=start, browser=f"browser-{number}")

    with pytest.raises(TooMany) as refused:
        hold_for(ADA, at=starts[60], browser="another")
    clock.advance(seconds=refused.value.retry_after)

    assert hold_for(ADA, at=starts[60], browser="another")


def test_one_address_never_holds_more_than_twelve_times_at_once() -> None:
    for number in range(14):
        start = at(f"{('Tue', 'Wed')[number % 2]} 10:00", week=number // 2)
        hold_for(ADA, at=start, browser=f"browser-{number}")

    held = [row for row in dump()["occupancies"] if "held" in row]

    assert len(held) == 12


def test_a_person_has_at_most_six_appointments_to_come() -> None:
    days = [f"{day} {hour}:00" for day in ("Tue", "Wed", "Thu") for hour in (10, 14)]
    for number, day in enumerate(days):
        book_for(ADA, at=at(day), browser=f"browser-{number}")
    token = hold_for(ADA, at=at("Fri 10:00"))
    before = dump()

    with pytest.raises(NotAllowed, match="a lot of appointments"):
        book_hold(token, email="ADA@mail.example")

    assert dump() == before
    assert book_hold(token, BEN)


def test_cancelled_and_past_appointments_are_not_counted(clock: FrozenClock) -> None:
    days = [f"{day} {hour}:00" for day in ("Tue", "Wed", "Thu") for hour in (10, 14)]
    made = [book_for(ADA, at=at(day), browser=day) for day in days]
    cancel_for(made[5])
    clock.at = at("Wed 09:00")

    for hour in (10, 12, 15):
        assert book_for(ADA, at=at(f"Fri {hour}:00"), browser=f"later-{hour}")


def test_a_name_given_later_does_not_rename_the_client() -> None:
    book_for(ADA, at=at("Tue 10:00"))
    token = hold_for(BEN, at=at("Wed 10:00"))

    book_hold(token, BEN, name="Somebody", email="Ada@Mail.Example")

    (client,) = all_of(Client)
    assert client.name == "Ada"
    assert [person.name for person in all_of(BookingPerson)] == ["Ada", "Somebody"]


def test_a_booking_keeps_the_terms_it_was_made_on() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    change_offering(length_minutes=60, buffer_after_minutes=0, cancel_cutoff_minutes=5000)

    booking = the_booking(ada)
    assert booking.ends_at - booking.starts_at == timedelta(minutes=30)
    assert (booking.buffer_after_minutes, booking.cancel_cutoff_minutes) == (15, 0)


def test_the_length_and_the_name_come_from_the_offering_alone() -> None:
    make_offering("session")

    ada = book_for(ADA, at=at("Tue 10:00"), offering="session")

    booking = the_booking(ada)
    assert booking.offering_name == "Session"
    assert booking.ends_at - booking.starts_at == timedelta(minutes=60)


@pytest.mark.parametrize("slug", ["nothing", "../../etc", "x" * 5000])
def test_an_offering_that_is_none_is_not_found(slug: str) -> None:
    with pytest.raises(NotFound):
        hold_for(ADA, at=at("Tue 10:00"), offering=slug)


def test_an_archived_offering_is_not_found(clock: FrozenClock) -> None:
    make_offering("old", archived_at=clock.now())

    with pytest.raises(NotFound):
        hold_for(ADA, at=at("Tue 10:00"), offering="old")


@pytest.mark.parametrize(("audience", "who"), [("one", Who.BOTH), ("couple", Who.ME)])
def test_an_offering_is_for_as_many_as_it_says(audience: str, who: Who) -> None:
    make_offering("session", audience=audience)

    with pytest.raises(Invalid) as refused:
        hold_for(ADA, at=at("Tue 10:00"), offering="session", who=who)

    assert refused.value.field == "who"


def test_both_of_us_book_one_time_and_only_one_is_written_to() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"), who=Who.BOTH)

    assert the_booking(ada).who == "both"
    assert len(all_of(BookingPerson)) == 1
    assert len(letters(kind="confirmation")) == 1


def test_two_coaches_have_two_diaries() -> None:
    noor = make_coach()
    make_offering("walk", coaches=[noor])
    from tests.makers import give_hours

    give_hours({"Tue": ["09:00-17:00"]}, coach_id=noor)

    book_for(ADA, at=at("Tue 10:00"))
    book_for(BEN, at=at("Tue 10:00"), offering="walk")

    assert {row.coach_id for row in all_of(Occupancy)} == {1, noor}


def test_a_date_that_was_closed_takes_no_booking() -> None:
    give_date(at("Tue 10:00").date())

    with pytest.raises(TimeTaken) as refused:
        hold_for(ADA, at=at("Tue 10:00"))

    assert refused.value.nearest[0] == at("Wed 09:00")


def test_a_hold_link_opens_no_appointment_and_no_appointment_link_a_hold() -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    ada = book_hold(token)

    with pytest.raises(AssertionError, match="no private link"):
        booked(token)
    with pytest.raises(NotFound):
        book_hold(ada.token)


@pytest.mark.parametrize("token", ["", "nothing", "x" * 9000, "\ud800", "ä€", "../.."])
def test_a_token_that_is_none_books_nothing(token: str) -> None:
    with pytest.raises(NotFound):
        book_hold(token)


def test_of_eight_who_press_at_once_one_is_booked(app: Flask) -> None:
    ready, won, lost = Barrier(8), [], []

    def press(number: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                person = (ADA, BEN, CLEO)[number % 3]
                won.append(book_for(person, at=at("Tue 10:00"), browser=f"browser-{number}"))
            except TimeTaken as refusal:
                lost.append(refusal)

    threads = [Thread(target=press, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 7)
    assert len(all_of(Occupancy)) == 1


def test_two_new_clients_with_one_address_become_one(app: Flask) -> None:
    starts = [at("Tue 10:00"), at("Tue 12:00"), at("Wed 10:00"), at("Wed 12:00")]
    ready, faults = Barrier(len(starts)), []

    def press(number: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                book_for(ADA, at=starts[number], browser=f"browser-{number}")
            except Refusal as refusal:
                faults.append(refusal)

    threads = [Thread(target=press, args=[number]) for number in range(len(starts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert len(all_of(Client)) == 1


def test_a_refused_booking_leaves_no_trace() -> None:
    book_for(ADA, at=at("Tue 10:00"))
    before = dump()

    with pytest.raises(TimeTaken):
        hold_for(BEN, at=at("Tue 10:00"))

    assert dump() == before


def test_the_link_is_kept_as_a_hash_and_sealed_only() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    count = db.session.scalar(select(func.count()).select_from(Link))

    assert count == 2
    assert ada.token not in repr(dump())
    assert ada.token.encode() not in repr(dump()).encode()


def test_the_page_of_a_hold_leads_to_its_booking_for_half_an_hour_only(
    clock: FrozenClock,
) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    book_hold(token, ADA)
    clock.advance(minutes=31)

    with pytest.raises(NotAllowed, match="This time is booked"):
        book_hold(token, BEN)


def test_one_address_cannot_book_without_end(clock: FrozenClock) -> None:
    starts = [
        at(f"{day} {hour}:00", week=week)
        for week in range(4)
        for day in ("Tue", "Wed")
        for hour in (9, 11, 13, 15)
    ]
    for number, start in enumerate(starts[:30]):
        book_for(ADA, at=start, browser=f"b{number}") if number < 6 else book_hold(
            hold_for(ADA, at=start, browser=f"b{number}"), email=f"n{number}@mail.example"
        )

    with pytest.raises(TooMany):
        book_hold(hold_for(ADA, at=starts[30], browser="x"), email="last@mail.example")
