"""What a part of the battery found: figures, and what must not be."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """The outcome of one part on one database; it holds if there is no breach."""

    name: str
    database: str
    figures: dict[str, str] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)

    def tell(self, **figures: object) -> None:
        """Add figures to the table."""
        for name, value in figures.items():
            shown = f"{value:.1f}" if isinstance(value, float) else str(value)
            self.figures[name.replace("_", " ")] = shown

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Note a figure, and a breach where it is not the wanted one."""
        self.figures[what] = str(found)
        if found != wanted:
            self.breaches.append(f"{what}: {found}, not {wanted}")

    def require(self, what: str, *, holds: bool) -> None:
        """Note a breach unless the condition holds."""
        if not holds:
            self.breaches.append(what)


def percentile(seconds: Sequence[float], share: float) -> str:
    """Return the share's percentile in milliseconds, as text; "–" where nothing was measured."""
    if not seconds:
        return "–"
    ordered = sorted(seconds)
    index = min(int(len(ordered) * share), len(ordered) - 1)
    return f"{ordered[index] * 1000:.0f} ms"
