"""What a questionnaire must be, what of it is shown, and that what was typed is what is read."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.questionnaire import (
    LARGEST_INTAKE,
    LONGEST_ANSWER,
    Answer,
    Answers,
    Condition,
    Kind,
    Merged,
    Option,
    Question,
    Questionnaire,
    Section,
    answer_of,
    check_size,
    fingerprint,
    merge,
    visible,
    with_extras,
    without_private,
)
from practice.domain.refusal import Invalid, NotFound

CONSENT = Question("agree", Kind.CONSENT, "I agree")
LONG = Question("why", Kind.LONG, "What brings you?")
SHORT = Question("word", Kind.SHORT, "In a word?")
OPTIONS = (Option("tea", "Tea"), Option("soup", "Soup"), Option("rum", "Rum", is_extra=True))
ONE = Question("one", Kind.ONE, "Which?", options=OPTIONS)
SEVERAL = Question("several", Kind.SEVERAL, "Which ones?", options=OPTIONS)
SCALE = Question("scale", Kind.SCALE, "How?", low="Hard", high="Good")
YES_NO = Question("yes-no", Kind.YES_NO, "Is it?")
SECRET = Question("secret", Kind.YES_NO, "Is it safe?", is_private=True)


def section(*questions: Question, name: str = "open", is_private: bool = False) -> Section:
    return Section(name, "A section", 1, "", questions, is_private=is_private)


def asking(*questions: Question) -> Questionnaire:
    return Questionnaire("full", 1, "Before", (section(*questions),), CONSENT)


def after(question: Question, when: Condition) -> Question:
    return replace(question, when=when)


# What a questionnaire must be ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: replace(LONG, id=""), "has an id and a label"),
        (lambda: replace(LONG, label=""), "has an id and a label"),
        (lambda: replace(LONG, options=OPTIONS), "has options, or is a text"),
        (lambda: replace(ONE, options=()), "has options, or is a text"),
        (lambda: replace(ONE, options=OPTIONS + OPTIONS[:1]), r"each option once \(tea\)"),
        (lambda: replace(YES_NO, options=OPTIONS), "where they are fixed"),
        (lambda: replace(SCALE, low=""), "what its two ends mean"),
        (section, "asks something"),
        (lambda: section(LONG, name=""), "has an id and a title"),
        (lambda: replace(section(LONG), minutes=0), "takes some time"),
        (lambda: section(SECRET), "is as its section is"),
        (lambda: section(LONG, is_private=True), "is as its section is"),
        (lambda: section(CONSENT), "is no consent"),
        (lambda: replace(asking(LONG), consent=YES_NO), "asks for consent"),
        (lambda: replace(asking(LONG), sections=()), "has an open section"),
        (
            lambda: replace(asking(LONG), sections=(section(SECRET, is_private=True),)),
            "has an open section",
        ),
        (lambda: asking(LONG, LONG), r"each question once \(why\)"),
        (lambda: asking(LONG, replace(SHORT, id="agree")), r"each question once \(agree\)"),
        (lambda: asking(ONE, SEVERAL), r"each extra option once \(rum\)"),
        (
            lambda: replace(asking(LONG), sections=(section(LONG), section(SHORT))),
            r"each section once \(open\)",
        ),
        (lambda: asking(after(LONG, Condition("one", ("tea",))), ONE), "stands before it"),
        (lambda: asking(after(ONE, Condition("one", ("tea",)))), "stands before it"),
        (lambda: asking(ONE, after(LONG, Condition("one", ()))), "depends on some option"),
        (lambda: asking(ONE, after(LONG, Condition("one", ("gin",)))), "always there"),
        (lambda: asking(ONE, after(LONG, Condition("one", ("rum",)))), "always there"),
        (lambda: asking(LONG, after(SHORT, Condition("why", ("tea",)))), "always there"),
    ],
)
def test_a_questionnaire_is_checked_when_it_is_made(
    make: Callable[[], object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()


@pytest.mark.parametrize("is_private", [True, False])
def test_nothing_ever_depends_on_what_was_said_in_private(is_private: bool) -> None:
    asks = Question("more", Kind.LONG, "More?", when=Condition("secret", ("yes",)))
    private = section(SECRET, name="private", is_private=True)
    last = section(replace(asks, is_private=is_private), name="last", is_private=is_private)

    with pytest.raises(ValueError, match="depends on nothing private"):
        Questionnaire("full", 1, "Before", (section(LONG), private, last), CONSENT)


def test_questions_and_sections_are_found_by_their_ids() -> None:
    private = section(SECRET, name="private", is_private=True)
    whole = Questionnaire("full", 1, "Before", (section(LONG, ONE), private), CONSENT)

    assert whole.section("private") is private
    assert whole.question("one") is ONE
    assert whole.section_of("secret") is private
    assert private.question("secret") is SECRET
    assert [question.id for question in whole.questions()] == ["why", "one", "secret"]
    for look in (whole.section, whole.question, whole.section_of, private.question):
        with pytest.raises(NotFound):
            look("nowhere")


def test_kinds_with_fixed_options_bring_them_along() -> None:
    assert [option.id for option in SCALE.options] == ["1", "2", "3", "4", "5", "not-sure"]
    assert [option.id for option in YES_NO.options] == ["yes", "no", "rather-not"]
    assert [option.id for option in CONSENT.options] == ["yes"]


def test_an_answer_is_told_in_words_even_when_its_option_is_gone() -> None:
    assert ONE.words("tea") == ("Tea",)
    assert SEVERAL.words(("soup", "rum")) == ("Soup", "Rum")
    assert replace(SEVERAL, options=OPTIONS[:1]).words(("tea", "rum")) == ("Tea", "rum")
    assert LONG.words("As it was\ntyped") == ("As it was\ntyped",)


# What is shown ------------------------------------------------------------------------------------


def test_a_question_is_shown_where_its_condition_holds() -> None:
    whole = asking(
        SEVERAL,
        after(YES_NO, Condition("several", ("tea", "soup"))),
        after(LONG, Condition("yes-no", ("yes",))),
    )

    assert visible(whole, {}) == {"several"}
    assert visible(whole, {"several": ("soup", "rum")}) == {"several", "yes-no"}
    assert visible(whole, {"several": ("tea",), "yes-no": "yes"}) == {"several", "yes-no", "why"}
    # What hung on a choice goes with it, although its own condition was answered once.
    assert visible(whole, {"several": ("rum",), "yes-no": "yes"}) == {"several"}


def test_extra_options_are_there_only_where_the_practice_wants_them() -> None:
    whole = asking(SEVERAL, LONG)

    assert [o.id for o in with_extras(whole, ()).question("several").options] == ["tea", "soup"]
    assert with_extras(whole, {"rum"}) == whole


def test_the_private_sections_can_be_left_out() -> None:
    private = section(SECRET, name="private", is_private=True)
    whole = Questionnaire("full", 1, "Before", (section(LONG), private), CONSENT)

    assert [part.id for part in without_private(whole).sections] == ["open"]


# What an answer is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "values", "answer"),
    [
        (LONG, [], None),
        (LONG, [""], None),
        (LONG, [" \r\n "], None),
        (LONG, ["a\r\nb\rc\nd"], "a\nb\nc\nd"),
        (LONG, ["  kept as\tit is  "], "  kept as\tit is  "),
        (LONG, ["a\x00b\x1bc\x7fd\ud800e"], "abcd?e"),
        (LONG, ["a\x80b\x85c\x9fd\u202ae\u202ef\u2066g\u2069h"], "abcdefgh"),
        (LONG, ["\u202e\u2069"], None),
        (LONG, ["a\xa0b\u200dc\u200ed"], "a\xa0b\u200dc\u200ed"),
        (SHORT, ["one\r\nline"], "one line"),
        (ONE, [], None),
        (ONE, [""], None),
        (ONE, ["", "tea"], "tea"),
        (SEVERAL, [], None),
        (SEVERAL, ["soup", "", "tea", "soup"], ("tea", "soup")),
        (SCALE, ["4"], "4"),
        (SCALE, ["not-sure"], "not-sure"),
        (YES_NO, ["rather-not"], "rather-not"),
        (CONSENT, ["yes"], "yes"),
        (CONSENT, [], None),
    ],
)
def test_an_answer_is_read_as_it_was_meant(
    question: Question, values: list[str], answer: Answer | None
) -> None:
    assert answer_of(question, values) == answer


@pytest.mark.parametrize(
    ("question", "values"),
    [
        (ONE, ["gin"]),
        (ONE, ["tea", "soup"]),
        (SEVERAL, ["tea", "gin"]),
        (SCALE, ["0"]),
        (SCALE, ["6"]),
        (YES_NO, ["maybe"]),
        (CONSENT, ["on"]),
        (LONG, ["x" * (LONGEST_ANSWER + 1)]),
        (SHORT, ["x" * (LONGEST_ANSWER + 1)]),
    ],
)
def test_what_cannot_be_an_answer_is_refused_at_its_question(
    question: Question, values: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        answer_of(question, values)

    assert refused.value.field == question.id


def test_an_answer_fits_to_the_last_character() -> None:
    assert answer_of(LONG, ["é" * LONGEST_ANSWER]) == "é" * LONGEST_ANSWER
    # The browser's line ends count for one character each, as they do on the page.
    assert answer_of(LONG, ["x\r\n" * (LONGEST_ANSWER // 2)]) is not None


def test_all_answers_of_a_person_fit_together_or_are_refused() -> None:
    half = "é" * (LARGEST_INTAKE // 4)
    check_size([{"a": half}, {"b": half, "c": ()}])

    with pytest.raises(Invalid):
        check_size([{"a": half}, {"b": half, "c": ("x",)}])


# Two tabs -----------------------------------------------------------------------------------------


def prints(answers: Answers, *questions: Question) -> dict[str, str]:
    return {question.id: fingerprint(answers.get(question.id)) for question in questions}


def test_the_later_of_two_tabs_sees_both_texts_and_decides() -> None:
    page = section(LONG, SHORT)
    loaded: Answers = {"why": "old"}
    seen = prints(loaded, LONG, SHORT)

    first = merge(page, loaded, {"why": "mine", "word": None}, seen)
    assert first == Merged({"why": "mine"}, frozenset())

    second = merge(page, first.answers, {"why": "other", "word": "new"}, seen)
    assert second.conflicts == {"why"}
    assert second.answers["why"] == "mine"

    decided = merge(
        page, first.answers, {"why": "other", "word": "new"}, prints(first.answers, LONG)
    )
    assert decided == Merged({"why": "other", "word": "new"}, frozenset())


def test_an_untouched_answer_gives_way_to_what_another_tab_saved() -> None:
    page = section(LONG)
    seen = prints({"why": "old"}, LONG)

    assert merge(page, {"why": "new"}, {"why": "old"}, seen).answers == {"why": "new"}
    assert merge(page, {}, {"why": "old"}, seen).answers == {}
    # Emptying what another tab has changed meanwhile is a decision for the person, too.
    assert merge(page, {"why": "new"}, {"why": None}, seen).conflicts == {"why"}


def test_a_page_that_does_not_say_what_it_showed_overwrites_nothing() -> None:
    page = section(LONG)

    assert merge(page, {}, {"why": "new"}, {}).answers == {"why": "new"}
    assert merge(page, {"why": "old"}, {"why": "new"}, {}).conflicts == {"why"}
    assert merge(page, {"why": "old"}, {"why": None}, {}).answers == {"why": "old"}


def test_a_question_that_the_page_did_not_ask_keeps_its_answer() -> None:
    stored: Answers = {"why": "old", "elsewhere": "kept"}

    merged = merge(section(LONG, SHORT), stored, {"word": "new"}, prints(stored, SHORT))

    assert merged == Merged({"why": "old", "elsewhere": "kept", "word": "new"}, frozenset())


def test_a_choice_that_is_no_longer_offered_is_not_lost_by_saving_the_page() -> None:
    page = with_extras(asking(SEVERAL), ()).section("open")
    stored: Answers = {"several": ("tea", "rum")}
    seen = prints(stored, SEVERAL)

    assert merge(page, stored, {"several": ("tea",)}, seen).answers == stored
    assert merge(page, stored, {"several": ("soup",)}, seen).answers == {"several": ("soup", "rum")}
    assert merge(page, stored, {"several": None}, seen).answers == {"several": ("rum",)}
    # Another tab saved meanwhile: what was not touched here gives way to it as ever.
    other: Answers = {"several": ("soup", "rum")}
    assert merge(page, other, {"several": ("tea",)}, seen) == Merged(dict(other), frozenset())
    assert merge(page, other, {"several": None}, seen).conflicts == {"several"}


def test_a_skipped_answer_has_a_fingerprint_unlike_any_text() -> None:
    told: list[Answer | None] = [None, "null", "", (), ("null",), "None", ("a", "b"), "a", ("a",)]

    assert len({fingerprint(answer) for answer in told}) == len(told)
    assert all(len(fingerprint(answer)) == 16 for answer in told)


# Properties over any questionnaire ----------------------------------------------------------------

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # these are dropped
LETTERS = st.characters(
    exclude_categories=["Cs", "Cc"], include_characters="\t\n", exclude_characters=TURNING
)
TEXTS = st.text(LETTERS, max_size=60)
NAMES = [f"q{number}" for number in range(12)]
SOME_OPTIONS = st.lists(
    st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True
).map(lambda names: tuple(Option(name, name.upper()) for name in names))


@st.composite
def questions_asked(draw: st.DrawFn) -> Questionnaire:
    """Draw a questionnaire of up to twelve questions, with conditions and private parts."""
    sections: list[Section] = []
    lasting: list[Question] = []
    names = iter(NAMES)
    for number in range(draw(st.integers(1, 4))):
        is_private = number > 0 and draw(st.booleans())
        asked: list[Question] = []
        for _ in range(draw(st.integers(1, 3))):
            question = draw(a_question(next(names), tuple(lasting), is_private=is_private))
            asked.append(question)
            if not (question.kind.is_text or is_private):
                lasting.append(question)
        sections.append(section(*asked, name=f"s{number}", is_private=is_private))
    return Questionnaire("full", 1, "Before", tuple(sections), CONSENT)


@st.composite
def a_question(
    draw: st.DrawFn, name: str, earlier: tuple[Question, ...], *, is_private: bool
) -> Question:
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.CONSENT]))
    when = None
    if draw(st.booleans()) and earlier:
        basis = draw(st.sampled_from(earlier))
        ids = st.sampled_from([option.id for option in basis.options])
        when = Condition(basis.id, tuple(draw(st.lists(ids, min_size=1, unique=True))))
    options = draw(SOME_OPTIONS) if kind in {Kind.ONE, Kind.SEVERAL} else ()
    low = "Low" if kind is Kind.SCALE else ""
    return Question(
        name, kind, "?", options=options, when=when, is_private=is_private, low=low, high=low
    )


def values_for(question: Question) -> st.SearchStrategy[list[str]]:
    """Draw what a browser may send for a question."""
    if question.kind.is_text:
        return st.lists(TEXTS.map(lambda text: text.replace("\n", "\r\n")), max_size=1)
    ids = st.sampled_from(["", *(option.id for option in question.options)])
    return st.lists(ids, max_size=6 if question.kind is Kind.SEVERAL else 1)


@st.composite
def answers_to(draw: st.DrawFn, asked: Questionnaire) -> dict[str, Answer]:
    told = {q.id: answer_of(q, draw(values_for(q))) for q in asked.questions()}
    return {name: answer for name, answer in told.items() if answer is not None}


@given(TEXTS)
def test_what_was_typed_is_what_is_read(text: str) -> None:
    for sent in (text, text.replace("\n", "\r\n")):
        assert answer_of(LONG, [sent]) == (text if text.strip() else None)


@given(st.data(), questions_asked())
def test_an_answer_that_is_sent_again_is_the_same_answer(
    data: st.DataObject, asked: Questionnaire
) -> None:
    for name, answer in data.draw(answers_to(asked)).items():
        again = [answer] if isinstance(answer, str) else list(answer)

        assert answer_of(asked.question(name), again) == answer
        # In whatever order a browser sends what was ticked, it is the same answer.
        if asked.question(name).kind is Kind.SEVERAL:
            assert answer_of(asked.question(name), [*reversed(again), *again]) == answer


@given(st.data(), questions_asked())
def test_what_is_stored_as_json_has_the_same_fingerprint(
    data: st.DataObject, asked: Questionnaire
) -> None:
    answers = data.draw(answers_to(asked))

    for name, stored in json.loads(json.dumps(answers)).items():
        assert fingerprint(stored) == fingerprint(answers[name])


@given(st.lists(st.none() | TEXTS | st.lists(TEXTS, max_size=3).map(tuple), unique=True))
def test_two_answers_never_share_a_fingerprint(answers: list[Answer | None]) -> None:
    assert len({fingerprint(answer) for answer in answers}) == len(answers)


@given(st.data(), questions_asked())
def test_what_is_shown_hangs_on_shown_answers_and_on_nothing_private(
    data: st.DataObject, asked: Questionnaire
) -> None:
    answers = data.draw(answers_to(asked))
    shown = visible(asked, answers)

    for question in asked.questions():
        if question.when is None:
            assert question.id in shown
        elif question.id in shown:
            answer = answers[question.when.question]
            chosen = {answer} if isinstance(answer, str) else set(answer)
            assert question.when.question in shown
            assert chosen & set(question.when.any_of)
    open_answers = {n: a for n, a in answers.items() if not asked.question(n).is_private}
    assert visible(asked, open_answers) == shown
    assert visible(without_private(asked), answers) == {
        name for name in shown if not asked.question(name).is_private
    }


@given(st.data(), questions_asked())
def test_a_page_in_one_tab_is_saved_as_it_stands(data: st.DataObject, asked: Questionnaire) -> None:
    stored = data.draw(answers_to(asked))
    new = data.draw(answers_to(asked))
    page = data.draw(st.sampled_from(asked.sections))
    typed = {question.id: new.get(question.id) for question in page.questions}

    merged = merge(page, stored, typed, prints(stored, *page.questions))

    elsewhere = {name: answer for name, answer in stored.items() if name not in typed}
    assert merged.conflicts == frozenset()
    assert merged.answers == elsewhere | {n: a for n, a in typed.items() if a is not None}


@given(st.data(), questions_asked())
def test_no_tab_ever_loses_a_word_of_another_silently(
    data: st.DataObject, asked: Questionnaire
) -> None:
    loaded, stored, new = (data.draw(answers_to(asked)) for _ in range(3))
    page = data.draw(st.sampled_from(asked.sections))
    typed = {question.id: new.get(question.id) for question in page.questions}

    merged = merge(page, stored, typed, prints(loaded, *page.questions))

    for question in page.questions:
        was, here, now = loaded.get(question.id), typed[question.id], stored.get(question.id)
        both_changed = len({was, here, now}) == 3
        assert (question.id in merged.conflicts) == both_changed
        kept = merged.answers.get(question.id)
        assert kept == (now if both_changed or here == was else here)

    # With both texts before her, the next save is deliberate and is what she says.
    decided = merge(page, stored, typed, prints(stored, *page.questions))
    assert decided.conflicts == frozenset()
    assert all(decided.answers.get(name) == answer for name, answer in typed.items())
