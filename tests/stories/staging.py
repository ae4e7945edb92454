"""What a scene is, and the stage on which it plays: open houses, and browsers with a past."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.stories.live import LiveHouse


@dataclass
class Stage:
    """The houses in which the scenes play: a busy demo, and one where nothing can be booked.

    `tokens` are words for addresses; `sittings` open notes by the name of who writes them.
    """

    demo: LiveHouse
    resting: LiveHouse
    tokens: dict[str, str] = field(default_factory=dict)
    sittings: dict[str, str] = field(default_factory=dict)
    signed_in: Any = None
    desk_paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """A page to look at: `play` brings a browser there.

    `at_desk` is for who is signed in, `writer` for whom notes are open in the browser.
    """

    name: str
    play: Callable[[Page, Stage], object]
    at_desk: bool = False
    writer: str = ""
    status: int = 200
    house: str = "demo"
    # HTML and CSS together, zipped: what comes in the first round trip, and a little room.
    first_window: int = 12_000

    def home(self, stage: Stage) -> str:
        """The address of the house in which it plays."""
        house: LiveHouse = getattr(stage, self.house)
        return house.url

    def past(self, stage: Stage) -> Any:
        """What the browser remembers when the scene begins."""
        if self.at_desk:
            return stage.signed_in
        return with_notes(stage.demo, stage.sittings[self.writer]) if self.writer else None


def with_notes(house: LiveHouse, sitting: str) -> Any:
    """A browser's memory in which this sitting is open, as Playwright takes it."""
    app = house.app
    interface: Any = app.session_interface
    cookie = {
        "name": app.config["SESSION_COOKIE_NAME"],
        "value": interface.get_signing_serializer(app).dumps({"w": sitting}),
        "domain": "127.0.0.1",
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    return {"cookies": [cookie], "origins": []}


def at(path: str) -> Callable[[Page, Stage], object]:
    """Open a path; a {word} in it is the token of that name."""
    return lambda page, stage: page.goto(path.format(**stage.tokens))
