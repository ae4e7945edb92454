"""Where and how to meet, in the words of pages, letters and calendars."""

from dataclasses import dataclass

from practice.domain.offering import Place, PlaceKind, is_web_link


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
        told = place.detail or f"{coach_name} sends you the link before you talk."
        if href:
            told = "The link opens in your browser. Your camera can stay off."
        return Meeting((f"Video call with {coach_name}", told), href, "Video call")
    if place.kind is PlaceKind.PHONE:
        told = place.detail or f"{coach_name} agrees with you who calls whom."
        return Meeting((f"Phone call with {coach_name}", told), "", "Phone call")
    address = tuple(line for line in place.detail.splitlines() if line.strip())
    return Meeting((f"Meeting with {coach_name}", *address), "", ", ".join(address))
