"""Small bar charts, drawn by the server as numbers that an SVG needs and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 480, 120
_GAP = 0.25


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in units of the chart, y downwards; `told` says what it stands for."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A row of bars from 0 up, and `most`, what its upper edge is."""

    title: str
    told: str
    width: int
    height: int
    most: str
    first: str
    last: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """What one bar shows: its label, its value (None is none), and the value as people say it."""

    label: str
    value: int | None
    spoken: str


def chart_of(title: str, columns: Sequence[Column], *, most: int | None = None) -> Chart:
    """Return the chart of at least one column; `most` is the upper edge, else the largest value."""
    known = [(each.value, each.spoken) for each in columns if each.value is not None]
    top = max(known, default=(0, "nothing"))
    edge = most if most is not None else max(top[0], 1)
    step = _WIDTH / len(columns)
    return Chart(
        title=title,
        told=_told(columns, top[1]) if known else "There is nothing to show yet.",
        width=_WIDTH,
        height=_HEIGHT,
        most=top[1] if most is None and top[0] > 0 else "",
        first=columns[0].label,
        last=columns[-1].label,
        bars=tuple(_bar(each, index, step, edge) for index, each in enumerate(columns)),
    )


def _told(columns: Sequence[Column], top: str) -> str:
    return f"From {columns[0].label} to {columns[-1].label}; the highest is {top}."


def _bar(column: Column, index: int, step: float, edge: int) -> Bar:
    height = round(_HEIGHT * min(max(column.value or 0, 0), edge) / edge, 1)
    return Bar(
        x=round((index + _GAP / 2) * step, 1),
        y=round(_HEIGHT - height, 1),
        width=round(step * (1 - _GAP), 1),
        height=height,
        told=f"{column.label}: {column.spoken}",
    )
