"""Sealing and opening one section of an intake: its answers, and whether it was called done."""

import json
from dataclasses import dataclass, field
from typing import Literal

from practice.domain.questionnaire import Answer
from practice.models.intake import Intake
from practice.ports import Vault

Copy = Literal["draft", "shared"]

# A length in bytes would tell which options were chosen: all that show are whole blocks.
_BLOCK = 1024
_PRIVATE_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Document:
    """What a section holds: answers by the id of their question, skipped ones absent."""

    answers: dict[str, Answer] = field(default_factory=dict)
    done: bool = False


def seal_document(
    document: Document,
    key: Vault,
    *,
    intake: Intake,
    section: str,
    copy: Copy,
    is_private: bool = False,
) -> bytes:
    """Return the section sealed for its place: this intake, this section, this copy.

    It is filled up with blanks, which JSON lets stand at its end.
    """
    # Escaped to ASCII: whatever a browser managed to send can be kept, half characters too.
    text = json.dumps({"answers": document.answers, "done": document.done}, separators=(",", ":"))
    block = _PRIVATE_BLOCK if is_private else _BLOCK
    padded = text.ljust(-(-len(text) // block) * block)
    return key.seal(padded, place=_place(intake, section, copy))


def open_document(
    sealed: bytes | None, key: Vault, *, intake: Intake, section: str, copy: Copy
) -> Document:
    """Return the section; nothing kept is an empty one. Raises Unreadable for all but its own."""
    if sealed is None:
        return Document()
    kept = json.loads(key.open(sealed, place=_place(intake, section, copy)))
    answers = {
        question: answer if isinstance(answer, str) else tuple(answer)
        for question, answer in kept["answers"].items()
    }
    return Document(answers, kept["done"])


def _place(intake: Intake, section: str, copy: Copy) -> str:
    return f"intake_sections:{intake.reference}/{section}:{copy}"
