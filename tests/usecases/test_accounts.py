import pytest
from flask_security.utils import verify_password

from practice.domain.refusal import NotFound
from practice.models.accounts import User
from practice.models.base import db
from practice.usecases.accounts import make_set_up_link, set_password, set_up_address
from practice.usecases.appointment import by_link
from tests.fakes import FrozenClock
from tests.looking import all_of, dump
from tests.makers import PASSWORD, at, book_for, the_tools
from tests.people import ADA, MAYA


def link() -> str:
    address = make_set_up_link(f" {MAYA.email.upper()} ", tools=the_tools())
    db.session.remove()
    assert address.startswith("https://practice.example/desk/set-up/")
    return address.rpartition("/")[2]


def test_a_set_up_link_sets_the_password_once_and_ends_all_sessions() -> None:
    before = all_of(User)[0].fs_uniquifier
    token = link()
    assert set_up_address(token, tools=the_tools()) == MAYA.email

    set_password(token, PASSWORD, tools=the_tools())
    db.session.remove()

    (user,) = all_of(User)
    assert user.password is not None
    assert user.password.startswith("$argon2id$")
    assert verify_password(PASSWORD, user.password)
    assert user.fs_uniquifier != before
    with pytest.raises(NotFound):
        set_up_address(token, tools=the_tools())
    with pytest.raises(NotFound):
        set_password(token, "another of unrelated words", tools=the_tools())


def test_a_set_up_link_is_good_for_a_day(clock: FrozenClock) -> None:
    token = link()
    clock.advance(hours=23, minutes=59)
    assert set_up_address(token, tools=the_tools())

    clock.advance(minutes=1)

    with pytest.raises(NotFound):
        set_up_address(token, tools=the_tools())


def test_nobody_gets_a_link_who_is_no_coach() -> None:
    before = dump()

    with pytest.raises(NotFound):
        make_set_up_link("ben@mail.example", tools=the_tools())

    assert dump() == before


def test_links_open_nothing_but_what_they_were_made_for() -> None:
    set_up = link()
    appointment = book_for(ADA, at=at("Tue 10:00")).token

    with pytest.raises(NotFound):
        by_link(set_up, tools=the_tools())
    with pytest.raises(NotFound):
        set_up_address(appointment, tools=the_tools())


def test_the_database_alone_opens_no_link() -> None:
    token = link()

    assert token not in repr(dump())
