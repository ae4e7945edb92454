"""The feed of a coach's diary: whose it is, whether it has changed, and what stands in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, func, select

from practice.domain import roles
from practice.domain.availability import Holding
from practice.domain.booking import Status
from practice.domain.feed import BLOCKED, FeedEntry, feed_title, own_mark
from practice.domain.refusal import NotFound
from practice.models.accounts import Role, User, user_roles
from practice.models.booking import Booking, BookingPerson
from practice.models.coach import Coach
from practice.models.link import NOTHING, Purpose, link_of
from practice.models.occupancy import Block, Occupancy
from practice.models.unit import reading
from practice.ports import MainVault, Tools

_BACK: Final = timedelta(days=30)
_FORM: Final = "1"
"""Another one whenever the same rows are written in another way."""

# What is over stands as it was; what nobody has confirmed, or was cancelled, is not there.
_SHOWN = (Status.CONFIRMED, Status.DONE, Status.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed that a token opens: its ETag without the quotation marks, and how to write it."""

    coach_id: int
    names: str
    own: str
    since: datetime
    etag: str


def own_uids(coach_id: int, vault: MainVault) -> str:
    """Return what the UIDs in a coach's own feed end in."""
    return own_mark(vault.stamp(str(coach_id).encode(), place="feeds:own"))


def feed_of(token: str, *, tools: Tools) -> Feed:
    """Return the feed of a token, nothing of it written; raises NotFound, the same for all.

    The ETag is made from a text that the database joins of all that the feed shows, so any change
    of the feed is one of the ETag, and nothing is loaded to tell that there was none.
    """
    now = tools.clock.now()
    link = link_of(reading(), Purpose.FEED, token, now=now)
    coach = reading().get(Coach, link.coach_id) if link is not None else None
    if coach is None or not coach.is_active or not _may_still(coach.id):
        raise NotFound(NOTHING)
    own, since = own_uids(coach.id, tools.vault), now - _BACK
    told = "\n".join(
        (
            _FORM,
            tools.base_url,
            coach.feed_names,
            own,
            *(reading().scalar(marks) or "" for marks in _marks(coach.id, since)),
        )
    )
    # Stamped by this house: against a digest that anybody can make, names could be tried.
    etag = tools.vault.stamp(told.encode(), place="feeds:etag").hex()[:32]
    return Feed(coach.id, coach.feed_names, own, since, etag)


def feed_file(feed: Feed, *, tools: Tools) -> bytes:
    """Return the feed as iCalendar: the same bytes as long as the ETag is the same."""
    entries = [*_appointments(feed, tools), *_blocks(feed)]
    return tools.invites.write_feed(sorted(entries, key=lambda each: (each.starts_at, each.uid)))


def _may_still(coach_id: int) -> bool:
    """Tell whether this coach has an account still: the address does not outlive it."""
    own = (
        select(User.id)
        .join(user_roles, user_roles.c.user_id == User.id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(
            User.coach_id == coach_id,
            User.active,
            Role.name.in_((roles.Role.OWNER, roles.Role.COACH)),
        )
    )
    return reading().scalar(own.limit(1)) is not None


def _bookings_shown(coach_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Booking.coach_id == coach_id,
        Booking.starts_at >= since,
        Booking.status.in_(_SHOWN),
    )


def _blocks_shown(coach_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Occupancy.coach_id == coach_id,
        Occupancy.ends_at > since,
        Occupancy.status == Holding.BLOCKED,
    )


_STAMP = func.coalesce(Booking.moved_at, Booking.confirmed_at, Booking.created_at)
# Nothing that is joined may be NULL, or the whole line would be.
_NAME = func.coalesce(BookingPerson.name, "")


def _marks(coach_id: int, since: datetime) -> Iterator[Any]:
    """Yield what gives one text for all appointments, and one for all blocks."""
    people = (
        select(
            _joined(
                Booking.id,
                Booking.sequence,
                Booking.starts_at,
                Booking.ends_at,
                _STAMP,
                # The length first: no name can look like the next row.
                func.length(_NAME),
                _NAME,
            ).label("told")
        )
        .outerjoin(BookingPerson, BookingPerson.booking_id == Booking.id)
        .where(*_bookings_shown(coach_id, since))
        .order_by(Booking.starts_at, Booking.id, BookingPerson.id)
        .subquery()
    )
    yield select(func.aggregate_strings(people.c.told, "\n"))
    blocks = (
        select(_joined(Occupancy.block_id, Occupancy.starts_at, Occupancy.ends_at).label("told"))
        .where(*_blocks_shown(coach_id, since))
        .order_by(Occupancy.starts_at, Occupancy.id)
        .subquery()
    )
    yield select(func.aggregate_strings(blocks.c.told, "\n"))


def _joined(first: Any, *rest: Any) -> ColumnElement[str]:
    text: Any = cast(first, String)
    for each in rest:
        text = text + "|" + cast(each, String)
    return text  # type: ignore[no-any-return]


def _appointments(feed: Feed, tools: Tools) -> Iterator[FeedEntry]:
    rows = reading().execute(
        select(
            Booking.id,
            Booking.uid,
            Booking.sequence,
            Booking.starts_at,
            Booking.ends_at,
            _STAMP.label("stamp_at"),
            _NAME.label("name"),
        )
        .outerjoin(BookingPerson, BookingPerson.booking_id == Booking.id)
        .where(*_bookings_shown(feed.coach_id, feed.since))
        .order_by(Booking.starts_at, Booking.id, BookingPerson.id)
    )
    for booking_id, people in groupby(rows, key=lambda row: row.id):
        first, *others = people
        yield FeedEntry(
            uid=f"{first.uid}{feed.own}",
            sequence=first.sequence,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            stamp_at=first.stamp_at,
            title=feed_title([row.name for row in (first, *others)], feed.names),
            href=f"{tools.base_url}/desk/bookings/{booking_id}",
        )


def _blocks(feed: Feed) -> Iterator[FeedEntry]:
    rows = reading().execute(
        select(Block.id, Block.created_at, Occupancy.starts_at, Occupancy.ends_at)
        .join(Block, Block.id == Occupancy.block_id)
        .where(*_blocks_shown(feed.coach_id, feed.since))
    )
    for row in rows:
        # Rows' numbers come again when the last one was deleted; these together do not.
        named = f"{row.id}-{row.created_at:%Y%m%d%H%M%S%f}-{row.starts_at:%Y%m%d%H%M}"
        yield FeedEntry(
            uid=f"block-{named}{feed.own}",
            sequence=0,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            stamp_at=row.created_at,
            title=BLOCKED,
        )
