"""The desk: pages for coaches, who are signed in."""

from practice.web.desk import (
    blocks,
    bookings,
    brief,
    checklist,
    figures,
    hours,
    letters,
    money,
    offerings,
    payments,
    prove,
    requests,
    set_up,
    week,
    words,
)
from practice.web.desk.blueprint import desk

__all__ = [
    "blocks",
    "bookings",
    "brief",
    "checklist",
    "desk",
    "figures",
    "hours",
    "letters",
    "money",
    "offerings",
    "payments",
    "prove",
    "requests",
    "set_up",
    "week",
    "words",
]
