"""The addresses of the house: a list that is looked at when it changes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import databases

PUBLIC = """
GET      /
GET      /a/<token>
GET      /a/<token>/appointment.ics
POST     /a/<token>/back
POST     /a/<token>/begin
POST     /a/<token>/both
GET POST /a/<token>/cancel
POST     /a/<token>/code
GET POST /a/<token>/contact
GET POST /a/<token>/delete
GET POST /a/<token>/move
GET POST /a/<token>/partner
POST     /a/<token>/partner/link
POST     /a/<token>/partner/send
POST     /a/<token>/undo
GET      /a/<token>/write
GET POST /ask
GET POST /book/h/<token>
POST     /book/h/<token>/change
GET      /book/h/<token>/paid
GET POST /book/h/<token>/pay
GET      /book/h/<token>/to-payment
POST     /book/hold
GET POST /c/<token>
GET      /feed/<token>.ics
GET      /help
POST     /hooks/stripe
GET      /how-it-works
GET      /leave
GET POST /my-link
GET      /p/<token>
POST     /p/<token>/decline
POST     /p/<token>/join
GET      /photo
GET      /privacy
GET      /sessions
GET      /sessions/<slug>
GET      /static/<path:filename>
GET      /times/<month>
GET      /write
POST     /write/answers/<question>/delete
GET POST /write/back
POST     /write/close
POST     /write/code
GET POST /write/consent
GET POST /write/delete
GET      /write/review
GET POST /write/section/<int:number>
POST     /write/section/<int:number>/open
POST     /write/share/<int:number>
GET      /write/support
POST     /write/switch/<reference>
POST     /write/unshare/<int:number>
POST     /write/withdraw
GET      /write/words.txt
GET      /zone
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    with databases.house_on("sqlite://", tmp_path) as app:
        yield app


def test_the_public_addresses_are_these_and_no_others(house: Flask) -> None:
    methods: dict[str, set[str]] = {}
    for rule in house.url_map.iter_rules():
        if not str(rule).startswith("/desk"):
            known = (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
            methods.setdefault(str(rule), set()).update(known)

    found = "\n".join(f"{' '.join(sorted(m)):8} {path}" for path, m in sorted(methods.items()))

    assert found == PUBLIC.strip()


def test_addresses_are_written_in_kebab_case(house: Flask) -> None:
    for rule in house.url_map.iter_rules():
        bare = re.sub(r"<(?:[\w()=]+:)?\w+>", "x", str(rule))
        assert re.fullmatch(r"(/[a-z0-9-]*(\.ics|\.txt)?)+", bare), str(rule)


def test_every_row_at_the_desk_is_asked_for_by_a_number(house: Flask) -> None:
    for rule in house.url_map.iter_rules():
        for name in rule.arguments:
            if name.endswith("_id"):
                assert re.search(rf"<int(\(max=\d+\))?:{name}>", str(rule)), str(rule)


def test_nothing_can_be_signed_up_for_or_recovered_by_strangers(house: Flask) -> None:
    endpoints = {rule.endpoint for rule in house.url_map.iter_rules()}

    assert {name for name in endpoints if name.startswith("security.")} == {
        "security.login",
        "security.logout",
    }
