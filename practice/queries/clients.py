"""Finding clients: those of one coach, by name and address, or those who came last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from practice.domain.booking import Status
from practice.domain.client import masked, search_words
from practice.domain.letters import day_line
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.clients import came_to, client_of, with_coach
from practice.models.coach import Coach
from practice.models.unit import reading
from practice.queries.week import initials

ON_A_PAGE = 25
NO_PAGE = "There are no clients on this page."
_STANDING = (Status.CONFIRMED, Status.DONE)


@dataclass(frozen=True, slots=True)
class ClientLine:
    """One client of a list; `last` and `next` are the days of appointments, "" for none."""

    id: int
    name: str
    address: str
    last: str
    next: str


@dataclass(frozen=True, slots=True)
class ClientsPage:
    """A page of clients: those found, by name, or without a query those who came last."""

    query: str
    clients: tuple[ClientLine, ...]
    page: int
    newer: int
    older: int
    hides_names: bool
    zone_label: str


def clients_page(
    seat: Seat, query: str, page: int, *, hides_names: bool, now: datetime
) -> ClientsPage:
    """Return a page of the clients of a diary whom all words of a query fit; NotFound for none."""
    seat.require(Right.CLIENTS)
    words = search_words(query)
    wanted = _found(seat.coach_id, words) if words else _latest(seat.coach_id)
    rows = reading().execute(wanted.limit(ON_A_PAGE + 1).offset((page - 1) * ON_A_PAGE)).all()
    if not rows and page > 1:
        raise NotFound(NO_PAGE)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    return ClientsPage(
        query=query,
        clients=_lines(seat.coach_id, rows[:ON_A_PAGE], zone, now, hides_names=hides_names),
        page=page,
        newer=page - 1,
        older=page + 1 if len(rows) > ON_A_PAGE else 0,
        hides_names=hides_names,
        zone_label=zone_label(zone, now),
    )


def whom_to_book(seat: Seat, client_id: int) -> tuple[str, str]:
    """Return the name and the address of a client of this diary; raises NotFound."""
    seat.require(Right.CLIENTS)
    client = client_of(reading(), client_id, seat.coach_id)
    return client.name, client.address


def _found(coach_id: int, words: Sequence[str]) -> Any:
    """Return who is searched, in the order of the key, so that a full page ends the search."""
    fits = [Client.search_key.contains(word, autoescape=True) for word in words]
    return (
        select(Client.id, Client.name, Client.address)
        .where(*fits, Client.erased_at.is_(None), came_to(coach_id))
        .order_by(Client.search_key, Client.id)
    )


def _latest(coach_id: int) -> Any:
    """Return who has the latest appointments, each once: walked from the last one backwards."""
    other, same = aliased(Booking), aliased(BookingPerson)
    later = or_(
        other.starts_at > Booking.starts_at,
        and_(other.starts_at == Booking.starts_at, same.id > BookingPerson.id),
    )
    again = (
        select(same.id)
        .join(other, other.id == same.booking_id)
        .where(
            same.client_id == BookingPerson.client_id,
            other.coach_id == coach_id,
            other.status.in_((*_STANDING, Status.CANCELLED, Status.NO_SHOW)),
            later,
        )
        .correlate(Booking, BookingPerson)
    )
    return (
        select(Client.id, Client.name, Client.address)
        .select_from(Booking)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .join(Client, Client.id == BookingPerson.client_id)
        .where(with_coach(coach_id), Client.erased_at.is_(None), ~again.exists())
        .order_by(Booking.starts_at.desc(), BookingPerson.id.desc())
    )


def _lines(
    coach_id: int, rows: Sequence[Any], zone: ZoneInfo, now: datetime, *, hides_names: bool
) -> tuple[ClientLine, ...]:
    ids = [row.id for row in rows]
    last = _days(coach_id, ids, func.max(Booking.starts_at), Booking.starts_at <= now)
    following = _days(coach_id, ids, func.min(Booking.starts_at), Booking.starts_at > now)
    return tuple(
        ClientLine(
            id=row.id,
            name=initials(row.name) if hides_names else row.name,
            address=masked(row.address) if hides_names else row.address,
            last=day_line(last[row.id], zone, now=now) if row.id in last else "",
            next=day_line(following[row.id], zone, now=now) if row.id in following else "",
        )
        for row in rows
    )


def _days(coach_id: int, ids: Sequence[int], which: Any, when: Any) -> dict[int, datetime]:
    rows = reading().execute(
        select(BookingPerson.client_id, which)
        .join(Booking, Booking.id == BookingPerson.booking_id)
        .where(
            BookingPerson.client_id.in_(ids),
            Booking.coach_id == coach_id,
            Booking.status.in_(_STANDING),
            when,
        )
        .group_by(BookingPerson.client_id)
    )
    return {row[0]: row[1] for row in rows}
