"""What the promises of the house rest on, read from its source."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.reading import PRACTICE, ROOT, TESTS, calls, dotted, python_files, tree_of

_TIMES = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
}


def offenders(folder: Path, *but: str) -> list[Path]:
    allowed = {ROOT / name for name in but}
    return [path for path in python_files(folder) if path not in allowed]


def at(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_only_one_module_asks_what_time_it_is() -> None:
    found = [
        at(path, call)
        for path in offenders(PRACTICE, "practice/adapters/clock.py")
        for call in calls(path)
        if any(dotted(call.func).endswith(name) for name in _TIMES)
    ]
    found += [
        at(path, node)
        for path in offenders(PRACTICE)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "time"
        and {alias.name for alias in node.names} & {"time", "time_ns"}
    ]

    assert found == []


def test_only_one_module_commits() -> None:
    allowed = ("practice/models/unit.py", "practice/migrations/env.py")
    found = [
        at(path, call)
        for path in offenders(PRACTICE, *allowed)
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]

    assert found == []


def test_nothing_is_mocked() -> None:
    found = []
    for path in [*python_files(PRACTICE), *python_files(TESTS)]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.arg):
                names = [node.arg]
            else:
                continue
            if any(name.startswith(("unittest.mock", "mock", "mocker")) for name in names):
                found.append(at(path, node))

    assert found == []


def test_no_test_sleeps() -> None:
    # The battery and the stories wait for real processes; everything else has a clock to move.
    waiting = {"battery", "stories"}
    found = [
        at(path, call)
        for path in python_files(TESTS)
        if not waiting & set(path.relative_to(TESTS).parts)
        for call in calls(path)
        if dotted(call.func).rpartition(".")[2] == "sleep"
    ]

    assert found == []


def test_a_tests_name_is_a_sentence() -> None:
    short = [
        f"{path.name}: {node.name}"
        for path in python_files(TESTS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and node.name.count("_") < 3
    ]

    assert short == []


def test_importing_the_package_imports_no_framework() -> None:
    assert [type(node) for node in tree_of(PRACTICE / "__init__.py").body] == [ast.Expr]
    for path in python_files(PRACTICE / "domain"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in {"flask", "sqlalchemy"}, path


def test_the_floors_import_downwards_only() -> None:
    checker = Path(sys.executable).with_name("lint-imports")

    told = subprocess.run(
        [checker, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout[-3000:]


@pytest.mark.parametrize("word", ["/work" + "/", "/tmp" + "/bash"])
def test_no_file_names_the_machine_it_was_written_on(word: str) -> None:
    kinds = {".py", ".toml", ".md", ".html", ".txt", ".css", ".js", ".lock", ".json", ".yml"}
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in (PRACTICE, TESTS, ROOT / "docs", ROOT / "benchmarks")
        for path in folder.rglob("*")
        if path.suffix in kinds and word in path.read_text()
    ]

    assert found == []
