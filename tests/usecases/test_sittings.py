import re
from collections.abc import Callable

import pytest
from sqlalchemy import delete

from practice.domain.refusal import (
    Away,
    Invalid,
    NotAllowed,
    NotFound,
    OtherNotes,
    TooLate,
    TooMany,
)
from practice.domain.writing import Start
from practice.models.base import db
from practice.models.intake import Intake
from practice.models.intakes import others_of
from practice.models.journal import JournalEntry
from practice.models.link import Link, Purpose
from practice.models.sitting import Sitting, see, sitting_of
from practice.models.throttle import Bucket
from practice.models.unit import unit_of_work
from practice.usecases import sittings
from practice.usecases.intake import delete_everything
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, letters, statements
from tests.makers import (
    PASSCODE,
    Booked,
    at,
    begin_for,
    book_for,
    cancel_for,
    change_offering,
    change_person,
    come_back_for,
    deliver_all,
    drafts_of,
    meant_by,
    the_tools,
    write_for,
)
from tests.people import ADA, BEN


@pytest.fixture
def booking(coach: int) -> Booked:
    return book_for(ADA, at=at("Tue 10:00"))


def ask(booking: Booked, caller: str = "caller") -> list[str]:
    with statements() as sent:
        sittings.ask_code(booking.token, caller, tools=the_tools())
    db.session.remove()
    return sent


def code_in(postbox: Postbox) -> str:
    deliver_all()
    found = re.findall(r"https://practice\.example/c/(\S+)", body(postbox.posts[-1]))
    assert len(found) == 1
    return str(found[0])


def spend(code: str, chosen: str = "") -> str:
    try:
        began = sittings.spend_code(code, chosen, tools=the_tools())
        assert began is not None
        return began.token
    finally:
        db.session.remove()


def others(sitting: str) -> list[int]:
    found = [intake.id for intake in others_of(db.session(), sitting_of(db.session(), sitting))]
    db.session.remove()
    return found


# Beginning


def test_a_passcode_leads_back_to_what_was_written(booking: Booked) -> None:
    sitting = begin_for(booking)
    write_for(sitting, "brings", {"different": "More evenings."})

    again = come_back_for(booking)

    assert again != sitting
    assert drafts_of(again)["brings"].answers == {"different": "More evenings."}


@pytest.mark.parametrize("typed", ["  blue kettle, slow train ", "\uff42lue kettle, slow train"])
def test_a_passcode_fits_however_a_keyboard_writes_it(booking: Booked, typed: str) -> None:
    begin_for(booking)

    assert come_back_for(booking, passcode=typed)


@pytest.mark.parametrize("passcode", ["", "12345", "  1 2 3  ", "aaaaaaa", "AaAaAaA", "ab" * 101])
def test_a_passcode_that_is_soon_guessed_is_not_taken(booking: Booked, passcode: str) -> None:
    with pytest.raises(Invalid) as refused:
        sittings.begin(booking.token, Start("full", "passcode", passcode), "c", tools=the_tools())

    assert refused.value.field == "passcode"
    assert all_of(Intake) == []


@pytest.mark.parametrize(
    ("start", "field"),
    [
        (Start("long", "code"), "questionnaire"),
        (Start("none", "code"), "questionnaire"),
        (Start("full", "pigeon"), "way_back"),
    ],
)
def test_what_is_not_offered_cannot_be_chosen(booking: Booked, start: Start, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        sittings.begin(booking.token, start, "caller", tools=the_tools())

    assert refused.value.field == field


def test_an_offering_with_the_short_questions_has_no_long_ones(booking: Booked) -> None:
    change_offering(questionnaire="short")

    with pytest.raises(Invalid):
        begin_for(booking, questionnaire="full")
    begin_for(booking, questionnaire="short")

    assert [(row.questionnaire, row.version) for row in all_of(Intake)] == [("short", 1)]


def test_where_nothing_is_asked_any_more_nothing_is_begun_and_all_else_goes_on(
    booking: Booked,
) -> None:
    write_for(begin_for(booking), "brings", {"different": "Still mine."})
    change_offering(questionnaire="none")

    with pytest.raises(NotAllowed, match="Nothing new"):
        begin_for(booking)

    assert len(all_of(Intake)) == 1
    assert drafts_of(come_back_for(booking))["brings"].answers == {"different": "Still mine."}


def test_nothing_is_begun_past_the_cut_off_or_for_a_cancelled_appointment(
    booking: Booked, clock: FrozenClock
) -> None:
    change_offering(intake_cutoff_minutes=120)
    clock.at = at("Tue 08:01")
    with pytest.raises(TooLate, match="until 2 hours before"):
        begin_for(booking)

    cancel_for(booking)
    with pytest.raises(NotAllowed, match="cancelled"):
        begin_for(booking)


def test_no_mailed_codes_where_the_mailbox_is_not_the_writers_own(booking: Booked) -> None:
    for wish in (
        {"mailbox_shared": True},
        {"mailbox_shared": False, "letters_ok": False},
        {"letters_ok": True, "mailbox_was_shared_at": at("Mon 10:00")},
    ):
        change_person(booking, **wish)
        with pytest.raises(Invalid) as refused:
            begin_for(booking, passcode="")
        assert refused.value.field == "way_back"


def test_beginning_again_is_another_intake_and_shows_nothing_of_the_first(booking: Booked) -> None:
    first = begin_for(booking)
    write_for(first, "brings", {"different": "Mine alone."})

    second = begin_for(booking, BEN, passcode="of another hand")

    assert drafts_of(second) == {}
    assert others(second) == []
    assert drafts_of(come_back_for(booking))["brings"].answers == {"different": "Mine alone."}


def test_who_only_began_reaches_nothing_else_with_the_same_way_back(booking: Booked) -> None:
    # Somebody else who holds the booking's link may begin, too: that proves nothing.
    for passcode in ("", PASSCODE):
        theirs = begin_for(booking, passcode=passcode)
        reference = next(row.reference for row in all_of(Intake))
        mine = begin_for(booking, BEN, passcode=passcode)

        assert others(mine) == []
        assert others(theirs) == []
        with pytest.raises(NotFound):
            sittings.switch(mine, reference, meant=meant_by(mine), tools=the_tools())
        db.session.remove()


def test_the_token_of_a_sitting_is_not_in_the_database(booking: Booked) -> None:
    sitting = begin_for(booking)

    assert sitting not in repr([vars(row) for row in all_of(Sitting)])
    assert len(all_of(Sitting)[0].token_hash) == 32


def test_somebody_who_begins_again_and_again_has_to_wait(booking: Booked) -> None:
    for _ in range(10):
        begin_for(booking, passcode="", agrees=False)

    with pytest.raises(TooMany):
        begin_for(booking, passcode="", agrees=False)


# Coming back


def test_a_wrong_passcode_costs_the_same_whether_anything_was_begun(booking: Booked) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    begin_for(booking)

    sent = []
    for link in (booking, bens):
        with statements() as said, pytest.raises(NotAllowed, match="doesn’t fit"):
            come_back_for(link, passcode="a wrong one")
        sent.append(said)

    assert sent[0] == sent[1]
    assert len(sent[0]) > 3


def test_a_passcode_opens_nothing_from_another_link(booking: Booked) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    begin_for(booking)

    with pytest.raises(NotAllowed):
        come_back_for(bens)


def test_guessing_is_slow_and_a_right_passcode_costs_no_token(
    booking: Booked, clock: FrozenClock
) -> None:
    begin_for(booking)
    for _ in range(5):
        come_back_for(booking)
    for _ in range(5):
        with pytest.raises(NotAllowed):
            come_back_for(booking, passcode="a wrong one")

    with pytest.raises(TooMany) as refused:
        come_back_for(booking)
    come_back_for(booking, BEN)  # another caller is not shut out
    clock.advance(seconds=refused.value.retry_after)

    assert come_back_for(booking)


def test_many_callers_together_have_to_wait_as_well(booking: Booked) -> None:
    for number in range(40):
        with pytest.raises(NotAllowed):
            sittings.come_back(booking.token, "wrong", f"caller-{number}", tools=the_tools())
        db.session.remove()

    with pytest.raises(TooMany):
        sittings.come_back(booking.token, "wrong", "one more", tools=the_tools())


def test_the_same_passcode_twice_loses_neither(booking: Booked) -> None:
    first = begin_for(booking)
    write_for(first, "brings", {"different": "The first."})
    begin_for(booking)

    newest = come_back_for(booking)
    assert drafts_of(newest) == {}
    older = [row.reference for row in all_of(Intake) if row.id in others(newest)]
    went = sittings.switch(newest, older[0], meant=meant_by(newest), tools=the_tools()).token
    db.session.remove()

    assert drafts_of(went)["brings"].answers == {"different": "The first."}
    with pytest.raises(NotFound):
        sitting_of(db.session(), newest)


# Away


def test_half_an_hour_of_nothing_and_the_sitting_is_away(
    booking: Booked, clock: FrozenClock
) -> None:
    sitting = begin_for(booking)
    clock.advance(minutes=29, seconds=59)
    sittings.touch(sitting, tools=the_tools())
    db.session.remove()
    clock.advance(minutes=29, seconds=59)
    write_for(sitting, "brings", {"different": "Still here."})
    clock.advance(minutes=30)

    with pytest.raises(Away):
        sittings.touch(sitting, tools=the_tools())
    db.session.remove()
    with pytest.raises(Away):
        write_for(sitting, "brings", {"different": "Too late."})


def test_being_seen_is_written_down_once_a_minute(booking: Booked, clock: FrozenClock) -> None:
    sitting = begin_for(booking)

    clock.advance(seconds=59)
    with statements() as sent:
        sittings.touch(sitting, tools=the_tools())
    db.session.remove()
    assert not [text for text in sent if text.startswith("UPDATE")]

    clock.advance(seconds=1)
    sittings.touch(sitting, tools=the_tools())
    db.session.remove()
    assert [row.last_seen_at for row in all_of(Sitting)] == [clock.now()]


def test_the_passcode_opens_an_idle_sitting_again_and_no_other_does(
    booking: Booked, clock: FrozenClock
) -> None:
    sitting = begin_for(booking)
    begin_for(booking, passcode="another of hers")
    write_for(sitting, "brings", {"different": "Here."})
    clock.advance(hours=2)

    with pytest.raises(NotAllowed):
        sittings.come_back_here(sitting, "another of hers", ADA.caller, tools=the_tools())
    db.session.remove()
    again = sittings.come_back_here(sitting, PASSCODE, ADA.caller, tools=the_tools()).token
    db.session.remove()

    assert drafts_of(again)["brings"].answers == {"different": "Here."}
    with pytest.raises(NotFound):
        sittings.touch(sitting, tools=the_tools())


def test_a_sitting_that_was_left_meanwhile_costs_no_save(
    booking: Booked, clock: FrozenClock
) -> None:
    sitting = begin_for(booking)
    clock.advance(minutes=5)

    with unit_of_work() as session:
        seen = sitting_of(session, sitting)
        session.execute(delete(Sitting), execution_options={"synchronize_session": False})
        see(session, seen, clock.now())

    assert all_of(Sitting) == []


def test_leaving_ends_the_sitting_and_never_refuses(booking: Booked) -> None:
    sitting = begin_for(booking)
    elsewhere = come_back_for(booking)

    for token in (sitting, sitting, "nothing of ours", "\udcff"):
        sittings.leave(token, tools=the_tools())
        db.session.remove()

    with pytest.raises(NotFound):
        sittings.touch(sitting, tools=the_tools())
    db.session.remove()
    sittings.touch(elsewhere, tools=the_tools())


# Codes


def test_a_mailed_code_opens_what_was_begun_and_is_spent(booking: Booked, postbox: Postbox) -> None:
    write_for(begin_for(booking, passcode=""), "brings", {"different": "Mine."})
    begin_for(booking)  # with a passcode: no code opens it
    ask(booking)
    code = code_in(postbox)

    assert drafts_of(spend(code))["brings"].answers == {"different": "Mine."}
    with pytest.raises(NotFound):
        spend(code)


def test_a_code_that_opens_several_waits_until_one_is_chosen(
    booking: Booked, postbox: Postbox
) -> None:
    older, newer = begin_for(booking, passcode=""), begin_for(booking, passcode="")
    write_for(older, "brings", {"different": "Older."})
    write_for(newer, "brings", {"different": "Newer."})
    chosen, newest, secret = meant_by(older), meant_by(newer), meant_by(begin_for(booking))
    ask(booking)
    code = code_in(postbox)

    for _ in range(2):
        assert sittings.spend_code(code, tools=the_tools()) is None
        db.session.remove()
    with pytest.raises(NotFound):
        spend(code, secret)
    sitting = spend(code, chosen)

    assert drafts_of(sitting)["brings"].answers == {"different": "Older."}
    went = sittings.switch(sitting, newest, meant=chosen, tools=the_tools()).token
    db.session.remove()
    assert drafts_of(went)["brings"].answers == {"different": "Newer."}
    with pytest.raises(NotFound):
        spend(code, chosen)


def is_open(sitting: str) -> bool:
    try:
        sittings.touch(sitting, tools=the_tools())
    except NotFound:
        return False
    finally:
        db.session.remove()
    return True


def test_notes_that_somebody_else_began_and_kept_open_are_closed_there_by_who_comes_back(
    booking: Booked, postbox: Postbox, clock: FrozenClock
) -> None:
    # Whoever else holds the link begins, stays, and would read what she puts there.
    planted = begin_for(booking, BEN, passcode="")
    ask(booking)

    hers = spend(code_in(postbox))
    write_for(hers, "brings", {"different": "Hers."})

    assert [is_open(planted), is_open(hers)] == [False, True]
    with pytest.raises(NotFound):
        write_for(planted, "brings", {"different": "His."})


def test_choosing_and_going_over_close_planted_notes_as_well(
    booking: Booked, postbox: Postbox
) -> None:
    first, second = (begin_for(booking, BEN, passcode="") for _ in range(2))
    chosen, other = meant_by(first), meant_by(second)
    ask(booking)

    hers = spend(code_in(postbox), chosen)
    assert [is_open(first), is_open(second), is_open(hers)] == [False, True, True]
    went = sittings.switch(hers, other, meant=chosen, tools=the_tools()).token
    db.session.remove()

    assert [is_open(second), is_open(hers), is_open(went)] == [False, False, True]


def test_coming_back_with_a_passcode_leaves_one_browser_at_these_notes(
    booking: Booked, clock: FrozenClock
) -> None:
    began = begin_for(booking)
    elsewhere = begin_for(booking, passcode="another of hers")
    back = come_back_for(booking)
    assert [is_open(began), is_open(back), is_open(elsewhere)] == [False, True, True]

    here = sittings.come_back_here(back, PASSCODE, ADA.caller, tools=the_tools()).token
    db.session.remove()

    assert [is_open(back), is_open(here), is_open(elsewhere)] == [False, True, True]


def test_all_that_the_way_back_opens_is_closed_everywhere_and_nothing_else(
    booking: Booked,
) -> None:
    first = begin_for(booking)
    second = begin_for(booking)
    another = begin_for(booking, passcode="another of hers")
    hers = come_back_for(booking)
    with pytest.raises(OtherNotes):
        sittings.close_everywhere(hers, meant=meant_by(another), tools=the_tools())
    db.session.remove()

    sittings.close_everywhere(hers, meant=meant_by(hers), tools=the_tools())
    db.session.remove()

    assert [is_open(each) for each in (first, second, hers, another)] == [False] * 3 + [True]


def test_who_only_began_closes_nothing_that_somebody_else_began(booking: Booked) -> None:
    hers, planted = begin_for(booking), begin_for(booking, BEN)

    sittings.close_everywhere(planted, meant=meant_by(planted), tools=the_tools())
    db.session.remove()

    assert [is_open(hers), is_open(planted)] == [True, False]


def test_after_twelve_hours_the_way_back_is_asked_for_even_of_who_never_rested(
    booking: Booked, clock: FrozenClock
) -> None:
    sitting = begin_for(booking)
    for _ in range(12 * 4 - 1):
        clock.advance(minutes=15)
        assert is_open(sitting)
    clock.advance(minutes=15)

    with pytest.raises(Away):
        sittings.touch(sitting, tools=the_tools())
    db.session.remove()
    again = sittings.come_back_here(sitting, PASSCODE, ADA.caller, tools=the_tools()).token
    db.session.remove()
    assert is_open(again)


def test_a_code_is_good_for_half_an_hour(
    booking: Booked, postbox: Postbox, clock: FrozenClock
) -> None:
    begin_for(booking, passcode="")
    ask(booking)
    code = code_in(postbox)
    clock.advance(minutes=30)

    with pytest.raises(NotFound):
        spend(code)


def test_the_letter_says_nothing_but_to_go_on(booking: Booked, postbox: Postbox) -> None:
    begin_for(booking, passcode="")
    ask(booking)
    code = code_in(postbox)

    post = postbox.posts[-1]
    assert (post.subject, post.to_address) == ("Sign-in link", ADA.email)
    assert (
        body(post).split()
        == (
            f"Hello Ada, Continue where you left off: https://practice.example/c/{code} "
            "This works once, within half an hour. Maya Ellis"
        ).split()
    )


def test_asking_for_a_code_costs_the_same_whether_anything_was_begun(
    booking: Booked, postbox: Postbox
) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    begin_for(booking, passcode="")

    assert ask(booking, "one caller") == ask(bens, "another")
    assert [row.state for row in letters(kind="sign_in")] == ["waiting", "waiting"]
    deliver_all()
    assert [row.state for row in letters(kind="sign_in")] == ["sent", "dropped"]
    assert [post.to_address for post in postbox.posts if post.subject == "Sign-in link"] == [
        ADA.email
    ]


def test_no_code_goes_where_it_would_be_read_by_others_or_lead_nowhere(
    booking: Booked, postbox: Postbox, clock: FrozenClock
) -> None:
    def asked_in_vain() -> bool:
        ask(booking)
        deliver_all()
        clock.advance(hours=1)
        return "Sign-in link" not in postbox.subjects

    begin_for(booking)
    assert asked_in_vain()  # it has a passcode
    begin_for(booking, passcode="")
    change_person(booking, mailbox_shared=True)
    assert asked_in_vain()
    change_person(booking, mailbox_shared=False, letters_ok=False)
    assert asked_in_vain()
    change_person(booking, letters_ok=True)
    change_person(booking, mailbox_was_shared_at=clock.now())
    assert asked_in_vain()
    change_person(booking, mailbox_was_shared_at=None)
    delete_everything(booking.token, tools=the_tools())
    db.session.remove()
    assert asked_in_vain()


def test_a_letter_that_waited_too_long_does_not_go_out(
    booking: Booked, postbox: Postbox, clock: FrozenClock
) -> None:
    begin_for(booking, passcode="")
    ask(booking)
    clock.advance(minutes=30)
    deliver_all()

    assert [row.state for row in letters(kind="sign_in")] == ["dropped"]
    assert "Sign-in link" not in postbox.subjects


def test_who_asks_for_codes_again_and_again_has_to_wait(
    booking: Booked, clock: FrozenClock
) -> None:
    for _ in range(10):
        ask(booking)

    with pytest.raises(TooMany) as refused:
        ask(booking)
    db.session.remove()
    clock.advance(seconds=refused.value.retry_after)

    ask(booking)


def test_a_housemate_learns_of_no_code_that_was_asked_for_on_the_same_network(
    booking: Booked,
) -> None:
    begin_for(booking, passcode="")
    for _ in range(3):
        ask(booking)

    for _ in range(3):  # refused here, it would tell that somebody asked before
        ask(booking)
    assert not [row.key for row in all_of(Bucket) if row.key == f"code:{booking.person_id}:caller"]


def test_a_mailbox_is_not_flooded_and_no_caller_learns_that_it_could_have_been(
    booking: Booked, postbox: Postbox, clock: FrozenClock
) -> None:
    # A refusal would tell a stranger with the link that somebody else asked for codes.
    begin_for(booking, passcode="")
    for number in range(5):
        ask(booking, f"caller-{number}")
        deliver_all()
    assert postbox.subjects.count("Sign-in link") == 3

    clock.advance(hours=1)
    ask(booking)
    deliver_all()

    assert postbox.subjects.count("Sign-in link") == 4


def test_an_idle_sitting_has_a_code_sent_as_well(
    booking: Booked, postbox: Postbox, clock: FrozenClock
) -> None:
    sitting = begin_for(booking, passcode="")
    clock.advance(hours=1)
    sittings.ask_code_here(sitting, "caller", tools=the_tools())
    db.session.remove()

    assert spend(code_in(postbox))


def test_asking_for_a_code_tells_the_desk_nothing(booking: Booked) -> None:
    before = [row.happening for row in all_of(JournalEntry)]

    begin_for(booking, passcode="")
    ask(booking)

    assert [row.happening for row in all_of(JournalEntry)] == before
    (letter,) = letters(kind="sign_in")
    assert (letter.booking_id, letter.coach_id, letter.client_id) == (None, None, None)


def test_no_link_no_way_in(booking: Booked) -> None:
    hold = next(row for row in all_of(Link) if row.purpose == Purpose.HOLD)
    for token in ("", "nothing", hold.token(the_tools().vault), "\udcff"):
        acts: tuple[Callable[[str], object], ...] = (
            lambda token: sittings.begin(token, Start("full", "code"), "c", tools=the_tools()),
            lambda token: sittings.come_back(token, PASSCODE, "c", tools=the_tools()),
            lambda token: sittings.ask_code(token, "c", tools=the_tools()),
            lambda token: sittings.spend_code(token, tools=the_tools()),
            lambda token: sittings.touch(token, tools=the_tools()),
            lambda token: sittings.come_back_here(token, PASSCODE, "c", tools=the_tools()),
            lambda token: sittings.ask_code_here(token, "c", tools=the_tools()),
            lambda token: sittings.switch(token, "none", meant="none", tools=the_tools()),
            lambda token: sittings.close_everywhere(token, meant="none", tools=the_tools()),
        )
        for act in acts:
            with pytest.raises(NotFound):
                act(token)
            db.session.remove()
    assert all_of(Intake) == []
    assert not [row.key for row in all_of(Bucket) if row.key.startswith(("pass", "begin", "code"))]
