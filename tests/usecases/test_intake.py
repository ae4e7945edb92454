from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from practice.domain.questionnaire import (
    LARGEST_INTAKE,
    Answer,
    Kind,
    Question,
    Section,
    answer_of,
    fingerprint,
)
from practice.domain.refusal import (
    Invalid,
    NotAllowed,
    NotFound,
    OtherNotes,
    TooLate,
    Unreadable,
)
from practice.models.base import db
from practice.models.intake import Intake, IntakeSection
from practice.models.journal import Happening, JournalEntry
from practice.models.link import Link, Purpose
from practice.models.outbox import OutboxLetter
from practice.models.person_key import PersonKey
from practice.models.questionnaires import shipped
from practice.models.sitting import Sitting
from practice.models.unit import unit_of_work
from practice.usecases import intake as acts
from practice.usecases import sittings
from tests.fakes import FrozenClock
from tests.looking import all_of, dump, statements
from tests.makers import (
    Booked,
    at,
    begin_for,
    book_for,
    cancel_for,
    change_offering,
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

FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
FULL = shipped("full")


@pytest.fixture
def booking(coach: int) -> Booked:
    return book_for(ADA, at=at("Tue 10:00"))


@pytest.fixture
def sitting(booking: Booked) -> str:
    return begin_for(booking)


def act(of: Callable[..., Any], *given: Any, **meant: str) -> Any:
    try:
        return of(*given, **meant, tools=the_tools())
    finally:
        db.session.remove()


def wipe() -> None:
    """Begin the next example with an empty intake."""
    with unit_of_work() as session:
        session.execute(delete(IntakeSection))
    db.session.remove()


def shared(booking: Booked, *, private: bool = False) -> dict[str, dict[str, Answer]]:
    """What the coach may read of the newest intake, by section."""
    found = shared_by(booking, private=private)
    return {name: kept.answers for name, kept in found[0].sections.items()} if found else {}


def an_answer(question: Question) -> st.SearchStrategy[Answer | None]:
    """What somebody may have typed for a question, read as a form reads it."""
    if question.kind.is_text:
        values = st.lists(st.text(max_size=40), max_size=1)
    else:
        most = len(question.options) if question.kind is Kind.SEVERAL else 1
        ids = [option.id for option in question.options]
        values = st.lists(st.sampled_from(ids), max_size=most, unique=True)
    return values.map(lambda typed: answer_of(question, typed))


def answers_to(section: Section) -> st.SearchStrategy[dict[str, Answer | None]]:
    return st.fixed_dictionaries({}, optional={q.id: an_answer(q) for q in section.questions})


# Saving


def test_what_was_typed_is_what_is_read(sitting: str) -> None:
    turn_safety_on(extras=["afraid", "hurt-or-threatened", "self-harm"])

    @FEW
    @given(st.fixed_dictionaries({section.id: answers_to(section) for section in FULL.sections}))
    def check(typed: dict[str, dict[str, Answer | None]]) -> None:
        wipe()
        for name, answers in typed.items():
            assert write_for(sitting, name, answers).conflicts == {}
        kept = drafts_of(sitting)
        picks = typed["reflection"].get("reflect-pick") or ()
        for question in FULL.questions():
            section = FULL.section_of(question.id).id
            is_hidden = question.when and not set(picks) & set(question.when.any_of)
            expected = None if is_hidden else typed[section].get(question.id)
            assert kept[section].answers.get(question.id) == expected

    check()


def test_answers_lie_sealed_in_the_database(sitting: str) -> None:
    words = "Nobody but me reads this sentence."
    write_for(sitting, "brings", {"different": words})

    assert words not in repr(dump())
    assert words.rsplit(maxsplit=1)[-1] not in repr(dump())


def test_an_answer_can_be_taken_back_by_emptying_it(sitting: str) -> None:
    write_for(sitting, "brings", {"different": "First.", "worthwhile": "Stays."})
    write_for(sitting, "brings", {"different": None, "worthwhile": "Stays."}, done=False)

    kept = drafts_of(sitting)["brings"]
    assert (kept.answers, kept.done) == ({"worthwhile": "Stays."}, False)


def test_questions_that_a_page_did_not_ask_keep_their_answers(sitting: str) -> None:
    write_for(sitting, "brings", {"different": "First."})
    write_for(sitting, "brings", {"worthwhile": "Second."})

    assert drafts_of(sitting)["brings"].answers == {"different": "First.", "worthwhile": "Second."}


def test_an_answer_to_a_hidden_question_is_not_taken(sitting: str) -> None:
    write_for(sitting, "reflection", {"reflect-pick": ("self",), "reflect-hopes": "Unasked."})

    assert drafts_of(sitting)["reflection"].answers == {"reflect-pick": ("self",)}


def test_what_is_hidden_later_is_kept_and_comes_back_with_its_question(
    booking: Booked, sitting: str
) -> None:
    write_for(sitting, "reflection", {"reflect-pick": ("hopes",), "reflect-hopes": "More time."})
    write_for(sitting, "reflection", {"reflect-pick": ("self",), "reflect-hopes": "Typed over."})
    share_for(sitting, "reflection")

    assert shared(booking) == {"reflection": {"reflect-pick": ("self",)}}
    assert drafts_of(sitting)["reflection"].answers["reflect-hopes"] == "More time."


def test_answers_of_other_sections_are_left_aside(sitting: str) -> None:
    write_for(sitting, "brings", {"different": "Mine.", "goal-own": "Elsewhere."})

    assert drafts_of(sitting)["brings"].answers == {"different": "Mine."}
    with pytest.raises(NotFound):
        write_for(sitting, "nothing", {"different": "Mine."})


def test_more_than_is_kept_of_one_person_is_refused_and_the_rest_stands(sitting: str) -> None:
    turn_safety_on()
    long = "ä" * 10_000  # 20,000 bytes
    room = LARGEST_INTAKE // 20_000
    texts = [q.id for s in FULL.sections for q in s.questions if q.kind.is_text]
    assert len(texts) > room
    write_for(sitting, "reflection", {"reflect-pick": ("all",)})
    fitting, one_more = texts[: room - 1], texts[room]  # the picked option takes some room
    for name in fitting:
        write_for(sitting, FULL.section_of(name).id, {name: long})

    with pytest.raises(Invalid, match="more than we can keep"):
        write_for(sitting, FULL.section_of(one_more).id, {one_more: long})

    kept = [a for document in drafts_of(sitting).values() for a in document.answers.values()]
    assert kept.count(long) == len(fitting)


def test_nothing_is_saved_past_the_cut_off_and_deleting_still_works(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    write_for(sitting, "brings", {"different": "In time.", "worthwhile": "Too."})
    share_for(sitting, "brings")
    change_offering(intake_cutoff_minutes=60 * 24)
    clock.at = at("Mon 10:00")
    sitting = come_back_for(booking)
    write_for(sitting, "brings", {"different": "Just in time."})
    clock.advance(seconds=1)

    for refused in (
        lambda: write_for(sitting, "brings", {"different": "Late."}),
        lambda: share_for(sitting, "brings"),
    ):
        with pytest.raises(TooLate, match="until 1 day before"):
            refused()
    act(acts.delete_answer, sitting, "different", meant=meant_by(sitting))

    assert drafts_of(sitting)["brings"].answers == {"worthwhile": "Too."}
    assert shared(booking) == {"brings": {"worthwhile": "Too."}}
    act(acts.unshare, sitting, "brings", meant=meant_by(sitting))
    assert shared(booking) == {}


def test_a_cancelled_appointment_takes_no_more_answers(booking: Booked, sitting: str) -> None:
    cancel_for(booking)

    with pytest.raises(NotAllowed, match="cancelled"):
        write_for(sitting, "brings", {"different": "Too late."})


def test_a_swapped_ciphertext_is_told_and_never_read(sitting: str) -> None:
    write_for(sitting, "brings", {"different": "One."})
    write_for(sitting, "hopes", {"goal-own": "Another."})
    with unit_of_work() as session:
        one, another = session.query(IntakeSection).order_by(IntakeSection.id)
        one.draft_sealed, another.draft_sealed = another.draft_sealed, one.draft_sealed
    db.session.remove()

    with pytest.raises(Unreadable):
        drafts_of(sitting)


# Two tabs


def test_two_tabs_that_type_the_same_question_see_both_texts(sitting: str) -> None:
    nothing = {"different": fingerprint(None)}
    write_for(sitting, "brings", {"different": "From one tab."}, seen=nothing)
    before = all_of(IntakeSection)[0].draft_sealed

    typed: dict[str, Answer | None] = {"different": "From the other.", "worthwhile": "New."}
    refused = write_for(sitting, "brings", typed, seen=nothing)

    assert refused.conflicts == {"different": "From one tab."}
    assert all_of(IntakeSection)[0].draft_sealed == before
    saved = write_for(sitting, "brings", typed, seen=refused.seen)
    assert saved.conflicts == {}
    assert drafts_of(sitting)["brings"].answers == typed


def test_a_choice_of_one_tab_hides_no_words_of_another(sitting: str) -> None:
    before = write_for(sitting, "reflection", {"reflect-pick": ("hopes",)}).seen
    write_for(sitting, "reflection", {"reflect-pick": ("self",)}, seen=before)
    typed: dict[str, Answer | None] = {"reflect-pick": ("hopes",), "reflect-hopes": "Long words."}

    refused = write_for(sitting, "reflection", typed, seen=before)

    assert refused.conflicts == {"reflect-pick": ("self",), "reflect-hopes": None}
    assert write_for(sitting, "reflection", typed, seen=refused.seen).conflicts == {}
    assert drafts_of(sitting)["reflection"].answers == typed


def test_whatever_two_tabs_do_no_words_are_lost_unseen(sitting: str) -> None:
    section = FULL.section("reflection")
    names = ["reflect-hopes", "reflect-self"]
    moves = st.lists(
        st.tuples(
            st.booleans(),  # which tab
            st.sampled_from(["load", "save"]),
            st.sampled_from([("hopes",), ("self",), ("all",), ("steady",)]),
            st.sampled_from(names),
            st.sampled_from(["", "a", "b", "c"]),
        ),
        min_size=3,
        max_size=8,
    )

    @FEW
    @given(moves)
    def check(moves: list[tuple[bool, str, tuple[str, ...], str, str]]) -> None:
        wipe()
        empty: dict[str, Answer] = {}
        nothing = {q.id: fingerprint(None) for q in section.questions}
        pages = {tab: (dict(empty), dict(nothing)) for tab in (False, True)}
        for tab, move, pick, name, text in moves:
            stored = dict(drafts_of(sitting)["reflection"].answers) if drafts_of(sitting) else {}
            if move == "load":
                seen = {q.id: fingerprint(stored.get(q.id)) for q in section.questions}
                pages[tab] = (stored, seen)
                continue
            shown, seen = pages[tab]
            typed: dict[str, Answer | None] = {
                **{q.id: shown.get(q.id) for q in section.questions},
                "reflect-pick": pick,
                name: text or None,
            }
            saved = write_for(sitting, "reflection", typed, seen=seen)
            kept = drafts_of(sitting)["reflection"].answers if drafts_of(sitting) else {}
            for question in section.questions:
                old, new = stored.get(question.id), kept.get(question.id)
                if old != new:  # only what this page had shown was written over
                    assert seen[question.id] == fingerprint(old)
                    assert saved.conflicts == {}
            words = typed[name]
            hidden = not set(pick) & {name.removeprefix("reflect-"), "all"}
            if words is not None and words != shown.get(name) and not hidden:
                assert kept.get(name) == words or saved.conflicts
            if not saved.conflicts:
                pages[tab] = ({**shown, **kept}, dict(saved.seen))

    check()


def test_two_threads_that_save_one_section_lose_no_text(app: Flask, sitting: str) -> None:
    gate = Barrier(2)

    def save(name: str) -> acts.Saved:
        with app.app_context():
            gate.wait()
            typed: dict[str, Answer | None] = {name: f"By {name}.", "glad-first": f"Of {name}."}
            nothing = dict.fromkeys(typed, fingerprint(None))
            return acts.save_section(
                sitting, "support", typed, nothing, done=False, tools=the_tools()
            )

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(save, ["helped", "good-to-me"])

    # One came first and is kept whole; the other was told what is there, and wrote nothing.
    assert sorted(map(len, (first.conflicts, second.conflicts))) == [0, 1]
    kept = drafts_of(sitting)["support"].answers
    winner = "helped" if not first.conflicts else "good-to-me"
    assert kept == {winner: f"By {winner}.", "glad-first": f"Of {winner}."}
    loser = second if not first.conflicts else first
    assert loser.conflicts == {"glad-first": f"Of {winner}."}


def test_two_threads_that_save_different_sections_both_save(app: Flask, sitting: str) -> None:
    gate = Barrier(2)

    def save(of: tuple[str, str]) -> None:
        with app.app_context():
            gate.wait()
            write_for(sitting, of[0], {of[1]: "Typed."}, seen={of[1]: fingerprint(None)})

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(save, [("brings", "different"), ("hopes", "goal-own")]))

    assert {name: kept.answers for name, kept in drafts_of(sitting).items()} == {
        "brings": {"different": "Typed."},
        "hopes": {"goal-own": "Typed."},
    }


# Sharing


def test_nothing_reaches_the_coach_before_it_is_shared(booking: Booked, sitting: str) -> None:
    journal, letters = len(all_of(JournalEntry)), len(all_of(OutboxLetter))
    write_for(sitting, "brings", {"different": "Not yet."})

    assert shared_by(booking) == []
    assert (len(all_of(JournalEntry)), len(all_of(OutboxLetter))) == (journal, letters)


def test_a_shared_section_is_a_copy_of_that_moment(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    write_for(sitting, "brings", {"different": "Then."})
    write_for(sitting, "hopes", {"goal-own": "Not shared."})
    share_for(sitting, "brings")
    clock.advance(minutes=5)
    write_for(sitting, "brings", {"different": "Now.", "worthwhile": "More."})

    (read,) = shared_by(booking)
    assert shared(booking) == {"brings": {"different": "Then."}}
    assert read.shared_at == {"brings": at("Mon 10:00")}
    assert (read.questionnaire.slug, read.questionnaire.version) == ("full", 1)

    share_for(sitting, "brings")
    assert shared(booking) == {"brings": {"different": "Now.", "worthwhile": "More."}}


def test_a_section_without_a_word_cannot_be_shared(booking: Booked, sitting: str) -> None:
    write_for(sitting, "hopes", {})
    for section in ("brings", "hopes"):
        with pytest.raises(NotAllowed, match="nothing written"):
            share_for(sitting, section)

    assert shared_by(booking) == []


def test_sharing_can_be_taken_back(booking: Booked, sitting: str) -> None:
    write_for(sitting, "brings", {"different": "Read me."})
    share_for(sitting, "brings")
    act(acts.unshare, sitting, "brings", meant=meant_by(sitting))

    assert shared_by(booking) == []
    assert drafts_of(sitting)["brings"].answers == {"different": "Read me."}


def test_every_intake_in_which_something_was_shared_is_read_newest_first(booking: Booked) -> None:
    for words in ("First.", "Second."):
        sitting = begin_for(booking, passcode="")
        write_for(sitting, "brings", {"different": words})
        share_for(sitting, "brings")
    begin_for(booking, passcode="")

    found = [read.sections["brings"].answers for read in shared_by(booking)]

    assert found == [{"different": "Second."}, {"different": "First."}]


def test_a_deleted_answer_goes_from_here_and_from_the_coachs_copy(
    booking: Booked, sitting: str
) -> None:
    write_for(sitting, "brings", {"different": "Out.", "worthwhile": "Stays."})
    share_for(sitting, "brings")
    shared_at = shared_by(booking)[0].shared_at

    act(acts.delete_answer, sitting, "different", meant=meant_by(sitting))
    act(acts.delete_answer, sitting, "different", meant=meant_by(sitting))

    assert drafts_of(sitting)["brings"].answers == {"worthwhile": "Stays."}
    assert shared(booking) == {"brings": {"worthwhile": "Stays."}}
    assert shared_by(booking)[0].shared_at == shared_at
    act(acts.delete_answer, sitting, "worthwhile", meant=meant_by(sitting))
    assert shared_by(booking) == []
    with pytest.raises(NotFound):
        act(acts.delete_answer, sitting, "no such question", meant=meant_by(sitting))


def test_what_hung_on_a_deleted_choice_goes_from_the_coachs_copy(
    booking: Booked, sitting: str
) -> None:
    write_for(
        sitting,
        "reflection",
        {"reflect-pick": ("hopes",), "reflect-hopes": "More time.", "in-the-way": ("money",)},
    )
    share_for(sitting, "reflection")

    act(acts.delete_answer, sitting, "reflect-pick", meant=meant_by(sitting))

    assert shared(booking) == {"reflection": {"in-the-way": ("money",)}}


# The private section


def test_the_private_section_is_not_there_until_it_is_approved(
    booking: Booked, sitting: str
) -> None:
    for words in (
        {},
        {"help_lines": "Samaritans: 116 123"},
        {"help_lines": "", "safety_approved_by": "Dr Iris Lund"},
    ):
        change_practice(**words)
        for refused in (
            lambda: write_for(sitting, "safe", {"safe-needs": "no"}),
            lambda: share_for(sitting, "safe"),
        ):
            with pytest.raises(NotFound):
                refused()
    turn_safety_on()
    write_for(sitting, "safe", {"safe-needs": "no"})

    assert drafts_of(sitting)["safe"].answers == {"safe-needs": "no"}


def test_the_private_section_has_a_key_and_a_reader_of_its_own(
    booking: Booked, sitting: str
) -> None:
    turn_safety_on()
    write_for(sitting, "safe", {"safe-needs": "no"})
    write_for(sitting, "brings", {"different": "Open."})
    share_for(sitting, "safe", "brings")

    assert shared(booking) == {"brings": {"different": "Open."}}
    assert shared(booking, private=True) == {"safe": {"safe-needs": "no"}}

    row = all_of(Intake)[0]
    assert row.key_id != row.private_key_id
    with unit_of_work() as session:
        session.delete(session.get_one(PersonKey, row.key_id))
    db.session.remove()
    with pytest.raises(NotFound):
        shared(booking)
    assert shared(booking, private=True) == {"safe": {"safe-needs": "no"}}


def test_private_words_alone_say_nothing_in_the_open_part(booking: Booked, sitting: str) -> None:
    turn_safety_on()
    write_for(sitting, "safe", {"safe-needs": "no"})
    share_for(sitting, "safe")

    assert shared_by(booking) == []


def test_what_is_private_can_be_deleted_after_the_section_was_switched_off(
    booking: Booked, sitting: str
) -> None:
    turn_safety_on()
    write_for(sitting, "safe", {"safe-needs": "no"})
    share_for(sitting, "safe")
    change_practice(safety_approved_by="")

    act(acts.delete_answer, sitting, "safe-needs", meant=meant_by(sitting))

    assert drafts_of(sitting)["safe"].answers == {}
    assert shared(booking, private=True) == {}


# Deleting everything


def test_everything_is_deleted_from_the_link_alone(booking: Booked, sitting: str) -> None:
    write_for(sitting, "brings", {"different": "Gone."})
    share_for(sitting, "brings")
    begin_for(booking, passcode="")
    act(sittings.ask_code, booking.token, "caller")

    for _ in range(2):
        act(acts.delete_everything, booking.token)

    assert not [*all_of(PersonKey), *all_of(IntakeSection), *all_of(Sitting)]
    assert all(row.erased_at and row.passcode_digest is None for row in all_of(Intake))
    assert not [row for row in all_of(Link) if row.purpose == Purpose.WAY_BACK]
    assert shared_by(booking) == []
    with pytest.raises(NotAllowed):
        come_back_for(booking)
    with pytest.raises(NotFound):
        write_for(sitting, "brings", {"different": "Back?"}, seen={})
    assert begin_for(booking)


def test_deleting_everything_costs_the_same_whether_anything_was_begun(
    booking: Booked, sitting: str
) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    write_for(sitting, "brings", {"different": "Gone."})
    sent = []
    for token in (booking.token, bens.token):
        with statements() as said:
            act(acts.delete_everything, token)
        sent.append(said)

    assert sent[0] == sent[1]


def test_deleting_is_told_to_the_writers_own_ledger_and_to_no_desk(booking: Booked) -> None:
    act(acts.delete_everything, booking.token)

    entry = all_of(JournalEntry)[-1]
    assert entry.happening == Happening.ERASED.name
    assert (entry.person_id, entry.booking_id, entry.coach_id) == (booking.person_id, None, None)


def test_everything_is_deleted_from_an_idle_sitting_too(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    clock.advance(hours=2)

    act(acts.delete_everything_here, sitting, meant=meant_by(sitting))

    assert not [*all_of(PersonKey), *all_of(Sitting)]


def test_nobody_deletes_what_another_wrote(booking: Booked, sitting: str) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    write_for(sitting, "brings", {"different": "Stays."})

    act(acts.delete_everything, bens.token)
    with pytest.raises(NotFound):
        act(acts.delete_everything, "no such link")

    assert drafts_of(sitting)["brings"].answers == {"different": "Stays."}


def test_a_crash_between_keys_and_rows_leaves_nothing_to_read(
    booking: Booked, sitting: str
) -> None:
    write_for(sitting, "brings", {"different": "Gone."})
    row = all_of(Intake)[0]
    with unit_of_work() as session:
        for key in (row.key_id, row.private_key_id):
            session.delete(session.get_one(PersonKey, key))
    db.session.remove()

    with pytest.raises(NotFound):
        drafts_of(sitting)
    act(acts.delete_everything, booking.token)
    assert all_of(IntakeSection) == []


def test_a_button_of_other_notes_than_those_that_are_open_changes_nothing(
    booking: Booked, sitting: str
) -> None:
    turn_safety_on()
    write_for(sitting, "brings", {"different": "Mine."})
    share_for(sitting, "brings")
    theirs = meant_by(begin_for(booking, passcode="another of hers"))
    before = dump(without=["sittings"])

    for meant in (theirs, "", "\udcff"):
        for of, *about in (
            (acts.share, "brings"),
            (acts.unshare, "brings"),
            (acts.delete_answer, "different"),
            (acts.withdraw,),
            (acts.agree, "0" * 64),
            (acts.delete_everything_here,),
            (sittings.switch, theirs),
            (sittings.close_everywhere,),
        ):
            with pytest.raises(OtherNotes):
                act(of, sitting, *about, meant=meant)

    assert dump(without=["sittings"]) == before
