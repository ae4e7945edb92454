"""How the tests of this folder read the source: syntax trees, strings, visible words."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRACTICE = ROOT / "practice"
TESTS = ROOT / "tests"
TEMPLATES = PRACTICE / "templates"

_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_SPOKEN = re.compile(r"""\b(?:aria-label|alt|title|placeholder)="([^"]*)\"""")


@cache
def python_files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*.py") if "vendor" not in path.parts))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls(path: Path) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))


def dotted(node: ast.expr) -> str:
    """The name of what is called: "datetime.now"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def strings(path: Path) -> Iterator[str]:
    """All text constants of a module; the pieces of an f-string as one, with a gap for values."""
    inside: set[int] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield " ".join(
                str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in inside:
            yield from [node.value] if isinstance(node.value, str) else []


def templates() -> list[Path]:
    return [path for path in sorted(TEMPLATES.rglob("*")) if path.is_file()]


def name_of(template: Path) -> str:
    return template.relative_to(TEMPLATES).as_posix()


def visible(template: Path) -> str:
    """The words of a template that a person reads or hears."""
    text = template.read_text()
    heard = " ".join(_SPOKEN.findall(text))
    bare = _TAG.sub(" ", _UNSEEN.sub(" ", _JINJA.sub(" … ", text)))
    quoted = " ".join(
        word for code in _JINJA.findall(text) for word in re.findall(r'"([^"]* [^"]*)"', code)
    )
    return " ".join(f"{bare} {heard} {quoted}".split())


def plain_words(text: str) -> list[str]:
    """Words without case, accents of typesetting and apostrophes: what makes a run of words."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.findall(r"[^\W_]+", re.sub(r"['’‘`]", "", text))
