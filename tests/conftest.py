"""What every test stands on: a clean database of both kinds, an app, a still clock, no network."""

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings

from practice.models.vault import MasterVault
from practice.ports import Tools
from tests import databases, makers
from tests.fakes import FrozenClock, Postbox, make_tools

# The same examples in every run, so that a red test is red for everybody; `wide` looks further.
settings.register_profile("same", deadline=None, database=None, derandomize=True)
settings.register_profile("wide", deadline=None, database=None, max_examples=2000)
settings.load_profile(os.environ.get("PRACTICE_HYPOTHESIS", "same"))


def _near(address: object) -> bool:
    """Tell whether an address stays on this machine; ".invalid" is nowhere (RFC 6761)."""
    host = address[0] if isinstance(address, tuple) else None
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name in {"localhost", socket.gethostname()} or name.endswith(".invalid"):
        return True
    try:
        asked = ipaddress.ip_address(name)
    except ValueError:
        return False
    return asked.is_loopback or asked.is_unspecified


def _staying_home(way_out: Callable[..., Any], *, method: bool) -> Callable[..., Any]:
    """Return a way out of this machine that refuses to lead out of it."""

    @wraps(way_out)
    def checked(*args: Any, **keywords: Any) -> Any:
        address = args[1] if method else args[:1]
        if not _near(address):
            raise RuntimeError(f"A test must not leave this machine, and this one asked {address}.")
        return way_out(*args, **keywords)

    return checked


# Not by an audit hook: it would run at every change of tracing too, where two threads that begin
# at once then meet ("Cannot install a trace function while another ... is being installed").
for _name in ("connect", "connect_ex"):
    setattr(socket.socket, _name, _staying_home(getattr(socket.socket, _name), method=True))
socket.getaddrinfo = _staying_home(socket.getaddrinfo, method=False)


# What these run is run by plainer tests as well, which are traced.
_UNTRACED = {
    "stories", "battery", "payments", "test_canary.py", "test_demo.py", "test_intake_roles.py",
    "test_migrations.py", "test_money_machine.py", "test_money_roles.py", "test_partner_walk.py",
    "test_public_bad_input.py",
}  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Trace each line where it is cheap: not on PostgreSQL as well, nor in browsers and races."""
    for item in items:
        call = getattr(item, "callspec", None)
        again = call is not None and "postgresql" in call.params.values()
        if again or item.path.parent.name in _UNTRACED or item.path.name in _UNTRACED:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session", autouse=True)
def _leave_nothing_behind() -> Iterator[None]:
    yield
    databases.forget_templates()


@pytest.fixture(params=databases.DIALECTS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a clean, migrated database: the test runs once on each kind."""
    if request.param == "sqlite":
        return databases.clean_sqlite(tmp_path)
    return databases.clean_postgresql()


@pytest.fixture
def clock() -> FrozenClock:
    """The house's clock: Monday 1 June 2026, 10:00 in London, until the test moves it."""
    return FrozenClock()


@pytest.fixture
def postbox() -> Postbox:
    """Where the letters end up."""
    return Postbox()


# These keep nothing of a test; making them again would compile every letter's template.
_TOOLS = replace(make_tools(), vault=MasterVault(databases.MASTER_KEY))


@pytest.fixture
def tools(clock: FrozenClock, postbox: Postbox) -> Tools:
    """The tools of the house: still clock and postbox, all else is real."""
    return replace(_TOOLS, clock=clock, mailer=postbox)


@pytest.fixture
def app(database: str, tools: Tools, tmp_path: Path) -> Iterator[Flask]:
    """The app on a clean database. No context is open: requests bring their own."""
    with databases.kept_house_on(database, tmp_path, tools) as house:
        yield house


@pytest.fixture
def coach(app: Flask) -> int:
    """The id of Maya, who has founded the practice: Monday to Friday 9 to 5, a free chat."""
    with app.app_context():
        return makers.make_practice()
