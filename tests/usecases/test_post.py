from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text

from practice.models.base import db
from practice.models.outbox import OutboxLetter, lease_due
from practice.models.unit import unit_of_work
from practice.ports import MailDelayed, MailRefused, Post, Tools
from practice.usecases.post import deliver_due
from tests.fakes import FrozenClock, Postbox, body, opened
from tests.looking import all_of, letters
from tests.makers import (
    at,
    book_for,
    cancel_for,
    change_offering,
    deliver_all,
    move_for,
    the_tools,
)
from tests.people import ADA, BEN, MAYA


def test_a_booking_writes_to_the_client_and_the_coach(postbox: Postbox) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    deliver_all()

    (hers,) = postbox.to(ADA.email)
    (mayas,) = postbox.to(MAYA.email)
    assert hers.subject == "Your appointment on Tuesday 2 June"
    assert f"https://practice.example/a/{ada.token}" in body(hers)
    assert f"https://practice.example/desk/bookings/{ada.id}" in body(mayas)
    assert ada.token not in body(mayas)
    assert deliver_due("worker", tools=the_tools()) == 0


def test_a_calendar_part_comes_only_where_it_was_asked_for(postbox: Postbox) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    book_for(BEN, at=at("Tue 12:00"), invite=True)

    deliver_all()

    kinds = {
        post.to_address: {part.get_content_type() for part in opened(post).walk()}
        for post in postbox.posts
    }
    assert "text/calendar" not in kinds[ADA.email]
    assert "text/calendar" in kinds[BEN.email]
    assert "text/calendar" not in kinds[MAYA.email]


def test_the_reminder_comes_once_a_day_before(clock: FrozenClock, postbox: Postbox) -> None:
    book_for(ADA, at=at("Thu 10:00"))
    deliver_all()
    clock.at = at("Wed 10:00") - timedelta(seconds=1)
    deliver_all()
    assert len(postbox.to(ADA.email)) == 1

    clock.advance(seconds=1)
    deliver_all()
    clock.advance(hours=1)
    deliver_all()

    reminders = [post for post in postbox.to(ADA.email) if "Reminder" in post.subject]
    assert [post.subject for post in reminders] == ["Reminder: tomorrow at 10am"]


def test_no_reminder_is_written_for_what_is_booked_within_a_day(clock: FrozenClock) -> None:
    book_for(ADA, at=at("Tue 10:00"))

    assert letters(kind="reminder") == []
    assert letters(kind="coach_reminder") == []
    assert clock.now() == at("Mon 10:00")  # exactly a day before counts as within


def test_who_declined_the_reminder_gets_none(clock: FrozenClock, postbox: Postbox) -> None:
    book_for(ADA, at=at("Thu 10:00"), reminder=False)
    clock.at = at("Wed 12:00")
    deliver_all()

    assert len(postbox.to(ADA.email)) == 1
    assert letters(kind="reminder") == []


def test_no_reminder_of_the_old_time_comes_after_a_move(
    clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    deliver_all()
    clock.at = at("Wed 09:59")
    move_for(ada, to=at("Fri 10:00"))
    deliver_all()
    clock.at = at("Wed 12:00")
    deliver_all()
    assert not [post for post in postbox.posts if "Reminder" in post.subject]

    clock.at = at("Thu 10:00")
    deliver_all()

    assert len([post for post in postbox.to(ADA.email) if "Reminder" in post.subject]) == 1


def test_a_worker_that_comes_late_still_reminds_unless_the_start_is_near(
    clock: FrozenClock, postbox: Postbox
) -> None:
    book_for(ADA, at=at("Thu 10:00"))
    book_for(BEN, at=at("Thu 12:00"))
    clock.at = at("Thu 09:46")  # down for a day: fourteen minutes before the first

    deliver_all()

    assert [post.subject for post in postbox.to(ADA.email)] == [
        "Your appointment on Thursday 4 June"
    ]
    assert [post.subject for post in postbox.to(BEN.email)] == [
        "Your appointment on Thursday 4 June",
        "Reminder: Thursday 4 June at 12 midday",
    ]


def test_a_reminder_that_waited_beyond_the_start_is_dropped(
    clock: FrozenClock, postbox: Postbox
) -> None:
    book_for(ADA, at=at("Thu 10:00"))
    deliver_all()
    clock.at = at("Thu 10:00")

    deliver_all()

    assert not [post for post in postbox.posts if "Reminder" in post.subject]
    assert {row.state for row in letters(kind="reminder")} == {"dropped"}


def test_a_mail_server_that_is_down_fails_no_booking(postbox: Postbox) -> None:
    postbox.troubles = [MailDelayed("down")] * 2

    book_for(ADA, at=at("Tue 10:00"))
    deliver_all()

    assert {row.state for row in letters()} == {"waiting"}
    assert {row.why for row in letters()} == {"down"}


def test_a_delayed_letter_waits_one_two_four_minutes_and_never_more_than_an_hour(
    clock: FrozenClock, postbox: Postbox
) -> None:
    book_for(ADA, at=at("Thu 10:00"), reminder=False)
    postbox.troubles = [None, *[MailDelayed("down")] * 9]
    deliver_due("worker", tools=the_tools())
    waits = []
    while (row := _one("coach_booked")).state == "waiting":
        waits.append((row.due_at - clock.now()) / timedelta(minutes=1))
        clock.at = row.due_at
        deliver_due("worker", tools=the_tools())
        db.session.remove()

    expected = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(
        0.8 * minutes <= wait <= 1.2 * minutes
        for wait, minutes in zip(waits, expected, strict=True)
    )
    assert _one("coach_booked").state == "sent"


def test_a_letter_is_given_up_after_two_days_of_tries(clock: FrozenClock, postbox: Postbox) -> None:
    book_for(ADA, at=at("Thu 10:00", week=2), reminder=False)
    postbox.troubles = [None, *[MailDelayed("down")] * 50]
    for _ in range(52):
        deliver_due("worker", tools=the_tools())
        clock.advance(hours=2)

    row = _one("coach_booked")
    assert (row.state, row.attempts, row.why) == ("dead", 50, "down")


def test_a_refused_letter_is_dead_at_once_and_stops_no_other(postbox: Postbox) -> None:
    postbox.troubles = [MailRefused("550 no such mailbox")]
    book_for(ADA, at=at("Tue 10:00"))

    deliver_all()

    assert _one("confirmation").state == "dead"
    assert _one("confirmation").why == "550 no such mailbox"
    assert _one("coach_booked").state == "sent"


def test_a_letter_that_cannot_be_written_stops_no_other(
    postbox: Postbox, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    with unit_of_work() as session:
        session.add(
            OutboxLetter(
                reference="poison",
                dedupe="poison",
                kind="no such kind",
                due_at=clock.now() - timedelta(hours=1),
                created_at=clock.now(),
            )
        )
    book_for(ADA, at=at("Tue 10:00"))

    deliver_all()

    assert len(postbox.posts) == 2
    poison = all_of(OutboxLetter, OutboxLetter.dedupe == "poison")[0]
    assert (poison.state, poison.why) == ("waiting", "It could not be written.")
    # What was raised and where, and nothing of what it says: that may quote what somebody typed.
    assert f"letter {poison.id} could not be written" in caplog.text
    assert "ValueError" in caplog.text
    assert "no such kind" not in caplog.text


def test_a_lease_of_a_dead_worker_is_taken_over_after_five_minutes(
    clock: FrozenClock, postbox: Postbox
) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    _lease("crashed", clock)
    clock.advance(minutes=4, seconds=59)
    assert deliver_due("worker", tools=the_tools()) == 0

    clock.advance(seconds=1)
    deliver_all()

    assert len(postbox.posts) == 2
    assert {row.attempts for row in letters(state="sent")} == {2}


def test_no_plan_of_the_database_leases_more_than_was_asked_for(clock: FrozenClock) -> None:
    for hour in ("10:00", "11:00", "12:00"):
        book_for(ADA, at=at(f"Tue {hour}"))

    with unit_of_work() as session:
        if session.get_bind().dialect.name == "postgresql":
            # The plan that a server with few statistics picks now and then.
            for plan in ("hashagg", "hashjoin", "mergejoin", "material", "sort"):
                session.execute(text(f"SET LOCAL enable_{plan} = off"))
        now = clock.now()
        lease_due(session, owner="one", count=1, now=now, leased_until=now + timedelta(minutes=5))

    assert len(letters(state="leased")) == 1


def test_a_letter_sent_again_after_a_crash_has_the_same_message_id(
    clock: FrozenClock, tools: Tools, postbox: Postbox
) -> None:
    book_for(ADA, at=at("Tue 10:00"))

    class DyingMailer:
        """The worker is killed after the server took the letter, before it is marked."""

        def send(self, post: Post) -> None:
            postbox.send(post)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver_due("dying", tools=replace(tools, mailer=DyingMailer()))
    (first,) = postbox.to(ADA.email)
    db.session.remove()
    clock.advance(minutes=5)

    deliver_all("another")

    again = postbox.to(ADA.email)[1]
    assert again.message_id == first.message_id
    assert opened(again)["Message-ID"] == opened(first)["Message-ID"]


def test_a_worker_that_was_thought_dead_does_not_overwrite_what_was_sent_since(
    clock: FrozenClock, postbox: Postbox, app: Flask
) -> None:
    book_for(ADA, at=at("Tue 10:00"))

    class SlowMailer:
        """Hangs for six minutes, in which another worker takes over, and fails in the end."""

        def send(self, _post: Post) -> None:
            clock.advance(minutes=6)
            with app.app_context():
                deliver_all("another")
            raise MailDelayed("the server is gone")

    deliver_due("slow", tools=replace(the_tools(), mailer=SlowMailer()))

    assert _one("confirmation").state == "sent"
    assert len(postbox.to(ADA.email)) == 1


def test_two_workers_never_send_one_letter_both(app: Flask, postbox: Postbox) -> None:
    for number, hour in enumerate((9, 10, 11, 12, 13, 14, 15)):
        book_for(ADA if number % 2 else BEN, at=at(f"Thu {hour}:00"), browser=f"browser-{number}")
    ready = Barrier(4)

    def work(number: int) -> None:
        with app.app_context():
            ready.wait()
            deliver_all(f"worker-{number}")

    threads = [Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [post.message_id for post in postbox.posts]
    assert len(ids) == len(set(ids)) == 14


def test_a_letter_reads_as_things_stand_when_it_goes_out(postbox: Postbox) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    change_offering(name="Renamed")

    deliver_all()

    assert "Free 30-minute chat" in body(postbox.to(MAYA.email)[0])


def test_letters_tell_no_stranger_what_it_is_about(postbox: Postbox) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"), invite=True)
    deliver_all()
    move_for(ada, to=at("Fri 10:00"))
    deliver_all()
    cancel_for(ada)
    deliver_all()

    for post in postbox.to(ADA.email):
        shown = f"{post.subject} {opened(post)['From']}".casefold()
        for word in ("couple", "relationship", "therapy", "coaching", "partner", "intake"):
            assert word not in shown


def _one(kind: str) -> OutboxLetter:
    (row,) = letters(kind=kind)
    return row


def _lease(owner: str, clock: FrozenClock) -> None:
    with unit_of_work() as session:
        now = clock.now()
        lease_due(session, owner=owner, count=10, now=now, leased_until=now + timedelta(minutes=5))
    db.session.remove()
