"""Pages that read alike for many visitors: drawn once, with what is each one's own set in anew."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock

from flask import current_app

_MOST = 64


class DrawnPages:
    """The pages that were drawn last, by all that they show; safe for several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def page(self, shown: Hashable, own: Mapping[str, str], draw: Callable[[], str]) -> str:
        """Return the page for `shown`; each value of `own` stands on it once, under its name.

        A page on which one of them is missing, or comes twice, is drawn anew every time.
        """
        with self._lock:
            kept = self._kept.get(shown)
            if kept is not None:
                self._kept.move_to_end(shown)
        if kept is None:
            text = draw()
            if all(text.count(value) == 1 for value in own.values()):
                self._keep(shown, text, own)
            return text
        for name, value in own.items():
            kept = kept.replace(_mark(name), value)
        return kept

    def _keep(self, shown: Hashable, text: str, own: Mapping[str, str]) -> None:
        for name, value in own.items():
            text = text.replace(value, _mark(name))  # nobody's own value is kept for another
        with self._lock:
            self._kept[shown] = text
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)


def drawn_pages() -> DrawnPages:
    """Return the drawn pages of this app."""
    found: DrawnPages = current_app.extensions.setdefault("practice_drawn", DrawnPages())
    return found


def _mark(name: str) -> str:
    # NUL can stand in nothing that was typed or stored (web/guards.py), so no text looks like it.
    return f"\x00{name}\x00"
