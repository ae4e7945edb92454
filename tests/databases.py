"""Clean databases, migrated once and then copied or emptied: a test gets one in milliseconds."""

import atexit
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, Integer, QueuePool, create_engine, event, make_url

from practice.app import create_app
from practice.models.base import KEYS, Base, db, prepare_engine
from practice.ports import Tools
from practice.settings import Mode, Settings
from tests import postgres
from tests.fakes import make_tools

DIALECTS = ("sqlite", "postgresql")
MASTER_KEY = b"a key of exactly 32 bytes, yes!!"


class _Templates(BytecodeCache):
    """Keeps compiled templates for the next app, which else would compile them all again."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Templates()


def settings_for(database_url: str, instance: Path, **changes: object) -> Settings:
    """Settings of a house at https://practice.example with this database."""
    settings = {
        "mode": Mode.LAPTOP,
        "instance": instance,
        "database_url": database_url,
        "base_url": "https://practice.example",
        "port": 8000,
        "smtp_url": None,
        "secret_key": "a secret for tests that is long enough",
        "master_key": MASTER_KEY,
    }
    return Settings(**(settings | changes))  # type: ignore[arg-type]


@contextmanager
def house_on(database_url: str, instance: Path, tools: Tools | None = None) -> Iterator[Flask]:
    """Build an app on a database, and let go of all its connections at the end."""
    app = create_app(settings_for(database_url, instance), tools or make_tools())
    app.jinja_env.bytecode_cache = _TEMPLATES
    with app.app_context():
        for engine in db.engines.values():
            make_hasty(engine)
    try:
        yield app
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


_KEPT: dict[str, Flask] = {}
_ENGINES: dict[str, Engine] = {}


@contextmanager
def kept_house_on(database_url: str, instance: Path, tools: Tools) -> Iterator[Flask]:
    """Open the app that this worker keeps for such databases, on another one and with these tools.

    Making an app compiles a hundred addresses, which takes longer than most tests. What a test
    may change of it is what is given here; whoever changes more makes a house of its own.
    """
    dialect = database_url.partition(":")[0]
    app = _KEPT.get(dialect)
    if app is None:
        app = _KEPT[dialect] = create_app(settings_for(database_url, instance), tools)
        app.jinja_env.bytecode_cache = _TEMPLATES
    app.instance_path = str(instance)
    app.extensions["practice"] = tools
    app.extensions.pop("practice_drawn", None)
    with app.app_context():
        engine = _engine_on(database_url, app.config["SQLALCHEMY_ENGINE_OPTIONS"])
        prepare_engine(engine, instance)
        make_hasty(engine)
        cast("dict[str | None, Engine]", db.engines)[None] = engine
    try:
        yield app
    finally:
        _let_go(engine)


def make_hasty(engine: Engine) -> None:
    """Let an engine's SQLite wait for no disk: what a test writes need not outlive the power.

    The server of PostgreSQL is told the same where it is started.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_waiting)


def _without_waiting(connection: sqlite3.Connection, _record: object) -> None:
    for schema in ("main", KEYS):
        connection.execute(f"PRAGMA {schema}.synchronous = OFF")


def _let_go(engine: Engine) -> None:
    """Close an engine's connections, but for a single one to PostgreSQL: the next test takes it.

    A process of the server that has just begun knows no table yet, and learns them for longer than
    most tests last.
    """
    pool = _ENGINES[engine.dialect.name].pool
    if engine.dialect.name == "sqlite" or engine.pool is not pool:
        engine.dispose()
    if isinstance(pool, QueuePool) and (pool.checkedout() or pool.checkedin() > 1):
        pool.dispose()


def _engine_on(database_url: str, options: Mapping[str, Any]) -> Engine:
    """Make an engine that knows the statements which engines of its dialect compiled before it."""
    first = _ENGINES.get(make_url(database_url).get_backend_name())
    if first is None:
        first = create_engine(database_url, **options)
        _ENGINES[first.dialect.name] = first
        first.connect().close()  # whereby a dialect learns what its server can do
        first.dispose()
    if first.dialect.name == "postgresql" and first.url == make_url(database_url):
        with first.connect() as connection:
            connection.exec_driver_sql("RESET ALL")  # what the test before has set
            connection.commit()
        engine = Engine(first.pool, first.dialect, first.url, hide_parameters=True)
    else:
        engine = create_engine(database_url, **options)
    # The dialect is a part of the key under which a compiled statement is kept.
    engine.dialect = first.dialect
    engine._compiled_cache = first._compiled_cache
    return engine


def migrate(database_url: str) -> str:
    """Bring a database to the newest shape; return its URL."""
    with tempfile.TemporaryDirectory() as folder:
        # On SQLite the keys lie in a file beside the database; copied, the two stay together.
        path = make_url(database_url).database if database_url.startswith("sqlite") else None
        instance = Path(path).parent if path else Path(folder)
        with house_on(database_url, instance) as app, app.app_context():
            upgrade()
    return database_url


def worker() -> str:
    """A name that no other worker of this or another test run has, for databases of its own."""
    return f"practice_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"


def clean_sqlite(folder: Path) -> str:
    """A migrated SQLite file in this folder; returns its URL."""
    path = folder / "practice.db"
    shutil.copyfile(_sqlite_template(), path)
    shutil.copyfile(_sqlite_template().with_name("keys.db"), folder / "keys.db")
    return f"sqlite:///{path}"


def clean_postgresql() -> str:
    """This worker's migrated PostgreSQL database, emptied; returns its URL."""
    url = _postgresql_database()
    tables = list(reversed(Base.metadata.sorted_tables))
    # Eighty times as fast as TRUNCATE … RESTART IDENTITY, which makes a new file for each table.
    emptied = [f"DELETE FROM {table.fullname}" for table in tables]
    numbered = [
        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)"
        for table in tables
        if "id" in table.columns and isinstance(table.columns["id"].type, Integer)
    ]
    with _cleaner(url).connect() as connection:
        connection.exec_driver_sql("; ".join([*emptied, *numbered]))
    return url


def copied_postgresql(name: str) -> str:
    """A migrated PostgreSQL database of this name, for whoever needs one of its own; its URL."""
    return postgres.new_database(name, template=_postgresql_template())


@cache
def _cleaner(url: str) -> Engine:
    """Who empties this worker's database: on one connection for all tests, which knows all tables.

    A process of the server that has just begun learns them for longer than it deletes.
    """
    return create_engine(url, pool_size=1, pool_pre_ping=True, isolation_level="AUTOCOMMIT")


@cache
def _sqlite_template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="practice-template-")) / "migrated.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)  # where nobody forgets it
    migrate(f"sqlite:///{path}")
    return path


@cache
def _postgresql_database() -> str:
    return copied_postgresql(f"{worker()}_tests")


@cache
def _postgresql_template() -> str:
    """The name of a migrated database to which nobody is connected, or it could not be copied."""
    name = f"{worker()}_template"
    migrate(postgres.new_database(name))
    return name


def forget_templates() -> None:
    """Delete what was made to be copied."""
    if _sqlite_template.cache_info().currsize:
        shutil.rmtree(_sqlite_template().parent)
        _sqlite_template.cache_clear()
    if _postgresql_database.cache_info().currsize:
        _cleaner(_postgresql_database()).dispose()
        _cleaner.cache_clear()
        if "postgresql" in _ENGINES:
            _ENGINES.pop("postgresql").pool.dispose()
        postgres.drop_database(_postgresql_database().rpartition("/")[2].partition("?")[0])
        _postgresql_database.cache_clear()
    if _postgresql_template.cache_info().currsize:
        postgres.drop_database(_postgresql_template())
        _postgresql_template.cache_clear()
    postgres.stop_server()
