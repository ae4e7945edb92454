"""Who may open and press what, where people write, are invited, and are read: route by role."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from practice.domain.booking import Who
from practice.domain.questionnaire import fingerprint
from practice.models.accounts import Role, User
from practice.models.booking import Booking, BookingPerson
from practice.models.intake import Intake
from practice.models.unit import unit_of_work
from practice.usecases.intake import delete_everything
from tests.browser import Browser
from tests.fakes import NOW, FrozenClock, Postbox, body
from tests.looking import Dump, all_of, dump, statements
from tests.makers import (
    Booked,
    at,
    begin_for,
    book_for,
    booked,
    change_offering,
    deliver_all,
    hold_for,
    invitation_to,
    join_for,
    make_coach,
    share_for,
    the_tools,
    turn_safety_on,
    write_for,
)
from tests.people import ADA, BEN, CLEO, Person
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside

DORA = Person("Dora", "dora@mail.example")  # writes, and goes away for an hour

# Whom each row is asked of: a stranger without any cookie; Ada, who booked for two; Dora, whose
# sitting is idle; Ben, who joined Ada; Cleo of another booking; their coach; another coach; and an
# assistant. Clients have a link, an invitation and a sitting of their own, the others none.
ROLES = ("stranger", "ada", "dora", "ben", "cleo", "maya", "noor", "assistant")

# The order is that of the presses: what ends something comes after all that needs it.
MATRIX = """
GET  /a/<token>                                        404 200 200 200 200 404 404 404
GET  /a/<token>/appointment.ics                        404 200 200 200 200 404 404 404
GET  /a/<token>/cancel                                 404 200 200 200 200 404 404 404
GET  /a/<token>/contact                                404 200 200 200 200 404 404 404
GET  /a/<token>/delete                                 404 200 200 200 200 404 404 404
GET  /a/<token>/move                                   404 200 200 200 200 404 404 404
GET  /a/<token>/partner                                404 200 404 404 404 404 404 404
GET  /a/<token>/write                                  404 200 200 200 200 404 404 404
GET  /c/<token>                                        200 200 200 200 200 200 200 200
GET  /p/<token>                                        404 200 404 200 404 404 404 404
GET  /write                                            404 200 403 200 200 404 404 404
GET  /write/back                                       404 200 200 200 200 404 404 404
GET  /write/consent                                    404 200 403 200 200 404 404 404
GET  /write/delete                                     404 200 403 200 200 404 404 404
GET  /write/review                                     404 200 403 200 200 404 404 404
GET  /write/section/<int:number>                       404 200 403 200 200 404 404 404
GET  /write/support                                    404 200 403 200 200 404 404 404
GET  /write/words.txt                                  404 200 403 200 200 404 404 404
GET  /desk/bookings/<int:booking_id>/brief             302 302 302 302 302 200 404 404
GET  /desk/bookings/<int:booking_id>/brief/<int:person_id>         302 302 302 302 302 200 404 404
GET  /desk/bookings/<int:booking_id>/brief/<int:person_id>/private 302 302 302 302 302 200 404 404
POST /desk/bookings/<int:booking_id>/brief/<int:person_id>         302 302 302 302 302 303 404 404
POST /desk/bookings/<int:booking_id>/brief/<int:person_id>/private 302 302 302 302 302 303 404 404
POST /c/<token>                                        404 404 404 404 404 404 404 404
POST /p/<token>/join                                   404 422 404 422 404 404 404 404
POST /p/<token>/decline                                404 200 404 200 404 404 404 404
POST /a/<token>/begin                                  404 422 422 422 422 404 404 404
POST /a/<token>/back                                   404 403 403 403 403 404 404 404
POST /a/<token>/code                                   404 303 303 303 303 404 404 404
POST /a/<token>/contact                                404 422 422 422 422 404 404 404
POST /a/<token>/move                                   404 422 422 422 422 404 404 404
POST /a/<token>/partner                                404 422 404 404 404 404 404 404
POST /a/<token>/partner/link                           404 303 404 404 404 404 404 404
POST /a/<token>/partner/send                           404 422 404 404 404 404 404 404
POST /a/<token>/both                                   404 303 303 303 303 404 404 404
POST /write/back                                       404 403 403 403 403 404 404 404
POST /write/code                                       404 303 303 303 303 404 404 404
POST /write/consent                                    404 422 403 422 422 404 404 404
POST /write/section/<int:number>                       403 303 403 303 303 403 403 403
POST /write/section/<int:number>/open                   404 303 403 303 303 404 404 404
POST /write/share/<int:number>                         404 303 403 303 303 404 404 404
POST /write/unshare/<int:number>                       404 303 403 303 303 404 404 404
POST /write/switch/<reference>                         404 404 403 404 404 404 404 404
POST /write/answers/<question>/delete                  404 303 403 303 303 404 404 404
POST /write/withdraw                                   404 303 403 303 303 404 404 404
POST /write/delete                                     404 200 200 200 200 404 404 404
POST /write/close                                      404 404 404 404 404 404 404 404
POST /a/<token>/delete                                 404 303 303 303 303 404 404 404
POST /a/<token>/cancel                                 404 303 303 303 303 404 404 404
POST /a/<token>/undo                                   404 303 303 303 303 404 404 404
GET  /leave                                            303 303 303 303 303 303 303 303
"""
OURS = re.compile(r"/(a|c|p)/<|/write|/leave$|/desk/.*/brief")
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
WROTE = re.compile(r"What (\w+) wrote\.")
WRITES = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM) (\S+)")
# What reading may write down: that somebody is there, and that wrong links were tried.
SEEN = ("UPDATE", "sittings")
THROTTLED = {("INSERT INTO", "throttles"), ("UPDATE", "throttles")}
NAMED = {"/leave": {("DELETE FROM", "sittings")}}
PASSCODE = "seven slow boats"


@dataclass(slots=True)
class Actor:
    """Somebody at a browser, and what is hers: a private link, an invitation, notes, a sitting."""

    browser: Browser
    token: str = "no-such-token-anywhere"
    invitation: str = "no-such-token-anywhere"
    reference: str = "0" * 32
    sitting: str = ""
    csrf: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came, without any look at how well its page is made."""

    status: int
    source: str
    headers: Any


@dataclass(slots=True)
class House:
    """A house in which everybody is who has a role in the matrix."""

    app: Flask
    inside: Inside
    booking_id: int
    person_id: int
    actors: dict[str, Actor]
    callers: int = field(default=0)

    def send(self, role: str, method: str, rule: str) -> Answer:
        """Ask for an address as somebody, with what is hers; a POST has a token of her browser."""
        it = self.actors[role]
        values = {
            "<token>": it.invitation if rule.startswith("/p/") else it.token,
            "<int:number>": "1",
            "<question>": "different",
            "<reference>": it.reference,
            "<int:booking_id>": str(self.booking_id),
            "<int:person_id>": str(self.person_id),
        }
        path = re.sub(r"<[^>]+>", lambda found: values[found[0]], rule)
        typed = [("passcode", "not the right one")] if rule.endswith("/back") else []
        fields = [*self.fields(it), *typed] if method == "POST" else []
        return self.ask(it.browser, method, path, fields)

    def ask(
        self, browser: Browser, method: str, path: str, fields: Sequence[tuple[str, str]] = ()
    ) -> Answer:
        """Ask from an address of its own, so that no throttle answers for a page."""
        self.callers += 1
        with browser.client.open(
            path,
            method=method,
            base_url=browser.base_url,
            data=MultiDict(fields) if method == "POST" else None,
            environ_overrides={"REMOTE_ADDR": f"198.18.{self.callers // 250}.{self.callers % 250}"},
        ) as found:
            return Answer(found.status_code, found.get_data(as_text=True), found.headers)

    def fields(self, it: Actor) -> list[tuple[str, str]]:
        """What a form of the own notes would send."""
        if not it.csrf:
            (it.csrf,) = CSRF.findall(self.ask(it.browser, "GET", "/ask").source)
        kept = [("intake", it.reference), ("seen-worthwhile", fingerprint(None)), ("then", "later")]
        return [("csrf_token", it.csrf), *kept]


def rows() -> Iterator[tuple[str, str, dict[str, int]]]:
    for line in MATRIX.strip().splitlines():
        method, rule, *told = line.split()
        assert len(told) == len(ROLES), line
        yield method, rule, dict(zip(ROLES, map(int, told), strict=True))


def given_notes(booking: Booked, person: Person) -> Actor:
    """Somebody with an open sitting, something written in it, and one section shared."""
    passcode = PASSCODE if person in {ADA, BEN} else ""
    sitting = begin_for(booking, person, passcode=passcode)
    write_for(sitting, "brings", {"different": f"What {person.name} wrote.", "now": "2"})
    share_for(sitting, "brings")
    with unit_of_work() as session:
        mine = select(Intake.reference).where(Intake.person_id == booking.person_id)
        reference = session.scalars(mine).one()
    return Actor(Browser(current_app), booking.token, reference=reference, sitting=sitting)


def sign_up(coach_id: int, role: str, email: str) -> User:
    """Give a coach's diary another account of this role."""
    with unit_of_work() as session:
        found = session.scalars(select(Role).where(Role.name == role)).one()
        user = User(email=email, coach_id=coach_id, roles=[found], create_datetime=NOW)
        session.add(user)
        session.flush()
        return user


def seat(browser: Browser, **session: object) -> None:
    """Give a browser a session of its own, as the house would have signed it."""
    with browser.client.session_transaction(base_url=browser.base_url) as kept:
        kept.update(session)


@pytest.fixture
def house(app: Flask, inside: Inside, clock: FrozenClock) -> House:
    """The house an hour after Dora went away, with everybody else at their browsers."""
    with inside:
        turn_safety_on()
        change_offering(questionnaire="full")
        bookings = {
            "ada": book_for(ADA, at=at("Thu 10:00"), who=Who.BOTH),
            "cleo": book_for(CLEO, at=at("Fri 10:00")),
            "dora": book_for(DORA, at=at("Fri 14:00")),
        }
        bookings["ben"] = join_for(bookings["ada"])
        invitation = invitation_to(bookings["ada"])
        dora = given_notes(bookings["dora"], DORA)
        clock.advance(hours=1)
        actors = {
            "stranger": Actor(Browser(app)),
            "ada": given_notes(bookings["ada"], ADA),
            "dora": dora,
            "ben": given_notes(bookings["ben"], BEN),
            "cleo": given_notes(bookings["cleo"], CLEO),
        }
        accounts = {
            "maya": all_of(User)[0],
            "noor": sign_up(make_coach(), "coach", "noor@lantern.example"),
            "assistant": sign_up(1, "assistant", "ola@lantern.example"),
        }
    for name in ("ada", "ben"):
        actors[name].invitation = invitation
    for actor in actors.values():
        if actor.sitting:
            seat(actor.browser, w=actor.sitting)
    for name, account in accounts.items():
        actors[name] = Actor(Browser(app))
        sign_in_as(actors[name].browser, account)
    for name in ("stranger", *accounts):
        actors[name].reference = actors["ada"].reference  # the most that they could have seen
    ada = bookings["ada"]
    return House(app, inside, ada.id, ada.person_id, actors)


def kept(house: House) -> Dump:
    """All that is kept, but for who was seen when and what was tried how often."""
    with house.inside:
        found = dump(without=["throttles"])
    found["sittings"] = [row[:-1] for row in found["sittings"]]
    return found


# Route by role ------------------------------------------------------------------------------------


def test_every_route_of_these_pages_stands_in_the_matrix(app: Flask) -> None:
    there = {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if OURS.search(str(rule))
    }

    assert {(method, rule) for method, rule, _ in rows()} == there


def test_everybody_opens_what_is_theirs_and_reads_no_word_of_anybody_else(house: House) -> None:
    read = set()
    for method, rule, wanted in rows():
        if method != "GET":
            continue
        found = {role: house.send(role, "GET", rule) for role in ROLES}
        assert {role: answer.status for role, answer in found.items()} == wanted, rule
        for role, answer in found.items():
            told = {name.lower() for name in WROTE.findall(answer.source)}
            assert told <= {role}, (rule, role)
            read |= told
    assert read == {"ada", "ben", "cleo"}  # the own words are there to be found


def test_a_head_asks_the_same_as_a_get(house: House) -> None:
    for method, rule, wanted in rows():
        if method == "GET":
            found = {role: house.send(role, "HEAD", rule) for role in ROLES}
            assert {role: answer.status for role, answer in found.items()} == wanted, rule


def test_everybody_presses_what_is_theirs_and_a_refused_press_writes_nothing(house: House) -> None:
    for method, rule, wanted in rows():
        if method != "POST":
            continue
        refused = [role for role in ROLES if wanted[role] >= 400 or wanted[role] == 302]
        before = kept(house)
        found = {role: house.send(role, "POST", rule).status for role in refused}
        assert found == {role: wanted[role] for role in refused}, rule
        assert kept(house) == before, rule
        for role in ROLES:
            if role not in refused:
                assert house.send(role, "POST", rule).status == wanted[role], (rule, role)


def test_no_other_method_is_answered_or_writes(house: House) -> None:
    known: dict[str, set[str]] = {}
    for method, rule, _ in rows():
        known.setdefault(rule, set()).add(method)
    before = kept(house)

    for rule, methods in known.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            for role in ("stranger", "ada", "maya"):
                found = house.send(role, method, rule)
                assert found.status == 405, (method, rule, role)
                assert method not in found.headers["Allow"]
    assert kept(house) == before


# What is somebody else's --------------------------------------------------------------------------


def test_the_reference_of_somebody_elses_notes_opens_nothing(house: House) -> None:
    before = kept(house)

    for role in ROLES:
        it = house.actors[role]
        for other in {"ada", "ben", "cleo", "dora"} - {role}:
            theirs = house.actors[other].reference
            own = house.fields(it)
            fields = [pair for pair in own if pair[0] != "intake"]
            switched = house.ask(it.browser, "POST", f"/write/switch/{theirs}", own)
            sent = [*fields, ("intake", theirs), ("worthwhile", "forged")]
            saved = house.ask(it.browser, "POST", "/write/section/1", sent)

            assert switched.status == (403 if role == "dora" else 404), (role, other)
            assert saved.status == (409 if role in {"ada", "ben", "cleo"} else 403), (role, other)
            assert "wrote." not in saved.source
    assert kept(house) == before


def test_a_saved_section_goes_into_the_own_notes_alone(house: House) -> None:
    ben = house.actors["ben"]
    fields = [*house.fields(ben), ("worthwhile", "For Ben alone.")]

    saved = house.ask(ben.browser, "POST", "/write/section/1", fields)

    assert saved.status == 303
    for role in ("ada", "ben", "cleo"):
        page = house.send(role, "GET", "/write/review")
        assert ("For Ben alone." in page.source) is (role == "ben")


def test_a_folder_is_found_under_its_own_booking_alone(house: House) -> None:
    with house.inside:
        mine = {(row.booking_id, row.id) for row in all_of(BookingPerson)}
    bookings = {booking for booking, _ in mine} | {999}
    people = {person for _, person in mine} | {999}
    before = kept(house)

    for role in ("maya", "noor", "assistant"):
        browser = house.actors[role].browser
        fields = house.fields(house.actors[role])
        for booking in bookings:
            for person in people:
                for end in ("", "/private"):
                    path = f"/desk/bookings/{booking}/brief/{person}{end}"
                    own = role == "maya" and (booking, person) in mine
                    assert house.ask(browser, "GET", path).status == (200 if own else 404), path
                    if not own:
                        assert house.ask(browser, "POST", path, fields).status == 404, path
    assert kept(house) == before


def test_a_coach_reads_nothing_of_another_diary(house: House) -> None:
    with house.inside:
        other = booked(house.actors["cleo"].token)
        with unit_of_work() as session:
            session.get_one(Booking, other.id).coach_id = 2

    for role, status in (("maya", 404), ("noor", 200), ("assistant", 404)):
        browser = house.actors[role].browser
        for end in ("", f"/{other.person_id}", f"/{other.person_id}/private"):
            path = f"/desk/bookings/{other.id}/brief{end}"
            assert house.ask(browser, "GET", path).status == status, (role, path)


def test_a_sitting_at_what_was_deleted_opens_and_writes_nothing(house: House) -> None:
    with house.inside:
        delete_everything(house.actors["cleo"].token, tools=the_tools())
    before = kept(house)

    for method, rule, wanted in rows():
        if rule.startswith("/write"):
            found = house.send("cleo", method, rule)
            # As somebody who never sat down; of her page nothing is left to keep it open on.
            gone = 404 if rule == "/write/section/<int:number>" else wanted["stranger"]
            assert found.status in {gone, wanted["stranger"]}, rule
            assert "What Cleo wrote." not in found.source
    assert kept(house) == before


def test_every_token_opens_its_own_kind_of_door_alone(house: House, postbox: Postbox) -> None:
    with house.inside:
        hold = hold_for(CLEO, at=at("Wed 10:00"))
        begin_for(booked(house.actors["cleo"].token), CLEO, passcode="")
    cleo = house.actors["cleo"]
    house.ask(cleo.browser, "POST", f"/a/{cleo.token}/code", house.fields(cleo))
    with house.inside:
        deliver_all()
    (code,) = re.findall(r"/c/(\S+)", body(postbox.to(CLEO.email)[-1]))
    ada = house.actors["ada"]
    tokens = {
        "/a/": ada.token,
        "/p/": ada.invitation,
        "/c/": code,
        "/book/h/": hold,
        "sitting": ada.sitting,
        "reference": ada.reference,
    }
    before = kept(house)
    stranger = house.actors["stranger"]
    fields = house.fields(stranger)

    for method, rule, _ in rows():
        if "<token>" not in rule or (method, rule) == ("GET", "/c/<token>"):
            continue
        for kind, token in tokens.items():
            if not rule.startswith(kind):
                path = rule.replace("<token>", token)
                found = house.ask(stranger.browser, method, path, fields)
                assert found.status == 404, (method, rule, kind)
    for kind, token in tokens.items():
        if kind != "sitting":
            seat(stranger.browser, w=token)
            assert house.ask(stranger.browser, "GET", "/write").status == 404, kind
    assert kept(house) == before


def test_nobody_who_joined_can_invite_and_nobody_who_was_refused_learns_why(house: House) -> None:
    ben, stranger = house.actors["ben"], house.actors["stranger"]
    nothing = house.ask(stranger.browser, "GET", "/a/no-such-token-anywhere/partner")

    for end in ("partner", "partner/send", "partner/link"):
        found = house.ask(ben.browser, "POST", f"/a/{ben.token}/{end}", house.fields(ben))
        assert (found.status, found.source) == (nothing.status, nothing.source), end
    found = house.ask(ben.browser, "GET", f"/a/{ben.token}/partner")
    assert (found.status, found.source) == (nothing.status, nothing.source)


# What reading writes ------------------------------------------------------------------------------


def test_only_named_pages_write_when_they_are_read(house: House, clock: FrozenClock) -> None:
    for method, rule, _ in rows():
        if method != "GET":
            continue
        clock.advance(minutes=1)  # so that being seen is worth writing down again
        may = NAMED.get(rule, set()) | THROTTLED | {SEEN}
        for role in ROLES:
            with house.inside, statements() as sent:
                house.send(role, "GET", rule)
            wrote = {tuple(found.groups()) for line in sent if (found := WRITES.match(line))}
            assert wrote <= may, (rule, role)
            for line in sent:
                if line.startswith("UPDATE sittings"):
                    assert line.startswith("UPDATE sittings SET last_seen_at="), line


def test_opening_a_folder_is_the_one_reading_that_stands_in_the_journal(house: House) -> None:
    for end, count in (("", 1), ("/private", 1)):
        rule = f"/desk/bookings/<int:booking_id>/brief/<int:person_id>{end}"
        with house.inside, statements() as sent:
            house.send("maya", "POST", rule)
        wrote = [found.groups() for line in sent if (found := WRITES.match(line))]
        wrote.remove(("UPDATE", "journal_heads"))  # the chain goes on
        wrote = [each for each in wrote if each != ("INSERT INTO", "journal_heads")]
        assert wrote == [("INSERT INTO", "journal")] * count, rule


def test_leaving_ends_the_own_sitting_and_no_other(house: House) -> None:
    with house.inside:
        before = dump()["sittings"]

    house.send("stranger", "GET", "/leave")
    with house.inside:
        assert dump()["sittings"] == before
    house.send("ben", "GET", "/leave")

    with house.inside:
        assert len(dump()["sittings"]) == len(before) - 1
    assert house.send("ben", "GET", "/write").status == 404
    assert house.send("ada", "GET", "/write").status == 200
