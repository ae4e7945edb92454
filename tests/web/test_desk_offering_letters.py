"""An offering's own letters: its words in the confirmation, and when it reminds."""

from datetime import timedelta

import pytest

from practice.models.offering import Offering
from practice.models.outbox import OutboxLetter
from tests.browser import Browser
from tests.fakes import Postbox, body
from tests.looking import all_of
from tests.makers import (
    at,
    book_for,
    change_offering,
    change_person,
    deliver_all,
    hold_for,
    make_offering,
    move_for,
)
from tests.people import ADA, BEN
from tests.web.conftest import Inside


def test_her_own_words_stand_in_the_confirmation_and_in_no_other_mailbox(
    maya: Browser, inside: Inside, postbox: Postbox
) -> None:
    words = "Bring <something> warm.\nTea is there."
    asked = maya.open("/desk/offerings/1")
    wrong = maya.press(asked, "Save", confirmation_words="For couples only", status=422)
    assert "Leave out “couples”" in wrong.errors
    saved = maya.press(wrong, "Save", confirmation_words=words, reminder_hours="2")
    assert saved.form("Save").value("reminder_hours") == "2"
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"))
        ben = book_for(BEN, at=at("Thu 11:00"))
        change_person(ben, mailbox_shared=True)
        deliver_all()
        (confirmation,) = postbox.to(ADA.email)
        assert words in body(confirmation)
        assert "Bring &lt;something&gt; warm." in body(confirmation, "html")
        (secret,) = postbox.to(BEN.email)
        assert "warm" not in body(secret)
        move_for(ada, to=at("Thu 14:00"))
        due = {
            row.due_at
            for row in all_of(OutboxLetter, OutboxLetter.kind == "reminder")
            if row.state == "waiting" and row.booking_id == ada.id
        }
        assert due == {at("Thu 12:00")}


@pytest.mark.parametrize(
    ("hours", "told"),
    [(0, ""), (1, "an hour before"), (24, "the day before"), (48, "2 days before")],
)
def test_every_page_says_when_the_reminder_comes(
    browser: Browser, inside: Inside, hours: int, told: str
) -> None:
    with inside:
        change_offering(reminder_hours=hours)
        held = hold_for(BEN, at=at("Fri 10:00"))
        booked = book_for(ADA, at=at("Fri 11:00"))
        due = {row.due_at for row in all_of(OutboxLetter, OutboxLetter.kind == "reminder")}
    assert due == ({at("Fri 11:00") - timedelta(hours=hours)} if hours else set())
    details = browser.open(f"/book/h/{held}")
    appointment = browser.open(f"/a/{booked.token}")
    for page, before in ((details, "One reminder"), (appointment, "One reminder comes")):
        assert (f"{before} {told}" in page.text) if told else (before not in page.text)
    wishes = browser.open(f"/a/{booked.token}/contact")
    assert f"One reminder {told or 'before it'}?" in wishes.text


def test_an_offering_stands_one_place_later_and_earlier(maya: Browser, inside: Inside) -> None:
    with inside:
        make_offering("second", name="Second", position=5)
        make_offering("third", name="Third", position=6)
    page = maya.press(maya.open("/desk/offerings"), "Move down: Free 30-minute chat")
    with inside:
        order = [row.name for row in sorted(all_of(Offering), key=lambda row: row.position)]
        assert order == ["Second", "Free 30-minute chat", "Third"]
    page = maya.press(page, "Move up: Third")
    assert "Move down: Free 30-minute chat" not in page.text
    with inside:
        order = [row.name for row in sorted(all_of(Offering), key=lambda row: row.position)]
        assert order == ["Second", "Third", "Free 30-minute chat"]


def test_its_link_can_be_copied_and_it_leads_to_why(maya: Browser) -> None:
    page = maya.open("/desk/offerings/1")
    address = page.find(id="address")
    assert address is not None
    assert address.get("value", "").endswith("/sessions/free-chat")
    assert maya.open(page.links["Why is a time not offered?"]).form("Find out why") is not None
