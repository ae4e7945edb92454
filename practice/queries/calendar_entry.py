"""A booking as a calendar shows it: neutral outside, and the same UID for ever."""

from datetime import datetime

from practice.domain.letters import CalendarEntry, Method
from practice.models.booking import Booking
from practice.queries.house import House
from practice.queries.place import meeting


def entry_of(
    booking: Booking,
    house: House,
    *,
    method: Method,
    now: datetime,
    link: str = "",
    attendee: tuple[str, str] | None = None,
) -> CalendarEntry:
    """Return the calendar entry of a booking for one reader, stamped `now`."""
    return CalendarEntry(
        uid=f"{booking.uid}@practice.invalid",
        sequence=booking.sequence,
        method=method,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        stamp_at=now,
        title=house.calendar_title,
        organizer=(house.sender_name, house.sender_address),
        attendee=attendee,
        description=link,
        location=meeting(booking.place, booking.coach.name).short,
    )
