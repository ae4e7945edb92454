"""The scenes of writing first: the pages of who writes, who is invited, and who reads it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Final

from playwright.sync_api import Page
from sqlalchemy import select, update

from practice.models.base import db
from practice.models.booking import BookingPerson
from practice.models.consent import Consent, ConsentText
from practice.models.link import Opens, Purpose, new_link
from practice.models.sitting import Sitting, new_sitting, sitting_of
from practice.models.unit import unit_of_work
from practice.usecases import inviting, reading
from tests import makers
from tests.fakes import NOW
from tests.makers import Booked, begin_for, book_for, join_for, seat_of, share_for, write_for
from tests.people import CLEO, Person
from tests.sharing import Written
from tests.stories.staging import Scene, Stage, at
from tests.stories.steps import begin, button

_DORA = Person("Dora", "dora@mail.example")
_ELI = Person("Eli", "eli@mail.example")
_FAY = Person("Fay", "fay@mail.example")
_GUS = Person("Gus", "gus@mail.example")
_HAL = Person("Hal", "hal@mail.example")
_IDA = Person("Ida", "ida@mail.example")
_JO = Person("Jo", "jo@mail.example")

_AWAY = timedelta(minutes=31)
_LONG: Final = (
    "That we can talk about money on a Sunday without one of us leaving the kitchen, and that the "
    "children do not hear us.\n\nAnd some evenings that are only ours."
)
_WRITTEN: Final[Written] = {
    "brings": {"now": "2", "different": _LONG, "worthwhile": "One thing to try this week."},
    "reflection": {
        "reflect-pick": ("hopes", "steady"),
        "reflect-hopes": "Would you come for a walk on Saturday?",
        "in-the-way": ("alone", "money"),
    },
    "growing": {"growing-me": "sometimes", "growing-me-more": "I’ve started running again."},
    "safe": {"safe-needs": "sometimes", "safe-signs": ("trust", "no-talking")},
    "hopes": {"goals": ("talking", "limits"), "next-step": "Ten quiet minutes after supper."},
}
_NOTHING_YET: Final = "empty"


def begin_notes(stage: Stage) -> None:
    """Furnish the demo with people who write, and one who is invited."""
    tokens, sittings, clock = stage.tokens, stage.sittings, stage.demo.clock
    dora = book_for(_DORA, at=makers.at("Tue 10:00", week=2))
    tokens["gate"] = dora.token
    sittings["fresh"] = begin_for(dora, passcode="", agrees=False)
    sittings[_NOTHING_YET] = begin_for(dora, passcode="")
    sittings["writing"] = begin_for(dora, passcode="")
    for section in ("brings", "reflection"):
        write_for(sittings["writing"], section, _WRITTEN[section], done=section == "brings")
    sittings["changed"] = begin_for(dora, passcode="")
    _agreed_to_other_words(sittings["changed"])
    sittings["dozing"] = begin_for(dora)
    clock.at = NOW - _AWAY
    sittings["idle"] = begin_for(dora)
    sittings["idle-by-code"] = begin_for(dora, passcode="")
    clock.at = NOW
    _share_and_be_read(stage)
    _begin_twice(stage)
    _write_in_time(stage)
    _invite(stage)
    tokens["wishes"] = book_for(_IDA, at=makers.at("Wed 12:00", week=2)).token
    ida = book_for(_IDA, at=makers.at("Wed 14:00", week=2))
    makers.change_person(
        ida,
        letters_ok=False,
        called="I.",
        letters_from_minute=18 * 60,
        letters_until_minute=20 * 60,
    )
    tokens["withheld"] = f"{ida.id}"
    tokens["code"] = _code_for(dora)
    _open_the_demo(stage)


def _agreed_to_other_words(sitting: str) -> None:
    older = sha256(b"older").hexdigest()
    with unit_of_work() as session:
        session.add(ConsentText(version=older, text="Older words.", first_used_at=NOW))
        session.flush()
        intake = sitting_of(session, sitting).intake
        ledger = update(Consent).where(Consent.intake_id == intake.id)
        session.execute(ledger.values(version=older))
    db.session.remove()


def _share_and_be_read(stage: Stage) -> None:
    eli = book_for(_ELI, at=makers.at("Tue 11:00", week=2))
    stage.demo.clock.at = NOW - timedelta(minutes=20)  # her folder is closed again
    sitting = stage.sittings["shared"] = begin_for(eli, passcode="")
    for section, answers in _WRITTEN.items():
        write_for(sitting, section, answers)
    share_for(sitting, *_WRITTEN)
    reading.open_folder(seat_of(1), eli.id, eli.person_id, tools=makers.the_tools())
    stage.demo.clock.at = NOW
    write_for(sitting, "brings", {"worthwhile": "Two things to try."})
    stage.tokens["closed"] = f"{eli.id}/brief/{eli.person_id}"


def _begin_twice(stage: Stage) -> None:
    fay = book_for(_FAY, at=makers.at("Tue 12:00", week=2))
    begin_for(fay, passcode="")
    sitting = begin_for(fay, passcode="")
    with unit_of_work() as session:
        intake = sitting_of(session, sitting).intake
        stage.sittings["back"] = new_sitting(session, intake.id, came_back=True, now=NOW)
    db.session.remove()


def _write_in_time(stage: Stage) -> None:
    """Write before a talk that has been since."""
    clock = stage.demo.clock
    clock.at = NOW - timedelta(days=14)
    cleo = book_for(CLEO, at=makers.at("Thu 11:00", week=-2))
    sitting = begin_for(cleo, passcode="")
    write_for(sitting, "brings", _WRITTEN["brings"])
    share_for(sitting, "brings")
    clock.at = NOW
    _last_seen(sitting, minutes_ago=0)
    stage.sittings["late"] = sitting
    stage.tokens["late"] = cleo.token


def _invite(stage: Stage) -> None:
    tokens, tools = stage.tokens, makers.the_tools()
    gus = book_for(_GUS, at=makers.at("Tue 14:00", week=2), who="both")
    tokens["invites"] = gus.token
    jo = join_for(gus, _JO)
    tokens["invited"] = makers.invitation_to(gus)
    stage.sittings["short"] = begin_for(jo, passcode="", questionnaire="short")
    tokens["partner_gate"] = jo.token
    uninvited = book_for(_GUS, at=makers.at("Wed 10:00", week=2), who="both")
    tokens["uninvited"] = uninvited.token
    hal = book_for(_HAL, at=makers.at("Tue 15:00", week=2), who="both")
    inviting.send_invitation(hal.token, "kim@mail.example", "c", tools=tools)
    tokens["sent"] = hal.token
    over = book_for(_HAL, at=makers.at("Wed 11:00", week=2), who="both")
    tokens["ended"] = makers.invitation_to(over)
    makers.cancel_for(over)


def _code_for(booked: Booked) -> str:
    with unit_of_work() as session:
        return new_link(
            session,
            Purpose.WAY_BACK,
            Opens(person_id=booked.person_id),
            vault=makers.the_tools().vault,
            now=NOW,
            expires_at=NOW + timedelta(minutes=30),
        )


def _open_the_demo(stage: Stage) -> None:
    """Open the folders of those who came with the demo."""
    people = {name: _person(name) for name in ("Sam", "Priya", "Arun")}
    tools = makers.the_tools()
    for name, (booking, person) in people.items():
        stage.tokens[name.lower()] = f"{booking}/brief/{person}"
        reading.open_folder(seat_of(1), booking, person, tools=tools)
        reading.open_note(seat_of(1), booking, person, tools=tools)
    stage.tokens["room"] = f"{people['Priya'][0]}/brief"


def _person(name: str) -> tuple[int, int]:
    wanted = select(BookingPerson.booking_id, BookingPerson.id).where(BookingPerson.name == name)
    booking, person = db.session.execute(wanted).one()
    return booking, person


# What people do -----------------------------------------------------------------------------------


def _begin_badly(page: Page, stage: Stage) -> None:
    page.goto("/a/{gate}/write".format(**stage.tokens))
    page.get_by_label("With a passcode that only I know").check()
    page.get_by_label("Choose a passcode").fill("123")
    page.get_by_label("The same once more").fill("1234")
    button(page, "Begin").click()


def _choose_a_passcode(page: Page, stage: Stage) -> None:
    page.goto("/a/{gate}/write".format(**stage.tokens))
    page.get_by_label("With a passcode that only I know").check()


def _guess(page: Page, stage: Stage) -> None:
    page.goto("/a/{gate}/write".format(**stage.tokens))
    page.get_by_label("Your passcode").fill("not the passcode")
    button(page, "Open my notes").click()


def _agree_to_nothing(page: Page, _stage: Stage) -> None:
    page.goto("/write/consent")
    button(page, "Agree and go on").click()


def _write_too_much(page: Page, _stage: Stage) -> None:
    page.goto("/write/section/1")
    page.get_by_label("What would you like to be different?").fill("word " * 2001)
    button(page, "Save and continue").click()


_counted = count()


def _write_in_two_tabs(page: Page, stage: Stage) -> None:
    page.goto("/write/section/1")
    with stage.demo.app.app_context():
        there = f"{_LONG}\n\nTyped in another tab, {next(_counted)}."
        write_for(stage.sittings["writing"], "brings", {"now": "4", "different": there})
    page.get_by_label("What would you like to be different?").fill("Typed here.")
    page.get_by_role("radio", name="3").check()
    button(page, "Save and continue").click()
    page.get_by_role("alert").wait_for()  # the script may be saving, and goes first


def _save_late(writer: str) -> Callable[[Page, Stage], object]:
    def play(page: Page, stage: Stage) -> None:
        with stage.demo.app.app_context():
            _last_seen(stage.sittings[writer], minutes_ago=0)
        page.goto("/write/section/1")
        page.get_by_label("What would you like to be different?").fill(_LONG)
        with stage.demo.app.app_context():
            _last_seen(stage.sittings[writer], minutes_ago=31)
        button(page, "Save and continue").click()

    return play


def _last_seen(sitting: str, *, minutes_ago: int) -> None:
    with unit_of_work() as session:
        found = sitting_of(session, sitting)
        seen = update(Sitting).where(Sitting.id == found.id)
        at = NOW - timedelta(minutes=minutes_ago)
        session.execute(seen.values(last_seen_at=at, began_at=at))
    db.session.remove()


def _want_no_letters(page: Page, stage: Stage) -> None:
    page.goto("/a/{wishes}/contact".format(**stage.tokens))
    page.get_by_role("radio", name="No letters").check()
    button(page, "Save").click()


def _want_half_of_the_hours(page: Page, stage: Stage) -> None:
    page.goto("/a/{gate}/contact".format(**stage.tokens))
    page.get_by_label("From").fill("18:00")
    button(page, "Save").click()


def _look_at_the_letter(page: Page, stage: Stage) -> None:
    page.goto("/a/{invites}/partner".format(**stage.tokens))
    page.get_by_label("Their email").fill("kim@mail.example")
    button(page, "See the letter").click()


def _mistype_the_partner(page: Page, stage: Stage) -> None:
    page.goto("/a/{uninvited}/partner".format(**stage.tokens))
    page.get_by_label("Their email").fill("kim at mail")
    button(page, "See the letter").click()


def _join(page: Page, stage: Stage) -> None:
    page.goto("/p/{invited}".format(**stage.tokens))
    page.get_by_label("What should we call you?").fill(_JO.name)
    page.get_by_label("Your email").fill(_JO.email)
    button(page, "Send me my link").click()


def _join_badly(page: Page, stage: Stage) -> None:
    page.goto("/p/{invited}".format(**stage.tokens))
    button(page, "Send me my link").click()


def _decline(page: Page, stage: Stage) -> None:
    page.goto("/p/{invited}".format(**stage.tokens))
    button(page, "No, thank you").click()


def _ask_for_a_code(page: Page, stage: Stage) -> None:
    page.goto("/a/{gate}/write".format(**stage.tokens))
    button(page, "Mail me a fresh code").click()


def _ask_for_a_code_here(page: Page, _stage: Stage) -> None:
    page.goto("/write/back")
    button(page, "Mail me a fresh code").click()


def _delete_it_all(page: Page, stage: Stage) -> None:
    begin(page, "/a/{uninvited}".format(**stage.tokens))
    page.goto("/write/delete")
    button(page, "Delete everything").click()


def _pass_the_intro(page: Page, _stage: Stage) -> None:
    page.goto("/write/section/5")
    button(page, "Continue").click()


def _without_safety(path: str) -> Callable[[Page, Stage], object]:
    """Look at a page of the desk while nobody has approved the private section's wording."""

    def play(page: Page, stage: Stage) -> None:
        with _unapproved(stage):
            page.goto(path)

    return play


@contextmanager
def _unapproved(stage: Stage) -> Iterator[None]:
    with stage.demo.app.app_context():
        makers.change_practice(safety_approved_by="")
    try:
        yield
    finally:
        with stage.demo.app.app_context():
            makers.change_practice(safety_approved_by="Dr Demo Reviewer (demo)")


def _of(writer: str, *scenes: Sequence[str]) -> Iterator[Scene]:
    """Scenes of one writer: (name, path) pairs."""
    for name, path in scenes:
        yield Scene(name, at(path), writer=writer)


NOTES: Final = (
    Scene("contact", at("/a/{gate}/contact")),
    Scene("contact-errors", _want_half_of_the_hours, status=422),
    Scene("contact-saved", _want_no_letters),
    Scene("partner", at("/a/{uninvited}/partner")),
    Scene("partner-error", _mistype_the_partner, status=422),
    Scene("partner-link", at("/a/{invites}/partner")),
    Scene("partner-preview", _look_at_the_letter),
    Scene("partner-sent", at("/a/{sent}/partner")),
    Scene("invited", at("/p/{invited}")),
    Scene("invited-clocks", at("/p/{invited}?clock=other")),
    Scene("invited-errors", _join_badly, status=422),
    Scene("invited-joined", _join),
    Scene("invited-declined", _decline),
    Scene("invited-ended", at("/p/{ended}")),
    Scene("gate", at("/a/{gate}/write")),
    Scene("gate-passcode", _choose_a_passcode),
    Scene("gate-errors", _begin_badly, status=422),
    Scene("gate-wrong", _guess, status=403),
    Scene("gate-code", _ask_for_a_code),
    Scene("gate-partner", at("/a/{partner_gate}/write")),
    Scene("gate-late", at("/a/{late}/write")),
    Scene("gate-erase", at("/a/{gate}/delete")),
    Scene("code", at("/c/{code}")),
    Scene("notes-closed", at("/write"), status=404),
    Scene("erased", _delete_it_all),
    Scene("consent-nothing", _agree_to_nothing, writer="fresh", status=422),
    *_of("fresh", ("consent", "/write/consent"), ("hub-fresh", "/write")),
    *_of("changed", ("consent-changed", "/write/consent"), ("hub-changed", "/write")),
    *_of(
        "shared",
        ("hub-read", "/write"),
        ("review", "/write/review"),
        ("section-growing", "/write/section/3"),
        ("section-hopes", "/write/section/6"),
        ("support", "/write/support"),
    ),
    Scene("section-safe", _pass_the_intro, writer="shared"),
    *_of("back", ("hub-others", "/write")),
    *_of("late", ("hub-late", "/write"), ("section-late", "/write/section/1")),
    *_of("late", ("review-late", "/write/review")),
    *_of(
        "writing",
        ("hub", "/write"),
        ("consent-given", "/write/consent"),
        ("section-reflection", "/write/section/2"),
        ("erase", "/write/delete"),
    ),
    *_of(
        _NOTHING_YET,
        ("section-brings", "/write/section/1"),
        ("section-support", "/write/section/4"),
        ("section-safe-intro", "/write/section/5"),
        ("review-empty", "/write/review"),
    ),
    *_of("short", ("hub-short", "/write"), ("section-short", "/write/section/1")),
    Scene("section-too-long", _write_too_much, writer=_NOTHING_YET, status=422),
    Scene("section-conflict", _write_in_two_tabs, writer="writing", status=409),
    Scene("section-idle", _save_late("dozing"), writer="dozing", status=403),
    Scene("section-idle-code", _save_late("idle-by-code"), writer="idle-by-code", status=403),
    Scene("away", at("/write"), writer="idle", status=403),
    Scene("away-code", _ask_for_a_code_here, writer="idle-by-code"),
)


AT_THE_DESK: Final = (
    Scene("desk-room-two", at("/desk/bookings/{room}"), at_desk=True),
    Scene("desk-folder-closed", at("/desk/bookings/{closed}"), at_desk=True),
    Scene("desk-folder-open", at("/desk/bookings/{sam}"), at_desk=True),
    Scene("desk-folder-empty", at("/desk/bookings/{arun}"), at_desk=True),
    Scene("desk-note-closed", at("/desk/bookings/{closed}/private"), at_desk=True),
    Scene("desk-note-open", at("/desk/bookings/{sam}/private"), at_desk=True),
    Scene("desk-booking-withheld", at("/desk/bookings/{withheld}"), at_desk=True),
    Scene("desk-part-before", at("/desk/practice/before"), at_desk=True),
    Scene("desk-part-safety", at("/desk/practice/safety"), at_desk=True),
    Scene("desk-part-safety-off", _without_safety("/desk/practice/safety"), at_desk=True),
)
