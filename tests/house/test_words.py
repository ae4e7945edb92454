"""What the house says: no banned word, no sentence of the two articles, no template unused."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from practice.domain.letters import LetterKind
from tests.house.reading import (
    PRACTICE,
    ROOT,
    name_of,
    plain_words,
    python_files,
    strings,
    templates,
    visible,
)

RUNS = Path(__file__).with_name("article_runs.sha256")
RUN_LENGTH = 8
QUESTIONS = sorted((PRACTICE / "questionnaires").glob("*.toml"))

BANNED = [
    r"\bsimply\b",
    r"\bdon[’']t worry\b",
    r"\bjourney\b",
    r"\bhusbands?\b",
    r"\bwi(?:fe|ves)\b",
    r"\bhe/she\b",
    r"\bhis or her\b",
    r"\bonly \d+ left\b",
    r"\bhurry\b",
    r"\bguarantee",
    r"\bsave your (?:marriage|relationship)\b",
    r"\bfix your\b",
    r"\boops\b",
    r"\bplease note\b",
    r"\blorem\b",
    r"\bdays? in a row\b",
    r"\bwhat did you do wrong\b",
    r"\byou are in an? \w+ relationship\b",
    r"\byou failed\b",
    r"\bwe promise\b",
    r"[a-z]!(?:\s|$)",
    r"[\U0001F300-\U0001FAFF\u2600-\u27BF]",
]
# "That time has just gone" is the sentence for a lost race; elsewhere "just" makes things small.
JUST = re.compile(r"\bjust\b(?! gone\b)", re.IGNORECASE)
OUTSIDE = re.compile(
    r"\b(couples?|relationships?|therap\w+|coaching|intake|safety|partners?)\b", re.IGNORECASE
)


@pytest.mark.parametrize("template", templates(), ids=name_of)
def test_a_page_is_worded_plainly_and_calmly(template: Path) -> None:
    text = visible(template)

    found = [word for word in BANNED if re.search(word, text, re.IGNORECASE)]
    found += JUST.findall(text)

    assert found == [], text


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.name)
def test_a_question_is_worded_plainly_and_calmly(file: Path) -> None:
    text = file.read_text()

    found = [word for word in BANNED if re.search(word, text, re.IGNORECASE)]
    found += JUST.findall(text)

    assert found == []


def test_sentences_in_the_code_are_worded_plainly_and_calmly() -> None:
    floors = ("domain", "usecases", "queries", "forms", "web", "cli")
    spoken = [
        (path, text)
        for floor in floors
        for path in python_files(PRACTICE / floor)
        for text in strings(path)
        if " " in text and text[:1].isupper() and not text.endswith((".\n", "\n    "))
    ]

    found = [
        f"{path.name}: {text}"
        for path, text in spoken
        if any(re.search(word, text, re.IGNORECASE) for word in [*BANNED[:-2], *BANNED[-1:]])
    ]

    assert found == []


def test_letters_say_nothing_that_a_glance_over_a_shoulder_may_not_see() -> None:
    for template in templates():
        if name_of(template).startswith("mail/"):
            assert not OUTSIDE.search(visible(template)), name_of(template)


def test_no_heading_speaks_of_a_crisis() -> None:
    for template in templates():
        for heading in re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", template.read_text(), re.DOTALL):
            assert "crisis" not in heading.casefold(), name_of(template)


def test_no_run_of_eight_words_comes_from_the_articles() -> None:
    known = set(RUNS.read_text().split())
    told = [(name_of(template), visible(template)) for template in templates()]
    told += [(path.name, text) for path in python_files(PRACTICE) for text in strings(path)]
    told += [
        (path.name, path.read_text())
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *QUESTIONS]
    ]

    found = [
        f"{where}: {run}"
        for where, text in told
        for run in runs(text)
        if sha256(run.encode()).hexdigest()[:16] in known
    ]

    assert len(known) > 3000
    assert found == []


def runs(text: str) -> list[str]:
    """Every run of eight words of a text."""
    words = plain_words(text)
    return [" ".join(words[i : i + RUN_LENGTH]) for i in range(len(words) - RUN_LENGTH + 1)]


def test_every_template_is_used() -> None:
    named = {text for path in python_files(PRACTICE) for text in strings(path)}
    for template in templates():
        quoted = re.findall(r"""["']([\w/-]+\.(?:html|txt))["']""", template.read_text())
        folder = "mail/" if name_of(template).startswith("mail/") else ""
        named |= {folder + name for name in quoted}
    for kind in LetterKind:
        named |= {f"mail/{kind}/body.txt", f"mail/{kind}/body.html", f"mail/{kind}/subject.txt"}

    unused = [name_of(template) for template in templates() if name_of(template) not in named]

    assert unused == []


def test_every_letter_is_written_in_text_and_in_html() -> None:
    there = {name_of(template) for template in templates()}

    for kind in LetterKind:
        assert {f"mail/{kind}/body.txt", f"mail/{kind}/body.html"} <= there
