"""What the house is compared with: nothing, a constant page, and the same template filled ready.

Each is served by the same gunicorn with the same flags; `make_frozen` writes what they need.
"""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from markupsafe import Markup

FROZEN = "BENCH_FROZEN"
_TEMPLATES = Path(__file__).parents[1] / "practice" / "templates"


@dataclass(frozen=True, slots=True)
class Form:
    """A form whose hidden fields are written already."""

    hidden: str
    errors: tuple[str, ...] = ()

    def hidden_tag(self) -> Markup:
        """Return the hidden fields."""
        return Markup(self.hidden)


@dataclass(frozen=True, slots=True)
class Frozen:
    """The front page of one moment: as it was sent, and what its template was filled with."""

    text: str
    page: Any
    house: Any
    form: Form
    rules: tuple[tuple[str, str], ...]


def freeze(path: Path, frozen: Frozen) -> None:
    path.write_bytes(pickle.dumps(frozen))


def _frozen() -> Frozen:
    found = pickle.loads(Path(os.environ[FROZEN]).read_bytes())
    assert isinstance(found, Frozen)
    return found


def hello() -> Flask:
    app = Flask("hello")

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def say(path: str) -> str:  # noqa: ARG001 - any address gives the same
        return "hello"

    return app


def constant() -> Flask:
    app = Flask("constant")
    text = _frozen().text

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def say(path: str) -> str:  # noqa: ARG001 - any address gives the same
        return text

    return app


def ready() -> Flask:
    frozen = _frozen()
    app = Flask("ready", template_folder=str(_TEMPLATES), static_folder=None)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    def say(**_values: str) -> str:
        return render_template(
            "public/booking/pick.html", page=frozen.page, form=frozen.form, house=frozen.house
        )

    # The addresses of the house, so that the template's links are made as they are there.
    for rule, endpoint in frozen.rules:
        app.add_url_rule(rule, endpoint, say)
    return app
