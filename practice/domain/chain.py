"""A chain of lines: each is bound to all before it, so that one that is taken out shows.

`stamp` makes 32 bytes of data as only the house can. A line's digest stamps what it says, its link
binds the digest to the head before it, and the new head is a stamp of that link. Of all heads only
the last one is kept: who cuts the end off cannot make the head that stood there.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

Stamp = Callable[[bytes], bytes]

START: Final = b"\0" * 32
"""The head of a chain without any line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is kept; `content` is None where what it said is forgotten on purpose."""

    number: int
    digest: bytes
    link: bytes
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the number of its last line, and the stamp of that line's link."""

    number: int
    link: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold any more, and what was done to it, as a sentence."""

    number: int
    sentence: str


def content_of(*parts: str | int | datetime | None) -> bytes:
    """Return what a line says, in the one spelling that is stamped."""
    told = [part.isoformat() if isinstance(part, datetime) else part for part in parts]
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()


def bind(head: Head, content: bytes, stamp: Stamp) -> tuple[Line, Head]:
    """Return the next line of a chain, and the head after it."""
    number, digest = head.number + 1, stamp(b"line:" + content)
    link = _link(head.link, digest, stamp)
    return Line(number, digest, link, content), Head(number, _head(link, stamp))


def first_break(lines: Iterable[Line], head: Head | None, stamp: Stamp) -> Break | None:
    """Return where a chain, its lines in order of number, is broken first; None where it holds."""
    at = Head(0, START)
    for line in lines:
        if line.number != at.number + 1:
            missing = at.number + 1
            return Break(missing, f"Line {missing} is missing.")
        if line.content is not None and stamp(b"line:" + line.content) != line.digest:
            return Break(line.number, f"Line {line.number} was changed.")
        if _link(at.link, line.digest, stamp) != line.link:
            told = f"Line {line.number} does not follow the one before: it was put there."
            return Break(line.number, told)
        at = Head(line.number, _head(line.link, stamp))
    if head is None and at.number == 0:
        return None
    if head is None or head != at:
        missing = at.number + 1
        return Break(missing, f"The end is cut off: line {missing} and what followed is missing.")
    return None


def _link(head: bytes, digest: bytes, stamp: Stamp) -> bytes:
    return stamp(b"link:" + head + digest)


def _head(link: bytes, stamp: Stamp) -> bytes:
    return stamp(b"head:" + link)
