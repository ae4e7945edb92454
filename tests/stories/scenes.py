"""Every page of the house in every state that people see: looked at by axe, rulers and eyes."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException

from practice.app import create_app
from practice.domain.span import Span
from practice.forms.sign_in import DEMO_PASSWORD
from practice.usecases.accounts import make_set_up_link
from practice.usecases.appointment import by_link
from practice.usecases.asking import TimeWish, ask
from practice.usecases.blocking import block
from practice.usecases.cancelling import cancel
from practice.usecases.demo import ADDRESS, seed
from tests import databases, makers
from tests.fakes import NOW, make_tools
from tests.people import ADA, BEN, CLEO
from tests.stories.account_scenes import ACCOUNTS, begin_accounts
from tests.stories.browsing import visit
from tests.stories.calendar_scenes import CALENDARS, begin_calendars
from tests.stories.checkout import CHECKOUT, sell_sessions
from tests.stories.client_scenes import CLIENTS, begin_clients
from tests.stories.coaches_scenes import COACHES, begin_coaches
from tests.stories.diary_scenes import DIARY, begin_diary
from tests.stories.live import LiveHouse, open_house
from tests.stories.money import MONEY, sell
from tests.stories.notes import AT_THE_DESK, NOTES, begin_notes
from tests.stories.staging import Scene, Stage, at

_JUST_OVER_A_HOLD = timedelta(minutes=16)


def _ask_too_little(page: Page, _stage: Stage) -> None:
    page.goto("/ask")
    page.get_by_label("Your email").fill("ada at mail")
    page.get_by_role("button", name="Send it").click()


def _ask(page: Page, _stage: Stage) -> None:
    page.goto("/ask")
    page.get_by_label("What should we call you?").fill("Ada")
    page.get_by_label("Your email").fill(ADA.email)
    page.get_by_label("When would suit you?").fill("Weekday evenings")
    page.get_by_role("button", name="Send it").click()


def _type_too_little(page: Page, stage: Stage) -> None:
    page.goto("/book/h/{held}".format(**stage.tokens))
    page.get_by_label("Your email").fill("ada@gmial.com")
    page.get_by_role("button", name="Book my free chat").click()


def _lose_the_race(page: Page, stage: Stage) -> None:
    page.goto("/book/h/{lost}".format(**stage.tokens))
    page.get_by_label("What should we call you?").fill("Ben")
    page.get_by_label("Your email").fill(BEN.email)
    page.get_by_role("button", name="Book my free chat").click()


def _press_a_taken_time(page: Page, stage: Stage) -> None:
    page.goto("/")
    button = page.locator("button.time:visible").first
    button.evaluate("(button, t) => { button.value = t; }", stage.tokens["taken_t"])
    button.click()


def _send_link(page: Page, _stage: Stage) -> None:
    page.goto("/my-link")
    page.get_by_label("Your email").fill(CLEO.email)
    page.get_by_role("button", name="Send it").click()


def _mistype_address(page: Page, _stage: Stage) -> None:
    page.goto("/my-link")
    page.get_by_label("Your email").fill("ada")
    page.get_by_role("button", name="Send it").click()


def _sign_in_wrongly(page: Page, _stage: Stage) -> None:
    page.goto("/desk/sign-in")
    page.get_by_label("Your email").fill(ADDRESS)
    page.get_by_label("Your password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()


PUBLIC = (
    Scene("front", at("/")),
    Scene("front-both", at("/?who=both")),
    Scene("front-new-york", at("/?zone=America/New_York")),
    Scene("front-unknown-zone", at("/?zone=Mars/Base"), status=422),
    Scene("front-resting", at("/"), house="resting"),
    Scene("session", at("/sessions/session")),
    Scene("month", at("/times/2026-06")),
    Scene("month-day", at("/times/2026-06?d=2026-06-16")),
    # All the world's cities: few people ask for them, and they still fit into the round trip.
    Scene("zones", at("/zone"), first_window=14_000),
    Scene("details", at("/book/h/{held}")),
    Scene("details-both", at("/book/h/{held_both}")),
    Scene("details-errors", _type_too_little, status=422),
    Scene("taken", _press_a_taken_time, status=409),
    Scene("taken-typed", _lose_the_race, status=409),
    Scene("booked", at("/a/{booked}")),
    Scene("booked-both", at("/a/{booked_both}?note=both")),
    Scene("move", at("/a/{booked}/move")),
    Scene("cancel", at("/a/{booked}/cancel")),
    Scene("cancelled", at("/a/{cancelled}")),
    Scene("past", at("/a/{past}")),
    Scene("ask", at("/ask")),
    Scene("ask-errors", _ask_too_little, status=422),
    Scene("ask-sent", _ask),
    Scene("my-link", at("/my-link")),
    Scene("my-link-error", _mistype_address, status=422),
    Scene("my-link-sent", _send_link),
    Scene("how-it-works", at("/how-it-works")),
    Scene("privacy", at("/privacy")),
    Scene("help", at("/help")),
    Scene("not-found", at("/a/nothing-is-here"), status=404),
    Scene("sign-in", at("/desk/sign-in")),
    Scene("sign-in-wrong", _sign_in_wrongly, status=422),
    Scene("set-up", at("{set_up}")),
)

# By their own addresses: no link leads there.
_NO_PAGES = {
    *("desk.set_up", "security.login", "desk.folder", "desk.note", "desk.refund"),
    *("desk.no_show_of", "desk.client_note", "desk.erase_client"),
    *("desk.prove", "desk.factor", "desk.change_factor", "desk.sign_in_code"),
    *("desk.forgot", "desk.forgot_asked", "desk.reset"),
}


def _desk_scenes() -> Iterator[Scene]:
    """One scene for every page that the desk has, by the name of its view."""
    app = create_app(databases.settings_for("sqlite://", Path.cwd()), make_tools())
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/desk") and "GET" in (rule.methods or ()):
            name = rule.endpoint
            if name not in _NO_PAGES:
                yield Scene(f"desk-{name.removeprefix('desk.')}", _desk_page(name), at_desk=True)


def _desk_page(endpoint: str) -> Callable[[Page, Stage], object]:
    def play(page: Page, stage: Stage) -> None:
        assert endpoint in stage.desk_paths, f"no link of the desk leads to {endpoint}"
        page.goto(stage.desk_paths[endpoint])

    return play


def all_scenes() -> tuple[Scene, ...]:
    """Every scene there is; the desk's are asked from the app, so that none is forgotten."""
    return (
        *PUBLIC, *CHECKOUT, *NOTES, *_desk_scenes(), *ACCOUNTS, *AT_THE_DESK, *CALENDARS,
        *CLIENTS, *COACHES, *DIARY, *MONEY,
    )  # fmt: skip


@contextmanager
def set_stage(folder: Path, browser: Browser) -> Iterator[Stage]:
    """Open and furnish the houses."""
    with (
        _house(folder / "demo", takes_money=True) as demo,
        _house(folder / "resting") as resting,
    ):
        stage = Stage(demo, resting)
        with demo.app.app_context():
            _furnish(stage)
            begin_notes(stage)
            sell_sessions(stage)
            sell(stage)
            begin_calendars(stage)
            begin_coaches(stage)
            begin_clients(stage)
            begin_diary(stage)
            begin_accounts(stage)
        demo.deliver()
        _sign_in(stage, browser)
        stage.desk_paths = _crawl(stage)
        yield stage


@contextmanager
def _house(place: Path, *, takes_money: bool = False) -> Iterator[LiveHouse]:
    place.mkdir()
    with open_house(databases.clean_sqlite(place), place, takes_money=takes_money) as house:
        yield house


def _furnish(stage: Stage) -> None:
    tools, clock, tokens = makers.the_tools(), stage.demo.clock, stage.tokens
    seed(DEMO_PASSWORD, tools=tools)
    clock.at = NOW - timedelta(days=14)
    tokens["past"] = makers.book_for(CLEO, at=makers.at("Thu 12:00", week=-2)).token
    clock.at = NOW - _JUST_OVER_A_HOLD
    lost = makers.at("Thu 14:30", week=1)
    tokens["lost"] = makers.hold_for(BEN, at=lost)
    clock.at = NOW
    makers.book_for(ADA, at=lost)
    tokens["taken_t"] = f"{lost:%Y-%m-%dT%H:%M:%SZ}"
    tokens["held"] = makers.hold_for(ADA, at=makers.at("Fri 10:00", week=1))
    tokens["held_both"] = makers.hold_for(BEN, at=makers.at("Fri 11:00", week=1), who="both")
    tokens["booked"] = makers.book_for(ADA, at=makers.at("Fri 17:30", week=1)).token
    tokens["booked_both"] = makers.book_for(
        BEN, at=makers.at("Fri 18:30", week=1), who="both", invite=True
    ).token
    tokens["cancelled"] = makers.book_for(CLEO, at=makers.at("Mon 10:00", week=2)).token
    cancel(by_link(tokens["cancelled"], tools=tools), tools=tools)
    ask(
        TimeWish("Noor", "noor@mail.example", "Early on Saturdays", "Europe/London"),
        "c",
        tools=tools,
    )
    noon = makers.at("Thu 12:00")
    block(
        makers.seat_of(),
        Span(noon, noon + timedelta(hours=1)),
        "Dentist",
        around=False,
        tools=tools,
    )
    tokens["set_up"] = make_set_up_link(ADDRESS, tools=tools)


def _sign_in(stage: Stage, browser: Browser) -> None:
    page = visit(browser, stage.demo.url).page
    page.goto("/desk/sign-in")
    page.get_by_label("Your email").fill(ADDRESS)
    page.get_by_label("Your password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/")
    stage.signed_in = page.context.storage_state()
    page.context.close()


def _crawl(stage: Stage) -> dict[str, str]:
    """Follow the desk's own links; return an address for every view that they lead to."""
    client = stage.demo.app.test_client()
    for cookie in stage.signed_in["cookies"]:
        client.set_cookie(cookie["name"], cookie["value"], domain="127.0.0.1")
    routes = stage.demo.app.url_map.bind("127.0.0.1")
    found: dict[str, str] = {}
    waiting = ["/desk/"]
    while waiting:
        path = waiting.pop(0)
        try:
            endpoint, _ = routes.match(path.partition("?")[0], method="GET")
        except HTTPException:
            continue
        if endpoint in found:
            continue
        answer = client.get(path, base_url=stage.demo.url)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found[endpoint] = path
            links = re.findall(r'href="(/desk[^"#]*)', answer.text)
            waiting += [html.unescape(link) for link in links]
    return found
