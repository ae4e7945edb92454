from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from practice.domain.questionnaire import fingerprint
from practice.domain.refusal import NotFound
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.intakes import reads_of
from practice.models.journal import Happening, JournalEntry
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.brief import STAYS_OPEN, FolderPage, folder_page, note_page, room_page
from practice.queries.desk_booking import booking_page
from practice.usecases.intake import (
    delete_everything,
    save_section,
    share,
    unshare,
    withdraw,
)
from practice.usecases.reading import open_folder, open_note
from tests.fakes import FrozenClock
from tests.looking import all_of, dump
from tests.makers import Booked, at, book_for, make_coach, meant_by, seat_of, turn_safety_on
from tests.people import ADA, BEN
from tests.sharing import BRINGS, GROWING, SAFE, write_for

Opening = Callable[..., None]


@pytest.fixture
def ada() -> Booked:
    turn_safety_on()
    return book_for(ADA, at=at("Thu 10:00"))


def opened(booked: Booked, tools: Tools, *, coach_id: int = 1) -> FolderPage:
    open_folder(seat_of(coach_id), booked.id, booked.person_id, tools=tools)
    db.session.remove()
    return folder(booked, tools, coach_id=coach_id)


def folder(booked: Booked, tools: Tools, *, coach_id: int = 1) -> FolderPage:
    page = folder_page(seat_of(coach_id), booked.id, booked.person_id, tools=tools)
    db.session.remove()
    return page


def note(booked: Booked, tools: Tools) -> FolderPage:
    page = note_page(seat_of(1), booked.id, booked.person_id, tools=tools)
    db.session.remove()
    return page


def readings() -> list[tuple[str, int | None, int | None, int | None]]:
    wanted = {Happening.INTAKE_READ.name, Happening.PRIVATE_READ.name}
    return [
        (row.happening, row.coach_id, row.booking_id, row.person_id)
        for row in all_of(JournalEntry)
        if row.happening in wanted
    ]


# The journal comes first --------------------------------------------------------------------------


def test_nothing_is_open_before_the_reading_is_in_the_journal(ada: Booked, tools: Tools) -> None:
    write_for(ada, BRINGS | SAFE)

    page = folder(ada, tools)

    assert not page.is_open
    assert (page.sheets, page.has_note, page.opened) == ((), False, "")
    assert readings() == []

    assert opened(ada, tools).sheets
    assert readings() == [("INTAKE_READ", 1, ada.id, ada.person_id)]


def test_the_note_has_a_reading_of_its_own(ada: Booked, tools: Tools) -> None:
    write_for(ada, BRINGS | SAFE)

    page = opened(ada, tools)

    assert page.has_note
    assert [part.title for sheet in page.sheets for part in sheet.parts] == ["What brings you"]
    assert note(ada, tools).sheets == ()

    open_note(seat_of(1), ada.id, ada.person_id, tools=tools)
    db.session.remove()

    (sheet,) = note(ada, tools).sheets
    assert [part.title for part in sheet.parts] == ["Feeling safe"]
    assert [row[0] for row in readings()] == ["INTAKE_READ", "PRIVATE_READ"]


@pytest.mark.parametrize("opening", [open_folder, open_note])
def test_where_the_journal_cannot_be_written_nothing_opens(
    ada: Booked, tools: Tools, opening: Opening
) -> None:
    write_for(ada, BRINGS | SAFE)
    engine = db.engine

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INSERT INTO journal" in statement:
            raise OSError("disk is full")

    event.listen(engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(OSError, match="disk is full"):
            opening(seat_of(1), ada.id, ada.person_id, tools=tools)
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    db.session.remove()

    assert not folder(ada, tools).is_open
    assert not note(ada, tools).is_open
    assert readings() == []


def test_the_reading_is_committed_by_itself(ada: Booked, tools: Tools) -> None:
    with pytest.raises(RuntimeError, match="after it"):
        open_then_break(ada, tools)
    db.session.remove()

    assert len(readings()) == 1


def open_then_break(ada: Booked, tools: Tools) -> None:
    open_folder(seat_of(1), ada.id, ada.person_id, tools=tools)
    raise RuntimeError("after it")


def test_an_open_folder_closes_by_itself(ada: Booked, tools: Tools, clock: FrozenClock) -> None:
    write_for(ada, BRINGS)
    assert opened(ada, tools).is_open

    clock.at += STAYS_OPEN - timedelta(seconds=1)
    assert folder(ada, tools).sheets
    clock.at += timedelta(seconds=1)

    assert not folder(ada, tools).is_open
    assert folder(ada, tools).sheets == ()


@pytest.mark.parametrize("is_private", [False, True])
def test_what_was_shared_since_is_another_reading(
    ada: Booked, tools: Tools, clock: FrozenClock, is_private: bool
) -> None:
    written = BRINGS | GROWING | SAFE
    sitting = write_for(ada, written, shared=["brings"])
    opened(ada, tools)
    open_note(seat_of(1), ada.id, ada.person_id, tools=tools)
    db.session.remove()
    clock.advance(minutes=1)

    share(sitting, "safe" if is_private else "growing", meant=meant_by(sitting), tools=tools)
    db.session.remove()

    look = note if is_private else folder
    other = folder if is_private else note
    assert not look(ada, tools).is_open
    assert look(ada, tools).sheets == ()
    assert other(ada, tools).is_open


def test_whoever_wrote_sees_every_reading(ada: Booked, tools: Tools, clock: FrozenClock) -> None:
    write_for(ada, BRINGS | SAFE)
    opened(ada, tools)
    clock.advance(hours=1)
    open_note(seat_of(1), ada.id, ada.person_id, tools=tools)
    db.session.remove()

    told = reads_of(db.session(), ada.person_id)

    assert [what for _at, what in told] == [Happening.INTAKE_READ, Happening.PRIVATE_READ]


# Whose diary --------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", [open_folder, open_note])
def test_another_coach_and_another_booking_find_nothing_and_leave_nothing(
    ada: Booked, tools: Tools, opening: Opening
) -> None:
    ben = book_for(BEN, at=at("Fri 10:00"))
    noor = make_coach()
    write_for(ada, BRINGS)
    before = dump()

    for booking_id, person_id, coach_id in (
        (ada.id, ada.person_id, noor),
        (ben.id, ada.person_id, 1),
        (ada.id, ben.person_id, 1),
        (999, ada.person_id, 1),
        (ada.id, 999, 1),
    ):
        with pytest.raises(NotFound):
            opening(seat_of(coach_id), booking_id, person_id, tools=tools)
        with pytest.raises(NotFound):
            folder_page(seat_of(coach_id), booking_id, person_id, tools=tools)
        with pytest.raises(NotFound):
            note_page(seat_of(coach_id), booking_id, person_id, tools=tools)
    with pytest.raises(NotFound):
        room_page(seat_of(noor), ada.id, now=tools.clock.now())
    db.session.remove()

    assert dump() == before


def test_a_reading_by_another_coach_opens_nothing(ada: Booked, tools: Tools) -> None:
    write_for(ada, BRINGS)
    opened(ada, tools)
    noor = make_coach()
    with unit_of_work() as session:
        session.get_one(Booking, ada.id).coach_id = noor
    db.session.remove()

    assert not folder(ada, tools, coach_id=noor).is_open


# Nothing was shared -------------------------------------------------------------------------------


def test_nothing_shared_is_the_same_whatever_became_of_it(ada: Booked, tools: Tools) -> None:
    pages = [opened(ada, tools)]

    write_for(ada, {})
    pages.append(folder(ada, tools))
    write_for(ada, BRINGS | SAFE, shared=[])
    pages.append(folder(ada, tools))
    sitting = write_for(ada, BRINGS | SAFE)
    assert folder(ada, tools).sheets
    for section in ("brings", "safe"):
        unshare(sitting, section, meant=meant_by(sitting), tools=tools)
    pages.append(folder(ada, tools))
    sitting = write_for(ada, BRINGS | SAFE)
    withdraw(sitting, meant=meant_by(sitting), tools=tools)
    pages.append(folder(ada, tools))
    delete_everything(ada.token, tools=tools)
    pages.append(folder(ada, tools))

    assert all(page == pages[0] for page in pages)
    assert (pages[0].sheets, pages[0].has_note, pages[0].is_open) == ((), False, True)


def test_the_room_and_the_booking_are_the_same_whatever_was_written_or_read(
    ada: Booked, tools: Tools
) -> None:
    def outside() -> tuple[Any, ...]:
        seen = (
            room_page(seat_of(1), ada.id, now=tools.clock.now()),
            booking_page(seat_of(), ada.id, tools=tools),
        )
        db.session.remove()
        return seen

    before = outside()
    write_for(ada, BRINGS | SAFE)
    assert outside() == before
    opened(ada, tools)
    open_note(seat_of(1), ada.id, ada.person_id, tools=tools)
    db.session.remove()
    assert outside() == before

    delete_everything(ada.token, tools=tools)
    db.session.remove()
    assert outside() == before


# What is in a folder ------------------------------------------------------------------------------


def test_a_folder_tells_what_was_said_and_what_was_skipped(ada: Booked, tools: Tools) -> None:
    write_for(ada, BRINGS | GROWING)

    (sheet,) = opened(ada, tools).sheets
    brings, growing = sheet.parts

    now, different = brings.said
    assert (now.step, now.twin) == (2, "2 of 5, where 1 is “Very hard” and 5 “Very good”")
    assert different.is_quote
    assert different.words == ("To talk without it\nturning into a fight.",)
    assert "What would make this chat worthwhile?" in brings.skipped
    assert [said.words for said in growing.said] == [("Sometimes",), ("Yes",)]
    assert "Do you see openness to change in your partner?" in growing.skipped
    assert sheet.agreed == "Monday 1 June, 10am (text in use since Monday 1 June)"
    assert sheet.shared == "Monday 1 June, 10am"


def test_what_was_never_asked_was_not_skipped(ada: Booked, tools: Tools) -> None:
    write_for(ada, {"reflection": {"reflect-pick": ("hopes",), "in-the-way": ("money", "alone")}})

    (sheet,) = opened(ada, tools).sheets
    (part,) = sheet.parts

    assert part.said[0].words == ("Saying what I hope for",)
    assert len(part.skipped) == 1
    assert part.skipped[0].startswith("How could you tell your partner what you hope for")


def test_not_sure_on_a_scale_is_said_in_words(ada: Booked, tools: Tools) -> None:
    write_for(ada, {"brings": {"now": "not-sure"}})

    (sheet,) = opened(ada, tools).sheets

    (said,) = sheet.parts[0].said
    assert (said.step, said.words) == (None, ("Not sure",))


def test_several_intakes_stand_newest_first(ada: Booked, tools: Tools, clock: FrozenClock) -> None:
    write_for(ada, {"brings": {"different": "The first."}})
    clock.advance(days=1)
    write_for(ada, {"before": {"worthwhile": "The second."}}, questionnaire="short")

    sheets = opened(ada, tools).sheets

    assert [sheet.shared for sheet in sheets] == ["Tuesday 2 June, 10am", "Monday 1 June, 10am"]
    assert sheets[0].parts[0].said[0].words == ("The second.",)


def test_only_the_copy_that_was_shared_is_read(ada: Booked, tools: Tools) -> None:
    sitting = write_for(ada, BRINGS)
    opened(ada, tools)
    seen = {name: fingerprint(answer) for name, answer in BRINGS["brings"].items()}
    newer = {"different": "Something else entirely."}

    save_section(sitting, "brings", newer, seen, done=True, tools=tools)
    db.session.remove()
    assert "Something else entirely." not in str(folder(ada, tools))

    share(sitting, "brings", meant=meant_by(sitting), tools=tools)
    db.session.remove()
    assert "Something else entirely." in str(folder(ada, tools))
