"""The password once more: what it opens, for how long, where it leads, and who only guesses."""

import pytest

from practice.usecases.accounts import make_set_up_link, set_password
from tests.browser import Browser
from tests.fakes import FrozenClock
from tests.makers import PASSWORD, the_tools
from tests.people import MAYA
from tests.web.conftest import Inside


@pytest.fixture
def desk(maya: Browser, inside: Inside) -> Browser:
    """Maya's browser, signed in with a password."""
    with inside:
        link = make_set_up_link(MAYA.email, tools=the_tools())
        set_password(link.rpartition("/")[2], PASSWORD, tools=the_tools())
    maya.sign_in(MAYA.email, PASSWORD)  # setting it has ended every session
    return maya


def test_a_wrong_password_proves_nothing_and_guessing_is_slow(desk: Browser) -> None:
    for _ in range(8):
        page = desk.press(desk.open("/desk/prove"), "Go on", status=422, password="not mine at all")
        assert "That is not your password." in page.errors
    desk.press(desk.open("/desk/prove"), "Go on", status=429, password=PASSWORD)


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/desk/practice", "/desk/practice"),
        ("/desk/practice/photo/remove", "/desk/practice/photo"),
        ("https://evil.example/desk/", None),
        ("//evil.example/desk/practice", None),
        ("/desk//evil.example", None),
        ("/desk/\\evil.example", None),
        ("/desk/prove", None),
        ("/", None),
        ("", None),
    ],
)
def test_it_leads_to_pages_of_our_own_desk_alone(
    desk: Browser, wanted: str, leads: str | None
) -> None:
    page = desk.open("/desk/prove", query=[("next", wanted)])
    sent = page.form("password").filled(None, {"password": PASSWORD})
    answer = desk.send("/desk/prove", sent)

    assert answer.status == 303
    assert answer.headers["Location"] in ({leads} if leads else {"/desk/account", "/desk/"})


def test_the_proof_is_good_for_ten_minutes(desk: Browser, clock: FrozenClock) -> None:
    def proved_at() -> object:
        with desk.client.session_transaction(base_url=desk.base_url) as kept:
            return kept.get("proved_at")

    before = proved_at()
    clock.advance(minutes=11)
    desk.press(desk.open("/desk/prove"), "Go on", password=PASSWORD)

    assert before != proved_at()
