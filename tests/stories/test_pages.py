"""Every page in every state: for all eyes and hands, on every width, light, and silent."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, ViewportSize

from tests.stories.browsing import DESK, PHONE, Turns, Visit, visit
from tests.stories.rulers import (
    axe_faults,
    set_text,
    sideways,
    small_targets,
    space_text,
    weigh,
)
from tests.stories.scenes import all_scenes
from tests.stories.staging import Scene, Stage

pytestmark = pytest.mark.browser

HTML, CSS, FONT, SCRIPT, FIRST_LOAD = 6000, 7000, 16000, 4000, 30000
DESK_CSS, DESK_SCRIPT = 9000, 12000
REQUESTS = 5
PAPER = (718, 1000)  # A4 without its margins, in pixels


def _on_a_phone_in_light(page: Page) -> list[str]:
    return axe_faults(page)


def _on_a_phone_in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    return axe_faults(page, only_colours=True)  # nothing else depends on the scheme


def _on_a_wide_screen(page: Page) -> list[str]:
    _resize(page, DESK)
    return axe_faults(page)


def _scrolling_sideways(page: Page) -> list[str]:
    found = []
    for width in (320, 360, 768, 1280):
        _resize(page, (width, 800))
        found += [f"{width} px: {what}" for what in sideways(page)]
    return found


def _text_of_twice_the_size(page: Page) -> list[str]:
    set_text(page, 200)
    found = sideways(page)
    _resize(page, DESK)
    return found + sideways(page)


def _widely_spaced_text(page: Page) -> list[str]:
    space_text(page)
    return sideways(page)


def _paper(page: Page) -> list[str]:
    _resize(page, PAPER)
    page.emulate_media(media="print")
    return sideways(page)


# What spoils the page for those after it comes last.
RULERS: tuple[Callable[[Page], list[str]], ...] = (
    small_targets,
    _on_a_phone_in_light,
    _on_a_phone_in_the_dark,
    _on_a_wide_screen,
    _scrolling_sideways,
    _text_of_twice_the_size,
    _paper,
    _widely_spaced_text,
)


# These change nothing: to bring a page back to a phone in light takes as long as to measure it.
LOOKING = (small_targets, _on_a_phone_in_light)

# Other words on a page that another scene has looked at from all sides: these few ways are enough.
VARIANT_RULERS = (
    small_targets,
    _on_a_phone_in_light,
    _on_a_phone_in_the_dark,
    _scrolling_sideways,
)
VARIANTS = (
    "-late", "-changed", "-nothing", "-code", "-joined", "-declined", "-ended", "-empty", "-closed",
    "-wrong", "-off", "-partner", "partner-link", "-sent", "-saved", "-passcode", "-paid", "-both",
    "-errors", "-error", "-typed", "-strange", "-waiting", "-sure", "-processing", "-clocks",
)  # fmt: skip


@pytest.fixture(scope="module")
def turns(browser: Browser) -> Iterator[Turns]:
    """The windows in which one scene plays after the other."""
    turns = Turns(browser)
    yield turns
    turns.close()


# One test a page, because opening it costs more than all that is measured on it.
@pytest.mark.parametrize("scene", all_scenes(), ids=lambda scene: scene.name)
def test_a_page_is_light_silent_and_fit_for_all_eyes_and_hands(
    turns: Turns, stage: Stage, scene: Scene
) -> None:
    visitor = turns.visit(scene.home(stage), past=scene.past(stage))
    document = _play(visitor, scene, stage)
    weights = weigh(document.url, document.body())

    assert document.status == scene.status
    visitor.check()
    assert list(_overweight(weights, scene)) == []
    faults, changed = {}, False
    for ruler in VARIANT_RULERS if scene.name.endswith(VARIANTS) else RULERS:
        if changed:
            _as_at_first(visitor.page)
        if found := ruler(visitor.page):
            faults[ruler.__name__.strip("_")] = found
        changed = ruler not in LOOKING
    assert faults == {}


def test_the_rulers_see_what_is_planted(browser: Browser, stage: Stage) -> None:
    page = visit(browser, stage.demo.url).page
    page.goto("/how-it-works")
    page.evaluate(
        """() => {
            document.querySelector("main").insertAdjacentHTML("beforeend", `
                <img src="/static/favicon.svg" width="2000" height="20">
                <button>x</button> <p id="pale">You cannot read this.</p>`);
            Object.assign(document.querySelector("main button").style,
                { padding: 0, border: 0, width: "12px", height: "12px" });
            document.getElementById("pale").style.color = "#ddd";
        }"""
    )

    found = [fault.partition(":")[0] for fault in axe_faults(page)]
    assert found == ["color-contrast", "image-alt"]
    assert [fault.partition(" ")[0] for fault in small_targets(page)] == ["12x12"]
    assert sideways(page) != []
    page.context.close()


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("desk-folder-open", ["S.", "2 of 5"], ["Sam", "alone"]),
        ("desk-note-open", [], ["Sometimes", "About the same"]),
        ("review", ["Ten quiet minutes"], ["Feeling safe", "Trust gets broken"]),
    ],
)
def test_paper_shows_initials_and_nothing_private(
    browser: Browser, stage: Stage, name: str, shown: list[str], hidden: list[str]
) -> None:
    scene = next(each for each in all_scenes() if each.name == name)
    visitor = visit(browser, scene.home(stage), size=DESK, storage_state=scene.past(stage))
    scene.play(visitor.page, stage)
    visitor.page.emulate_media(media="print")

    paper = visitor.page.locator("body").inner_text()
    assert [words for words in shown if words not in paper] == []
    assert [words for words in hidden if words in paper] == []
    if scene.at_desk:
        assert visitor.page.pdf(format="A4").count(b"/Type /Page\n") == 1
    visitor.page.context.close()


def _play(visitor: Visit, scene: Scene, stage: Stage) -> Response:
    """Bring a browser to the scene; return the answer that it shows."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        if answer.request.is_navigation_request():
            answers.append(answer)

    visitor.page.on("response", keep)
    scene.play(visitor.page, stage)
    visitor.page.wait_for_load_state("load")
    return answers[-1]


def _overweight(weights: dict[str, list[int]], scene: Scene) -> Iterator[str]:
    html, css, font, script = (sum(weights[kind]) for kind in ("html", "css", "woff2", "js"))
    limits = {
        "CSS": (css, DESK_CSS if scene.at_desk else CSS),
        "font": (font, FONT),
        "fonts": (len(weights["woff2"]), 1),
        "JavaScript": (script, DESK_SCRIPT if scene.at_desk else SCRIPT),
    }
    if not scene.at_desk:
        limits |= {
            "HTML": (html, HTML),
            "HTML and CSS": (html + css, scene.first_window),
            "first load": (sum(map(sum, weights.values())), FIRST_LOAD),
            "requests": (sum(map(len, weights.values())), REQUESTS),
        }
    for what, (weight, limit) in limits.items():
        if weight > limit:
            yield f"{what}: {weight} of {limit}"


def _as_at_first(page: Page) -> None:
    _resize(page, PHONE)
    page.emulate_media(color_scheme="light", media="screen")
    set_text(page, 100)


def _resize(page: Page, size: tuple[int, int]) -> None:
    wanted: ViewportSize = {"width": size[0], "height": size[1]}
    if page.viewport_size != wanted:
        page.set_viewport_size(wanted)
