"""When the reminder of an appointment comes, as letters and pages say it."""

from datetime import datetime, timedelta

from practice.domain.offering import REMINDERS
from practice.models.booking import BookingPerson


def reminder_before(person: BookingPerson, now: datetime) -> str:
    """Say how long before the start a person is still to be reminded, "" for not at all."""
    hours = person.booking.offering.reminder_hours
    is_to_come = person.booking.starts_at - timedelta(hours=hours) > now
    return REMINDERS.get(hours, "") if person.wants_reminder and is_to_come else ""
