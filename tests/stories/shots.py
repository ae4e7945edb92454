"""`python -m tests.stories.shots FOLDER [--dark] [WORD …]`: every page as a picture, for eyes.

A picture is named after its scene and size; words choose the scenes whose names hold one of them.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests import databases
from tests.chromium import ABSENT, find_chromium
from tests.stories.browsing import SIZES, chromium, visit
from tests.stories.scenes import all_scenes, set_stage
from tests.stories.staging import Scene, Stage


def main() -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.stories.shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--dark", action="store_true", help="in dark colours")
    parser.add_argument("--fold", action="store_true", help="only what a screen shows at once")
    wanted = parser.parse_intermixed_args()
    path = find_chromium()
    if path is None:
        print(ABSENT, file=sys.stderr)
        return 1
    wanted.folder.mkdir(parents=True, exist_ok=True)
    scenes = [s for s in all_scenes() if not wanted.words or any(w in s.name for w in wanted.words)]
    try:
        with (
            tempfile.TemporaryDirectory() as place,
            chromium(path) as browser,
            set_stage(Path(place), browser) as stage,
        ):
            for scene in scenes:
                for size in SIZES:
                    _shoot(browser, stage, scene, size, wanted)
    finally:
        databases.forget_templates()
    return 0


def _shoot(
    browser: Browser, stage: Stage, scene: Scene, size: str, wanted: argparse.Namespace
) -> None:
    scheme = "dark" if wanted.dark else "light"
    past = scene.past(stage)
    visitor = visit(
        browser, scene.home(stage), size=SIZES[size], color_scheme=scheme, storage_state=past
    )
    try:
        scene.play(visitor.page, stage)
    except AssertionError as fault:
        print(f"{scene.name}: {fault}")
    else:
        name = "-".join([scene.name, size] + ["dark"] * wanted.dark)
        visitor.page.evaluate("document.fonts.ready")
        visitor.page.screenshot(path=wanted.folder / f"{name}.png", full_page=not wanted.fold)
        print(name)
    finally:
        visitor.page.context.close()


if __name__ == "__main__":
    sys.exit(main())
