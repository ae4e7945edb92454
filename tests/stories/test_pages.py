"""Every page in every state: for all eyes and hands, on every width, light, and silent."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.stories.browsing import DESK, PHONE, visit
from tests.stories.rulers import (
    axe_faults,
    set_text,
    sideways,
    small_targets,
    space_text,
    weigh,
)
from tests.stories.scenes import SCENES, Scene, Stage

pytestmark = [pytest.mark.browser]

HTML, CSS, FIRST_WINDOW, FONT, SCRIPT, FIRST_LOAD = 6000, 7000, 12000, 16000, 4000, 30000
DESK_SCRIPT = 12000
REQUESTS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A scene that a browser was brought to, and what happened on the way."""

    scene: Scene
    page: Page
    status: int
    strangers: tuple[str, ...]
    complaints: tuple[str, ...]
    weights: dict[str, list[int]]


def _in_two_halves() -> Iterator[object]:
    """The scenes, so that one worker looks at the desk while another is at the front door."""
    for scene in SCENES:
        half = "desk" if scene.at_desk else "public"
        group = pytest.mark.xdist_group(f"stories-of-{half}-pages")
        yield pytest.param(scene, id=scene.name, marks=group)


@pytest.fixture(scope="module", params=_in_two_halves())
def seen(request: pytest.FixtureRequest, browser: Browser, stage: Stage) -> Iterator[Seen]:
    """A scene on a phone, with the policy of the house in force: axe gets in all the same."""
    scene: Scene = request.param
    state = stage.signed_in if scene.at_desk else None
    visitor = visit(browser, scene.home(stage), storage_state=state)
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        if answer.request.is_navigation_request():
            answers.append(answer)

    visitor.page.on("response", keep)
    scene.play(visitor.page, stage)
    visitor.page.wait_for_load_state("load")
    yield Seen(
        scene=scene,
        page=visitor.page,
        status=answers[-1].status,
        strangers=tuple(visitor.strangers),
        complaints=tuple(visitor.complaints),
        weights=weigh(answers[-1].url, answers[-1].body()),
    )
    visitor.page.context.close()


@pytest.fixture
def page(seen: Seen) -> Page:
    """The scene's page, as it was at first."""
    _resize(seen.page, PHONE)
    seen.page.emulate_media(color_scheme="light", media="screen")
    set_text(seen.page, 100)
    return seen.page


def test_the_page_answers_asks_nobody_else_and_complains_of_nothing(seen: Seen) -> None:
    assert seen.status == seen.scene.status
    assert seen.strangers == ()
    assert seen.complaints == ()


def test_the_page_is_within_its_budget(seen: Seen) -> None:
    html, css, font, script = (seen.weights[kind] for kind in ("html", "css", "woff2", "js"))
    assert len(html) == len(css) == len(font) == 1
    assert css[0] <= CSS
    assert font[0] <= FONT
    assert sum(script) <= (DESK_SCRIPT if seen.scene.at_desk else SCRIPT)
    if seen.scene.at_desk:
        return
    assert html[0] <= HTML
    assert html[0] + css[0] <= FIRST_WINDOW
    assert sum(map(sum, seen.weights.values())) <= FIRST_LOAD
    assert sum(map(len, seen.weights.values())) <= REQUESTS


def test_axe_finds_nothing_in_light_or_dark_on_a_phone(page: Page) -> None:
    assert axe_faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe_faults(page, only_colours=True) == []  # nothing else depends on the scheme


def test_axe_finds_nothing_on_a_wide_screen(page: Page) -> None:
    _resize(page, DESK)
    assert axe_faults(page) == []


def test_nothing_scrolls_sideways_on_any_width(page: Page) -> None:
    found = {}
    for width in (320, 360, 768, 1280):
        _resize(page, (width, 800))
        found[width] = sideways(page)
    assert not any(found.values()), found


def test_text_of_twice_the_size_finds_room(page: Page) -> None:
    set_text(page, 200)
    on_a_phone = sideways(page)
    _resize(page, DESK)
    assert (on_a_phone, sideways(page)) == ([], [])


def test_every_target_is_large_enough_for_a_thumb(page: Page) -> None:
    assert small_targets(page) == []


def test_paper_is_wide_enough(page: Page) -> None:
    _resize(page, (718, 1000))  # A4 without its margins
    page.emulate_media(media="print")
    assert sideways(page) == []


def test_widely_spaced_text_finds_room(page: Page) -> None:
    space_text(page)  # the last test of a scene: the spaces stay
    assert sideways(page) == []


@pytest.mark.xdist_group("stories-of-public-pages")
def test_the_rulers_see_what_is_planted(browser: Browser, stage: Stage) -> None:
    page = visit(browser, stage.demo.url).page
    page.goto("/how-it-works")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend", `
            <img src="/static/favicon.svg" width="2000" height="20">
            <button>x</button> <p id="pale">You cannot read this.</p>`)"""
    )
    page.evaluate(
        """() => {
            Object.assign(document.querySelector("main button").style,
                { padding: 0, border: 0, width: "12px", height: "12px" });
            document.getElementById("pale").style.color = "#ddd";
        }"""
    )

    assert [fault.partition(":")[0] for fault in axe_faults(page)] == [
        "color-contrast",
        "image-alt",
    ]
    assert len(small_targets(page)) == 1
    assert sideways(page) != []
    page.context.close()


def _resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
