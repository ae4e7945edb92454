"""Rulers for a page: what axe finds, what scrolls sideways, what is too small, what it weighs."""

import gzip
import json
import re
import urllib.request
from functools import cache
from typing import Any
from urllib.parse import urljoin

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_COLOURS = ["color-contrast", "link-in-text-block"]
_SMALLEST = 24
_ASSET = re.compile(r"<(?:link|script)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"")

_SIDEWAYS = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (it) => it.getBoundingClientRect().right > room + 1 && !it.closest(".vh, .skip"));
  return wide.slice(-3).map((it) => it.outerHTML.slice(0, 120)).concat("the page itself");
}"""

# A link within a line may be broken over two: every piece is tall enough, all are wide enough.
_SMALL = """(smallest) => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, label.tile, label.check"
  )].filter((it) => it.checkVisibility({visibilityProperty: true}) && !it.closest(".vh, .skip"))
  .filter((it) => {
    const pieces = [...it.getClientRects()].filter((box) => box.height > 0);
    return pieces.some((box) => box.height < smallest)
      || pieces.reduce((sum, box) => sum + box.width, 0) < smallest;
  })
  .map((it) => {
    const box = it.getClientRects()[0];
    return `${Math.round(box.width)}x${Math.round(box.height)} ${it.outerHTML.slice(0, 120)}`;
  })"""

# WCAG 1.4.12: what a reader may set without losing anything.
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important;"
    + " word-spacing: .16em !important } p { margin-block-end: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}"""


def axe_faults(page: Page, *, only_colours: bool = False) -> list[str]:
    """What axe-core finds on the page as it stands, a line for each kind of fault."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    rules = (
        {"type": "rule", "values": _COLOURS} if only_colours else {"type": "tag", "values": _TAGS}
    )
    options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
    found: dict[str, Any] = page.evaluate(f"axe.run({json.dumps(options)})")
    return [
        f"{fault['id']}: {', '.join(' '.join(node['target']) for node in fault['nodes'][:4])}"
        for fault in found["violations"]
    ]


def sideways(page: Page) -> list[str]:
    """What stands out so far that the page scrolls sideways."""
    return list(page.evaluate(_SIDEWAYS))


def small_targets(page: Page) -> list[str]:
    """Links, buttons and fields that are smaller than 24 px; axe lets many of them pass."""
    return list(page.evaluate(_SMALL, _SMALLEST))


def set_text(page: Page, percent: int) -> None:
    """Set the size of all text, as a reader does in her browser."""
    page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", f"{percent}%")


def space_text(page: Page) -> None:
    """Space letters, words and lines as far as WCAG 1.4.12 wants it to be possible."""
    page.evaluate(_SPACED)


def weigh(address: str, document: bytes) -> dict[str, list[int]]:
    """The weight of a page and of all that it loads, by kind, as gzip -9 sends it."""
    weights: dict[str, list[int]] = {"html": [_zipped(document)], "css": [], "woff2": [], "js": []}
    for path in dict.fromkeys(_ASSET.findall(document.decode())):
        kind = path.partition("?")[0].rpartition(".")[2]
        weights.setdefault(kind, []).append(_weight(urljoin(address, path), kind))
    return weights


@cache
def _weight(address: str, kind: str) -> int:
    with urllib.request.urlopen(address) as answer:
        body = answer.read()
    return len(body) if kind == "woff2" else _zipped(body)  # a font is compressed already


def _zipped(body: bytes) -> int:
    return len(gzip.compress(body, 9))
