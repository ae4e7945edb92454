"""A calendar entry stays the same one, whatever the practice changes of itself."""

from practice.models.practice import Practice
from practice.models.unit import unit_of_work
from practice.queries.appointment import appointment_file
from tests.makers import at, book_for, the_tools
from tests.people import ADA
from tests.web.conftest import Inside


def _uid(token: str) -> str:
    lines = appointment_file(token, tools=the_tools()).decode().splitlines()
    return next(line for line in lines if line.startswith("UID:"))


def test_the_uid_of_an_appointment_outlives_a_change_of_sender(inside: Inside) -> None:
    with inside:
        ada = book_for(ADA, at=at("Tue 10:00"))
        before = _uid(ada.token)
        with unit_of_work() as session:
            session.get_one(Practice, 1).sender_address = "hello@other.example"

        assert _uid(ada.token) == before
