import pytest

from practice.domain.refusal import Away, NotAllowed
from practice.models.base import db
from practice.models.consent import Consent, ConsentText, current_consent, ledger_of
from practice.models.intake import IntakeSection
from practice.models.sitting import sitting_of
from practice.usecases import intake as acts
from tests.fakes import FrozenClock
from tests.looking import all_of, statements
from tests.makers import (
    PASSCODE,
    Booked,
    agree_for,
    at,
    begin_for,
    book_for,
    change_practice,
    come_back_for,
    drafts_of,
    meant_by,
    share_for,
    shared_by,
    the_tools,
    turn_safety_on,
    write_for,
)
from tests.people import ADA, BEN


@pytest.fixture
def booking(coach: int) -> Booked:
    return book_for(ADA, at=at("Tue 10:00"))


@pytest.fixture
def sitting(booking: Booked) -> str:
    return begin_for(booking, agrees=False)


def withdraw(sitting: str) -> None:
    acts.withdraw(sitting, meant=meant_by(sitting), tools=the_tools())
    db.session.remove()


def lines() -> list[tuple[int, bool]]:
    return [(row.intake_id, row.is_given) for row in all_of(Consent)]


def test_nothing_is_written_before_somebody_agreed(sitting: str) -> None:
    with pytest.raises(NotAllowed, match="agree first"):
        write_for(sitting, "brings", {"different": "Too early."})
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "In time."})

    assert drafts_of(sitting)["brings"].answers == {"different": "In time."}


def test_the_ledger_keeps_who_agreed_to_which_words_and_when(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    change_practice(secrets_text="What one of two tells alone stays alone.")
    clock.advance(minutes=3)
    agree_for(sitting)

    (line,) = all_of(Consent)
    (text,) = all_of(ConsentText)
    assert (line.person_id, line.is_given, line.at) == (booking.person_id, True, clock.now())
    assert line.version == text.version
    assert "Maya Ellis" in text.text
    assert text.text.endswith("What one of two tells alone stays alone.")


def test_agreeing_twice_is_agreeing_once(sitting: str) -> None:
    agree_for(sitting)
    agree_for(sitting)

    assert lines() == [(1, True)]


def test_new_words_are_asked_again_and_what_was_shared_stays_readable(
    booking: Booked, sitting: str
) -> None:
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "Shared."})
    share_for(sitting, "brings")
    change_practice(keep_answers_months=6)

    for refused in (
        lambda: write_for(sitting, "brings", {"different": "Later."}),
        lambda: share_for(sitting, "brings"),
    ):
        with pytest.raises(NotAllowed, match="agree first"):
            refused()
    assert shared_by(booking)[0].agreed.is_given
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "Later."})

    assert len(all_of(ConsentText)) == 2
    assert lines() == [(1, True), (1, True)]


def test_nobody_agrees_to_words_that_changed_while_they_were_read(sitting: str) -> None:
    person = sitting_of(db.session(), sitting).intake.person
    read = current_consent(db.session(), person).version
    db.session.remove()
    change_practice(secrets_text="Something else.")

    with pytest.raises(NotAllowed, match="changed meanwhile"):
        acts.agree(sitting, read, meant=meant_by(sitting), tools=the_tools())
    db.session.remove()

    assert lines() == []


def test_taking_back_hides_what_was_shared_and_closes_writing(
    booking: Booked, sitting: str
) -> None:
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "Mine."})
    share_for(sitting, "brings")

    withdraw(sitting)
    withdraw(sitting)

    assert lines() == [(1, True), (1, False)]
    assert shared_by(booking) == []
    with pytest.raises(NotAllowed):
        write_for(sitting, "brings", {"different": "No more."})
    assert drafts_of(sitting)["brings"].answers == {"different": "Mine."}
    agree_for(sitting)
    assert shared_by(booking) == []  # to agree is not to share
    share_for(sitting, "brings")
    assert [read.sections["brings"].answers for read in shared_by(booking)] == [
        {"different": "Mine."}
    ]


def test_taking_back_takes_the_copies_away_the_private_one_too(
    booking: Booked, sitting: str
) -> None:
    turn_safety_on()
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "Mine."})
    write_for(sitting, "safe", {"safe-needs": "no"})
    share_for(sitting, "brings", "safe")

    withdraw(sitting)
    agree_for(sitting)

    assert [(row.shared_sealed, row.shared_at) for row in all_of(IntakeSection)] == [
        (None, None)
    ] * 2
    assert shared_by(booking) == shared_by(booking, private=True) == []


def test_deleting_needs_no_consent(booking: Booked, sitting: str) -> None:
    agree_for(sitting)
    write_for(sitting, "brings", {"different": "Mine."})
    withdraw(sitting)

    acts.delete_answer(sitting, "different", meant=meant_by(sitting), tools=the_tools())
    db.session.remove()

    assert drafts_of(sitting)["brings"].answers == {}


def test_taking_back_holds_for_all_that_the_same_way_back_opens(booking: Booked) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    for whose, person in ((booking, ADA), (booking, ADA), (bens, BEN)):
        sitting = begin_for(whose, person)
        write_for(sitting, "brings", {"different": "Words."})
        share_for(sitting, "brings")

    withdraw(come_back_for(booking))

    assert shared_by(booking) == []
    assert len(shared_by(bens)) == 1
    ledger = ledger_of(db.session(), bens.person_id)
    assert [line.is_given for line in ledger] == [True]


@pytest.mark.parametrize("passcode", ["", PASSCODE, "another of hers"])
def test_whoever_holds_the_link_takes_nothing_back_that_somebody_else_agreed_to(
    booking: Booked, passcode: str
) -> None:
    hers = begin_for(booking, passcode="" if passcode == "" else PASSCODE)
    write_for(hers, "brings", {"different": "Hers."})
    share_for(hers, "brings")

    withdraw(begin_for(booking, BEN, passcode=passcode))

    assert lines() == [(1, True), (2, True), (2, False)]
    assert [read.sections["brings"].answers for read in shared_by(booking)] == [
        {"different": "Hers."}
    ]


def test_agreeing_again_is_for_this_intake_and_no_other(booking: Booked) -> None:
    for words in ("First.", "Second."):
        sitting = begin_for(booking)
        write_for(sitting, "brings", {"different": words})
        share_for(sitting, "brings")
    newest = come_back_for(booking)
    withdraw(newest)

    agree_for(newest)

    assert lines()[-1] == (2, True)
    assert [given for number, given in lines() if number == 1] == [True, False]


def test_an_idle_sitting_neither_agrees_nor_takes_back(sitting: str, clock: FrozenClock) -> None:
    agree_for(sitting)
    clock.advance(minutes=30)

    for act in (agree_for, withdraw):
        with pytest.raises(Away):
            act(sitting)
        db.session.remove()


def test_reading_what_was_shared_asks_for_the_ledger_once(booking: Booked) -> None:
    for _ in range(3):
        sitting = begin_for(booking, passcode="")
        write_for(sitting, "brings", {"different": "Words."})
        share_for(sitting, "brings")

    with statements() as sent:
        shared_by(booking)

    assert len([text for text in sent if "FROM consents" in text]) == 1
