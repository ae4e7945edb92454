import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from practice.adapters.feed_reading import read_calendar
from tests.cases.feeds import Json, cases_in, complaint

HERE = Path(__file__).parent
SHARED, OWN = HERE / "feeds", HERE / "own_feeds"
CASES = [
    pytest.param(case, folder, id=case["id"])
    for folder in (SHARED, OWN)
    for case in cases_in(folder)
]
CASE: dict[str, Any] = {
    "id": "one",
    "file": "one.ics",
    "from": "2026-06-25T00:00:00Z",
    "to": "2026-07-15T00:00:00Z",
    "coach_tz": "Europe/Berlin",
    "tier": "must",
    "expected": [["2026-07-01T09:00:00Z", "2026-07-01T10:00:00Z"]],
}
FEED = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:one
DTSTART:20260701T090000Z
DTEND:20260701T100000Z
END:VEVENT
END:VCALENDAR
"""


# In this process, where a hundred are read in a second; the runner below takes the child's way.
@pytest.mark.parametrize(("case", "folder"), CASES)
def test_a_feed_is_busy_exactly_when_expected(case: Json, folder: Path) -> None:
    assert complaint(case, folder, read_calendar) == ""


def test_every_file_has_a_case_and_no_two_share_an_id() -> None:
    for folder in (SHARED, OWN):
        assert {case["file"] for case in cases_in(folder)} == {p.name for p in folder.glob("*.ics")}
    ids = [case["id"] for folder in (SHARED, OWN) for case in cases_in(folder)]
    assert len(ids) == len(set(ids))


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.cases.feeds", *map(str, arguments)],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_cases(folder: Path, *cases: object) -> subprocess.CompletedProcess[str]:
    (folder / "one.ics").write_text(FEED, encoding="utf-8")
    (folder / "expected.json").write_text(json.dumps({"cases": cases}), encoding="utf-8")
    return run(folder)


def test_the_runner_ends_well_with_the_number_that_passed() -> None:
    done = run(SHARED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "13 passed, 0 failed\n", "")


def test_the_runner_shows_what_was_expected_and_what_came(tmp_path: Path) -> None:
    short = [["2026-07-01T09:00:00Z", "2026-07-01T09:59:59Z"]]
    long = [["2026-07-01T09:00:00Z", "2026-07-01T10:00:01Z"]]
    done = run_cases(
        tmp_path,
        CASE,
        {**CASE, "id": "wrong", "expected": short},
        {**CASE, "id": "covered", "tier": "lenient", "expected": short},
        {**CASE, "id": "uncovered", "tier": "lenient", "expected": long},
        {**CASE, "id": "read", "tier": "robust", "expected": "error"},
        {**CASE, "id": "late", "max_seconds": 0},
        {**CASE, "id": "bare", "file": "none.ics"},
        {**CASE, "id": "free", "tier": "lenient", "expected": []},
        "no case",
    )
    assert done.returncode == 1
    assert done.stderr == ""
    got = "  got 2026-07-01T09:00:00Z/2026-07-01T10:00:00Z"
    said = done.stdout.splitlines()
    assert said[:6] == [
        "wrong: expected 2026-07-01T09:00:00Z/2026-07-01T09:59:59Z",
        got,
        "uncovered: expected 2026-07-01T09:00:00Z/2026-07-01T10:00:01Z",
        got,
        "read: expected error",
        got,
    ]
    assert said[6] == "late: expected within 0 seconds"
    assert said[8].startswith("bare: cannot be run: ")
    assert [line.partition(":")[0] for line in said[9:]] == ["no object", "3 passed, 6 failed"]


@pytest.mark.parametrize("text", [None, "", "[]", '{"cases": 3}', '{"cases": []}'])
def test_a_folder_that_cannot_be_run_is_told_in_a_sentence(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "expected.json").write_text(text, encoding="utf-8")
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(".\n")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path / 'nowhere'} is no folder.\n"
    assert run().returncode == 2
