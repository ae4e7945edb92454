"""An export as people read it: the same value, with headings and days in words."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from practice.domain.letters import MONTHS

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_TITLES: Final = {
    "person": "The person",
    "appointments": "Appointments",
    "letters": "Letters",
    "payments": "Payments",
    "consents": "Consents",
    "shared": "What was shared",
    "journal": "What happened",
    "notes": "The coach’s own notes",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line: what it is called, and what it says."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines that belong together."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """All of one kind; without parts there is nothing of it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ExportPage:
    """An export, for a page that stands for itself."""

    name: str
    practice: str
    coach: str
    made: str
    left_out: tuple[str, ...]
    chapters: tuple[Chapter, ...]


def readable(export: dict[str, Any]) -> ExportPage:
    """Return an export as chapters of lines; nothing of it is left away but what is empty."""
    return ExportPage(
        name=export["person"]["name"],
        practice=export["practice"],
        coach=export["coach"],
        made=_said(export["made_at"]),
        left_out=tuple(export["left_out"]),
        chapters=tuple(
            Chapter(title, _parts(export[key])) for key, title in _TITLES.items() if key in export
        ),
    )


def _parts(value: Any) -> tuple[Part, ...]:
    each = value if isinstance(value, list) else [value]
    return tuple(Part(tuple(_rows(part))) for part in each)


def _rows(part: dict[str, Any], within: str = "") -> list[Row]:
    rows: list[Row] = []
    for key, value in part.items():
        label = f"{within}{', ' if within else ''}{_label(key)}"
        if isinstance(value, dict):
            rows += _rows(value, label)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            rows += [row for inner in value for row in _inner(inner, label)]
        elif value not in (None, "", []):
            rows.append(Row(label, _said(value)))
    return rows


def _inner(part: dict[str, Any], label: str) -> list[Row]:
    if part.keys() == {"question", "answer"}:
        return [Row(part["question"], _said(part["answer"]))]
    return _rows(part, "" if label == "Sections" else label)


def _label(key: str) -> str:
    return key.replace("_minor", " in the smallest units").replace("_", " ").capitalize()


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return " · ".join(map(_said, value))
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        at = datetime.fromisoformat(value).astimezone(UTC)
        return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"
    return str(value)
