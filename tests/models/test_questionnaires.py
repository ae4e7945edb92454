"""The shipped data files: each is found, read once, and refused where it is not as it must be."""

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from practice.domain.questionnaire import Kind
from practice.models.questionnaires import questionnaire_of, shipped

SMALL = """
title = "Before"

[consent]
id = "agree"
kind = "consent"
label = "I agree"

[[sections]]
id = "open"
title = "Open"
minutes = 1
intro = ""

[[sections.questions]]
id = "which"
kind = "several"
label = "Which?"
sources = ["A-1"]
options = [
  { id = "tea", label = "Tea", sources = ["A-2"] },
  { id = "rum", label = "Rum", extra = true },
]

[[sections.questions]]
id = "why"
kind = "long"
label = "Why?"
when = { question = "which", any_of = ["tea"] }

[[sections]]
id = "private"
title = "Private"
minutes = 1
intro = ""
is_private = true

[[sections.questions]]
id = "safe"
kind = "yes-no"
label = "Is it safe?"
"""


def small() -> dict[str, Any]:
    return tomllib.loads(SMALL)


@pytest.mark.parametrize("slug", ["full", "short"])
def test_the_newest_version_is_had_where_none_is_named(slug: str) -> None:
    newest = shipped(slug)

    assert newest.slug == slug
    assert shipped(slug, newest.version) is newest


@pytest.mark.parametrize(("slug", "version"), [("long", None), ("full", 0), ("short", 99)])
def test_what_was_never_shipped_is_not_had(slug: str, version: int | None) -> None:
    with pytest.raises(KeyError):
        shipped(slug, version)


def test_every_file_of_the_folder_is_a_version_that_can_be_read() -> None:
    names = sorted(file.name for file in (files("practice") / "questionnaires").iterdir())

    assert names
    for name in names:
        slug, _, version = name.removesuffix(".toml").rpartition("-")
        assert shipped(slug, int(version)).version == int(version)


def test_a_data_file_becomes_a_questionnaire() -> None:
    made = questionnaire_of(small(), slug="small", version=3)
    which, why, safe = made.questions()

    assert (made.slug, made.version, made.title) == ("small", 3, "Before")
    assert made.consent.kind is Kind.CONSENT
    assert which.sources == ("A-1",)
    assert which.options[0].sources == ("A-2",)
    assert [option.is_extra for option in which.options] == [False, True]
    assert why.when is not None
    assert (why.when.question, why.when.any_of) == ("which", ("tea",))
    # What is private is said once, at the section.
    assert [question.is_private for question in (which, why, safe)] == [False, False, True]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.pop("title"),
        lambda table: table.update(titel="Before"),
        lambda table: table["sections"][0].update(minute=1),
        lambda table: table["sections"][0]["questions"][0].update(hint="?"),
        lambda table: table["sections"][0]["questions"][0].update(kind="many"),
        lambda table: table["sections"][0]["questions"][0]["options"][0].update(lable="Tea"),
        lambda table: table["sections"][0]["questions"][1]["when"].update(any_of=["gin"]),
    ],
)
def test_a_slip_in_a_data_file_is_an_error_and_not_a_question_less(
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    table = small()
    spoil(table)

    with pytest.raises((TypeError, ValueError)):
        questionnaire_of(table, slug="small", version=1)
