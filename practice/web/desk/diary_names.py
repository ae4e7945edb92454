"""Hiding names in the diary: its addresses remember it, for reading writes nothing."""

from flask import request, url_for

from practice.web.desk.blueprint import desk


def hides_names() -> bool:
    """Tell whether whoever looks asked for initials instead of names."""
    return request.args.get("names") == "hidden"


def names() -> str | None:
    """Return what every link of the diary hands on."""
    return "hidden" if hides_names() else None


@desk.context_processor
def names_of_links() -> dict[str, object]:
    """Give every page of the desk what its links to the diary hand on."""
    return {"names": names(), "diary_href": _href}


def _href(endpoint: str, **values: object) -> str:
    """Return an address of the diary that keeps names hidden where they are."""
    return url_for(endpoint, **{"names": names(), **values})  # type: ignore[arg-type]
