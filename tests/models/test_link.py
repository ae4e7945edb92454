import base64
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from practice.domain.refusal import Unreadable
from practice.models.base import db
from practice.models.link import Link, Opens, Purpose, link_of, new_link
from practice.models.unit import reading, unit_of_work
from practice.ports import Tools
from tests.fakes import NOW
from tests.looking import all_of, dump


def make(tools: Tools, purpose: Purpose = Purpose.HOLD, **values: object) -> str:
    with unit_of_work() as session:
        token = new_link(session, purpose, Opens(), vault=tools.vault, now=NOW, **values)  # type: ignore[arg-type]
    db.session.remove()
    return token


def test_a_token_is_128_bits_and_no_two_are_the_same(inside: Flask, tools: Tools) -> None:
    tokens = {make(tools) for _ in range(50)}

    assert len(tokens) == 50
    assert {len(base64.urlsafe_b64decode(token + "==")) for token in tokens} == {16}


def test_a_link_gives_its_token_back_to_who_has_the_key(inside: Flask, tools: Tools) -> None:
    token = make(tools)

    assert all_of(Link)[0].token(tools.vault) == token


def test_the_database_alone_holds_no_usable_token(inside: Flask, tools: Tools) -> None:
    token = make(tools)

    held = repr(dump())
    assert token not in held
    assert repr(base64.urlsafe_b64decode(token + "==")) not in held


@pytest.mark.parametrize("wrong", [Purpose.APPOINTMENT, Purpose.SET_UP])
def test_a_link_opens_nothing_but_its_purpose(inside: Flask, tools: Tools, wrong: Purpose) -> None:
    token = make(tools, Purpose.HOLD)

    assert link_of(reading(), Purpose.HOLD, token, now=NOW) is not None
    assert link_of(reading(), wrong, token, now=NOW) is None


def test_a_link_opens_until_it_ends(inside: Flask, tools: Tools) -> None:
    end = NOW + timedelta(hours=1)
    token = make(tools, expires_at=end)

    assert link_of(reading(), Purpose.HOLD, token, now=end - timedelta(seconds=1)) is not None
    assert link_of(reading(), Purpose.HOLD, token, now=end) is None


def test_a_sealed_token_moved_to_another_row_does_not_open(inside: Flask, tools: Tools) -> None:
    make(tools)
    make(tools)
    first, second = all_of(Link)
    with unit_of_work() as session:
        session.execute(
            update(Link).where(Link.id == second.id).values(token_sealed=first.token_sealed)
        )
    db.session.remove()

    with pytest.raises(Unreadable):
        all_of(Link)[1].token(tools.vault)


def test_a_sealed_token_does_not_open_for_another_purpose(inside: Flask, tools: Tools) -> None:
    make(tools)
    with unit_of_work() as session:
        session.execute(update(Link).values(purpose=Purpose.APPOINTMENT))
    db.session.remove()

    with pytest.raises(Unreadable):
        all_of(Link)[0].token(tools.vault)
