"""Commands in processes of their own, forked from one that has imported our code already.

To import all that we stand on takes a second, and the tests type dozens of commands. Those that
start `python -m practice` from nothing stand in test_commands.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from practice.main import main

_SECONDS = 120


def practice(
    environ: Mapping[str, str], *words: str, cwd: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Type `practice` and these words in this environment, and wait for the end."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    with tempfile.TemporaryDirectory() as folder:
        told = [Path(folder) / name for name in ("stdout", "stderr")]
        process = server.Process(target=_become, args=(dict(environ), words, cwd, told))
        process.start()
        process.join(_SECONDS)
        if process.is_alive():
            process.kill()
            raise subprocess.TimeoutExpired(words, _SECONDS)
        code = process.exitcode
        assert code is not None
        out, err = (path.read_text(encoding="utf-8") for path in told)
    return subprocess.CompletedProcess(words, code, out, err)


def _become(
    environ: Mapping[str, str], words: tuple[str, ...], cwd: str | None, told: list[Path]
) -> None:
    os.environ.clear()
    os.environ.update(environ)
    if cwd is not None:
        os.chdir(cwd)
    for number, path in enumerate(told, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["practice", *words]
    main()
