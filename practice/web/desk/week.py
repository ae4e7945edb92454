"""The week."""

from practice.web.desk.blueprint import desk


@desk.get("/")
def week() -> str:
    """Show the week."""
    return "week"
