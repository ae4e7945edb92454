"""Where and how to meet, in the words of pages, letters and calendars."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from practice.domain.offering import Place, PlaceKind


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a meeting takes place: lines to read, and a link to join where there is one."""

    lines: tuple[str, ...]
    join_href: str
    short: str


def meeting(place: Place, coach_name: str) -> Meeting:
    """Return how to meet this coach."""
    if place.kind is PlaceKind.VIDEO:
        href = place.detail if is_web_link(place.detail) else ""
        lines = (f"Video call with {coach_name}",)
        lines += ("The link opens in your browser. Your camera can stay off.",) if href else (
            place.detail or f"{coach_name} sends you the link before you talk.",
        )
        return Meeting(lines, href, "Video call")
    if place.kind is PlaceKind.PHONE:
        told = place.detail or f"{coach_name} agrees with you who calls whom."
        return Meeting((f"Phone call with {coach_name}", told), "", "Phone call")
    lines = tuple(line for line in place.detail.splitlines() if line.strip())
    return Meeting((f"Meeting with {coach_name}", *lines), "", ", ".join(lines))


def is_web_link(text: str) -> bool:
    """Tell whether a text is a plain http(s) link, and not a scheme that runs something."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)
