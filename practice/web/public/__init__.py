"""The front door: pages for clients, who have no account."""

from practice.web.public import (
    appointment,
    asking,
    booking,
    contact,
    feed,
    gate,
    invitation,
    paying,
    picking,
    sessions,
    sharing,
    sitting,
    writing,
)
from practice.web.public.blueprint import public

__all__ = [
    "appointment",
    "asking",
    "booking",
    "contact",
    "feed",
    "gate",
    "invitation",
    "paying",
    "picking",
    "public",
    "sessions",
    "sharing",
    "sitting",
    "writing",
]
