"""Inviting another person: one letter, and nothing that tells who invited what came of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from practice.domain.booking import BOOKINGS_PER_PERSON, Actor, Who
from practice.domain.letters import discreet
from practice.domain.refusal import NotAllowed, NotFound, TooMany
from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.models.booking import BookingPerson
from practice.models.invitation import Invitation
from practice.models.journal import JournalEntry
from practice.models.link import Link, Purpose, person_token
from practice.models.unit import reading
from practice.queries.appointment import appointment_page
from practice.queries.desk_booking import booking_page
from practice.queries.desk_letters import letters_page
from practice.queries.invitation import invitation_words, invite_page, invited_page
from practice.usecases import inviting
from practice.usecases.housekeeping import keep_house
from practice.usecases.links import send_again
from tests.fakes import FrozenClock, Postbox, body, opened
from tests.looking import all_of, dump, letters, statements, the_booking
from tests.makers import (
    Booked,
    at,
    book_for,
    booked,
    cancel_for,
    deliver_all,
    hold_for,
    move_for,
    seat_of,
    the_tools,
)
from tests.people import ADA, BEN, CLEO, MAYA, Person

NEW_YORK = "America/New_York"


@pytest.fixture
def ada() -> Booked:
    """Ada's appointment, to which she comes as one of two."""
    return book_for(ADA, at=at("Thu 10:00"), who=Who.BOTH)


def link_of_invitation(booking: Booked) -> str:
    """The token under /p/ that belongs to a booking."""
    inviting.make_link(booking.token, "caller", tools=the_tools())
    href = invite_page(booking.token, tools=the_tools()).link
    db.session.remove()
    return href.rpartition("/")[2]


def send(booking: Booked, address: str = BEN.email) -> None:
    inviting.send_invitation(booking.token, address, "caller", tools=the_tools())
    db.session.remove()


def join(token: str, person: Person = BEN, *, email: str = "", caller: str = "") -> None:
    joining = inviting.Joining(person.name, email or person.email, NEW_YORK)
    inviting.join(token, joining, caller or person.caller, tools=the_tools())
    db.session.remove()


def decline(token: str, caller: str = "caller") -> None:
    inviting.decline(token, caller, tools=the_tools())
    db.session.remove()


def partner_of(booking: Booked, number: int = 1) -> Booked:
    """The booking as the one holds it who joined."""
    person = the_people(booking)[number]
    return booked(person_token(reading(), person.id, the_tools().vault))


def the_people(booking: Booked) -> list[BookingPerson]:
    return all_of(BookingPerson, BookingPerson.booking_id == booking.id)


def test_the_letter_is_sent_word_for_word_as_it_was_shown(ada: Booked, postbox: Postbox) -> None:
    token = link_of_invitation(ada)
    shown = invitation_words(ada.token, BEN.email, tools=the_tools())
    assert postbox.posts == []
    send(ada)
    deliver_all()

    (post,) = postbox.to(BEN.email)

    assert post.subject == shown.subject == "An invitation to talk"
    assert body(post).strip() == shown.text
    assert shown.to == BEN.email
    assert f"https://practice.example/p/{token}\n" in shown.text
    assert "Ada asked us" in shown.text


def test_the_letter_tells_no_more_than_a_first_name(postbox: Postbox) -> None:
    ada = book_for(Person("Ada Lovelace", ADA.email), at=at("Thu 10:00"), who=Who.BOTH)
    send(ada)
    deliver_all()

    (post,) = postbox.to(BEN.email)

    assert opened(post)["To"].addresses[0].display_name == ""
    for text in (post.subject, body(post), body(post, "html")):
        assert discreet(text) == ()
        for secret in ("Lovelace", ADA.email, "June", "10", "Thursday", "London", ada.token):
            assert secret not in text.replace("100", ""), secret


def test_one_letter_goes_and_no_other(ada: Booked, clock: FrozenClock, postbox: Postbox) -> None:
    send(ada)
    for address in (BEN.email, CLEO.email):
        with pytest.raises(NotAllowed, match="One is all"):
            send(ada, address)
    for _ in range(3):
        deliver_all()
        clock.advance(days=1)

    assert len(postbox.to(BEN.email)) == 1
    assert postbox.to(CLEO.email) == []
    assert len(letters(kind="invitation")) == 1


def test_a_move_right_after_sending_drops_no_invitation(ada: Booked, postbox: Postbox) -> None:
    send(ada)
    move_for(ada, to=at("Fri 10:00"))
    deliver_all()

    assert len(postbox.to(BEN.email)) == 1


def test_nobody_is_invited_to_what_was_cancelled_meanwhile(ada: Booked, postbox: Postbox) -> None:
    send(ada)
    cancel_for(ada)
    deliver_all()

    assert postbox.to(BEN.email) == []
    assert [row.state for row in letters(kind="invitation")] == ["dropped"]


def test_the_address_lies_sealed_and_in_no_letter_row(ada: Booked) -> None:
    send(ada)

    (made,) = all_of(Invitation)

    assert made.address_sealed is not None
    assert b"ben@" not in made.address_sealed
    assert BEN.email not in repr(dump())


def test_the_link_is_always_the_same_one(ada: Booked) -> None:
    first = link_of_invitation(ada)
    send(ada)

    assert link_of_invitation(ada) == first
    assert len(all_of(Link, Link.purpose == Purpose.INVITATION)) == 1


@pytest.mark.parametrize("days", [0, 13, 14])
def test_an_address_that_does_nothing_is_deleted_after_14_days(
    days: int, clock: FrozenClock
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00", week=4), who=Who.BOTH)
    send(ada)
    clock.advance(days=days)

    keep_house(tools=the_tools())

    assert (all_of(Invitation)[0].address_sealed is None) == (days == 14)


@pytest.mark.parametrize("ending", ["joined", "declined", "over", "cancelled"])
def test_an_address_that_is_not_needed_is_deleted(
    ending: str, ada: Booked, clock: FrozenClock
) -> None:
    send(ada)
    token = link_of_invitation(ada)
    if ending == "joined":
        join(token)
    elif ending == "declined":
        decline(token)
    elif ending == "over":
        clock.at = at("Thu 10:30")
    else:
        cancel_for(ada)
    db.session.remove()
    keep_house(tools=the_tools())

    (made,) = all_of(Invitation)
    assert made.address_sealed is None


def test_who_joins_has_an_own_link_own_letters_and_the_own_clock(
    ada: Booked, clock: FrozenClock, postbox: Postbox
) -> None:
    deliver_all()
    before = len(postbox.posts)
    join(link_of_invitation(ada))
    deliver_all()

    ben = partner_of(ada)
    (post,) = postbox.posts[before:]
    assert post.to_address == BEN.email
    assert f"https://practice.example/a/{ben.token}" in body(post)
    assert "5 to 5:30am" in body(post)
    assert ben.token != ada.token
    assert ben.id == ada.id
    assert ADA.email not in body(post)
    assert "Ada" not in body(post)
    clock.at = at("Wed 10:00")
    deliver_all()
    assert [post.subject for post in postbox.to(BEN.email)][1:] == ["Reminder: tomorrow at 5am"]


def test_of_a_booking_that_both_joined_each_learns_and_never_who_acted(
    ada: Booked, postbox: Postbox
) -> None:
    join(link_of_invitation(ada))
    ben = partner_of(ada)
    acts: list[tuple[Callable[[], None], str]] = [
        (lambda: move_for(ben, to=at("Fri 10:00")), "Your appointment has moved"),
        (lambda: move_for(ada, to=at("Fri 11:00")), "Your appointment has moved"),
        (lambda: cancel_for(ben), "Your appointment is cancelled"),
    ]
    for act, subject in acts:
        deliver_all()
        before = len(postbox.posts)
        act()
        deliver_all()
        posts = postbox.posts[before:]
        hers, his = (
            next(post for post in posts if post.to_address == address)
            for address in (ADA.email, BEN.email)
        )
        assert hers.subject == his.subject == subject
        for post, other in ((hers, BEN), (his, ADA)):
            for text in (body(post), body(post, "html")):
                assert other.name not in text
                assert other.email not in text


@pytest.mark.parametrize("by", ["ada", "ben", "coach"])
def test_letters_about_a_change_read_the_same_whoever_made_it(
    by: str, ada: Booked, postbox: Postbox
) -> None:
    join(link_of_invitation(ada))
    ben = partner_of(ada)
    deliver_all()
    before = len(postbox.posts)
    if by == "coach":
        cancel_for(ada, by=Actor.COACH)
    else:
        cancel_for(ada if by == "ada" else ben)
    deliver_all()

    (hers,) = [post for post in postbox.posts[before:] if post.to_address == ADA.email]

    assert body(hers) == (
        "Hello Ada,\n\nThis appointment with Maya Ellis does not take place:\n\n"
        "When: Thursday 4 June, 10 to 10:30am\n      London time (BST, UTC+1)\n\n"
        "There's nothing you need to do. If you put it in a calendar yourself, remember to take "
        "it out.\n\nIf you'd like another time, your page is still there when you're ready:\n"
        f"https://practice.example/a/{ada.token}\n\nMaya Ellis\n"
    )


def test_who_joins_again_is_sent_the_same_link_again(ada: Booked, postbox: Postbox) -> None:
    token = link_of_invitation(ada)
    join(token)
    deliver_all()
    ben = partner_of(ada)
    before = len(postbox.posts)

    join(token, CLEO, email="BEN@mail.example")
    deliver_all()

    (post,) = postbox.posts[before:]
    assert post.to_address == BEN.email
    assert f"/a/{ben.token}" in body(post)
    assert "Cleo" not in body(post)
    assert len(the_people(ada)) == 2


def test_trying_to_join_tells_whoever_booked_nothing(ada: Booked, postbox: Postbox) -> None:
    """Ada tries her own other address: it gets a link, whether Ben joined before or not."""
    token = link_of_invitation(ada)
    other = "ada.two@mail.example"
    join(token)
    join(token, ADA, email=other)
    deliver_all()

    (post,) = postbox.to(other)

    assert post.subject == "Your appointment on Thursday 4 June"
    assert f"/a/{partner_of(ada, 2).token}" in body(post)
    assert partner_of(ada, 2).token != partner_of(ada).token


def test_an_answer_costs_the_same_whatever_was_answered_before(
    ada: Booked, clock: FrozenClock
) -> None:
    token = link_of_invitation(ada)

    def cost(act: Callable[[str], None]) -> list[str]:
        clock.advance(minutes=1)
        with statements() as sent:
            act(f"caller-{clock.at}")
        return sent

    untouched = cost(lambda caller: decline(token, caller))
    joins = cost(lambda caller: join(token, caller=caller))
    again = cost(lambda caller: join(token, caller=caller))
    other = cost(lambda caller: join(token, CLEO, caller=caller))

    assert cost(lambda caller: decline(token, caller)) == untouched
    assert other == joins
    # A person, link, letters and bucket are written once, and a line of the journal with its head.
    assert len(joins) - len(again) <= 14


def outcomes(then: str, token: str) -> None:
    if then == "joined":
        join(token)
    elif then == "declined":
        decline(token)


@pytest.mark.parametrize("sent", [True, False])
def test_what_the_booker_sees_and_what_it_costs_is_the_same_whatever_came_of_it(
    sent: bool,
) -> None:
    seen: dict[str, Any] = {}
    for number, then in enumerate(("nothing", "joined", "declined")):
        start = at("Thu 10:00", week=number)
        ada = book_for(ADA, at=start, who=Who.BOTH)
        if sent:
            send(ada)
        token = link_of_invitation(ada)
        outcomes(then, token)
        with statements() as asked:
            page = invite_page(ada.token, tools=the_tools())
            own = appointment_page(ada.token, tools=the_tools())
            invited = invited_page(token, tools=the_tools())
        db.session.remove()
        told = repr((page, own, invited)).replace(ada.token, "A").replace(token, "P")
        seen[then] = (asked, told.replace(page.when, "WHEN").replace(invited.when, "WHEN"))
        seen[then] = (asked, _without_dates(seen[then][1]))

    assert seen["joined"] == seen["nothing"] == seen["declined"]


def _without_dates(text: str) -> str:
    return re.sub(r"20260[67]\d\dT\d+Z|2026-0[67]-\d\dT[\d:]+Z", "DATE", text)


def test_the_desk_knows_who_joined_and_of_no_invitation(ada: Booked, postbox: Postbox) -> None:
    send(ada)
    deliver_all()
    token = link_of_invitation(ada)

    before = booking_page(seat_of(), ada.id, tools=the_tools())
    kinds = [line.kind for line in letters_page(seat_of(), 1, now=the_tools().clock.now()).letters]
    join(token)
    after = booking_page(seat_of(), ada.id, tools=the_tools())

    assert sorted(line.kind for line in before.letters) == sorted(kinds)
    assert not [line for line in (*before.letters, *after.letters) if "nvit" in line.kind]
    assert [person.name for person in before.people] == ["Ada"]
    assert [person.name for person in after.people] == ["Ada", "Ben"]
    assert after.title == "Ada and Ben"
    joined = next(told for told in after.timeline if "joined" in told.sentence)
    assert joined.who == "Ben"
    assert len(postbox.to(MAYA.email)) == 1


def test_a_letter_that_came_back_shows_no_invitation_at_the_desk(
    ada: Booked, postbox: Postbox
) -> None:
    from practice.ports import MailRefused
    from practice.queries.needs import needs

    deliver_all()
    send(ada)
    postbox.troubles = [MailRefused("550 no such mailbox")]
    deliver_all()

    assert [row.state for row in letters(kind="invitation")] == ["dead"]
    told = needs(Seat(1, Role.OWNER, 1), hides_names=False, now=the_tools().clock.now())
    assert not [need for need in told if need.kind == "letters"]


def test_a_partner_has_the_link_sent_again_like_anybody(ada: Booked, postbox: Postbox) -> None:
    join(link_of_invitation(ada))
    deliver_all()
    ben = partner_of(ada)

    send_again(BEN.email, "caller", tools=the_tools())
    deliver_all()

    assert f"/a/{ben.token}" in body(postbox.to(BEN.email)[-1])
    assert ada.token not in body(postbox.to(BEN.email)[-1])


def test_booking_for_an_address_does_not_tell_how_often_it_joined() -> None:
    for number in range(BOOKINGS_PER_PERSON):
        ada = book_for(ADA if number < 4 else CLEO, at=at("Thu 10:00", week=number), who=Who.BOTH)
        join(link_of_invitation(ada))

    book_for(BEN, at=at("Fri 10:00"))


def test_only_whoever_booked_for_two_may_invite(ada: Booked) -> None:
    join(link_of_invitation(ada))
    ben = partner_of(ada)
    alone = book_for(CLEO, at=at("Fri 10:00"))
    hold = hold_for(CLEO, at=at("Fri 12:00"))
    before = dump()

    for token in (ben.token, alone.token, hold, "mistyped"):
        with pytest.raises(NotFound):
            invite_page(token, tools=the_tools())
        with pytest.raises(NotFound):
            inviting.make_link(token, "caller", tools=the_tools())
        with pytest.raises(NotFound):
            inviting.send_invitation(token, CLEO.email, "caller", tools=the_tools())
        with pytest.raises(NotFound):
            invitation_words(token, CLEO.email, tools=the_tools())
    for token in (ben.token, ada.token, hold, "mistyped"):
        with pytest.raises(NotFound):
            invited_page(token, tools=the_tools())
        with pytest.raises(NotFound):
            join(token)
        with pytest.raises(NotFound):
            decline(token)
    db.session.remove()

    assert dump() == before


@pytest.mark.parametrize("ending", ["over", "cancelled"])
def test_nothing_is_joined_or_sent_when_it_is_over(
    ending: str, ada: Booked, clock: FrozenClock
) -> None:
    token = link_of_invitation(ada)
    if ending == "over":
        clock.at = at("Thu 10:30")
    else:
        cancel_for(ada)
    before = dump(without=["throttles"])

    acts: list[Callable[[], None]] = [
        lambda: join(token),
        lambda: decline(token),
        lambda: send(ada),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    db.session.remove()

    assert dump(without=["throttles"]) == before
    assert not invited_page(token, tools=the_tools()).stands
    assert not invite_page(ada.token, tools=the_tools()).stands


def test_a_partner_sees_nothing_of_whoever_booked_nor_the_other_way_round(ada: Booked) -> None:
    from practice.domain.contact import Wishes
    from practice.usecases.contact import set_contact

    join(link_of_invitation(ada))
    ben = partner_of(ada)
    set_contact(ada.token, Wishes(mailbox_shared=True, called="Addie"), tools=the_tools())
    db.session.remove()

    hers = repr(appointment_page(ada.token, tools=the_tools()))
    his = repr(appointment_page(ben.token, tools=the_tools()))

    assert not [word for word in ("Ben", "ben@", "b…@", "New York", NEW_YORK) if word in hers]
    assert not [word for word in ("Ada", "Addie", "ada@", "a…@", "London") if word in his]


def test_only_joining_is_written_in_the_journal(ada: Booked) -> None:
    send(ada)
    token = link_of_invitation(ada)
    decline(token)
    assert "PARTNER_JOINED" not in {row.happening for row in all_of(JournalEntry)}

    join(token)
    join(token)

    told = [row for row in all_of(JournalEntry) if row.happening == "PARTNER_JOINED"]
    assert [(row.booking_id, row.actor) for row in told] == [(ada.id, "client")]


def test_inviting_and_joining_are_tried_ten_times_and_then_wait(ada: Booked) -> None:
    token = link_of_invitation(ada)
    for number in range(10):
        join(token, email=f"ben-{number}@mail.example", caller="one")

    with pytest.raises(TooMany):
        join(token, caller="one")
    with pytest.raises(TooMany):
        inviting.decline(token, "one", tools=the_tools())
    db.session.remove()
    for _ in range(9):
        inviting.make_link(ada.token, "caller", tools=the_tools())
    with pytest.raises(TooMany):
        inviting.make_link(ada.token, "caller", tools=the_tools())


def test_an_address_gets_three_letters_a_day_and_nobody_is_told(
    ada: Booked, clock: FrozenClock, postbox: Postbox
) -> None:
    token = link_of_invitation(ada)
    deliver_all()
    for number in range(12):
        join(token, caller=f"caller-{number}")
    deliver_all()
    assert len(postbox.to(BEN.email)) == 3

    clock.advance(days=1)
    join(token)
    deliver_all()
    assert len(postbox.to(BEN.email)) == 4


def test_four_new_addresses_a_day_join_a_booking_and_nobody_is_told(
    ada: Booked, clock: FrozenClock, postbox: Postbox
) -> None:
    token = link_of_invitation(ada)
    addresses = [f"ben-{number}@mail.example" for number in range(12)]
    for address in addresses:
        join(token, email=address, caller=address)
    deliver_all()

    assert [address for address in addresses if postbox.to(address)] == addresses[:4]
    assert len(the_people(ada)) == 5
    join(token, email=addresses[0], caller="again")  # who is there already is sent her link
    deliver_all()
    assert len(postbox.to(addresses[0])) == 2


def test_two_who_join_at_once_are_one_person(ada: Booked) -> None:
    token = link_of_invitation(ada)
    join(token)
    join(token)

    assert [person.role for person in the_people(ada)] == ["booker", "partner"]
    assert the_booking(ada).sequence == 0
