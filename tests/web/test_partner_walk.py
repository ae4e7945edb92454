"""Two people of one booking learn nothing of each other's notes: the same walk in several worlds.

In each world one of the two did something else: nothing, began, wrote, shared, was read, deleted.
Somebody else then walks everywhere, presses everything and provokes every error. What came back,
and what it cost, is compared from world to world: but for random tokens, to the byte.
"""

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from argon2.low_level import hash_secret_raw
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from practice.domain.booking import Actor, Who
from practice.domain.questionnaire import Answer, Kind, Question
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.intake import Intake
from practice.models.link import Link
from practice.models.outbox import OutboxLetter
from practice.models.questionnaires import shipped
from practice.ports import Post, Tools
from practice.usecases import intake, inviting
from practice.usecases.reading import open_folder, open_note
from tests import databases
from tests.fakes import NOW, FrozenClock, Postbox
from tests.looking import all_of
from tests.makers import (
    Booked,
    at,
    begin_for,
    book_for,
    cancel_for,
    change_offering,
    deliver_all,
    drafts_of,
    invitation_to,
    join_for,
    make_practice,
    meant_by,
    move_for,
    seat_of,
    share_for,
    the_tools,
    turn_safety_on,
    write_for,
)
from tests.people import ADA, BEN, CLEO

CANARY = "zyzzyva"  # stands in everything that either writes, and in no page of ours
ADAS_PASSCODE = f"{CANARY} under the stairs"
OWN_PASSCODE = "nine green lamps"
HREF = re.compile(r'(?:href|action|src)="([^"#]*)')
CSRF = re.compile(r'(name="csrf_token"[^>]*value=")([^"]+)"')
KEYS = re.compile(r"IN \([^S()]*(?:\([^()]*\)[^S()]*)*\)")
RANDOM = re.compile(r'(name="(?:csrf_token|key)"[^>]*value=")([^"]+)"')
REFERENCE = re.compile(r'name="intake"[^>]*value="([^"]+)"')
# The wide world of the shop window: one page of each is enough.
OWN = ("/a/", "/write", "/p/", "/c/")
WINDOW = ("/times", "/zone", "/sessions", "/desk", "/static", "/photo")
CHANGES = [f"POST /a/<link>/{act}" for act in ("move", "cancel", "undo")]
DELETING, JOINING = "POST /a/<link>/delete", "POST /p/<link>/join"
HASH = hash_secret_raw.__code__


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: what was asked, and all that came back."""

    what: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Work:
    """What an answer cost: the statements in their order, and how many slow hashes."""

    what: str
    statements: tuple[str, ...]
    hashes: int


@dataclass(slots=True)
class World:
    """A house of its own, in which one of the two did something; and who walks in it."""

    app: Flask
    tools: Tools
    clock: FrozenClock
    postbox: Postbox
    ada: Booked
    ben: Booked | None = None
    invitation: str = ""
    heard: dict[str, list[Heard]] = field(default_factory=dict)
    work: dict[str, list[Work]] = field(default_factory=dict)
    posts: dict[str, list[str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    callers: int = 0

    def walker(self, name: str, *, address: str = "") -> "Walker":
        self.callers += 1
        return Walker(self, name, self.app.test_client(), address or f"198.18.0.{self.callers}")

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context():
            yield

    def deliver(self) -> None:
        with self.inside():
            deliver_all()

    def close(self) -> None:
        """Put a name in place of each random token, in all that was heard and sent."""
        randoms = self._randoms()

        def plain(text: str) -> str:
            for name, token in randoms:
                text = text.replace(token, f"<{name}>")
            return RANDOM.sub(r'\1<random>"', text)

        for name, answers in self.heard.items():
            self.heard[name] = [
                Heard(
                    plain(each.what),
                    each.status,
                    tuple((header, plain(value)) for header, value in each.headers),
                    plain(each.body),
                )
                for each in answers
            ]
        for name, costs in self.work.items():
            self.work[name] = [replace(each, what=plain(each.what)) for each in costs]
        for post in self.postbox.posts:
            self.posts.setdefault(post.to_address, []).append(plain(read(post)))
        with self.inside():
            self.rows = Counter(row.kind for row in all_of(OutboxLetter))

    def _randoms(self) -> list[tuple[str, str]]:
        vault = self.tools.vault
        with self.inside():
            found = [("link", row.token(vault)) for row in all_of(Link)]
            found += [("notes", row.reference) for row in all_of(Intake)]
            found += [("uid", row.uid) for row in all_of(Booking)]
            found += [("letter", row.reference) for row in all_of(OutboxLetter)]
        return found


@dataclass(slots=True)
class Walker:
    """Somebody with a browser, who hears every answer in full."""

    world: World
    name: str
    client: FlaskClient
    address: str
    csrf: str = ""

    def get(self, path: str, **options: Any) -> Heard:
        return self.ask("GET", path, **options)

    def post(self, path: str, **typed: str) -> Heard:
        if not self.csrf:
            self.csrf = CSRF.findall(self.get("/ask").body)[0][1]
        return self.ask("POST", path, {"csrf_token": self.csrf} | typed)

    def ask(
        self, method: str, path: str, typed: dict[str, str] | None = None, **options: Any
    ) -> Heard:
        with self.world.inside(), counted(hashes=method == "POST") as cost:
            answer = self.client.open(
                path,
                method=method,
                base_url=self.world.tools.base_url,
                environ_overrides={"REMOTE_ADDR": self.address},
                data=MultiDict(typed) if typed is not None else None,
                **options,
            )
            with answer:
                what = f"{method} {path}"
                headers = tuple(map(_header, answer.headers))
                heard = Heard(what, answer.status_code, headers, answer.get_data(as_text=True))
        self.world.heard.setdefault(self.name, []).append(heard)
        work = Work(what, tuple(cost.statements), cost.hashes)
        self.world.work.setdefault(self.name, []).append(work)
        return heard

    def crawl(self, *paths: str) -> None:
        """Open these pages, and all to which their links and the actions of their forms lead."""
        waiting, been = list(paths), set(paths)
        while waiting:
            page = self.get(waiting.pop(0))
            for href in HREF.findall(page.body):
                path = href.replace("&amp;", "&").removeprefix(self.world.tools.base_url)
                if not path.startswith("/") or path.startswith(("/leave", "/static")):
                    continue
                if not path.startswith(OWN):
                    if self.name != "stranger":
                        continue  # the shop window, which is the same for everybody
                    path = path.partition("?")[0]
                    path = next((each for each in WINDOW if path.startswith(each)), path)
                if path not in been:
                    been.add(path)
                    waiting.append(path)


@dataclass(slots=True)
class _Cost:
    statements: list[str] = field(default_factory=list)
    hashes: int = 0


@contextmanager
def counted(*, hashes: bool) -> Iterator[_Cost]:
    """Count what is done meanwhile: the statements as they are sent, and the slow hashes."""
    cost = _Cost()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        cost.statements.append(statement)

    def profile(frame: Any, what: str, _arg: Any) -> None:
        if what == "call" and frame.f_code is HASH:
            cost.hashes += 1

    event.listen(db.engine, "before_cursor_execute", note)
    before = sys.getprofile()
    if hashes:
        sys.setprofile(profile)
    try:
        yield cost
    finally:
        sys.setprofile(before)
        event.remove(db.engine, "before_cursor_execute", note)


def _header(pair: tuple[str, str]) -> tuple[str, str]:
    name, value = pair
    if name == "Set-Cookie":  # signed, with a random number in it: only its name and its terms
        value = re.sub(r"^([^=]+)=[^;]+", r"\1=<signed>", value)
    return name, value


def read(post: Post) -> str:
    """A letter as a mail program shows it, all its parts and its headers."""
    message = message_from_bytes(post.raw, policy=policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    lines += [str(part.get_content()) for part in parts]
    return "\n".join(lines)


# The worlds ---------------------------------------------------------------------------------------


@pytest.fixture(params=databases.DIALECTS)
def make_world(
    request: pytest.FixtureRequest,
    tools: Tools,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> Callable[[str], Any]:
    """Opens a world of this name, with Ada's appointment for two and nothing more."""

    @contextmanager
    def make(name: str) -> Iterator[World]:
        folder = tmp_path / name
        folder.mkdir()
        if request.param == "sqlite":
            url = databases.clean_sqlite(folder)
        else:
            url = databases.clean_postgresql()
        clock, postbox = FrozenClock(), Postbox()
        own = replace(tools, clock=clock, mailer=postbox)
        with databases.kept_house_on(url, folder, own) as app:
            with app.app_context():
                make_practice()
                turn_safety_on()
                change_offering(questionnaire="full")
                ada = book_for(ADA, at=at("Thu 10:00"), who=Who.BOTH, invite=True)
            world = World(app, own, clock, postbox, ada)
            yield world
            world.log = [caplog.handler.format(record) for record in caplog.records]
            world.close()

    return make


def join(world: World) -> Booked:
    with world.inside():
        world.ben = join_for(world.ada)
        world.invitation = invitation_to(world.ada)
    return world.ben


def writes(booking: Booked, state: str) -> None:
    """Let somebody go as far with the own notes as the name of the state says."""
    if state == "nothing":
        return
    # Who only began comes back by code, for which a letter really goes to her.
    passcode = "" if state == "began" else ADAS_PASSCODE
    sitting = begin_for(booking, passcode=passcode, agrees=state != "began")
    if state == "began":
        return
    for section in shipped("full").sections:
        write_for(sitting, section.id, {q.id: answer_to(q) for q in section.questions})
    sections = [each.id for each in shipped("full").sections]
    share_for(sitting, *(name for name in sections if name != "growing"))
    intake.delete_answer(sitting, "goal-own", meant=meant_by(sitting), tools=the_tools())
    assert CANARY in str(drafts_of(sitting))
    open_folder(seat_of(1), booking.id, booking.person_id, tools=the_tools())
    open_note(seat_of(1), booking.id, booking.person_id, tools=the_tools())
    if state == "deleted":
        intake.delete_everything(booking.token, tools=the_tools())
    db.session.remove()


def answer_to(question: Question) -> Answer:
    """The canary where words can be typed, and the last of what can be chosen."""
    if question.kind.is_text:
        return f"The {CANARY} sang “{question.id}”."
    chosen = "all" if question.id == "reflect-pick" else question.options[-1].id
    return (chosen,) if question.kind is Kind.SEVERAL else chosen


@contextmanager
def broken(world: World, table: str) -> Iterator[None]:
    """Let every statement about a table fail, with words of its own in the exception."""

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if table in statement:
            raise RuntimeError(f"the {CANARY} has eaten {table}")

    with world.inside():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


# The walks ----------------------------------------------------------------------------------------


def walk_as_stranger(world: World) -> None:
    """Everything that can be done without a link, or with the invitation alone."""
    who = world.walker("stranger")
    who.crawl("/", f"/p/{world.invitation}", "/c/no-such-code", "/write", "/a/no-such-link/write")
    for email in (ADA.email, BEN.email, CLEO.email):
        who.post("/my-link", email=email)
    for path in ("/write/section/1", "/write/share/1", "/write/code", "/write/delete"):
        who.post(path)
    joined = {"name": "Ada", "email": ADA.email, "zone": "Europe/London"}
    who.post(f"/p/{world.invitation}/join", **(joined | {"email": ""}))
    who.post(f"/p/{world.invitation}/join", **joined)
    who.post(f"/p/{world.invitation}/decline")
    who.get("/leave")
    world.deliver()


def walk_as_holder(world: World, booking: Booked, name: str) -> None:
    """Everything that can be done with somebody's private link, and without the way back."""
    link = f"/a/{booking.token}"
    who = world.walker(name)
    who.crawl(link, f"{link}/write")
    _errors(who, link)
    with broken(world, "intakes"):
        who.post(f"{link}/back", passcode="a guess")
        who.post(f"{link}/delete")
    who.post(f"{link}/back", passcode="x" * 200)
    who.post(f"{link}/code")
    world.deliver()
    _writes_here(world.walker(name), link)
    returning = world.walker(name)
    returning.post(f"{link}/back", passcode=OWN_PASSCODE)
    returning.get("/write")
    returning.get("/write/review")
    for _ in range(4):
        who.post(f"{link}/back", passcode="a guess")
    assert world.heard[name][-1].status == 429
    who.post(f"{link}/delete")
    who.get(f"{link}/write")
    returning.get("/write")
    who.post(f"{link}/contact", letters_ok="y", reminder_ok="y", called="A.")
    who.get("/leave")


def walk_as_one(world: World, booking: Booked, name: str) -> None:
    """All that one of the two does with the own link: writing, moving, cancelling, all of it."""
    link = f"/a/{booking.token}"
    who = world.walker(name)
    who.crawl(link, f"{link}/write")
    _errors(who, link)
    _writes_here(who, link)
    world.clock.advance(minutes=31)
    for path in ("/write", "/write/section/1", "/write/words.txt", "/write/back"):
        who.get(path)
    who.post("/write/back", passcode=ADAS_PASSCODE)
    who.post("/write/back", passcode=OWN_PASSCODE)
    who.get("/write")
    who.get("/write/words.txt")
    who.post(f"{link}/both")
    for email in (BEN.email, CLEO.email):
        who.post(f"{link}/partner", email=email)
        who.post(f"{link}/partner/send", email=email)
    who.post(f"{link}/partner/link")
    who.post("/my-link", email=ADA.email if name == "ada" else BEN.email)
    world.deliver()
    who.post(f"{link}/move", t="2026-06-05T09:00:00Z")
    who.get(link)
    who.get(f"{link}/appointment.ics")
    world.deliver()
    who.post(f"{link}/cancel")
    who.crawl(link)
    who.get(f"{link}/appointment.ics")
    world.deliver()
    who.post(f"{link}/undo")
    who.get(link)
    who.get(f"{link}/appointment.ics")
    if name == "ada":
        _joins_herself(who, world.invitation)
    world.deliver()
    (reference,) = set(REFERENCE.findall(who.get("/write/delete").body))
    who.post("/write/delete", intake=reference)
    who.get("/write")
    who.get(f"{link}/write")
    who.get("/leave")


def _joins_herself(who: Walker, invitation: str) -> None:
    """Try the invitation with the address of whoever may have joined by it, and then say no."""
    joining = {"name": "Ben", "email": BEN.email, "zone": "Europe/London"}
    who.post(f"/p/{invitation}/join", **joining)
    who.post(f"/p/{invitation}/join", **joining)
    who.post(f"/p/{invitation}/decline")
    who.crawl(f"/p/{invitation}")


def _writes_here(who: Walker, link: str) -> None:
    """Begin notes of the own from a link, and do with them all that can be done."""
    chosen = {"questionnaire": "full", "way_back": "passcode"}
    who.post(f"{link}/begin", **chosen, passcode="abc", again="abc")
    who.post(f"{link}/begin", **chosen, passcode=OWN_PASSCODE, again=OWN_PASSCODE)
    page = who.get("/write/consent")
    (version,) = re.findall(r'name="version"[^>]*value="([^"]+)"', page.body)
    (reference,) = set(REFERENCE.findall(page.body))
    here = {"intake": reference}
    who.post("/write/consent", version="0" * 64, agree="y", **here)  # 409
    who.post("/write/consent", version=version, agree="y")  # 409: of which notes?
    who.post("/write/consent", version=version, agree="y", **here)
    page = who.get("/write/section/1")
    seen = dict(re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', page.body))
    mine = {"intake": reference, "different": "My own words.", "then": "later"} | seen
    who.post("/write/section/1", **mine)
    who.post("/write/section/1", **(mine | {"different": "In another tab."}))  # 409
    who.post("/write/section/1", **(mine | {"different": "x" * 10_001}))  # 422
    who.post("/write/section/1", **(mine | {"intake": "0" * 32}))
    who.post("/write/share/1", **here)
    who.post(f"/write/switch/{'0' * 32}", **here)
    who.crawl("/write", "/write/section/5")
    who.post("/write/unshare/1", **here)
    who.post("/write/code")


def _errors(who: Walker, link: str) -> None:
    """Provoke every kind of no."""
    who.ask("POST", f"{link}/back", {"passcode": "without a token"})  # 403
    who.ask("PUT", f"{link}/write")  # 405
    who.post(f"{link}/back")  # 422
    who.post(f"{link}/begin")  # 422
    who.post(f"{link}/move", t="never")  # 422
    who.ask("POST", f"{link}/back", content_type="application/json")  # 415
    who.get(f"{link}/write/%00")  # 400
    who.get(f"{link}x/write")  # 404
    with broken(who.world, "bookings"):
        who.get(link)
        who.get(f"{link}/write")


# What is compared ---------------------------------------------------------------------------------


def assert_same(worlds: dict[str, World], name: str) -> None:
    """One heard the same in every world, to the byte, and it cost the same work there."""
    first, *others = worlds
    for other in others:
        here, there = worlds[first], worlds[other]
        for one, two in zip(here.heard[name], there.heard[name], strict=True):
            if one != two:
                pytest.fail(f"{name}, {one.what}: {first}, {other}:\n{_apart(one, two)}")
        for cost, more in zip(here.work[name], there.work[name], strict=True):
            assert comparable(cost) == comparable(more), f"{name}: {first} and {other} differ"


def comparable(work: Work) -> Work:
    """Work without what really is more of it, in four acts that answer alike nevertheless."""
    lines = list(work.statements)
    if work.what in CHANGES:  # a letter more, where one more is to be told; the own presses count
        lines = [line for line in lines if "INSERT INTO outbox" not in line]
        lines = [line for line in lines if "throttles" not in line]
    if work.what == DELETING:  # as many places as there are keys
        lines = [KEYS.sub("IN (…)", line) for line in lines if "throttles" not in line]
    if work.what == JOINING:  # somebody more is kept, or is there already
        lines = []
    return replace(work, statements=tuple(lines))


def _apart(one: Heard, two: Heard) -> str:
    lines = [f"{each.what}\n{each.status}\n{each.headers}\n{each.body}" for each in (one, two)]
    before, after = (text.splitlines() for text in lines)
    return "\n".join(unified_diff(before, after, n=0, lineterm=""))


def assert_no_canary(world: World, *names: str) -> None:
    """Nothing that these heard, nothing in a letter to anybody and no log holds a word of it."""
    for name in names:
        for each in world.heard[name]:
            assert CANARY not in (each.body + str(each.headers)).casefold(), (name, each.what)
    for posts in world.posts.values():
        assert CANARY not in "".join(posts).casefold()
    for line in world.log:
        assert CANARY not in line.casefold(), line[:200]


def statuses(world: World, *names: str) -> set[int]:
    return {each.status for name in names for each in world.heard[name]}


# The booker writes --------------------------------------------------------------------------------

ERRORS = {400, 403, 404, 405, 409, 415, 422, 429, 500}
WRITING = ("nothing", "began", "shared", "deleted")


def test_nobody_learns_whether_and_what_the_booker_wrote(
    make_world: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    worlds: dict[str, World] = {}
    for state in WRITING:
        caplog.set_level(logging.DEBUG if state == "shared" else logging.WARNING)
        with make_world(state) as world:
            ben = join(world)
            with world.inside():
                writes(world.ada, state)
            world.clock.at = NOW.replace(hour=12)
            world.deliver()
            walk_as_stranger(world)
            walk_as_holder(world, world.ada, "holder")
            walk_as_one(world, ben, "ben")
        worlds[state] = world

    assert statuses(worlds["shared"], "holder") >= ERRORS
    assert_no_canary(worlds["shared"], "stranger", "holder", "ben")
    assert_same(worlds, "stranger")
    assert_same(worlds, "ben")
    assert_same(worlds, "holder")
    first = worlds["nothing"]
    for world in worlds.values():
        assert world.rows == first.rows
        assert world.posts[BEN.email] == first.posts[BEN.email]
        # A code really goes to her own mailbox, where there is something that it opens.
        assert _but_codes(world.posts[ADA.email]) == _but_codes(first.posts[ADA.email])


def _but_codes(posts: list[str]) -> list[str]:
    return [post for post in posts if "Subject: Sign-in link" not in post]


# The other one comes, and writes ------------------------------------------------------------------

COMING = ("nothing", "declined", "joined", "shared")


def test_the_booker_learns_nothing_of_what_the_other_one_made_of_it(
    make_world: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    worlds: dict[str, World] = {}
    for state in COMING:
        caplog.set_level(logging.DEBUG if state == "shared" else logging.WARNING)
        with make_world(state) as world:
            with world.inside():
                world.invitation = invitation_to(world.ada)
                inviting.send_invitation(world.ada.token, BEN.email, "ada", tools=the_tools())
            if state == "declined":
                with world.inside():
                    inviting.decline(world.invitation, "ben", tools=the_tools())
            if state in {"joined", "shared"}:
                ben = join(world)
                with world.inside():
                    writes(ben, "nothing" if state == "joined" else state)
            world.clock.at = NOW.replace(hour=12)
            world.deliver()
            walk_as_one(world, world.ada, "ada")
            if world.ben is not None:
                walk_as_holder(world, world.ben, "holder")
            walk_as_stranger(world)
        worlds[state] = world

    assert_no_canary(worlds["shared"], "stranger", "holder", "ada")
    assert_same(worlds, "stranger")
    assert_same(worlds, "ada")
    joined = {state: world for state, world in worlds.items() if world.ben is not None}
    assert_same(joined, "holder")
    for world in worlds.values():
        assert world.posts[ADA.email] == worlds["nothing"].posts[ADA.email]


# Either moves and cancels -------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_nobody_learns_who_moved_or_cancelled(act: str, make_world: Callable[[str], Any]) -> None:
    worlds: dict[str, World] = {}
    for actor in ("ada", "ben", "coach"):
        with make_world(actor) as world:
            ben = join(world)
            world.deliver()
            if actor == "coach":
                with world.inside():
                    if act == "move":
                        move_for(world.ada, to=at("Fri 10:00"), by=Actor.COACH)
                    else:
                        cancel_for(world.ada, by=Actor.COACH)
            else:
                link = f"/a/{(world.ada if actor == 'ada' else ben).token}"
                pressed = world.walker("actor").post(f"{link}/{act}", t="2026-06-05T09:00:00Z")
                assert pressed.status == 303
            world.deliver()
            for name, booking in (("ada", world.ada), ("ben", ben)):
                who = world.walker(name)
                who.crawl(f"/a/{booking.token}", f"/a/{booking.token}/appointment.ics")
                if act == "cancel":
                    who.post(f"/a/{booking.token}/cancel")  # from a page that was open before
                    who.get(f"/a/{booking.token}")
                who.post(f"/a/{booking.token}/undo")
                who.crawl(f"/a/{booking.token}")
            who.crawl(f"/p/{world.invitation}")
            world.deliver()
        worlds[actor] = world

    for name in ("ada", "ben"):
        assert_same(worlds, name)
    for world in worlds.values():
        assert world.posts[ADA.email] == worlds["coach"].posts[ADA.email]
        assert world.posts[BEN.email] == worlds["coach"].posts[BEN.email]


def test_who_cancelled_for_two_takes_it_back_in_that_browser_alone(
    make_world: Callable[[str], Any],
) -> None:
    with make_world("one") as world:
        ben = join(world)
        ada, hers, his = world.walker("ada"), world.walker("ada"), world.walker("ben")
        link = f"/a/{world.ada.token}"
        ada.post(f"{link}/cancel")

        offered = ["Take it back" in who.get(link).body for who in (ada, hers)]
        others = [his.post(f"/a/{ben.token}/undo").status, hers.post(f"{link}/undo").status]
        taken_back = ada.post(f"{link}/undo").status

        assert offered == [True, False]
        assert "Take it back" not in his.get(f"/a/{ben.token}").body
        assert others == [409, 409]
        assert taken_back == 303
        assert "This appointment is cancelled" not in hers.get(link).body


def test_what_one_presses_uses_up_nothing_of_the_other(make_world: Callable[[str], Any]) -> None:
    with make_world("one") as world:
        ben = join(world)
        his, hers = world.walker("ben"), world.walker("ada")
        pressed = [his.post(f"/a/{ben.token}/both").status for _ in range(11)]

        assert pressed == [303] * 10 + [429]
        assert hers.post(f"/a/{world.ada.token}/both").status == 303
