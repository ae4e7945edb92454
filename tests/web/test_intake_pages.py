"""Writing before a talk, as it is done: pages, buttons, and what is never lost."""

import pytest
from flask import Flask

from practice.forms.intake import KEPT_NAMES
from practice.models.consent import Consent
from practice.models.intake import Intake, IntakeSection
from practice.models.questionnaires import shipped
from practice.models.sitting import Sitting
from practice.usecases.reading import open_folder, open_note
from tests.browser import Browser, Page
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, dump
from tests.makers import (
    at,
    booked,
    cancel_for,
    change_offering,
    change_practice,
    deliver_all,
    seat_of,
    shared_by,
    the_tools,
)
from tests.people import BEN
from tests.web.conftest import Inside
from tests.web.writing import (
    PASSCODE,
    WORDS,
    agree,
    answers,
    asks_first,
    begin,
    begun,
    come_back,
    section,
    write,
)


@pytest.fixture
def token(inside: Inside) -> str:
    """Ada's private link, before a talk that asks the long questionnaire."""
    with inside:
        return asks_first()


def test_the_whole_walk_without_a_script(browser: Browser, token: str) -> None:
    booked_page = browser.open(f"/a/{token}")
    gate = browser.open(booked_page.links["Write first, if you like"])
    consent = begin(browser, token)
    hub = agree(browser, consent)
    first = browser.open(hub.links["What brings you"])
    second = browser.press(first, "Save and continue", form="/section/1", different=WORDS, now="2")
    again = browser.press(
        second, "Save and continue", form="/section/2", **answers(reflect_pick="hopes")
    )
    third = browser.press(
        again, "Save and continue", form="/section/2", **answers(reflect_hopes="Come for a walk?")
    )
    browser.press(third, "Save and finish later", form="/section/3")

    assert gate.h1 == "Write first, if you like"
    assert [consent.h1, hub.h1] == ["Before you write", "Your notes"]
    assert hub.text.count("Not started") == 6
    assert "Section 1 of 6, about 1 minute" in first.text
    assert "Only you and Maya can read this." in first.text
    assert "reflect-hopes" not in second.form("/section/2")
    assert again.h1 == "Reflection"
    assert "reflect-hopes" in again.form("/section/2")
    assert third.h1 != "Reflection"
    hub = browser.open("/write")
    assert (hub.text.count("Done"), hub.text.count("Not started")) == (2, 4)
    assert section(browser, "brings").form("/section/1").value("different") == WORDS
    for page in (gate, consent, hub, first):
        assert page.title == "Notes – Lantern"
        assert page.links["Leave this page"] == "/leave"


def test_finishing_later_is_in_progress_and_comes_back_with_the_passcode(
    browser: Browser, token: str
) -> None:
    begun(browser, token)
    hub = write(browser, "brings", different=WORDS)
    browser.send("/leave", method="GET")
    closed = browser.open("/write", status=404)
    wrong = come_back(browser, token, "quiet otter 8", status=403)
    back = come_back(browser, token)

    assert "In progress" in hub.text
    assert closed.h1 == "Closed"
    assert "doesn’t fit" in wrong.errors
    assert wrong.form("/back").value("passcode") == ""
    assert "In progress" in back.text
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def test_what_is_too_long_stays_on_the_page(browser: Browser, token: str) -> None:
    begun(browser, token)
    page = write(browser, "brings", status=422, different="x" * 10_001, worthwhile="Short")

    assert page.form("/section/1").value("different") == "x" * 10_001
    assert page.form("/section/1").value("worthwhile") == "Short"
    assert "10,000" in page.text
    assert page.find(id="q-different", **answers(aria_invalid="true")) is not None
    assert section(browser, "brings").form("/section/1").value("different") == ""


def test_more_than_is_kept_of_one_person_stays_on_the_page(browser: Browser, token: str) -> None:
    begun(browser, token)
    most = "€" * 10_000  # 30 kB
    write(browser, "reflection", **answers(reflect_pick="all"))
    six = _texts(section(browser, "reflection"))
    write(browser, "reflection", **answers(**dict.fromkeys(six, most)))
    page = write(browser, "brings", status=422, different=most)

    assert len(six) == 6
    assert page.form("/section/1").value("different") == most
    assert "more than we can keep" in page.errors
    assert section(browser, "brings").form("/section/1").value("different") == ""


def test_a_second_tab_sees_both_texts_and_overwrites_nothing_unasked(
    browser: Browser, token: str
) -> None:
    begun(browser, token)
    left, right = section(browser, "brings"), section(browser, "brings")
    browser.press(left, "later", form="/section/1", different="From the left")
    clash = browser.press(
        right, "later", form="/section/1", status=409, different="From the right", worthwhile="W"
    )

    assert "From the left" in clash.text
    assert clash.form("/section/1").value("different") == "From the right"
    assert clash.form("/section/1").value("worthwhile") == "W"
    assert section(browser, "brings").form("/section/1").value("different") == "From the left"
    browser.press(clash, "later", form="/section/1")
    after = section(browser, "brings").form("/section/1")
    assert (after.value("different"), after.value("worthwhile")) == ("From the right", "W")


def test_two_tabs_on_two_questions_do_not_disturb_each_other(browser: Browser, token: str) -> None:
    begun(browser, token)
    left, right = section(browser, "brings"), section(browser, "brings")
    browser.press(left, "later", form="/section/1", different="Left")
    browser.press(right, "later", form="/section/1", worthwhile="Right")

    after = section(browser, "brings").form("/section/1")
    assert (after.value("different"), after.value("worthwhile")) == ("Left", "Right")


def test_after_half_an_hour_away_one_press_with_the_passcode_saves(
    browser: Browser, token: str, clock: FrozenClock
) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    clock.advance(minutes=30)
    away = browser.press(page, "later", form="/section/1", status=403, different=WORDS)
    wrong = browser.press(away, "later", form="/section/1", status=403, passcode="not this one")
    hub = browser.open("/write", status=403)
    saved = browser.press(wrong, "later", form="/section/1", passcode=PASSCODE)

    assert "You were away for a while" in away.errors
    assert "doesn’t fit" in wrong.errors
    for kept in (away, wrong):
        assert kept.form("/section/1").value("different") == WORDS
        assert kept.form("/section/1").value("passcode") == ""
    assert hub.h1 == "You were away for a while"
    assert saved.h1 == "Your notes"
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def test_away_from_the_list_the_passcode_opens_it_again(
    browser: Browser, token: str, clock: FrozenClock
) -> None:
    begun(browser, token)
    clock.advance(minutes=29)
    browser.open("/write")
    clock.advance(minutes=29)
    browser.open("/write")
    clock.advance(minutes=30)
    away = browser.open("/write/review", status=403)
    empty = browser.press(away, "Open my notes", form="passcode", status=422)
    wrong = browser.press(empty, "Open my notes", form="passcode", status=403, passcode="nothing")

    assert browser.press(wrong, "Open my notes", form="passcode", passcode=PASSCODE).h1 == (
        "Your notes"
    )


def test_without_consent_nothing_is_written_and_nothing_typed_is_lost(
    browser: Browser, token: str, inside: Inside
) -> None:
    consent = begin(browser, token)
    sent_off = browser.open("/write/section/1")
    unticked = browser.press(consent, "Agree and go on", status=422)
    agree(browser, unticked)
    page = section(browser, "brings")
    browser.press(browser.open("/write/consent"), "Take it back")
    refused = browser.press(page, "later", form="/section/1", status=409, different=WORDS)

    assert sent_off.h1 == "Before you write"
    assert "Tick the box" in unticked.errors
    assert refused.form("/section/1").value("different") == WORDS
    with inside:
        assert [line.is_given for line in all_of(Consent)] == [True, False]
        assert all_of(IntakeSection) == []


def test_a_changed_text_is_asked_again_before_going_on(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    with inside:
        change_practice(secrets_text="What one tells alone stays with us.")
    page = browser.open("/write/section/1")
    stale = [("csrf_token", page.form().value("csrf_token")), ("version", "0" * 64)]
    refused = browser.send("/write/consent", [*stale, ("agree", "y")])

    assert "This text has changed" in page.text
    assert "What one tells alone stays with us." in page.text
    assert refused.status == 409
    assert agree(browser, page).h1 == "Your notes"
    assert section(browser, "brings").h1 == "What brings you"


def test_the_private_section_is_off_until_its_wording_is_approved(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    assert "Section 5 of 6" in browser.open("/write/section/5").text
    with inside:
        change_practice(safety_approved_by="")

    browser.open("/write/section/5", status=404)
    assert "Section 1 of 5" in section(browser, "brings").text
    assert "private" not in browser.open("/write").text


@pytest.mark.parametrize("cleared", ["safety_approved_by", "help_lines"])
def test_what_stands_in_a_private_section_that_is_off_can_be_taken_back_and_deleted(
    browser: Browser, token: str, inside: Inside, cleared: str
) -> None:
    with inside:
        ada = booked(token)
    begun(browser, token)
    write(browser, "safe", **answers(safe_needs="sometimes"))
    browser.press(browser.open("/write/review"), form="/share/5")
    with inside:
        change_practice(**{cleared: ""})
    review = browser.open("/write/review")

    assert "This part is not asked any more." in review.text
    assert "Shared on Monday 1 June, 10am." in review.text
    assert "Sometimes" in review.text
    assert not [name for name in review.links if name.startswith("Change") and "safe" in name]
    browser.open("/write/section/5", status=404)
    stopped = browser.press(review, form="/unshare/5")
    with inside:
        assert shared_by(ada, private=True) == []
    gone = browser.press(stopped, form="/safe-needs/delete")
    assert "Feeling safe" not in gone.text


def test_the_private_section_has_its_own_door_button_and_a_page_for_everybody(
    browser: Browser, token: str
) -> None:
    begun(browser, token)
    intro = browser.open("/write/section/5")
    skipped = browser.open(intro.links["Skip this section"])
    opened = browser.press(intro, "Continue")
    typed = answers(safe_signs="trust")
    some = browser.press(opened, "Save and continue", form="/section/5", **typed)
    page = section(browser, "safe")
    fields = [(n, v) for n, v in page.form("/section/5").values() if n != "safe-signs"]
    browser.send("/write/section/5", [*fields, ("then", "next")])
    none = browser.open("/write/support")
    write(browser, "brings", different=WORDS)
    before = browser.open("/write/review")
    write(browser, "safe", **answers(safe_signs="trust"))
    review = browser.open("/write/review")

    assert "Example line" in intro.text
    assert "Nobody watches" in intro.text
    assert "Section 6 of 6" in skipped.text
    assert some.source == none.source
    assert "Example line" in some.text
    assert "Share this private part" not in before.text
    assert "Nobody watches between appointments" in review.text
    assert browser.press(review, "Share this private part with Maya").h1 == "Review and share"
    words = browser.send("/write/words.txt", method="GET")
    assert WORDS in words.raw.decode()
    assert "support" not in words.raw.decode()


def test_after_the_cut_off_all_can_be_read_and_deleted_and_nothing_changed(
    browser: Browser, token: str, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        change_offering(intake_cutoff_minutes=60)
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    page, review = section(browser, "brings"), browser.open("/write/review")
    for _ in range(4):  # staying awake
        clock.advance(minutes=25)
        browser.open("/write")
    clock.at = at("Thu 09:01")
    come_back(browser, token)
    refused = browser.press(page, "later", form="/section/1", status=409, different="Later words")
    unshared = browser.press(review, "Share with Maya", status=409)
    shown = section(browser, "brings")
    review = browser.open("/write/review")

    assert refused.form("/section/1").value("different") == "Later words"
    assert "1 hour before" in refused.errors
    assert "1 hour before" in unshared.errors
    assert "different" not in {name for form in shown.forms for name in form.names}
    assert WORDS.split("\n", maxsplit=1)[0] in review.text
    assert "Change" not in " ".join(review.links)
    gone = browser.press(review, "Delete", form="/different/delete")
    assert WORDS.split("\n", maxsplit=1)[0] not in gone.text
    assert "Begin" not in [
        b.text for f in browser.open(f"/a/{token}/write").forms for b in f.buttons
    ]


def test_a_stale_page_loses_nothing_that_was_typed(browser: Browser, token: str) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    form = page.form("/section/1")
    fields = [(n, v) for n, v in form.values() if n not in {"csrf_token", "different"}]
    stale = browser.send(
        form.action, [*fields, ("csrf_token", "stale"), ("different", WORDS), ("then", "next")]
    )

    assert stale.status == 403
    assert stale.form("/section/1").value("different") == WORDS
    assert browser.press(stale, "later", form="/section/1").h1 == "Your notes"
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def test_the_page_of_one_never_saves_into_the_notes_of_another(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    agree(browser, begin(browser, token, passcode="another one", again="another one"))
    kept = browser.press(page, "later", form="/section/1", status=409, different=WORDS)

    assert "Other notes are open" in kept.errors
    assert kept.form("/section/1").value("different") == WORDS
    assert section(browser, "brings").form("/section/1").value("different") == ""
    with inside:
        assert all_of(IntakeSection) == []
    come_back(browser, token)
    browser.press(kept, "later", form="/section/1")
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def test_a_page_whose_notes_were_closed_keeps_what_was_typed(browser: Browser, token: str) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    browser.send("/leave", method="GET")
    kept = browser.press(page, "later", form="/section/1", status=403, different=WORDS)
    come_back(browser, token)
    again = browser.press(kept, "later", form="/section/1", status=None)

    assert kept.form("/section/1").value("different") == WORDS
    assert again.status == 200
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def test_the_script_saves_and_is_told_what_became_of_it(
    browser: Browser, token: str, clock: FrozenClock
) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    fields = dict(page.form("/section/1").values())

    def save(**typed: str) -> tuple[int, dict[str, object]]:
        with browser.client.open(
            "/write/section/1",
            method="POST",
            base_url=browser.base_url,
            headers={"Accept": "application/json"},
            data=fields | typed,
        ) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            return answer.status_code, answer.get_json()

    status, told = save(different="One")
    clash = save(different="Two")
    long = save(different="x" * 10_001)
    stale = save(csrf_token="none")
    clock.advance(minutes=30)
    away = save(different="Three")

    assert (status, told["saved"]) == (200, "10am")
    assert "different" in str(told["seen"])
    assert told["shown"] == [q.id for q in shipped("full").section("brings").questions]
    assert [answer[0] for answer in (clash, long, stale, away)] == [409, 422, 403, 403]
    assert all(answer[1]["error"] for answer in (clash, long, stale, away))
    assert "Press Save to see both texts." in str(clash[1]["error"])
    assert long[1]["error"] == "Not saved yet: one answer is too long."
    come_back(browser, token)
    assert section(browser, "brings").form("/section/1").value("different") == "One"
    assert "In progress" in browser.open("/write").text


def test_a_section_stays_done_while_the_script_saves_in_it(browser: Browser, token: str) -> None:
    begun(browser, token)
    write(browser, "brings", button="next", different="One")
    form = section(browser, "brings").form("/section/1")
    browser.client.post(
        form.action,
        base_url=browser.base_url,
        headers={"Accept": "application/json"},
        data=dict(form.values()) | {"different": "Two"},
    ).close()

    assert "Done" in browser.open("/write").text
    assert section(browser, "brings").form("/section/1").value("different") == "Two"


def test_everything_is_reviewed_shared_taken_back_and_deleted_section_by_section(
    browser: Browser, token: str
) -> None:
    begun(browser, token)
    empty = browser.open("/write/review")
    write(browser, "brings", different="First words", now="2")
    review = browser.open("/write/review")
    shared = browser.press(review, "Share with Maya")
    write(browser, "brings", different="Later words")
    changed = browser.open("/write/review")
    again = browser.press(changed, "Share again with Maya")
    deleted = browser.press(again, "Delete", form="/different/delete")
    stopped = browser.press(deleted, "Stop sharing")

    assert "Not provided" in empty.text
    assert "Share with Maya" not in [b.text or "" for f in empty.forms for b in f.buttons]
    assert "First words" in review.text
    assert "2 of 5 (1 very hard, 5 very good)" in review.text
    assert "Shared on Monday 1 June, 10am." in shared.text
    assert "You have changed it since" in changed.text
    assert "You have changed it since" not in again.text
    assert "Later words" not in deleted.text
    assert "Shared on" in deleted.text
    assert "Shared on" not in stopped.text
    assert "Change your answer to “What would you like to be different?”" in review.links


def test_who_read_it_is_told_of_the_own_share_alone(
    browser: Browser, token: str, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        ada = booked(token)
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    browser.press(browser.open("/write/review"), "Share with Maya")
    clock.advance(minutes=5)
    with inside:
        open_folder(seat_of(1), ada.id, ada.person_id, tools=the_tools())
        open_note(seat_of(1), ada.id, ada.person_id, tools=the_tools())
    told = browser.open("/write").text
    agree(browser, begin(browser, token, passcode="a stranger", again="a stranger"))
    stranger = browser.open("/write").text

    assert "Maya opened what you shared on Monday 1 June, 10:05am." in told
    assert "private part" not in told
    assert "Maya has opened nothing." in stranger


def test_who_read_it_stays_told_whatever_is_shared_now_and_whatever_is_asked(
    browser: Browser, token: str, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        ada = booked(token)
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    write(browser, "safe", **answers(safe_needs="sometimes"))
    review = browser.open("/write/review")
    for share in ("/share/1", "/share/5"):
        review = browser.press(review, form=share)
    clock.advance(minutes=5)
    with inside:
        open_folder(seat_of(1), ada.id, ada.person_id, tools=the_tools())
        open_note(seat_of(1), ada.id, ada.person_id, tools=the_tools())
    told = "Maya opened what you shared on Monday 1 June, 10:05am."
    note = "Maya opened the private part on Monday 1 June, 10:05am."

    def check() -> None:
        hub = browser.open("/write").text
        assert told in hub
        assert note in hub
        assert "Maya has opened nothing" not in hub

    check()
    for stop in ("/unshare/1", "/unshare/5"):
        browser.press(browser.open("/write/review"), form=stop)
    check()
    clock.advance(minutes=5)
    browser.press(browser.open("/write/review"), form="/share/1")
    check()
    with inside:
        change_practice(safety_approved_by="")
    check()


def test_a_mailed_code_opens_the_notes_once_and_only_by_its_button(
    browser: Browser, token: str, inside: Inside, postbox: Postbox
) -> None:
    agree(browser, begin(browser, token, way_back="code", passcode="", again=""))
    write(browser, "brings", different=WORDS)
    browser.send("/leave", method="GET")
    asked = browser.press(browser.open(f"/a/{token}/write"), "Mail me a fresh code")
    with inside:
        deliver_all()
    link = next(
        word.removeprefix(browser.base_url)
        for word in body(postbox.posts[-1]).split()
        if "/c/" in word
    )
    page = browser.open(link)
    browser.open(link)
    hub = browser.press(page, "Continue")
    again = browser.press(page, "Continue", status=404)

    assert "a letter is on its way" in asked.text
    assert hub.h1 == "Your notes"
    assert "Your notes" not in again.text
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def test_without_a_sitting_every_page_says_calmly_that_the_notes_are_closed(
    app: Flask, browser: Browser, token: str
) -> None:
    begun(browser, token)
    browser.send("/leave", method="GET")
    left = browser.open("/write", status=404)
    for path in ("", "/section/1", "/section/99", "/review", "/consent", "/back"):
        assert browser.open(f"/write{path}", status=404).source == left.source, path
    assert Browser(app).open("/write", status=404).source == left.source

    assert left.h1 == "Closed"
    assert "Your notes are closed in this browser. Open your own link again" in left.text
    assert left.links["Leave this page"] == "/leave"


def test_a_code_that_leads_nowhere_says_where_a_fresh_one_is(
    browser: Browser, token: str, inside: Inside, postbox: Postbox
) -> None:
    agree(browser, begin(browser, token, way_back="code", passcode="", again=""))
    browser.press(browser.open(f"/a/{token}/write"), form="/code")
    with inside:
        deliver_all()
    link = next(word for word in body(postbox.posts[-1]).split() if "/c/" in word)
    spent = browser.open(link.removeprefix(browser.base_url))
    browser.press(spent, "Continue")
    for page in (spent, browser.open("/c/nothing-is-here")):
        told = browser.press(page, "Continue", status=404)
        assert "This link was used or is too old. Ask for a fresh one" in told.text
        assert told.links["Leave this page"] == "/leave"
    for _ in range(18):
        browser.press(spent, "Continue", status=404)
    assert int(browser.press(spent, "Continue", status=429).headers["Retry-After"]) > 0


def test_an_idle_writer_by_code_asks_for_another_and_saves_what_stands_there(
    browser: Browser, token: str, inside: Inside, clock: FrozenClock, postbox: Postbox
) -> None:
    agree(browser, begin(browser, token, way_back="code", passcode="", again=""))
    page = section(browser, "brings")
    clock.advance(minutes=31)
    kept = browser.press(page, "later", form="/section/1", status=403, different=WORDS)
    away = browser.open(kept.links["Have a fresh code mailed"])
    asked = browser.press(away, "Mail me a fresh code")
    with inside:
        deliver_all()
    link = next(word for word in body(postbox.posts[-1]).split() if "/c/" in word)
    browser.press(browser.open(link.removeprefix(browser.base_url)), "Continue")
    browser.press(kept, "later", form="/section/1")

    assert "passcode" not in {n for f in kept.forms for n in f.names}
    assert "on its way" in asked.text
    assert section(browser, "brings").form("/section/1").value("different") == WORDS


def by_code(browser: Browser, token: str) -> Page:
    """Begin with mailed codes and agree; return the list of sections."""
    return agree(browser, begin(browser, token, way_back="code", passcode="", again=""))


def mailed(browser: Browser, token: str, inside: Inside, postbox: Postbox) -> Page:
    """Have a code mailed; return the page to which its letter leads."""
    browser.press(browser.open(f"/a/{token}/write"), "Mail me a fresh code")
    with inside:
        deliver_all()
    link = next(word for word in body(postbox.posts[-1]).split() if "/c/" in word)
    return browser.open(link.removeprefix(browser.base_url))


def test_notes_that_somebody_else_began_from_the_link_do_not_catch_what_she_writes(
    browser: Browser, token: str, inside: Inside, clock: FrozenClock, postbox: Postbox
) -> None:
    by_code(browser, token)
    write(browser, "brings", different=WORDS)
    browser.send("/leave", method="GET")
    clock.advance(minutes=5)
    partner = Browser(browser.client.application)
    by_code(partner, token)
    tab = section(partner, "brings")

    choice = browser.press(mailed(browser, token, inside, postbox), "Continue")
    again = browser.press(choice, "Open the notes begun on Monday 1 June, 10am")
    brings = section(browser, "brings").form("/section/1").value("different")
    spent = browser.press(choice, "Open the notes begun on Monday 1 June, 10:05am", status=404)
    browser.press(browser.open("/write"), "Open the notes begun on Monday 1 June, 10:05am")
    write(browser, "brings", different="In the planted ones.")
    refused = partner.press(tab, "later", form="/section/1", status=403, different="His")

    assert choice.h1 == "Which notes are yours?"
    assert (again.h1, spent.status) == ("Your notes", 404)
    assert brings == WORDS
    partner.open("/write", status=404)
    assert "In the planted ones." not in refused.text


def test_a_tab_of_one_never_acts_on_the_notes_of_another(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    shared = browser.press(browser.open("/write/review"), "Share with Maya")
    write(browser, "brings", different="Changed")
    tabs = [
        (browser.open("/write/review"), {"button": "Share again with Maya"}),
        (shared, {"button": "Stop sharing"}),
        (shared, {"button": "Delete", "form": "/different/delete"}),
        (browser.open("/write/consent"), {"button": "Take it back"}),
        (browser.open("/write/delete"), {"button": "Delete everything"}),
        (browser.open("/write"), {"button": "Close my notes everywhere"}),
    ]
    consent = begin(browser, token, passcode="another one", again="another one")
    agree(browser, consent)
    write(browser, "brings", different="Theirs")
    browser.press(browser.open("/write/review"), "Share with Maya")
    with inside:
        before = dump(without=["sittings", "throttles"])

    for page, pressed in tabs:
        refused = browser.press(page, status=409, **pressed)
        assert "Other notes are open in this browser now" in refused.text
        assert "Theirs" not in refused.text
    come_back(browser, token)
    assert "Other notes are open" in browser.press(consent, "go on", agree=True, status=409).text
    with inside:
        assert dump(without=["sittings", "throttles"]) == before
    come_back(browser, token, "another one")
    assert section(browser, "brings").form("/section/1").value("different") == "Theirs"


def test_a_code_pressed_where_other_notes_are_open_says_so_and_closes_them(
    browser: Browser, token: str, inside: Inside, postbox: Postbox
) -> None:
    with inside:
        bens = asks_first(BEN, when="Fri 10:00")
    by_code(browser, token)
    own = mailed(browser, token, inside, postbox)
    begun(browser, bens)
    with inside:
        (theirs,) = [row.id for row in all_of(Sitting)]
    page = mailed(browser, token, inside, postbox)
    hub = browser.press(page, "Continue")

    assert "Other notes are open in this browser" not in own.text
    assert "Other notes are open in this browser" in page.text
    assert hub.h1 == "Your notes"
    with inside:
        assert theirs not in [row.id for row in all_of(Sitting)]
    browser.send("/leave", method="GET")
    assert "Other notes" not in browser.open(page.path).text


def test_notes_are_closed_in_every_browser_at_one_press(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    elsewhere = Browser(browser.client.application)
    begun(elsewhere, token)
    hub = come_back(browser, token)
    closed = browser.press(hub, "Close my notes everywhere")

    assert closed.h1 == "Your notes are closed"
    for each in (browser, elsewhere):
        each.open("/write", status=404)
    assert come_back(browser, token).h1 == "Your notes"


def test_all_notes_of_one_way_back_are_listed_and_can_be_opened(
    browser: Browser, token: str, clock: FrozenClock
) -> None:
    begun(browser, token)
    write(browser, "brings", different="The first")
    clock.advance(minutes=3)
    begun(browser, token)
    assert "Other notes" not in browser.open("/write").text  # only begun: nothing was shown yet
    hub = come_back(browser, token)
    first = browser.press(hub, "Open the notes begun on Monday 1 June, 10am")

    assert "Other notes of yours" in first.text
    assert section(browser, "brings").form("/section/1").value("different") == "The first"


def test_everything_can_be_deleted_from_within_and_from_the_link_alone(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    gone = browser.press(browser.open("/write/delete"), "Delete everything")
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    stranger = Browser(browser.client.application)
    asked = stranger.open(f"/a/{token}/delete")
    done = stranger.press(asked, "Delete everything")

    assert gone.h1 == "It is deleted"
    assert "is deleted now" in done.text
    browser.open("/write", status=404)
    come_back(browser, token, status=403)
    with inside:
        assert all(intake.erased_at for intake in all_of(Intake))
        assert all_of(IntakeSection) == []
        assert all_of(Sitting) == []


def test_a_cancelled_appointment_lets_all_be_read_and_deleted(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    with inside:
        cancel_for(booked(token))
    page = browser.open(f"/a/{token}")
    gate = browser.open(page.links["on the page for notes"])

    assert "cancelled" in gate.text
    assert "First" not in gate.text
    assert "calmly" in browser.open("/write/review").text


def test_what_cannot_be_begun_is_told_beside_its_field(browser: Browser, token: str) -> None:
    gate = browser.open(f"/a/{token}/write")
    nothing = browser.press(gate, form="/begin", status=422)
    short = browser.press(
        gate, form="/begin", status=422, way_back="passcode", passcode="abc", again="abc"
    )
    differing = browser.press(
        gate, form="/begin", status=422, way_back="passcode", passcode=PASSCODE, again="other"
    )
    forged = browser.press(gate, form="/begin", status=422, way_back="code", questionnaire="long")

    assert "Choose how you would like to come back." in nothing.errors
    assert "at least 6" in short.errors
    assert "not the same" in differing.errors
    assert forged.errors
    for page in (short, differing):
        assert page.form("/begin").value("passcode") == ""
        assert page.form("/begin").value("way_back") == "passcode"


def test_a_short_questionnaire_is_one_section_without_a_choice_of_length(
    browser: Browser, token: str, inside: Inside
) -> None:
    with inside:
        change_offering(questionnaire="short")
    gate = browser.open(f"/a/{token}/write")
    hub = agree(browser, begin(browser, token, questionnaire="short"))
    page = browser.open("/write/section/1")

    assert "Six short sections" not in gate.text
    assert hub.text.count("Not started") == 1
    assert "Section" not in page.text
    assert browser.press(page, "Save and continue", form="/section/1", feeling="mixed").h1 == (
        "Review and share"
    )


def test_where_nothing_is_asked_any_more_what_was_written_is_read_and_deleted(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    stale = browser.open(f"/a/{token}/write")
    with inside:
        change_offering(questionnaire="none")
    booked_page = browser.open(f"/a/{token}")
    gate = browser.open(booked_page.links["on the page for notes"])
    refused = browser.press(
        stale, form="/begin", status=409, way_back="passcode", passcode=PASSCODE, again=PASSCODE
    )
    come_back(browser, token)

    assert "Write first" not in booked_page.text
    assert not [form.action for form in gate.forms if form.action.endswith("/begin")]
    for page in (gate, refused):
        assert "Nothing new can be begun here" in page.text
    assert section(browser, "brings").form("/section/1").value("different") == WORDS
    asked = browser.open(gate.links["Delete everything that was written from this link"])
    browser.press(asked, "Delete everything")
    come_back(browser, token, status=403)


def test_where_nothing_was_ever_asked_the_pages_tell_no_more(
    browser: Browser, token: str, inside: Inside
) -> None:
    with inside:
        change_offering(questionnaire="none")
    before = [browser.open(f"/a/{token}{page}").text for page in ("", "/write")]
    with inside:
        change_offering(questionnaire="full")
    begun(browser, token)
    with inside:
        change_offering(questionnaire="none")

    assert [browser.open(f"/a/{token}{page}").text for page in ("", "/write")] == before


def test_no_question_is_called_as_what_its_page_sends_beside_it() -> None:
    for slug in ("full", "short"):
        for question in shipped(slug).questions():
            assert question.id not in KEPT_NAMES
            assert not question.id.startswith("seen-")


def _texts(page: Page) -> list[str]:
    return [e.get("name", "") for e in page.tree.iter("textarea")]
