"""A house that is started with other keys ends with one sentence, and shows nothing."""

import base64
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases, postgres
from tests.cli.forked import practice
from tests.house.reading import ROOT

OTHER = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
MASTER = base64.urlsafe_b64encode(databases.MASTER_KEY).decode().rstrip("=")
INIT = ("init", "--practice-name=Lantern", "--name=Maya Ellis", "--zone=Europe/London")


@pytest.fixture
def laptop(tmp_path: Path) -> dict[str, str]:
    """The environment of an owner with an empty instance."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PRACTICE_INSTANCE": str(tmp_path), "PYTHONPATH": str(ROOT)}


@pytest.fixture(params=databases.DIALECTS)
def environ(request: pytest.FixtureRequest, laptop: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same with a master key from outside, on each kind of database."""
    laptop["PRACTICE_MASTER_KEY"] = MASTER
    if request.param == "sqlite":
        yield laptop
        return
    name = f"{databases.worker()}_keys"
    yield laptop | {"PRACTICE_DATABASE_URL": postgres.new_database(name)}
    postgres.drop_database(name)


def told(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = practice(environ, *words, cwd=environ["PRACTICE_INSTANCE"])
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_another_master_key_ends_every_start(environ: dict[str, str]) -> None:
    founded = told(environ, *INIT, "--email=maya@lantern.example")
    wrong = environ | {"PRACTICE_MASTER_KEY": OTHER}

    starts = {
        words: told(wrong, *words.split()) for words in ("run", "web", "worker", "migrate", "demo")
    }

    assert founded.returncode == 0, founded.stderr
    for words, start in starts.items():
        assert start.returncode == 1, words
        assert start.stdout == "", words
        (sentence,) = start.stderr.splitlines()
        assert sentence.startswith("Error: The master key is not the one"), words
    doctor = told(wrong, "doctor")
    assert doctor.returncode == 1
    assert "- The master key is not the one" in doctor.stdout
    assert told(environ, "migrate").returncode == 0


def test_gunicorn_gives_up_with_the_sentence_instead_of_starting_for_ever(
    laptop: dict[str, str],
) -> None:
    told(laptop, *INIT, "--email=maya@lantern.example")

    served = subprocess.run(
        [
            *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", "127.0.0.1:0"),
            *("--no-control-socket", "--pythonpath", str(ROOT), "--log-level", "critical"),
        ],
        env=laptop | {"PRACTICE_MASTER_KEY": OTHER},
        cwd=laptop["PRACTICE_INSTANCE"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert "Traceback" not in served.stderr, served.stderr
    assert served.returncode != 0
    assert "The master key is not the one" in served.stderr


def test_a_laptop_that_lost_its_master_key_makes_no_other(laptop: dict[str, str]) -> None:
    told(laptop, *INIT, "--email=maya@lantern.example")
    key = Path(laptop["PRACTICE_INSTANCE"]) / "master.key"
    kept = key.read_bytes()
    key.unlink()

    starts = [told(laptop, words) for words in ("run", "migrate", "doctor")]

    for start in starts:
        assert start.returncode == 2
        (sentence,) = start.stderr.splitlines()
        assert sentence.startswith("master.key is not in the instance folder")
    assert not key.exists()
    key.write_bytes(kept)
    assert told(laptop, "doctor").returncode == 0


def test_lost_keys_of_answers_end_every_start(laptop: dict[str, str]) -> None:
    told(laptop, "demo")
    instance = Path(laptop["PRACTICE_INSTANCE"])
    with sqlite3.connect(instance / "practice.db") as connection:
        connection.execute(
            "INSERT INTO intakes (reference, person_id, questionnaire, version, way_back, key_id, "
            "private_key_id, created_at) VALUES ('r', 1, 'full', 1, 'code', 'k', 'p', '2026-06-01')"
        )
    connection.close()
    (instance / "keys.db").unlink()

    start = told(laptop, "worker")
    doctor = told(laptop, "doctor")

    assert start.returncode == 1
    (sentence,) = start.stderr.splitlines()
    assert sentence.startswith("Error: The keys of people’s answers are missing")
    assert doctor.returncode == 1
    assert "- The keys of people’s answers are missing" in doctor.stdout


def test_the_doctor_says_when_others_can_read_the_keys(laptop: dict[str, str]) -> None:
    told(laptop, *INIT, "--email=maya@lantern.example")
    keys = Path(laptop["PRACTICE_INSTANCE"]) / "keys.db"
    well = told(laptop, "doctor")

    keys.chmod(0o640)

    assert well.returncode == 0, well.stdout
    assert "- Others on this machine can read keys.db." in told(laptop, "doctor").stdout
