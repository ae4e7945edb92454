import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cases.slots import Json, complaint, document

HERE = Path(__file__).parent
SHARED, OWN = document(HERE / "slots.json"), document(HERE / "own_slots.json")
CASES = [
    pytest.param(case, read["defaults"], id=case["id"])
    for read in (SHARED, OWN)
    for case in read["cases"]
]
CASE: dict[str, Any] = {
    "id": "one",
    "in": {"weekly_hours": {"mon": [["09:00", "10:00"]]}, "day": "2026-06-15"},
    "expect_utc": ["2026-06-15T09:00Z", "2026-06-15T09:30Z"],
}


@pytest.mark.parametrize(("case", "defaults"), CASES)
def test_the_starts_are_exactly_those_expected(case: Json, defaults: Json) -> None:
    assert complaint(case, defaults) == ""


def test_no_two_cases_share_an_id() -> None:
    ids = [case["id"] for read in (SHARED, OWN) for case in read["cases"]]
    assert len(ids) == len(set(ids))


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.cases.slots", str(path)],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_cases(folder: Path, *cases: object) -> subprocess.CompletedProcess[str]:
    path = folder / "cases.json"
    path.write_text(json.dumps({**SHARED, "cases": cases}), encoding="utf-8")
    return run(path)


def with_input(**changes: object) -> dict[str, Any]:
    return {**CASE, "in": {**CASE["in"], **changes}}


def test_the_runner_ends_well_with_the_number_that_passed() -> None:
    done = run(HERE / "slots.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "79 passed, 0 failed\n", "")


def test_the_runner_shows_what_was_expected_and_what_came(tmp_path: Path) -> None:
    done = run_cases(tmp_path, {**CASE, "id": "wrong", "expect_utc": ["2026-06-15T08:00Z"]}, CASE)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "wrong: expected 2026-06-15T08:00:00Z",
        "  got 2026-06-15T09:00:00Z 2026-06-15T09:30:00Z",
        "1 passed, 1 failed",
    ]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (with_input(surprise=1), "unknown in in: surprise"),
        (with_input(coaches=[{"surprise": 1}]), "unknown in in: surprise"),
        ({**CASE, "surprise": 1}, "unknown in the case: surprise"),
        (with_input(weekly_hours={"monday": []}), "unknown in weekly_hours: monday"),
        (with_input(busy=[{"surprise": 1}]), "unknown in busy: surprise"),
        (with_input(busy=[{"start": "2026-06-15T09:00Z"}]), "'end' is missing"),
        (with_input(grid="floating"), "only the fixed grid is known"),
        (with_input(mode="most"), "mode is any or all"),
        (with_input(coach_tz="Europe"), "choose a time zone"),
        (with_input(weekly_hours={"mon": [["09:00", "25:00"]]}), "'25:00' is no time"),
        (with_input(duration_min=30.5), "duration_min is no whole number"),
        (with_input(now="2026-06-15T09:00"), "has no zone"),
        ({"id": "bare"}, "'in' is missing"),
        ({**CASE, "expect_local": ["2026-06-15T09:00+0100"]}, "expected locally"),
        ("no case", "is no object"),
    ],
)
def test_a_case_that_cannot_be_understood_has_failed(
    tmp_path: Path, case: object, said: str
) -> None:
    done = run_cases(tmp_path, case)
    assert done.returncode == 1
    assert said in done.stdout
    assert done.stdout.endswith("\n0 passed, 1 failed\n")
    assert done.stderr == ""


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": 2, "cases": []}', '{"cases": 3}'])
def test_a_file_that_cannot_be_read_has_failed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    done = run(path)
    assert done.returncode == 1
    assert done.stdout.endswith("\n0 passed, 1 failed\n")
    assert done.stderr == ""
