import re

import pytest

from practice.domain.refusal import TooMany
from practice.models.base import db
from practice.models.journal import JournalEntry
from practice.usecases.links import send_again
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, letters, statements
from tests.makers import at, book_for, cancel_for, deliver_all, the_tools
from tests.people import ADA, BEN


def ask_again(address: str, caller: str = "caller") -> list[str]:
    with statements() as sent:
        send_again(address, caller, tools=the_tools())
    db.session.remove()
    return sent


def test_all_links_of_an_address_come_in_one_letter_to_it(postbox: Postbox) -> None:
    first = book_for(ADA, at=at("Tue 10:00"))
    second = book_for(ADA, at=at("Thu 10:00"))
    bens = book_for(BEN, at=at("Wed 10:00"))
    deliver_all()

    ask_again("ADA@mail.example ")
    deliver_all()

    letter = postbox.posts[-1]
    assert letter.to_address == ADA.email
    found = re.findall(r"https://practice\.example/a/(\S+)", body(letter))
    assert found == [first.token, second.token]
    assert bens.token not in body(letter)


def test_a_known_and_an_unknown_address_cost_the_same_work(postbox: Postbox) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    deliver_all()
    before = len(postbox.posts)

    known = ask_again(ADA.email, "one caller")
    unknown = ask_again("nobody@mail.example", "another caller")

    assert known == unknown
    assert [row.state for row in letters(kind="link")] == ["waiting", "waiting"]
    deliver_all()
    assert len(postbox.posts) == before + 1
    assert [row.state for row in letters(kind="link")] == ["sent", "dropped"]


def test_nothing_is_kept_of_an_unknown_address() -> None:
    ask_again("nobody@mail.example")

    assert "nobody" not in repr([vars(row) for row in letters()])
    assert [row.happening for row in all_of(JournalEntry)] == ["LINK_ASKED"]


def test_past_and_cancelled_appointments_are_not_listed(
    clock: FrozenClock, postbox: Postbox
) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    cancel_for(book_for(ADA, at=at("Wed 10:00")))
    deliver_all()
    clock.at = at("Tue 10:30")
    before = len(postbox.posts)

    ask_again(ADA.email)
    deliver_all()

    assert len(postbox.posts) == before


def test_an_address_is_written_to_three_times_and_then_waits(clock: FrozenClock) -> None:
    for number in range(3):
        ask_again(ADA.email, f"caller-{number}")

    with pytest.raises(TooMany) as refused:
        ask_again(ADA.email, "another")
    clock.advance(seconds=refused.value.retry_after)

    ask_again(ADA.email, "another")


def test_an_unknown_address_waits_just_the_same() -> None:
    for number in range(3):
        ask_again("nobody@mail.example", f"caller-{number}")

    with pytest.raises(TooMany):
        ask_again("nobody@mail.example", "another")


def test_a_caller_asks_for_ten_addresses_and_then_waits() -> None:
    for number in range(10):
        ask_again(f"person-{number}@mail.example")

    with pytest.raises(TooMany):
        ask_again("person-10@mail.example")
