"""Writing down what is offered. Bookings keep the terms that they were made on.

It goes through the coach's lock, so that a booking is decided by the old terms or by the new.
"""

import secrets
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.letters import discreet
from practice.domain.offering import Draft
from practice.domain.refusal import NotFound
from practice.models.coach import Coach
from practice.models.journal import Happening, tell
from practice.models.offering import Offering
from practice.ports import Tools
from practice.usecases.diary import on_diary
from practice.usecases.founding import slug_of

T = TypeVar("T")

_RANDOM_BYTES = 10
_LONGEST_SLUG = 48


def add_offering(coach_id: int, draft: Draft, *, tools: Tools) -> int:
    """Offer something new, after all else that is offered; return its id."""

    def act(session: Session) -> int:
        offering = Offering(
            slug=_new_slug(session, draft),
            position=1 + (session.scalar(select(func.max(Offering.position))) or 0),
            coaches=[session.get_one(Coach, coach_id)],
        )
        _write(offering, draft)
        session.add(offering)
        session.flush()
        return offering.id

    return _changing(coach_id, act, tools)


def change_offering(coach_id: int, offering_id: int, draft: Draft, *, tools: Tools) -> None:
    """Offer it on other terms; raises NotFound.

    The link stays as it is, but for an offering that becomes secret: whoever knew the old link
    must not find it any more.
    """

    def act(session: Session) -> None:
        offering = _offering(session, coach_id, offering_id)
        if offering.is_shown and not draft.is_shown:
            offering.slug = _new_slug(session, draft)
        _write(offering, draft)

    _changing(coach_id, act, tools)


def archive_offering(coach_id: int, offering_id: int, *, tools: Tools) -> None:
    """Offer it no more; its bookings stand. Raises NotFound."""
    now = tools.clock.now()

    def act(session: Session) -> None:
        _offering(session, coach_id, offering_id).archived_at = now

    _changing(coach_id, act, tools)


def restore_offering(coach_id: int, offering_id: int, *, tools: Tools) -> None:
    """Offer again what was archived; raises NotFound."""

    def act(session: Session) -> None:
        _offering(session, coach_id, offering_id).archived_at = None

    _changing(coach_id, act, tools)


def move_up(coach_id: int, offering_id: int, *, tools: Tools) -> None:
    """Let an offering stand one place earlier; raises NotFound."""

    def act(session: Session) -> None:
        offering = _offering(session, coach_id, offering_id)
        rows = list(
            session.scalars(
                select(Offering)
                .where(Offering.archived_at.is_(None))
                .order_by(Offering.position, Offering.id)
            )
        )
        if offering in rows:
            place = rows.index(offering)
            rows.insert(max(0, place - 1), rows.pop(place))
        for position, row in enumerate(rows):
            row.position = position

    _changing(coach_id, act, tools)


def _changing(coach_id: int, act: Callable[[Session], T], tools: Tools) -> T:
    now = tools.clock.now()

    def told(session: Session) -> T:
        result = act(session)
        tell(session, Happening.OFFERING_CHANGED, actor=Actor.COACH, now=now, coach_id=coach_id)
        return result

    return on_diary(coach_id, told, now=now)


def _offering(session: Session, coach_id: int, offering_id: int) -> Offering:
    offering = session.get(Offering, offering_id)
    if offering is None or coach_id not in {coach.id for coach in offering.coaches}:
        raise NotFound("There is no such offering.")
    return offering


def _write(offering: Offering, draft: Draft) -> None:
    terms, place = draft.terms, draft.place
    offering.name, offering.about, offering.is_shown = draft.name, draft.about, draft.is_shown
    offering.place_kind = place.kind if place else None
    offering.place_detail = place.detail if place else ""
    offering.audience = terms.audience
    offering.questionnaire = draft.questions
    offering.intake_cutoff_minutes = draft.intake_cutoff_minutes
    offering.full_refund_hours = terms.cancellation.full_hours
    offering.part_refund_hours = terms.cancellation.part_hours
    offering.part_refund_percent = terms.cancellation.part_percent
    for name in (
        "length_minutes",
        "step_minutes",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "notice_minutes",
        "horizon_days",
        "daily_cap",
        "weekly_cap",
        "move_cutoff_minutes",
        "cancel_cutoff_minutes",
        "price_minor",
        "currency",
    ):
        setattr(offering, name, getattr(terms, name))


def _new_slug(session: Session, draft: Draft) -> str:
    base = _plain_slug(draft.name)
    if not draft.is_shown:
        return f"{base}-{secrets.token_hex(_RANDOM_BYTES)}"
    taken = set(session.scalars(select(Offering.slug).where(Offering.slug.startswith(base))))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _plain_slug(name: str) -> str:
    """Return a name for the address, which histories keep: no word that must not stand outside."""
    words = [word for word in slug_of(name, "session").split("-") if not discreet(word)]
    return "-".join(words)[:_LONGEST_SLUG].strip("-") or "session"
