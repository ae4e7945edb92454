"""The questions that are shipped: each prompt has its place, and each word can be stood by."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from practice.domain.consent import consent_text
from practice.domain.questionnaire import (
    NOT_SURE,
    RATHER_NOT,
    RATHER_TALK,
    Kind,
    Question,
    Questionnaire,
    Section,
    visible,
    with_extras,
    without_private,
)
from practice.forms.intake import KEPT_NAMES
from practice.models.questionnaires import shipped
from tests.house.reading import PRACTICE, name_of, python_files, strings, templates
from tests.house.reading import visible as visible_words

SHIPPED = sorted((PRACTICE / "questionnaires").iterdir())
HASHES = Path(__file__).with_name("questionnaires.sha256")

# The prompts of the two articles by kind: ids only, their text is not ours.
PROMPTS = {
    "journaling prompt": ["A-J1", "A-J2", "A-J3", "A-J4", "A-J5", "A-J6"],
    "growth question": ["B-G1", "B-G2", "B-G3"],
    "safety question": ["B-S1", "B-S2", "B-S3"],
    "red flag": ["B-RF1", "B-RF2", "B-RF3", "B-RF4", "B-RF5"],
    "barrier": ["B-BA1", "B-BA2", "B-BA3", "B-BA4", "B-BA5"],
    "support list": ["B-SN1", "B-SN2", "B-SN3", "B-SN4"],
    "3-2-1": ["B-321a", "B-321b", "B-321c"],
    "reflection question": ["B-RQ"],
    "benefit": ["B-IT1", "B-IT2", "B-IT3", "B-IT4"],
}
PRIVATE_KINDS = ("safety question", "red flag")
STARTER = {"A-C1", "A-C2", "A-C3", "A-C4"}

UNSOURCED = [
    r"\d\s*(?:%|per ?cent\b)",
    r"\bstatistic",
    r"\b(?:research|evidence|surveys?) (?:shows?|says?|suggests?|finds?|found|proves?|from)\b",
    r"\bstud(?:y|ies) (?:shows?|says?|suggests?|finds?|found|proves?|from)\b",
    r"\b(?:neuro)?scien(?:ce|tific|tists?)\b",
    r"\bexperts?\b",
    r"\bproven\b",
    r"\bsuccess rates?\b",
    r"\bmost (?:people|couples|partners|relationships|men|women|clients)\b",
    r"\b(?:men|women) (?:are|tend|often|typically|usually)\b",
    r"\b(?:bren[eé] brown|terry real|esther perel|gottman)\b",
]
# Words that judge or name a person or a condition, which nobody is to read over an own answer.
LABELS = [
    r"\b(?:he|she|him|her|his|hers|himself|herself)\b",
    r"\b(?:men|women|masculin\w*|feminin\w*)\b",
    r"\babus\w+",
    r"\baddict\w*",
    r"\b(?:infidelity|affairs?|cheat\w*)\b",
    r"\bsabotag\w+",
    r"\b(?:toxic|narciss\w+|gaslight\w*|manipulat\w+)\b",
    r"\b(?:red flags?|warning signs?|danger zones?|risk)\b",
    r"\b(?:symptom|diagnos|disorder|patholog)\w*",
    r"\b(?:refus\w+|resist\w+|stubborn)\b",
    r"\b(?:scores?|points?|verdict|rating)\b",
    r"\b(?:you must|you should|you have to|required|mandatory)\b",
]


def ids_of(*kinds: str) -> set[str]:
    return {prompt for kind in kinds for prompt in PROMPTS[kind]}


def questionnaire_in(file: Path) -> Questionnaire:
    slug, _, version = file.stem.rpartition("-")
    return shipped(slug, int(version))


def sources_of(question: Question) -> Iterator[str]:
    yield from question.sources
    for option in question.options:
        yield from option.sources


def told_by(section: Section) -> Iterator[str]:
    yield from (section.title, section.intro)
    for question in section.questions:
        yield from (question.label, question.help, question.low, question.high)
        yield from (option.label for option in question.options)


def words_of(asked: Questionnaire) -> list[str]:
    consent = [asked.consent.label, asked.consent.help, *(o.label for o in asked.consent.options)]
    told = [text for section in asked.sections for text in told_by(section)]
    return [asked.title, *consent, *told]


def found(patterns: list[str], texts: list[str]) -> list[tuple[str, str]]:
    return [(p, text) for text in texts for p in patterns if re.search(p, text, re.IGNORECASE)]


every_version = pytest.mark.parametrize(
    "asked", [questionnaire_in(file) for file in SHIPPED], ids=[file.stem for file in SHIPPED]
)


# Where the prompts stand --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PROMPTS)
def test_every_prompt_of_the_articles_has_its_place(kind: str) -> None:
    used = {source for question in shipped("full").questions() for source in sources_of(question)}

    assert ids_of(kind) - used == set()


@every_version
def test_every_source_that_is_named_is_known(asked: Questionnaire) -> None:
    used = {source for question in asked.questions() for source in sources_of(question)}

    assert used - ids_of(*PROMPTS) - STARTER == set()


def test_goals_come_from_what_such_talks_can_bring() -> None:
    goals = shipped("full").question("goals")

    assert ids_of("benefit") == {source for option in goals.options for source in option.sources}
    assert shipped("full").question("goal-own").kind is Kind.SHORT


@every_version
def test_prompts_about_safety_stand_in_private_sections_alone(asked: Questionnaire) -> None:
    touchy = ids_of(*PRIVATE_KINDS)

    for question in asked.questions():
        used = set(sources_of(question))
        assert not used & touchy or question.is_private, question.id
        # and nothing else stands there, so that its key guards nothing that is looked for elsewhere
        assert not question.is_private or used <= touchy, question.id


@every_version
def test_items_that_the_articles_do_not_have_are_off_in_the_private_part(
    asked: Questionnaire,
) -> None:
    neutral = {"yes", "no", "none", "sometimes", "not-really", "in-part", NOT_SURE, RATHER_TALK}
    neutral |= {"better", "same", "harder"}
    items = [o for q in asked.questions() if q.is_private for o in q.options if o.id not in neutral]

    assert [o.id for o in items if bool(o.sources) == o.is_extra] == []


# How the sections are made ------------------------------------------------------------------------


def test_the_full_questionnaire_has_six_sections_and_the_quickest_comes_first() -> None:
    sections = shipped("full").sections

    assert [section.id for section in sections] == [
        *("brings", "reflection", "growing", "support", "safe", "hopes"),
    ]
    assert [section.id for section in sections if section.is_private] == ["safe"]
    assert min(section.minutes for section in sections) == sections[0].minutes
    assert sum(section.minutes for section in sections) == 10


def test_the_short_questionnaire_asks_three_questions_and_none_in_private() -> None:
    asked = shipped("short")

    assert len(list(asked.questions())) == 3
    assert without_private(asked) == asked
    assert all(question.when is None for question in asked.questions())


def test_the_picked_prompts_are_shown_and_those_that_may_hurt_are_not_shown_first() -> None:
    asked = with_extras(shipped("full"), ())
    section = asked.section("reflection")
    pick, *prompts = [q for q in section.questions if q.id.startswith("reflect-")]
    by_pick = {
        option.id: option.sources for option in pick.options if option.sources or option.id == "all"
    }

    def shown(*picked: str) -> list[str]:
        now = visible(asked, {pick.id: picked})
        return [source for q in prompts if q.id in now for source in q.sources]

    assert shown() == shown(NOT_SURE) == shown(RATHER_TALK) == []
    for picked, sources in by_pick.items():
        if sources:
            assert shown(picked) == list(sources)
    assert shown("self", "hopes") == ["A-J3", "A-J6"]
    assert shown("all") == ["A-J3", "A-J5", "A-J6", "A-J1", "A-J2", "A-J4"]
    assert [s for option in pick.options for s in option.sources] == shown("all")


@every_version
def test_nothing_depends_on_a_private_answer(asked: Questionnaire) -> None:
    for question in asked.questions():
        if question.when is not None:
            assert not question.is_private
            assert not asked.question(question.when.question).is_private


@every_version
def test_every_choice_leaves_a_way_to_say_neither(asked: Questionnaire) -> None:
    for question in asked.questions():
        if question.kind in {Kind.ONE, Kind.SEVERAL}:
            assert question.takes(RATHER_TALK), question.id
            assert question.takes(NOT_SURE) or len(question.options) == 1, question.id
        elif not question.kind.is_text:
            assert question.takes(NOT_SURE) or question.takes(RATHER_NOT), question.id


@every_version
def test_whoever_would_rather_talk_can_say_so_in_every_section(asked: Questionnaire) -> None:
    for section in with_extras(asked, ()).sections:
        always = visible(asked, {})
        ways = [q.id for q in section.questions if q.takes(RATHER_TALK) and q.id in always]
        assert ways, section.id


@every_version
def test_what_is_off_until_the_practice_switches_it_on_leaves_enough_to_choose(
    asked: Questionnaire,
) -> None:
    for question in with_extras(asked, ()).questions():
        assert question.kind.is_text or question.options, question.id


@every_version
def test_the_names_of_questions_are_good_names_in_a_form(asked: Questionnaire) -> None:
    for name in [asked.consent.id, *(question.id for question in asked.questions())]:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name), name
        assert len(name) <= 40
        assert name not in KEPT_NAMES
        assert not name.startswith("seen-")
    assert all(re.fullmatch(r"[a-z]+", section.id) for section in asked.sections)


# The words ----------------------------------------------------------------------------------------


@every_version
def test_no_two_questions_are_called_alike(asked: Questionnaire) -> None:
    labels = [question.label for question in asked.questions()]

    assert len(set(labels)) == len(labels)


@every_version
def test_no_section_is_headed_by_a_crisis(asked: Questionnaire) -> None:
    for heading in [asked.title, *(section.title for section in asked.sections)]:
        assert not re.search(r"\b(?:crisis|danger|emergency|abuse)\b", heading, re.IGNORECASE)


@every_version
def test_questions_judge_nobody_and_name_no_condition(asked: Questionnaire) -> None:
    assert found(LABELS, words_of(asked)) == []


@every_version
def test_questions_are_short_and_set_as_they_are_read(asked: Questionnaire) -> None:
    for text in words_of(asked):
        assert len(text) <= 140, text
        assert "'" not in text, text
        assert '"' not in text, text
        assert "  " not in text, text
        assert text == text.strip()


def test_nothing_is_claimed_that_has_no_source() -> None:
    told = [text for file in SHIPPED for text in words_of(questionnaire_in(file))]
    told += consent_text(coach="Maya", months=12)
    claims = found(UNSOURCED, told)
    for template in templates():
        claims += [(p, name_of(template)) for p, _ in found(UNSOURCED, [visible_words(template)])]
    for floor in ("domain", "usecases", "queries", "forms", "web"):
        for path in python_files(PRACTICE / floor):
            spoken = [t for t in strings(path) if " " in t and t[:1].isupper()]
            claims += [(p, f"{path.name}: {text}") for p, text in found(UNSOURCED, spoken)]

    assert claims == []


@pytest.mark.parametrize(
    "claim",
    [
        "73% of men are reluctant",
        "Research shows that it works",
        "Most relationship experts agree",
        "Statistical research says so",
        "Studies suggest three months",
        "Most couples wait too long",
    ],
)
def test_a_claim_without_a_source_would_be_found(claim: str) -> None:
    assert found(UNSOURCED, [claim])


# Versions -----------------------------------------------------------------------------------------


def test_a_shipped_version_never_changes() -> None:
    lines = [line.split() for line in HASHES.read_text().splitlines()]
    known = {name: digest for digest, name in lines}
    now = {file.name: sha256(file.read_bytes()).hexdigest() for file in SHIPPED}

    changed = [name for name, digest in known.items() if now.get(name) != digest]
    assert changed == [], "Answers keep the version that they answered: ship version 2 instead."
    assert now.keys() == known.keys(), f"Add the new version to {HASHES.name}."
