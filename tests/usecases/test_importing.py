"""Reading other calendars: what they say is never offered, and nothing bad frees any time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from practice.domain.availability import open_slots
from practice.domain.booking import Actor
from practice.domain.busy import FeedAsk, Picture, Trouble, WhenOld
from practice.domain.refusal import TimeTaken
from practice.domain.roles import Role, Seat
from practice.domain.span import Span
from practice.domain.words import ClockWish, CoachWords
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.diary import rules_and_taken, taken_of
from practice.models.offering import Offering
from practice.models.source import CalendarSource
from practice.models.unit import reading, unit_of_work
from practice.queries.feed import own_uids
from practice.usecases.importing import import_due, window_at
from practice.usecases.sources import change_source, read_now, remove_source
from practice.usecases.words import change_words
from tests.fakes import NOW, FrozenClock
from tests.feeding import (
    URL,
    Calendars,
    Slow,
    add_calendar,
    busy,
    import_all,
    reading_calendars,
    seat_of,
    source,
    spans_of,
)
from tests.looking import all_of, letters
from tests.makers import (
    at,
    book_for,
    cancel_for,
    change_offering,
    hold_for,
    make_coach,
    move_for,
    the_tools,
    undo_for,
)
from tests.people import ADA, BEN

TUESDAY = (at("Tue 10:00"), at("Tue 11:00"))
WEDNESDAY = (at("Wed 10:00"), at("Wed 11:00"))
B = "https://other.example/b.ics"


@pytest.fixture
def calendars() -> Iterator[Calendars]:
    with reading_calendars() as made:
        yield made


def offered_starts(since: datetime, until: datetime) -> list[datetime]:
    now = the_tools().clock.now()
    coach = reading().get_one(Coach, 1)
    terms = reading().scalars(select(Offering)).one().terms()
    window = Span(since, until)
    rules, taken = rules_and_taken(reading(), coach, terms, window)
    found = open_slots(rules, taken, terms, window, now=now)
    db.session.remove()
    return found


def is_offered(start: datetime) -> bool:
    return start in offered_starts(start, start + timedelta(minutes=1))


def test_what_stands_in_her_own_calendar_is_neither_offered_nor_held(calendars: Calendars) -> None:
    calendars.say(busy(TUESDAY))
    made = add_calendar()
    assert is_offered(at("Tue 10:00")), "what was never read keeps nothing busy"

    assert import_all() == 1

    assert spans_of(made) == [TUESDAY]
    assert not is_offered(at("Tue 10:00"))
    assert not is_offered(at("Tue 9:30")), "the buffer after the chat would lie in it"
    assert is_offered(at("Tue 11:00"))
    with pytest.raises(TimeTaken):
        hold_for(ADA, at=at("Tue 10:30"))


def test_the_question_says_what_is_needed_and_stays_the_same_all_day(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY, etag='"one"'), Picture(None))
    add_calendar()
    import_all()
    clock.advance(minutes=15)
    import_all()

    first, second = calendars.asked
    midnight = datetime(2026, 6, 1, tzinfo=UTC)
    own = own_uids(1, the_tools().vault)
    window = Span(midnight - timedelta(days=1), midnight + timedelta(days=400))
    assert first == FeedAsk(URL, window, "Europe/London", own=own)
    assert second == FeedAsk(URL, window, "Europe/London", etag='"one"', own=own)
    assert own.endswith("@practice.invalid")
    assert own != own_uids(2, the_tools().vault), "a colleague's invite keeps her own time busy"


def test_nothing_new_confirms_the_picture_and_changes_none_of_it(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY, etag='"one"', warnings=("A rule was odd.",)), Picture(None))
    made = add_calendar()
    import_all()
    before = source(made)
    clock.advance(minutes=20)
    import_all()

    after = source(made)
    assert spans_of(made) == [TUESDAY]
    assert (after.picture, after.etag) == (before.picture, '"one"')
    assert (after.good_at, after.warnings) == (clock.now(), "A rule was odd.")
    assert after.next_at == clock.now() + timedelta(minutes=15)


def test_a_window_that_moved_a_week_is_asked_without_conditions(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY, etag='"one"'), Picture(None), busy(TUESDAY))
    made = add_calendar()
    for days in (7, 1):
        import_all()
        clock.advance(days=days)
    import_all()

    assert [ask.etag for ask in calendars.asked] == ["", '"one"', ""]
    assert source(made).known_until_at == window_at(clock.now()).ends_at


def test_a_changed_calendar_swaps_what_changed_and_frees_the_rest(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY), busy(WEDNESDAY), busy())
    made = add_calendar()
    import_all()
    first = source(made).picture
    clock.advance(minutes=15)
    import_all()

    assert spans_of(made) == [WEDNESDAY]
    assert source(made).picture != first
    assert is_offered(at("Tue 10:00"))
    assert not is_offered(at("Wed 10:00"))
    clock.advance(minutes=15)
    import_all()
    assert spans_of(made) == []
    assert is_offered(at("Wed 10:00"))


@pytest.mark.parametrize("trouble", [Trouble.NO_CALENDAR, RuntimeError("a defect of ours")])
def test_trouble_keeps_the_last_good_picture_and_asks_less_and_less(
    calendars: Calendars, clock: FrozenClock, trouble: Trouble | Exception
) -> None:
    calendars.say(busy(TUESDAY, etag='"one"'), trouble)
    made = add_calendar()
    import_all()
    good_at = clock.now()
    waits = []
    for _ in range(6):
        clock.at = source(made).next_at
        try:
            assert import_due(tools=the_tools()) == 1
        except RuntimeError:
            db.session.remove()
        waits.append((source(made).next_at - clock.now()) // timedelta(minutes=1))

    now = source(made)
    name = trouble.name if isinstance(trouble, Trouble) else "BROKEN"
    assert waits == [5, 10, 20, 40, 60, 60]
    assert (now.trouble, now.failures, now.good_at) == (name, 6, good_at)
    assert now.troubled_at == good_at + timedelta(minutes=15)
    assert spans_of(made) == [TUESDAY]
    assert not is_offered(at("Tue 10:00"))

    calendars.say(busy(WEDNESDAY))
    clock.advance(hours=1)
    import_all()
    healed = source(made)
    assert (healed.trouble, healed.failures, healed.troubled_at) == ("", 0, None)
    assert spans_of(made) == [WEDNESDAY]


def test_unchanged_without_having_been_asked_so_is_trouble(calendars: Calendars) -> None:
    calendars.say(Picture(None))
    made = add_calendar()
    import_all()

    assert (source(made).trouble, source(made).good_at) == ("BROKEN", None)


def test_an_address_that_cannot_be_opened_keeps_no_other_waiting(calendars: Calendars) -> None:
    calendars.say(busy(TUESDAY), url=B)
    broken, whole = add_calendar(), add_calendar("B", B)
    with unit_of_work() as session:
        row = session.get_one(CalendarSource, broken)
        row.url_sealed = session.get_one(CalendarSource, whole).url_sealed
    db.session.remove()

    assert import_all() == 2
    assert source(broken).trouble == "ADDRESS"
    assert spans_of(whole) == [TUESDAY]


def test_a_clock_that_was_ahead_for_a_while_frees_nothing_and_is_got_over_at_once(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY, etag='"one"'), busy(etag='"two"'), busy(TUESDAY, etag='"three"'))
    add_calendar()
    import_all()
    clock.advance(days=1500)
    import_all()
    clock.advance(days=-1500)
    assert not is_offered(TUESDAY[0]), "nobody knows what is busy before the picture begins"
    assert not is_offered(at("Tue 14:00"))

    clock.advance(minutes=1)
    assert import_all() == 1, "its next time is years ahead, which no calendar's is"
    assert calendars.asked[-1].etag == "", "unchanged since a picture of other days says nothing"
    assert not is_offered(TUESDAY[0])
    assert is_offered(at("Tue 14:00"))


def test_beyond_what_a_calendar_told_nothing_is_offered(
    calendars: Calendars, clock: FrozenClock
) -> None:
    change_offering(horizon_days=None)
    far = clock.now() + timedelta(days=398)
    weeks = (far, far + timedelta(days=30))
    assert offered_starts(*weeks)
    calendars.say(busy(), Trouble.AWAY)
    made = add_calendar()
    import_all()

    until = source(made).known_until_at
    assert until == datetime(2027, 7, 6, tzinfo=UTC)
    assert all(start < until for start in offered_starts(*weeks))
    assert offered_starts(*weeks)


def test_an_old_picture_stands_or_closes_the_diary_as_she_chose(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY), Trouble.AWAY)
    made = add_calendar()
    import_all()
    clock.advance(hours=24)
    import_all()
    thursday = at("Thu 10:00")
    change_source(seat_of(), made, "Private", WhenOld.CLOSE, tools=the_tools())
    db.session.remove()
    assert is_offered(thursday), "24 hours are not old yet"

    clock.advance(seconds=1)
    assert not is_offered(thursday)
    assert offered_starts(clock.now(), clock.now() + timedelta(days=90)) == []
    with pytest.raises(TimeTaken):
        hold_for(ADA, at=thursday)

    change_source(seat_of(), made, "Private", WhenOld.KEEP, tools=the_tools())
    db.session.remove()
    assert is_offered(thursday)
    assert not is_offered(at("Tue 10:30"))


def test_a_calendar_that_was_never_read_closes_nothing(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(Trouble.NO_CALENDAR)
    add_calendar(when_old=WhenOld.CLOSE)
    import_all()
    clock.advance(days=2)
    import_all()

    assert is_offered(at("Thu 10:00"))


def test_several_calendars_are_one_busy_time_and_one_that_goes_takes_its_spans_along(
    calendars: Calendars,
) -> None:
    calendars.say(busy(TUESDAY))
    calendars.say(busy((at("Tue 10:30"), at("Tue 12:00"))), url=B)
    first, _second = add_calendar(), add_calendar("B", B)
    import_all()

    def taken() -> list[tuple[datetime, datetime]]:
        window = Span(at("Mon 0:00"), at("Fri 0:00"))
        found = taken_of(reading(), 1, window)
        db.session.remove()
        year = 2027
        return [(e.span.starts_at, e.span.ends_at) for e in found if e.span.ends_at.year < year]

    assert taken() == [(at("Tue 10:00"), at("Tue 12:00"))]
    assert taken() == [(at("Tue 10:00"), at("Tue 12:00"))], "from memory"
    remove_source(seat_of(), first, tools=the_tools())
    db.session.remove()
    assert taken() == [(at("Tue 10:30"), at("Tue 12:00"))]


def test_another_coachs_calendar_takes_nothing_of_this_diary(calendars: Calendars) -> None:
    calendars.say(busy(TUESDAY))
    noor = make_coach()
    add_calendar(seat=seat_of(noor))
    import_all()

    assert is_offered(at("Tue 10:00"))


def test_a_coach_may_go_over_her_own_calendar_and_a_client_may_not(calendars: Calendars) -> None:
    calendars.say(busy(WEDNESDAY))
    ada, ben = book_for(ADA, at=at("Tue 10:00")), book_for(BEN, at=at("Wed 10:00"))
    add_calendar()
    import_all()

    with pytest.raises(TimeTaken):
        move_for(ada, to=at("Wed 10:15"))
    cancel_for(ben)
    with pytest.raises(TimeTaken):
        undo_for(ben)
    move_for(ada, to=at("Wed 10:15"), by=Actor.COACH)


def test_nobody_is_asked_where_no_calendars_are_read(clock: FrozenClock) -> None:
    made = add_calendar()

    assert import_due(tools=the_tools()) == 0
    assert source(made).asked_at is None


def test_of_two_workers_one_asks_and_a_dead_one_loses_nothing(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(_Dies(), busy(TUESDAY))
    made = add_calendar()
    with pytest.raises(_Dies):
        import_due(tools=the_tools())
    db.session.remove()

    assert import_due(tools=the_tools()) == 0, "another worker finds nothing to do"
    clock.advance(minutes=2)
    assert import_all() == 1
    assert spans_of(made) == [TUESDAY]


class _Dies(BaseException):
    """As if the process ended here: nothing of ours may catch it."""


@pytest.mark.parametrize("meanwhile", ["nothing", "removed", "asked again", "read now"])
def test_an_answer_counts_only_while_nobody_has_taken_the_calendar_up_since(
    app: Flask, calendars: Calendars, clock: FrozenClock, meanwhile: str
) -> None:
    made = add_calendar()
    slow = Slow(busy(TUESDAY))
    late = replace(the_tools(), feeds=slow)

    def ask() -> None:
        with app.app_context():
            import_due(tools=late)

    worker = Thread(target=ask)
    worker.start()
    try:
        assert slow.asked.wait(30)
        # No lock is held while a calendar is asked: others write as they like.
        if meanwhile == "removed":
            remove_source(seat_of(), made, tools=the_tools())
        elif meanwhile == "asked again":
            clock.advance(minutes=2)
            calendars.say(busy(WEDNESDAY))
            assert import_all() == 1
        elif meanwhile == "read now":
            read_now(seat_of(), made, tools=the_tools())
        db.session.remove()
    finally:
        slow.go.set()
        worker.join(30)

    if meanwhile == "removed":
        assert all_of(CalendarSource) == []
    elif meanwhile == "asked again":
        assert spans_of(made) == [WEDNESDAY]
    else:
        assert spans_of(made) == [TUESDAY]
        wait = timedelta(minutes=0 if meanwhile == "read now" else 15)
        assert source(made).next_at == clock.now() + wait


def test_a_calendar_that_is_away_for_a_day_is_told_of_once(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY), Trouble.REFUSED)
    made = add_calendar()
    import_all()
    for _ in range(30):
        clock.advance(hours=1)
        import_all()

    told = letters(kind="coach_calendar")
    assert [(row.coach_id, row.source_id, row.created_at) for row in told] == [
        (1, made, NOW + timedelta(hours=25))
    ]
    calendars.say(busy(TUESDAY), Trouble.REFUSED)
    for _ in range(30):
        clock.advance(hours=1)
        import_all()
    assert len(letters(kind="coach_calendar")) == 2, "another trouble is told of anew"


def test_another_clock_has_every_calendar_read_anew(
    calendars: Calendars, clock: FrozenClock
) -> None:
    calendars.say(busy(TUESDAY, etag='"one"'))
    made = add_calendar()
    import_all()
    change_words(Seat(1, Role.OWNER, 1), CoachWords("Maya Ellis", ""), tools=the_tools())
    db.session.remove()
    assert source(made).etag == '"one"'

    change_words(Seat(1, Role.OWNER, 1), ClockWish("America/New_York"), tools=the_tools())
    db.session.remove()
    assert (source(made).etag, source(made).next_at) == ("", clock.now())
    import_all()
    assert (calendars.asked[-1].zone, calendars.asked[-1].etag) == ("America/New_York", "")


def test_each_start_by_itself_is_decided_as_it_is_among_the_others(calendars: Calendars) -> None:
    change_offering(buffer_before_minutes=10, buffer_after_minutes=20, step_minutes=5)
    calendars.say(busy(*((at(b), at(e)) for b, e in _ODD)))
    add_calendar()
    import_all()
    day = (at("Tue 9:00"), at("Tue 17:00"))
    starts = [day[0] + timedelta(minutes=5 * step) for step in range(96)]

    together = offered_starts(*day)
    assert [start for start in starts if is_offered(start)] == together
    assert at("Tue 10:10") in together, "before 11:00, with half an hour and twenty minutes"
    assert at("Tue 10:15") not in together
    assert at("Tue 11:40") in together, "ten minutes after the end"
    assert at("Tue 11:35") not in together


_ODD = [("Tue 11:00", "Tue 11:30"), ("Tue 13:00", "Tue 13:01"), ("Tue 15:00", "Wed 9:00")]


def test_of_eight_workers_at_once_each_calendar_is_asked_by_one(
    app: Flask, calendars: Calendars
) -> None:
    for number in range(3):
        calendars.say(busy(TUESDAY), url=f"{B}?{number}")
        add_calendar(f"B{number}", f"{B}?{number}")
    tools, start, read = the_tools(), Barrier(8), []

    def work() -> None:
        with app.app_context():
            start.wait(30)
            while import_due(tools=tools):
                read.append(1)
                db.session.remove()

    workers = [Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert sorted(ask.url for ask in calendars.asked) == [f"{B}?{number}" for number in range(3)]
    assert len(read) == 3
