"""A keyboard, and eyes for where the focus is: it must be seen wherever a key takes it."""

from playwright.sync_api import Page

_WHERE = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
  // A radio lies unseen over its tile, which wears the ring.
  const ring = at.matches(".tile input") ? at.nextElementSibling : at;
  const box = ring.getBoundingClientRect();
  const style = getComputedStyle(ring);
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const bar = seen?.closest(".top");
  // Of a field for many lines, those count that are typed into first.
  const bottom = at.matches("textarea") ? box.top + 48 : box.bottom;
  return {
    label: label.replace(/\\s+/g, " ").trim(),
    // The little calendar within a field of dates has the focus; the field wears the ring.
    ringed: at.matches(":focus-visible, input:focus-within") && style.outlineStyle !== "none"
      && parseFloat(style.outlineWidth) >= 2,
    covered: Boolean(bar) && !bar.contains(at),
    inside: box.width > 1 && box.height > 1 && box.top >= 0 && bottom <= innerHeight
      && box.left >= 0 && box.right <= innerWidth,
  };
}"""


def press_key(page: Page, key: str) -> str:
    """Press a key that moves the focus; see where it went, and that it can be seen there."""
    page.keyboard.press(key)
    return look(page)


def look(page: Page) -> str:
    where = page.evaluate(_WHERE)
    assert where["ringed"], f"the focus cannot be seen on {where['label']!r}"
    assert where["inside"], f"the focus is off the screen on {where['label']!r}"
    assert not where["covered"], f"the focus is under the bar on {where['label']!r}"
    return str(where["label"])


def tab_to(page: Page, label: str, *, key: str = "Tab") -> list[str]:
    """Tab until something of this label has the focus; return what was passed."""
    passed: list[str] = []
    while not passed or not passed[-1].startswith(label):
        passed.append(press_key(page, key))
        assert len(passed) < 40, f"{label} is not reached: {passed}"
    return passed
