"""The letter with a fresh way back, or nothing where nobody waits for one."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from practice.domain.contact import withheld
from practice.domain.letters import Letter, LetterKind
from practice.domain.zone import zone_named
from practice.models.booking import BookingPerson
from practice.models.intakes import intakes_by_code
from practice.models.link import Purpose, living_link
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.contact import wishes_of
from practice.queries.house import house

# Whoever holds the link can ask for codes: no more than so many of them reach a mailbox.
_MOST = 3
_WITHIN = timedelta(hours=1)


def sign_in_letter(row: OutboxLetter, tools: Tools, now: datetime) -> Letter | None:
    """Return the letter with the newest code of a person; None where it opens nothing by now.

    None also where this mailbox is not to be written to, or where others read it: the code is all
    that stands between them and the answers.
    """
    person = reading().get(BookingPerson, row.person_id, populate_existing=True)
    link = living_link(reading(), Purpose.WAY_BACK, row.person_id, now=now)
    if person is None or link is None or not intakes_by_code(reading(), person.id):
        return None
    if withheld(LetterKind.SIGN_IN, wishes_of(person)):
        return None
    if tools.rate_limits and _sent_lately(person.id, now) >= _MOST:
        return None
    ours = house()
    return Letter(
        kind=LetterKind.SIGN_IN,
        reference=row.reference,
        now=now,
        to_name=person.greeting,
        to_address=person.client.address,
        from_name=ours.sender_name,
        from_address=ours.sender_address,
        coach_name=person.booking.coach.name,
        practice_name=ours.name,
        zone=zone_named(person.zone),
        link=f"{tools.base_url}/c/{link.token(tools.vault)}",
    )


def _sent_lately(person_id: int, now: datetime) -> int:
    sent = select(func.count()).where(
        OutboxLetter.state == LetterState.SENT,
        OutboxLetter.due_at > now - _WITHIN,
        OutboxLetter.kind == LetterKind.SIGN_IN,
        OutboxLetter.person_id == person_id,
    )
    return reading().scalar(sent) or 0
