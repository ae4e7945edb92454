"""The console script as an owner types it: a process of its own, on an instance of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases, postgres
from tests.cli import forked


@pytest.fixture
def laptop(tmp_path: Path) -> dict[str, str]:
    """The environment of an owner with an empty instance."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PRACTICE_INSTANCE": str(tmp_path / "instance")}


@pytest.fixture(params=databases.DIALECTS)
def environ(request: pytest.FixtureRequest, laptop: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same on each kind of database, empty as well."""
    if request.param == "sqlite":
        yield laptop
        return
    name = f"{databases.worker()}_cli"
    yield laptop | {"PRACTICE_DATABASE_URL": postgres.new_database(name)}
    postgres.drop_database(name)


def practice(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Start it from nothing; where that was shown already, `forked` does the same sooner."""
    return subprocess.run(
        [sys.executable, "-m", "practice", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


INIT = ("init", "--practice-name=Lantern", "--name=Maya Ellis", "--zone=Europe/London")


def test_a_practice_is_founded_once_and_a_link_is_printed(environ: dict[str, str]) -> None:
    founded = practice(environ, *INIT, "--email=maya@lantern.example")
    again = forked.practice(environ, *INIT, "--email=maya@lantern.example")
    link = forked.practice(environ, "set-up-link", "maya@lantern.example")
    nobody = forked.practice(environ, "set-up-link", "ben@mail.example")

    assert founded.returncode == 0, founded.stderr
    assert "http://127.0.0.1:8000/desk/set-up/" in founded.stdout
    assert again.returncode != 0
    assert "There is a practice in this instance already." in again.stderr
    assert "/desk/set-up/" in link.stdout
    assert "There is no coach with this address." in nobody.stderr


def test_the_demo_is_made_once_and_tells_how_to_sign_in(laptop: dict[str, str]) -> None:
    made = practice(laptop, "demo")
    again = forked.practice(laptop, "demo")

    assert made.returncode == 0, made.stderr
    assert "The demo practice is made." in made.stdout
    assert "maya@lantern.example" in made.stdout
    assert again.returncode == 0, again.stderr
    assert "There is a practice already." in again.stdout


def test_the_demo_is_paid_on_its_pretend_page_and_the_doctor_says_so(
    laptop: dict[str, str],
) -> None:
    practice(laptop, "demo")
    told = forked.practice(laptop, "doctor")

    assert (Path(laptop["PRACTICE_INSTANCE"]) / "payments").read_text() == "pretend\n"
    assert "Payments are pretended" in told.stdout
    assert told.returncode == 0, told.stdout


def test_the_demo_pretends_nothing_where_payments_are_switched_off(
    laptop: dict[str, str],
) -> None:
    practice(laptop | {"PRACTICE_PAYMENTS": "off"}, "demo")

    instance = Path(laptop["PRACTICE_INSTANCE"])
    assert (instance / "practice.db").exists()
    assert not (instance / "payments").exists()


def test_your_own_practice_pretends_nothing(laptop: dict[str, str]) -> None:
    forked.practice(laptop, *INIT, "--email=maya@lantern.example")
    practice(laptop, "demo")

    assert not (Path(laptop["PRACTICE_INSTANCE"]) / "payments").exists()


def test_the_demo_is_refused_where_others_can_reach_it(tmp_path: Path) -> None:
    told = forked.practice(
        dict(os.environ)
        | {
            "PRACTICE_INSTANCE": str(tmp_path),
            "PRACTICE_BASE_URL": "https://book.example.org",
        },
        "demo",
    )

    assert told.returncode != 0
    assert "a password that everybody knows" in told.stderr
    assert "Traceback" not in told.stderr


def test_wrong_settings_are_told_in_sentences(tmp_path: Path) -> None:
    told = practice({"PRACTICE_MODE": "production", "PRACTICE_INSTANCE": str(tmp_path)}, "migrate")

    assert told.returncode == 2
    assert len(told.stderr.strip().splitlines()) == 3
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--email=maya", "--zone=Europe/London"), "This is no email address"),
        (("--email=maya@lantern.example", "--zone=Nowhere"), "It is a name like Europe/London"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    told = forked.practice(
        {"PRACTICE_INSTANCE": str(tmp_path)}, "init", "--practice-name=L", "--name=M", *words
    )

    assert told.returncode == 2
    assert sentence in told.stderr
    assert not (tmp_path / "practice.db").exists()


def test_the_doctor_finds_a_laptop_well_and_says_where_its_letters_are(
    laptop: dict[str, str],
) -> None:
    forked.practice(laptop, *INIT, "--email=maya@lantern.example")

    told = forked.practice(laptop, "doctor")

    assert told.returncode == 0, told.stdout
    assert "All is well." in told.stdout
    assert str(Path(laptop["PRACTICE_INSTANCE"]) / "mail") in told.stdout


def test_the_doctor_says_so_where_nothing_was_made_yet(laptop: dict[str, str]) -> None:
    told = forked.practice(laptop, "doctor")

    assert told.returncode == 1
    assert told.stdout.startswith("- ")
    assert "Traceback" not in told.stderr


def test_who_takes_no_money_does_not_wait_for_the_libraries_of_who_does(
    laptop: dict[str, str],
) -> None:
    loaded = "import sys, practice.main; print(sorted({'stripe', 'requests'} & sys.modules.keys()))"

    told = subprocess.run(
        [sys.executable, "-c", loaded], env=laptop, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"
