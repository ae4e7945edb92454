from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.booking import Status
from practice.domain.questionnaire import (
    Answer,
    Condition,
    Kind,
    Option,
    Question,
    Questionnaire,
    Section,
    fingerprint,
    visible,
)
from practice.domain.refusal import Invalid, NotAllowed, Refusal, TooLate
from practice.domain.writing import (
    Start,
    check_passcode,
    check_start,
    check_write,
    folded,
    is_away,
    is_over,
    is_to_be_seen,
    lengths,
    may_write,
    months_before,
    settle,
    spoken_wait,
)

NOON = datetime(2026, 6, 9, 12, tzinfo=UTC)
MAILED = Start("full", "code")


def refusal_of(status: str, cutoff: int, now: datetime) -> Refusal | None:
    try:
        check_write(status, NOON, cutoff, now=now)
    except Refusal as refusal:
        return refusal
    return None


# How long, and until when


def test_a_sitting_ends_after_twelve_hours_whoever_is_there() -> None:
    assert is_over(NOON, now=NOON + timedelta(hours=12))
    assert not is_over(NOON, now=NOON + timedelta(hours=12, microseconds=-1))
    assert not is_over(NOON, now=NOON - timedelta(hours=1))  # a clock that was set back


def test_half_an_hour_is_away_and_a_minute_is_worth_a_note() -> None:
    for minutes, away, seen in ((0, False, False), (1, False, True), (30, True, True)):
        now = NOON + timedelta(minutes=minutes)
        assert is_away(NOON, now=now) is away
        assert is_to_be_seen(NOON, now=now) is seen
    assert not is_away(NOON, now=NOON + timedelta(minutes=30, microseconds=-1))
    assert not is_away(NOON, now=NOON - timedelta(hours=1))  # a clock that was set back


@pytest.mark.parametrize(("cutoff", "minutes_before"), [(0, 0), (60, 60), (1440, 1440)])
def test_sections_are_open_until_the_cut_off(cutoff: int, minutes_before: int) -> None:
    last = NOON - timedelta(minutes=minutes_before) - timedelta(microseconds=not minutes_before)

    assert refusal_of(Status.CONFIRMED, cutoff, last) is None
    late = refusal_of(Status.CONFIRMED, cutoff, last + timedelta(microseconds=1))
    assert isinstance(late, TooLate)
    assert "still delete" in late.sentence


def test_what_has_begun_and_what_is_cancelled_takes_no_answers() -> None:
    begun = refusal_of(Status.CONFIRMED, 60, NOON)
    assert begun is not None
    assert "has begun" in begun.sentence
    over = {Status.DONE, Status.NO_SHOW}
    for status in over:
        assert "has begun" in str(refusal_of(status, 0, NOON - timedelta(days=1)))
    for status in set(Status) - {Status.CONFIRMED} - over:
        assert isinstance(refusal_of(status, 0, NOON - timedelta(days=1)), NotAllowed)


@given(st.sampled_from(Status), st.integers(0, 20_000), st.integers(-30_000, 30_000))
def test_the_check_refuses_exactly_where_the_answer_is_no(
    status: Status, cutoff: int, minutes: int
) -> None:
    now = NOON + timedelta(minutes=minutes)

    refused = refusal_of(status, cutoff, now) is not None

    assert refused is not may_write(status, NOON, cutoff, now=now)


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        ((2026, 6, 9), 12, (2025, 6, 9)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2024, 3, 31), 1, (2024, 2, 29)),
        ((2024, 2, 29), 12, (2023, 2, 28)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 31), 12, (2025, 12, 31)),
        ((2026, 6, 9), 0, (2026, 6, 9)),
        ((2026, 6, 9), 120, (2016, 6, 9)),
    ],
)
def test_months_are_those_of_the_calendar(
    now: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*now, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)


# The way back


@pytest.mark.parametrize(
    "passcode",
    [
        *("", "12345", "  12345  ", "aaaaaa", "\uff11" * 9, "AaAaAa", "ab" * 101, "\u2003" * 9),
        *("123456", "876543", "abcdefgh", "Password", "qwerty", " iloveyou "),
    ],
)
def test_a_passcode_that_is_soon_guessed_is_refused(passcode: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_passcode(passcode)

    assert refused.value.field == "passcode"
    assert passcode not in refused.value.sentence or not passcode


@pytest.mark.parametrize("passcode", ["125690", "a b c d", "ab" * 100, "äöüäöü", "🙂🙃🙂🙃🙂🙃"])
def test_any_other_passcode_is_taken(passcode: str) -> None:
    check_passcode(passcode)


@given(st.text(max_size=60))
def test_a_passcode_is_compared_the_same_however_it_is_written(passcode: str) -> None:
    once = folded(passcode)

    assert folded(f"  {passcode}\n") == once


def test_a_way_back_and_a_length_are_chosen_from_what_is_offered() -> None:
    assert [lengths(offered) for offered in ("full", "short", "none", "other")] == [
        ("full", "short"),
        ("short",),
        (),
        (),
    ]
    check_start(MAILED, "full", can_be_mailed=True)
    check_start(Start("short", "passcode", "quiet1"), "short", can_be_mailed=False)
    for start, offered, field in (
        (MAILED, "short", "questionnaire"),
        (MAILED, "full", "way_back"),
        (Start("full", ""), "full", "way_back"),
        (Start("full", "passcode", "1"), "full", "passcode"),
    ):
        with pytest.raises(Invalid) as refused:
            check_start(start, offered, can_be_mailed=False)
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        check_start(MAILED, "none", can_be_mailed=True)


# Two tabs, and what is hidden


def asked(name: str, *, when: Condition | None = None) -> Question:
    if name.startswith("text"):
        return Question(name, Kind.LONG, name, when=when)
    options = tuple(Option(of, of) for of in "abc")
    return Question(name, Kind.SEVERAL, name, options=options, when=when)


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    """Two sections of choices and texts, each asked always or after some earlier choice."""
    made: list[Question] = []
    for number in range(draw(st.integers(2, 7))):
        earlier = [question.id for question in made if not question.id.startswith("text")]
        when = None
        if draw(st.booleans()) and earlier:
            some = draw(st.sets(st.sampled_from("abc"), min_size=1))
            when = Condition(draw(st.sampled_from(earlier)), tuple(sorted(some)))
        kind = draw(st.sampled_from(["choice", "text"]))
        made.append(asked(f"{kind}{number}", when=when))
    cut = draw(st.integers(1, len(made) - 1))
    parts = (made[:cut], made[cut:])
    return Questionnaire(
        slug="any",
        version=1,
        title="Any",
        sections=tuple(Section(f"s{n}", "S", 1, "", tuple(part)) for n, part in enumerate(parts)),
        consent=Question("agree", Kind.CONSENT, "I agree"),
    )


def some_answer(draw: st.DrawFn, question: Question) -> Answer | None:
    if question.kind.is_text:
        return draw(st.sampled_from([None, "one", "two", "three"]))
    return tuple(sorted(draw(st.sets(st.sampled_from("abc"))))) or None


@st.composite
def saves(
    draw: st.DrawFn,
) -> tuple[Section, dict[str, Answer], dict[str, Answer | None], dict[str, str]]:
    """A section, what is stored of it, what one page sends, and what that page had shown."""
    questionnaire = draw(questionnaires())
    section = draw(st.sampled_from(questionnaire.sections))
    stored = {q.id: some_answer(draw, q) for q in section.questions}
    shown = {
        q.id: draw(st.sampled_from([stored[q.id], some_answer(draw, q)])) for q in section.questions
    }
    typed = {
        q.id: draw(st.sampled_from([shown[q.id], some_answer(draw, q)])) for q in section.questions
    }
    return (
        section,
        {name: answer for name, answer in stored.items() if answer is not None},
        typed,
        {name: fingerprint(answer) for name, answer in shown.items()},
    )


def shown_alone(section: Section, answers: dict[str, Answer]) -> frozenset[str]:
    """What a section shows by the domain's own rule, where no other one is asked."""
    here = {question.id for question in section.questions}
    alone = tuple(
        asked(q.id, when=q.when if q.when and q.when.question in here else None)
        for q in section.questions
    )
    consent = Question("agree", Kind.CONSENT, "I agree")
    return visible(Questionnaire("a", 1, "A", (Section("s", "S", 1, "", alone),), consent), answers)


@given(saves())
def test_a_save_loses_no_words_that_a_page_showed(
    save: tuple[Section, dict[str, Answer], dict[str, Answer | None], dict[str, str]],
) -> None:
    section, stored, typed, seen = save
    on_page = shown_alone(section, {name: a for name, a in typed.items() if a is not None})

    merged = settle(section, stored, typed, seen)
    kept = stored if merged.conflicts else merged.answers

    for question in section.questions:
        name = question.id
        old, new = stored.get(name), typed[name]
        if kept.get(name) != old:  # only what the page had shown is written over, with what it sent
            assert fingerprint(old) == seen[name]
            assert (kept.get(name), name in on_page) == (new, True)
        was_typed = new is not None and fingerprint(new) != seen[name]
        if was_typed and name in on_page and not merged.conflicts:
            assert kept.get(name) == new
            assert new == old or name in shown_alone(section, kept)


@given(saves())
def test_a_deliberate_second_save_goes_through(
    save: tuple[Section, dict[str, Answer], dict[str, Answer | None], dict[str, str]],
) -> None:
    section, stored, typed, _ = save
    seen = {q.id: fingerprint(stored.get(q.id)) for q in section.questions}

    merged = settle(section, stored, typed, seen)

    assert merged.conflicts == frozenset()
    told = {name: answer for name, answer in typed.items() if answer is not None}
    for name in shown_alone(section, told):
        assert merged.answers.get(name) == typed[name]


def test_what_another_section_hides_is_kept_and_shown_with_its_choice() -> None:
    section = Section("s", "S", 1, "", (asked("text1", when=Condition("elsewhere", ("a",))),))

    merged = settle(section, {}, {"text1": "Mine."}, {})

    assert (merged.answers, merged.conflicts) == ({"text1": "Mine."}, frozenset())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "in a few seconds"),
        (15, "in a few seconds"),
        (16, "in about a minute"),
        (61, "in about a minute"),
        (66, "in about 2 minutes"),
        (301, "in about 5 minutes"),
        (3661, "in about 61 minutes"),
    ],
)
def test_a_wait_is_said_in_words(seconds: int, words: str) -> None:
    assert spoken_wait(seconds) == words
