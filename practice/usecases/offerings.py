"""Writing down what is offered. Bookings keep the terms that they were made on.

It locks all diaries, for an offering may be of several coaches: a booking is decided by the old
terms or by the new. Any coach who offers something may change it, and the owner everything.
"""

import secrets
from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.letters import discreet
from practice.domain.offering import Draft
from practice.domain.refusal import Invalid, NotFound
from practice.domain.roles import Right, Seat
from practice.models.coach import Coach
from practice.models.journal import Happening, tell
from practice.models.offering import Offering
from practice.ports import Tools
from practice.usecases.diary import on_all_diaries
from practice.usecases.founding import slug_of

T = TypeVar("T")

_RANDOM_BYTES = 10
_LONGEST_SLUG = 48


def add_offering(
    seat: Seat, draft: Draft, *, offered_by: Collection[int] | None = None, tools: Tools
) -> int:
    """Offer something new, after all else that is offered; return its id.

    `offered_by` are the coaches who do, for the owner to say; None is the coach of this seat.
    Raises Invalid (field `coaches`).
    """
    seat.require(Right.SETTINGS)

    def act(session: Session) -> int:
        offering = Offering(
            slug=_new_slug(session, draft),
            position=1 + (session.scalar(select(func.max(Offering.position))) or 0),
            coaches=[session.get_one(Coach, seat.coach_id)],
        )
        _give_to(seat, session, offering, offered_by)
        _write(offering, draft)
        session.add(offering)
        session.flush()
        return offering.id

    return _changing(seat, act, tools)


def change_offering(
    seat: Seat,
    offering_id: int,
    draft: Draft,
    *,
    offered_by: Collection[int] | None = None,
    tools: Tools,
) -> None:
    """Offer it on other terms; raises NotFound, and Invalid (field `coaches`).

    The link stays as it is, but for an offering that becomes secret: whoever knew the old link
    must not find it any more. `offered_by` as for a new one; None leaves it as it is.
    """
    seat.require(Right.SETTINGS)

    def act(session: Session) -> None:
        offering = _offering(session, seat, offering_id)
        if offering.is_shown and not draft.is_shown:
            offering.slug = _new_slug(session, draft)
        _give_to(seat, session, offering, offered_by)
        _write(offering, draft)

    _changing(seat, act, tools)


def archive_offering(seat: Seat, offering_id: int, *, tools: Tools) -> None:
    """Offer it no more; its bookings stand. Raises NotFound."""
    seat.require(Right.SETTINGS)
    now = tools.clock.now()

    def act(session: Session) -> None:
        _offering(session, seat, offering_id).archived_at = now

    _changing(seat, act, tools)


def restore_offering(seat: Seat, offering_id: int, *, tools: Tools) -> None:
    """Offer again what was archived; raises NotFound."""
    seat.require(Right.SETTINGS)

    def act(session: Session) -> None:
        _offering(session, seat, offering_id).archived_at = None

    _changing(seat, act, tools)


def move_up(seat: Seat, offering_id: int, *, tools: Tools) -> None:
    """Let an offering stand one place earlier among those of this seat; raises NotFound.

    It changes places with the one before, so that what others offer stays where it is.
    """
    _move(seat, offering_id, -1, tools)


def move_down(seat: Seat, offering_id: int, *, tools: Tools) -> None:
    """Let an offering stand one place later, as `move_up` does earlier; raises NotFound."""
    _move(seat, offering_id, 1, tools)


def _move(seat: Seat, offering_id: int, by: int, tools: Tools) -> None:
    seat.require(Right.SETTINGS)

    def act(session: Session) -> None:
        offering = _offering(session, seat, offering_id)
        rows = list(
            session.scalars(
                select(Offering)
                .where(Offering.archived_at.is_(None))
                .order_by(Offering.position, Offering.id)
            )
        )
        places = [place for place, row in enumerate(rows) if _is_of(seat, row)]
        place = rows.index(offering) if offering in rows else -1
        if place in places:
            other = places[min(max(places.index(place) + by, 0), len(places) - 1)]
            rows[other], rows[place] = rows[place], rows[other]
        for position, row in enumerate(rows):
            row.position = position

    _changing(seat, act, tools)


def _changing(seat: Seat, act: Callable[[Session], T], tools: Tools) -> T:
    now = tools.clock.now()

    def told(session: Session) -> T:
        result = act(session)
        by = seat.coach_id
        tell(session, Happening.OFFERING_CHANGED, actor=Actor.COACH, now=now, coach_id=by)
        return result

    return on_all_diaries(told)


def _offering(session: Session, seat: Seat, offering_id: int) -> Offering:
    offering = session.get(Offering, offering_id)
    if offering is None or not _is_of(seat, offering):
        raise NotFound("There is no such offering.")
    return offering


def _is_of(seat: Seat, offering: Offering) -> bool:
    return seat.may(Right.TEAM) or seat.coach_id in {coach.id for coach in offering.coaches}


def _give_to(
    seat: Seat, session: Session, offering: Offering, coach_ids: Collection[int] | None
) -> None:
    """Let these coaches offer it; who has left meanwhile stays with what she offered."""
    if coach_ids is None:
        return
    seat.require(Right.TEAM)
    here = session.scalars(select(Coach).where(Coach.is_active).order_by(Coach.position, Coach.id))
    wanted = [coach for coach in here if coach.id in coach_ids]
    if not wanted:
        raise Invalid("Choose at least one coach.", field="coaches")
    gone = [coach for coach in offering.coaches if not coach.is_active]
    offering.coaches = [*wanted, *gone]


def _write(offering: Offering, draft: Draft) -> None:
    terms, place = draft.terms, draft.place
    offering.name, offering.about, offering.is_shown = draft.name, draft.about, draft.is_shown
    offering.place_kind = place.kind if place else None
    offering.place_detail = place.detail if place else ""
    offering.audience = terms.audience
    offering.questionnaire = draft.questions
    offering.confirmation_words = draft.confirmation_words
    offering.reminder_hours = draft.reminder_hours
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
