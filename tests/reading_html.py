"""Reads pages as a browser does, and as fast as so many tests need it.

html5lib follows the standard to the letter and takes longer than our own code takes to make a page.
So it reads each shape of page once: the sequence of its tags, their attributes' names, and where
between them there are words. Nothing else decides how a plain page is read; thus where html5lib
found no fault in a shape, and a simple reader made the same tree of it, the simple one will do for
the other pages of that shape. Whatever is not plain always goes to html5lib.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from html import unescape
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import html5lib

_NAME = "[a-z][a-zA-Z0-9-]*"
_TAG = re.compile(
    rf"<(?:(/?)({_NAME})((?:\s+{_NAME}(?:=\"[^\"]*\")?)*)\s*(/?)|!(?:doctype|DOCTYPE) html)>",
    re.ASCII,
)
_ATTRIBUTE = re.compile(rf"({_NAME})(?:=\"([^\"]*)\")?")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
# An ampersand of any other kind, or a character that must be in no page.
_STRANGE = re.compile(
    "&(?!(?:amp|lt|gt|quot|nbsp|#39|#34);)"
    "|[^\\t\\n\\x0c\\r\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufdcf\\ufdf0-\\ufffc\\U00010000-\\U0001fffd]"
)
# Whose first newline is the writer's way to begin on a line of its own, and nobody's words.
_DEAF = {"textarea", "pre", "listing"}
_SVG = "{http://www.w3.org/2000/svg}"
_PROVEN: set[bytes] = set()

Errors = list[tuple[Any, str]]


def read(source: str) -> tuple[Element, Errors]:
    """Return the tree of a page, and where html5lib finds that it breaks the standard."""
    quick = None if _STRANGE.search(source) else _quickly(source.replace("\r\n", "\n"))
    if quick and quick[1] in _PROVEN:
        return quick[0], []
    tree, errors = _thoroughly(source)
    if quick and not errors and _same(tree, quick[0]):
        _PROVEN.add(quick[1])
    return tree, errors


def _thoroughly(source: str) -> tuple[Element, Errors]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = cast("Element", parser.parse(source))
    return tree, [(at, code) for at, code, _ in parser.errors]


def _quickly(source: str) -> tuple[Element, bytes] | None:
    """Read what is plain: all tags written out, their values in double quotes; else None."""
    reader, end = _Reader(), 0
    try:
        for tag in _TAG.finditer(source):
            reader.words(source[end : tag.start()])
            closes, name, attributes, whole = tag.groups()
            if closes:
                reader.close(name)
            elif name:
                reader.open(name, attributes, whole=bool(whole))
            else:
                reader.doctype()
            end = tag.end()
            if name in _DEAF and not closes and source.startswith("\n", end):
                end += 1
        reader.words(source[end:])
        return reader.tree(), reader.shape()
    except (_NotPlainError, ParseError):
        return None


class _NotPlainError(Exception):
    pass


class _Reader:
    """Makes a tree and its shape of tags and words."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._shape: list[str] = []
        self._inside: list[str] = []

    def doctype(self) -> None:
        self._shape.append("!")

    def words(self, text: str) -> None:
        if not text:
            return
        empty = text.isspace()
        if "<" in text or not (empty or self._inside):
            raise _NotPlainError
        self._shape.append(" " if empty else "x")
        if self._inside:
            self._builder.data(unescape(text))

    def open(self, name: str, attributes: str, *, whole: bool) -> None:
        found = _ATTRIBUTE.findall(attributes)
        self._shape += (name, *(key for key, _ in found), "/>" if whole else ">")
        drawn = name == "svg" or self._inside[-1:] == [_SVG + "svg"]
        tag = _SVG + name if drawn else name
        self._builder.start(tag, {key: unescape(value) for key, value in found})
        if name in _VOID or (drawn and whole):
            self._builder.end(tag)
        else:
            self._inside.append(tag)

    def close(self, name: str) -> None:
        if not self._inside or self._inside[-1].removeprefix(_SVG) != name:
            raise _NotPlainError
        self._builder.end(self._inside.pop())
        self._shape.append("</>")

    def tree(self) -> Element:
        if self._inside or not self._shape:
            raise _NotPlainError
        return self._builder.close()

    def shape(self) -> bytes:
        return blake2b(" ".join(self._shape).encode()).digest()


def _same(one: Element, other: Element) -> bool:
    """Whether two trees say the same; how much room is left between tags does not count."""
    return (
        one.tag == other.tag
        and one.attrib == other.attrib
        and _said(one.text) == _said(other.text)
        and _said(one.tail) == _said(other.tail)
        and len(one) == len(other)
        and all(map(_same, one, other))
    )


def _said(text: str | None) -> str:
    return text if text and not text.isspace() else ""
