"""Every route of the desk by every role: one table. A route that does not stand in it fails.

All rows are asked of Maya's diary, with the ids of what lies in it. Add a line for a new route:
method, rule, and an answer for each role. For a GET it is the status. For a POST, "ok" is anything
but closed, "once" is "ok" for the first who presses and no matter what for those who come after.
`<part>` is "front", words of the practice. Who is let in finds no payment here, nor a partner of
Ada's: those presses stand in the matrix of money and in the tests of couples.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from practice.domain.availability import Holding
from practice.domain.busy import WhenOld
from practice.domain.payment import ConcernKind
from practice.models.accounts import Role, User
from practice.models.base import db
from practice.models.booking import BookingPerson
from practice.models.coach import Coach
from practice.models.concern import Concern
from practice.models.desk_session import DeskSession
from practice.models.occupancy import Block, Occupancy
from practice.models.outbox import OutboxLetter
from practice.models.time_request import TimeRequest
from practice.models.unit import unit_of_work
from practice.usecases import notes
from practice.usecases.sources import NewSource, add_source
from tests.browser import Browser
from tests.fakes import NOW, FrozenClock
from tests.looking import Dump, all_of, dump, statements
from tests.makers import at, book_for, make_coach, seat_of, the_tools
from tests.people import ADA, BEN
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside

# A stranger; the assistant of Maya's diary; Noor, who coaches at her own; a coach at Maya's; Maya,
# who owns the practice; and Kai, a coach who keeps Maya's diary besides his own and has it open.
ROLES = ("stranger", "assistant", "noor", "coach", "owner", "keeper")

MATRIX = """
GET  /desk/                                                            302  200  200  200  200  200
GET  /desk/account                                                     302  200  200  200  200  200
GET  /desk/account/factor                                              302  303  303  303  303  303
GET  /desk/account/factor/change                                       302  303  303  303  303  303
GET  /desk/account/password                                            302  200  200  200  200  200
GET  /desk/blocks/<int:block_id>                                       302  200  404  200  200  200
GET  /desk/blocks/new                                                  302  200  200  200  200  200
GET  /desk/bookings/<int:booking_id>                                   302  200  404  200  200  200
GET  /desk/bookings/<int:booking_id>/brief                             302  404  404  200  200  404
GET  /desk/bookings/<int:booking_id>/brief/<int:person_id>             302  404  404  200  200  404
GET  /desk/bookings/<int:booking_id>/brief/<int:person_id>/private     302  404  404  200  200  404
GET  /desk/bookings/<int:booking_id>/move                              302  200  404  200  200  200
GET  /desk/bookings/<int:booking_id>/no-show                           302  200  404  200  200  200
GET  /desk/bookings/<int:booking_id>/refund                            302  404  404  409  409  404
GET  /desk/bookings/new                                                302  200  200  200  200  200
GET  /desk/calendars                                                   302  404  200  200  200  404
GET  /desk/calendars/<int:source_id>                                   302  404  404  200  200  404
GET  /desk/calendars/feed                                              302  404  200  200  200  404
GET  /desk/checklist                                                   302  404  200  200  200  404
GET  /desk/clients                                                     302  200  200  200  200  200
GET  /desk/clients/<int:client_id>                                     302  200  404  200  200  200
GET  /desk/clients/<int:client_id>/export                              302  404  404  200  200  404
GET  /desk/clients/<int:client_id>/notes/<int:note_id>                 302  404  404  200  200  404
GET  /desk/clients/<int:client_id>/notes/new                           302  404  404  200  200  404
GET  /desk/coaches                                                     302  404  404  404  200  404
GET  /desk/day                                                         302  200  200  200  200  200
GET  /desk/figures                                                     302  404  200  200  200  404
GET  /desk/forgot                                                      200  200  200  200  200  200
GET  /desk/forgot/asked                                                200  200  200  200  200  200
GET  /desk/hours                                                       302  404  200  200  200  404
GET  /desk/hours/dates                                                 302  404  200  200  200  404
GET  /desk/journal                                                     302  404  404  404  200  404
GET  /desk/letters                                                     302  200  200  200  200  200
GET  /desk/letters/<int:letter_id>                                     302  200  404  200  200  200
GET  /desk/month                                                       302  200  200  200  200  200
GET  /desk/offerings                                                   302  404  200  200  200  404
GET  /desk/offerings/<int(max=2147483647):offering_id>                 302  404  404  200  200  404
GET  /desk/offerings/new                                               302  404  200  200  200  404
GET  /desk/payments                                                    302  404  200  200  200  404
GET  /desk/payments/concerns                                           302  404  200  200  200  404
GET  /desk/practice                                                    302  404  200  200  200  404
GET  /desk/practice/<part>                                             302  404  404  404  200  404
GET  /desk/practice/photo                                              302  404  200  200  200  404
GET  /desk/prove                                                       302  200  200  200  200  200
GET  /desk/requests                                                    302  200  200  200  200  200
GET  /desk/reset/<token>                                               404  404  404  404  404  404
GET  /desk/set-up/<token>                                              404  404  404  404  404  404
GET  /desk/sign-in/code                                                303  303  303  303  303  303
GET  /desk/team                                                        302  404  404  404  200  404
GET  /desk/team/<int:user_id>                                          302  404  404  404  200  404
GET  /desk/team/assistant                                              302  404  404  404  200  404
GET  /desk/team/coach                                                  302  404  404  404  200  404
GET  /desk/why-not                                                     302  200  200  200  200  200
GET  /desk/bookings/<int:booking_id>/cancel                            302  200  404  200  200  200
GET  /desk/calendars/<int:source_id>/remove                            302  404  404  200  200  404
GET  /desk/clients/<int:client_id>/erase                               302  404  404  200  200  404
GET  /desk/offerings/<int(max=2147483647):offering_id>/archive         302  404  404  200  200  404
POST /desk/account/factor                                              302  ok   ok   ok   ok   ok
POST /desk/account/factor/codes                                        302  ok   ok   ok   ok   ok
POST /desk/account/factor/confirm                                      302  ok   ok   ok   ok   ok
POST /desk/account/password                                            302  ok   ok   ok   ok   ok
POST /desk/account/sessions/<int:session_id>/end                       302  404  404  404  ok   404
POST /desk/account/sessions/end                                        302  ok   ok   ok   ok   ok
POST /desk/blocks/new                                                  302  ok   ok   ok   ok   ok
POST /desk/bookings/<int:booking_id>/brief/<int:person_id>             302  404  404  ok   ok   404
POST /desk/bookings/<int:booking_id>/brief/<int:person_id>/private     302  404  404  ok   ok   404
POST /desk/bookings/<int:booking_id>/came                              302  ok   404  ok   ok   ok
POST /desk/bookings/<int:booking_id>/done                              302  ok   404  ok   ok   ok
POST /desk/bookings/<int:booking_id>/move                              302  ok   404  ok   ok   ok
POST /desk/bookings/<int:booking_id>/no-show                           302  ok   404  ok   ok   ok
POST /desk/bookings/<int:booking_id>/not-done                          302  ok   404  ok   ok   ok
POST /desk/bookings/<int:booking_id>/payments/<int:attempt>/accept     302  404  404  404  404  404
POST /desk/bookings/<int:booking_id>/payments/<int:attempt>/return     302  404  404  404  404  404
POST /desk/bookings/<int:booking_id>/refund                            302  404  404  ok   ok   404
POST /desk/bookings/new                                                302  ok   ok   ok   ok   ok
POST /desk/calendars                                                   302  404  ok   ok   ok   404
POST /desk/calendars/<int:source_id>                                   302  404  404  ok   ok   404
POST /desk/calendars/<int:source_id>/read                              302  404  404  ok   ok   404
POST /desk/calendars/feed                                              302  404  ok   ok   ok   404
POST /desk/calendars/feed/names                                        302  404  ok   ok   ok   404
POST /desk/checklist/<key>/later                                       302  404  404  404  ok   404
POST /desk/checklist/<key>/now                                         302  404  404  404  ok   404
POST /desk/clients/<int:client_id>/couple/<int:other_id>               302  404  404  404  404  404
POST /desk/clients/<int:client_id>/export                              302  404  404  ok   ok   404
POST /desk/clients/<int:client_id>/notes                               302  404  404  ok   ok   404
POST /desk/coaches/<int(max=2147483647):coach_id>/back                 302  404  404  404  ok   404
POST /desk/diaries/<int:coach_id>                                      302  404  404  404  404  ok
POST /desk/forgot                                                      ok   ok   ok   ok   ok   ok
POST /desk/hours                                                       302  404  ok   ok   ok   404
POST /desk/hours/dates                                                 302  404  ok   ok   ok   404
POST /desk/letters/<int:letter_id>/again                               302  ok   404  ok   ok   ok
POST /desk/offerings/<int(max=2147483647):offering_id>                 302  404  404  ok   ok   404
POST /desk/offerings/<int(max=2147483647):offering_id>/down            302  404  404  ok   ok   404
POST /desk/offerings/<int(max=2147483647):offering_id>/up              302  404  404  ok   ok   404
POST /desk/offerings/new                                               302  404  ok   ok   ok   404
POST /desk/payments/concerns/<int:concern_id>/settled                  302  404  404  ok   ok   404
POST /desk/practice/<part>                                             302  404  404  404  ok   404
POST /desk/practice/photo                                              302  404  ok   ok   ok   404
POST /desk/prove                                                       302  ok   ok   ok   ok   ok
POST /desk/requests/<int:request_id>/answered                          302  ok   404  ok   ok   ok
POST /desk/reset/<token>                                               404  404  404  404  404  404
POST /desk/set-up/<token>                                              404  404  404  404  404  404
POST /desk/sign-in/code                                                ok   ok   ok   ok   ok   ok
POST /desk/team/<int:user_id>/diaries                                  302  404  404  404  ok   404
POST /desk/team/<int:user_id>/factor                                   302  404  404  404  ok   404
POST /desk/team/<int:user_id>/link                                     302  404  404  404  ok   404
POST /desk/team/<int:user_id>/role/<role>                              302  404  404  404  ok   404
POST /desk/team/assistant                                              302  404  404  404  ok   404
POST /desk/team/coach                                                  302  404  404  404  ok   404
POST /desk/account/factor/remove                                       302  ok   ok   ok   ok   ok
POST /desk/blocks/<int:block_id>/spans/<int:span_id>/remove            302  once 404  once once once
POST /desk/blocks/<int:block_id>/remove                                302  once 404  once once once
POST /desk/bookings/<int:booking_id>/cancel                            302  ok   404  ok   ok   ok
POST /desk/bookings/<int:booking_id>/undo                              302  ok   404  ok   ok   ok
POST /desk/calendars/<int:source_id>/remove                            302  404  404  once once 404
POST /desk/calendars/feed/revoke                                       302  404  ok   ok   ok   404
POST /desk/clients/<int:client_id>/couple/<int:other_id>/apart         302  ok   404  ok   ok   ok
POST /desk/clients/<int:client_id>/erase                               302  404  404  ok   ok   404
POST /desk/coaches/<int(max=2147483647):coach_id>/rest                 302  404  404  404  ok   404
POST /desk/hours/dates/remove                                          302  404  ok   ok   ok   404
POST /desk/offerings/<int(max=2147483647):offering_id>/archive         302  404  404  ok   ok   404
POST /desk/offerings/<int(max=2147483647):offering_id>/restore         302  404  404  ok   ok   404
POST /desk/practice/photo/remove                                       302  404  ok   ok   ok   404
POST /desk/team/<int:user_id>/close                                    302  404  404  404  ok   404
"""
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
WRITES = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM) (\S+)")
# What reading may write: that somebody is there, how often a link was tried; and what was read.
READING = {("UPDATE", "desk_sessions"), ("INSERT INTO", "throttles"), ("UPDATE", "throttles")}
_WORDS = {"part": "front", "role": "owner", "key": "photo"}
CLOSED = {302, 401, 403, 404, 405, 500}


@dataclass(slots=True)
class House:
    """A house with one of everything in Maya's diary, and everybody at their browsers."""

    inside: Inside
    browsers: dict[str, Browser]
    ids: dict[str, int]
    tokens: dict[str, str] = field(default_factory=dict)
    callers: int = 0

    def send(self, role: str, method: str, rule: str) -> int:
        """Ask for an address as somebody, from an address of its own; return the status."""
        path = re.sub(r"<(?:[^>]*:)?([a-z_]+)>", self._value, rule)
        browser, sent = self.browsers[role], None
        if method == "POST":
            sent = MultiDict([("csrf_token", self._token(role))])
        self.callers += 1
        with browser.client.open(
            path,
            method=method,
            base_url=browser.base_url,
            data=sent,
            environ_overrides={"REMOTE_ADDR": f"198.18.{self.callers // 250}.{self.callers % 250}"},
        ) as answer:
            return answer.status_code

    def _value(self, found: re.Match[str]) -> str:
        return str(self.ids.get(found[1]) or _WORDS.get(found[1], "nothing"))

    def _token(self, role: str) -> str:
        if role not in self.tokens:
            browser = self.browsers[role]
            page = browser.client.get("/ask", base_url=browser.base_url)
            (self.tokens[role],) = CSRF.findall(page.get_data(as_text=True))
        return self.tokens[role]


def rows() -> Iterator[tuple[str, str, dict[str, str]]]:
    for line in MATRIX.strip().splitlines():
        method, rule, *told = (
            line.rsplit(maxsplit=len(ROLES))[0].split(maxsplit=1) + line.split()[-len(ROLES) :]
        )
        yield method, rule.strip(), dict(zip(ROLES, told, strict=True))


def account(email: str, role: str, coach_id: int, *keeps: int) -> User:
    with unit_of_work() as session:
        user = User(
            email=email,
            coach_id=coach_id,
            create_datetime=NOW,
            roles=[session.scalars(select(Role).where(Role.name == role)).one()],
            diaries=[session.get_one(Coach, each) for each in keeps],
        )
        session.add(user)
        session.flush()
    db.session.remove()
    return user


def furnish() -> dict[str, int]:
    """Put one of everything into Maya's diary; return the ids by the names of the rules."""
    ada, ben = book_for(ADA, at=at("Thu 10:00")), book_for(BEN, at=at("Fri 10:00"))
    tools = the_tools()
    with unit_of_work() as session:
        client, other = (
            session.get_one(BookingPerson, each.person_id).client_id for each in (ada, ben)
        )
    note = notes.save(seat_of(), client, notes.Draft("a" * 32, 0, "A note."), tools=tools)
    source = add_source(
        seat_of(), NewSource("Own", "https://calendar.example/a.ics", WhenOld.KEEP), tools=tools
    )
    db.session.remove()
    starts = at("Wed 10:00")
    with unit_of_work() as session:
        block = Block(coach_id=1, created_at=NOW)
        concern = Concern(dedupe="x", kind=ConcernKind.AMOUNT_DIFFERS, coach_id=1, raised_at=NOW)
        wish = TimeRequest(
            coach_id=1, reference="r", name="Dora", address="d@x.example", message_sealed=b"",
            zone="UTC", created_at=NOW,
        )  # fmt: skip
        session.add_all([block, concern, wish])
        session.flush()
        wish.message_sealed = tools.vault.seal(
            "Hello", place=f"time_requests:{wish.reference}:message"
        )
        taken, later = (
            Occupancy(
                coach_id=1,
                block_id=block.id,
                status=Holding.BLOCKED,
                starts_at=starts + timedelta(weeks=week),
                ends_at=starts + timedelta(weeks=week, hours=1),
            )
            for week in (0, 1)
        )
        session.add_all([taken, later])
        session.flush()
        letter = session.scalar(select(func.min(OutboxLetter.id)).where(
            OutboxLetter.booking_id == ada.id))  # fmt: skip
        found = {
            "booking_id": ada.id, "person_id": ada.person_id, "client_id": client,
            "other_id": other, "note_id": note.note_id, "source_id": getattr(source, "id", source),
            "block_id": block.id, "span_id": taken.id, "concern_id": concern.id,
            "request_id": wish.id, "letter_id": letter or 0, "offering_id": 1, "attempt": 1,
        }  # fmt: skip
    db.session.remove()
    return found


@pytest.fixture
def house(app: Flask, inside: Inside) -> House:
    """The house with everybody signed in who can be, and every password shown this minute."""
    with inside:
        noor, kai = make_coach(), make_coach(name="Kai Berg")
        ids = furnish()
        accounts = {
            "assistant": account("ola@lantern.example", "assistant", 1),
            "noor": account("noor@lantern.example", "coach", noor),
            "coach": account("june@lantern.example", "coach", 1),
            "owner": all_of(User)[0],
            "keeper": account("kai@lantern.example", "coach", kai, 1),
        }
        ids["user_id"] = account("spare@lantern.example", "coach", kai).id
        ids["coach_id"] = 1
    browsers = {role: Browser(app) for role in ROLES}
    for role, user in accounts.items():
        sign_in_as(browsers[role], user, proved=True)
    sign_in_as(Browser(app), accounts["owner"])
    with inside:
        ids["session_id"] = max(row.id for row in all_of(DeskSession))
    with browsers["keeper"].client.session_transaction(
        base_url=browsers["keeper"].base_url
    ) as kept:
        kept["diary"] = 1
    return House(inside, browsers, ids)


def kept(house: House) -> Dump:
    """All that is kept, but for what was tried how often."""
    with house.inside:
        return dump(without=["throttles"])


def test_every_route_of_the_desk_stands_in_the_matrix(app: Flask) -> None:
    there = {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("desk.")
    }

    assert {(method, rule) for method, rule, _ in rows()} == there


def test_everybody_opens_what_is_theirs_and_reading_writes_nothing(
    house: House, clock: FrozenClock
) -> None:
    """A crawl of every page as every role; the database stays as it was, but for READING."""
    before, faults = kept(house), []
    for method, rule, wanted in rows():
        if method != "GET":
            continue
        for role in ROLES:
            with house.inside, statements() as sent:
                found = str(house.send(role, "GET", rule))
            wrote = {each.groups() for line in sent if (each := WRITES.match(line))}
            if found != wanted[role] or wrote - READING:
                faults.append((rule, role, found, *(wrote - READING)))
    assert not faults, "\n".join(map(str, faults))
    assert kept(house) == before


def test_everybody_presses_what_is_theirs_and_a_refused_press_writes_nothing(
    house: House, clock: FrozenClock
) -> None:
    faults = []
    for method, rule, wanted in rows():
        if method != "POST":
            continue
        clock.advance(seconds=5)
        refused = [role for role in ROLES if wanted[role].isdecimal()]
        before = kept(house)
        found = {role: str(house.send(role, "POST", rule)) for role in refused}
        faults += [(rule, role, found[role]) for role in refused if found[role] != wanted[role]]
        if kept(house) != before:
            faults.append((rule, "a refused press", "wrote"))
        pressed = False
        for role in (each for each in ROLES if each not in refused):
            status = house.send(role, "POST", rule)
            if status in CLOSED and not (pressed and wanted[role] == "once"):
                faults.append((rule, role, str(status)))
            pressed = True
    assert not faults, "\n".join(map(str, faults))
