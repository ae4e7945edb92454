"""The questionnaires that are shipped: data files in the package, one for each version."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from practice.domain.questionnaire import Condition, Kind, Option, Question, Questionnaire, Section

_SHIPPED = files("practice") / "questionnaires"
_NAME = re.compile(r"([a-z]+)-([1-9][0-9]*)\.toml")

Table = Mapping[str, Any]


def shipped(slug: str, version: int | None = None) -> Questionnaire:
    """Return a version of a questionnaire, the newest where None; KeyError where there is none."""
    versions = _versions()[slug]
    if version is not None and version not in versions:
        raise KeyError(f"{slug}-{version}")
    return _read(slug, max(versions) if version is None else version)


@cache
def _versions() -> Mapping[str, frozenset[int]]:
    versions: dict[str, frozenset[int]] = {}
    for file in _SHIPPED.iterdir():
        if match := _NAME.fullmatch(file.name):
            slug, number = match[1], int(match[2])
            versions[slug] = versions.get(slug, frozenset()) | {number}
    return versions


@cache
def _read(slug: str, version: int) -> Questionnaire:
    table = tomllib.loads((_SHIPPED / f"{slug}-{version}.toml").read_text(encoding="utf-8"))
    return questionnaire_of(table, slug=slug, version=version)


def questionnaire_of(table: Table, *, slug: str, version: int) -> Questionnaire:
    """Make a questionnaire from its table; TypeError or ValueError where it is not as it must be.

    Whether a question is private stands once, at its section.
    """
    return Questionnaire(
        slug=slug,
        version=version,
        sections=tuple(_section(part) for part in table["sections"]),
        consent=_question(table["consent"], is_private=False),
        **_rest(table, "sections", "consent"),
    )


def _section(table: Table) -> Section:
    is_private = table.get("is_private", False)
    asked = tuple(_question(part, is_private=is_private) for part in table["questions"])
    return Section(questions=asked, **_rest(table, "questions"))


def _question(table: Table, *, is_private: bool) -> Question:
    when = table.get("when")
    return Question(
        kind=Kind(table["kind"]),
        options=tuple(_option(part) for part in table.get("options", ())),
        when=Condition(when["question"], tuple(when["any_of"])) if when else None,
        sources=tuple(table.get("sources", ())),
        is_private=is_private,
        **_rest(table, "kind", "options", "when", "sources"),
    )


def _option(table: Table) -> Option:
    return Option(
        sources=tuple(table.get("sources", ())),
        is_extra=table.get("extra", False),
        **_rest(table, "sources", "extra"),
    )


def _rest(table: Table, *taken: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in taken}
