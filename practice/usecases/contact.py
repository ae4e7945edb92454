"""Safe contact: setting how a person may be written to, from her own link."""

from dataclasses import replace
from datetime import datetime

from practice.domain.booking import Actor
from practice.domain.contact import Wishes
from practice.models.booking import BookingPerson
from practice.models.journal import Happening, tell
from practice.models.outbox import judge_anew
from practice.models.throttle import take
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools
from practice.queries.appointment import person_of
from practice.usecases.letters import remind_after_all


def set_contact(token: str, wishes: Wishes, *, tools: Tools, tells_of_mailbox: bool = True) -> None:
    """Keep how the person of a private link may be written to, for every letter from now on.

    Letters that wait already obey it as well, for each is judged when it is due. Unless the wishes
    tell who reads the mailbox, that stays as it was. Raises NotFound, TooMany.
    """
    now = tools.clock.now()
    person_id = person_of(token, tools=tools).id

    def act() -> None:
        with unit_of_work() as session:
            if tools.rate_limits:
                take(session, f"contact:{person_id}", burst=20, per_seconds=60, now=now)
            person = session.get_one(BookingPerson, person_id, populate_existing=True)
            shared = wishes.mailbox_shared if tells_of_mailbox else person.mailbox_shared
            _keep(person, replace(wishes, mailbox_shared=shared), now)
            judge_anew(session, person_id, now)
            remind_after_all(session, person, now=now)
            tell(
                session,
                Happening.CONTACT_SET,
                actor=Actor.CLIENT,
                now=now,
                coach_id=person.booking.coach_id,
                booking_id=person.booking_id,
                person_id=person_id,
            )

    persistently(act)


def _keep(person: BookingPerson, wishes: Wishes, now: datetime) -> None:
    person.contact_set_at = now
    person.letters_ok = wishes.letters_ok
    person.wants_reminder = wishes.reminder_ok
    person.mailbox_shared = wishes.mailbox_shared
    if wishes.mailbox_shared and person.mailbox_was_shared_at is None:
        person.mailbox_was_shared_at = now
    person.letters_from_minute = wishes.from_minute
    person.letters_until_minute = wishes.until_minute
    person.called = wishes.called
