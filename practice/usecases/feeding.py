"""The feed of a diary: making its private address, letting it go, and how names stand in it."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.feed import FeedNames
from practice.domain.roles import Right, Seat
from practice.models.coach import Coach
from practice.models.journal import Happening, tell
from practice.models.link import Link, Opens, Purpose, new_link
from practice.ports import Tools
from practice.usecases.diary import on_diary


def make_feed(seat: Seat, *, tools: Tools) -> bool:
    """Make an address for the feed of the diary; an older one leads nowhere from now on.

    Returns whether there was an older one.
    """
    seat.require(Right.CALENDARS)
    now = tools.clock.now()

    def act(session: Session) -> bool:
        replaces = _let_go(session, seat)
        opens = Opens(coach_id=seat.coach_id)
        new_link(session, Purpose.FEED, opens, vault=tools.vault, now=now)
        tell(session, Happening.FEED_MADE, actor=Actor.COACH, now=now, coach_id=seat.coach_id)
        return replaces

    return on_diary(seat.coach_id, act, now=now)


def revoke_feed(seat: Seat, *, tools: Tools) -> None:
    """Let the address of the feed lead nowhere from now on."""
    seat.require(Right.CALENDARS)
    now = tools.clock.now()

    def act(session: Session) -> None:
        if _let_go(session, seat):
            tell(
                session, Happening.FEED_REVOKED, actor=Actor.COACH, now=now, coach_id=seat.coach_id
            )

    on_diary(seat.coach_id, act, now=now)


def choose_feed_names(seat: Seat, names: FeedNames, *, tools: Tools) -> None:
    """Choose how the names of clients stand in the feed."""
    seat.require(Right.CALENDARS)
    now = tools.clock.now()

    def act(session: Session) -> None:
        coach = session.get_one(Coach, seat.coach_id, populate_existing=True)
        if coach.feed_names != names:
            coach.feed_names = names
            tell(
                session,
                Happening.CALENDAR_CHANGED,
                actor=Actor.COACH,
                now=now,
                coach_id=seat.coach_id,
            )

    on_diary(seat.coach_id, act, now=now)


def _let_go(session: Session, seat: Seat) -> bool:
    own = (Link.coach_id == seat.coach_id, Link.purpose == Purpose.FEED)
    had = session.scalar(select(Link.id).where(*own).limit(1)) is not None
    session.execute(delete(Link).where(*own))
    return had
