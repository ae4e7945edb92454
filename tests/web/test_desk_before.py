"""What the coach sets for writing before the talk, and the part on feeling safe."""

import pytest

from practice.domain.words import SECRETS_WORDINGS
from practice.models.practice import Practice
from practice.models.questionnaires import shipped
from practice.models.unit import unit_of_work
from practice.queries.checklist import checklist
from tests.browser import Browser, Page
from tests.looking import all_of
from tests.makers import seat_of
from tests.web.conftest import Inside

BEFORE, SAFETY, HELP = "/desk/practice/before", "/desk/practice/safety", "/desk/practice/help"
OFF = "This section is off"
ON = "This section is on"


@pytest.fixture
def desk(maya: Browser) -> Browser:
    return maya


@pytest.fixture
def practice_with(inside: Inside) -> Inside:
    """The house from inside, with help lines entered."""
    with inside, unit_of_work() as session:
        session.get_one(Practice, 1).help_lines = "Emergency: 112"
    return inside


def save(desk: Browser, path: str, *, status: int = 200, **typed: object) -> Page:
    return desk.press(desk.open(path), "Save", form=path, status=status, **typed)


def the_practice(inside: Inside) -> Practice:
    with inside:
        return all_of(Practice)[0]


# Before the chat ----------------------------------------------------------------------------------


def test_secrets_time_and_way_out_are_saved_and_shown(desk: Browser, inside: Inside) -> None:
    page = save(
        desk,
        BEFORE,
        secrets="Yours alone.\r\nAlways.",
        keep_months="3",
        leave_href="https://www.metoffice.gov.uk/weather?q=1#today",
    )

    assert "What holds before the chat is saved." in page.text
    assert "Yours alone. Always." in page.text
    assert "3 months after the last appointment" in page.text
    practice = the_practice(inside)
    assert practice.secrets_text == "Yours alone.\nAlways."
    assert practice.keep_answers_months == 3
    assert practice.leave_href == "https://www.metoffice.gov.uk/weather?q=1#today"
    shown = desk.open(BEFORE).form(BEFORE)
    assert (shown.value("keep_months"), shown.value("secrets")) == ("3", "Yours alone.\nAlways.")


def test_nothing_set_is_a_year_no_promise_and_the_weather(desk: Browser) -> None:
    page = desk.open("/desk/practice")

    assert "12 months after the last appointment" in page.text
    assert "nothing is promised" in page.text
    assert "https://www.bbc.com/weather" in page.text


@pytest.mark.parametrize(
    "typed",
    [
        "http://weather.example/",
        "javascript:alert(1)",
        "//weather.example",
        "weather.example",
        "https://",
        "https://localhost/",
        "https://user@weather.example/",
        "https://user:secret@weather.example/",
        "https://weather.example\\@evil.example/",
        "https://weather.example/ here",
        "https://weather.example/\u0443",
        "https://weather.example:99999999/",
        "https://relationship-help.example/",
    ],
)
def test_a_way_out_that_is_none_or_tells_is_refused_and_kept(
    desk: Browser, inside: Inside, typed: str
) -> None:
    page = save(desk, BEFORE, status=422, leave_href=typed, secrets="Kept on screen")

    assert page.errors
    assert page.form(BEFORE).value("secrets") == "Kept on screen"
    assert the_practice(inside).leave_href == ""


@pytest.mark.parametrize("typed", ["", "0", "121", "1.5", "-1", "a year", "9" * 5000])
def test_answers_are_kept_from_one_month_to_ten_years(desk: Browser, typed: str) -> None:
    page = save(desk, BEFORE, status=422, keep_months=typed)

    assert "Enter a whole number from 1 to 120." in page.errors
    assert page.form(BEFORE).value("keep_months") == typed


def test_a_ready_wording_fills_the_field_and_saves_nothing(desk: Browser, inside: Inside) -> None:
    assert len(SECRETS_WORDINGS) == 3
    for wording in SECRETS_WORDINGS.values():
        page = desk.press(
            desk.open(BEFORE),
            f"Use these words: {wording.title}",
            form=BEFORE,
            secrets="Something else",
            keep_months="7",
        )

        assert page.form(BEFORE).value("secrets") == wording.text
        assert page.form(BEFORE).value("keep_months") == "7"
        assert the_practice(inside).secrets_text == ""

    page = desk.press(page, "Save", form=BEFORE)
    assert wording.text in page.text


def test_return_in_a_field_saves(desk: Browser) -> None:
    assert not desk.open(BEFORE).form(BEFORE).buttons[0].get("name")


def test_a_wording_that_is_not_there_is_none(desk: Browser, inside: Inside) -> None:
    form = desk.open(BEFORE).form(BEFORE)

    answer = desk.send(BEFORE, [*form.values(), ("start", "nothing")])

    assert answer.status == 303
    assert the_practice(inside).secrets_text == ""


# Feeling safe -------------------------------------------------------------------------------------


def test_the_part_is_off_until_help_lines_and_a_name_are_there(
    desk: Browser, inside: Inside
) -> None:
    page = desk.open(SAFETY)
    assert OFF in page.text
    assert "your help lines are entered and a qualified person" in page.text

    assert "your help lines are entered." in save(desk, SAFETY, approved_by="Dr Ruth Hale").text
    page = save(desk, HELP, lines="Emergency: 112")

    assert ON in page.text
    assert "Dr Ruth Hale approved its wording" in page.text
    with inside:
        states = {step.key: step.state for step in checklist(seat_of()).steps}
    assert states["safety"] == "Done"


def test_clearing_either_turns_it_off(desk: Browser, practice_with: Inside) -> None:
    assert ON in save(desk, SAFETY, approved_by="Dr Ruth Hale").text
    assert OFF in save(desk, HELP, lines="").text
    assert ON in save(desk, HELP, lines="Emergency: 112").text

    page = save(desk, SAFETY, approved_by="")

    assert OFF in page.text
    assert ON not in page.text


def test_the_whole_wording_stands_above_the_name(desk: Browser) -> None:
    text = desk.open(SAFETY).text
    private = [section for section in shipped("full").sections if section.is_private]

    assert private
    assert "nobody will ask why" in text
    assert "so please don’t wait for an answer here" in text
    for section in private:
        assert " ".join(section.intro.split()) in text
        for question in section.questions:
            assert question.label in text
            assert question.help in text
            for option in question.options:
                assert option.label in text


def test_added_items_are_asked_only_where_they_are_ticked(
    desk: Browser, practice_with: Inside
) -> None:
    form = desk.open(SAFETY).form(SAFETY)
    offered = form.choices("extras")
    shipped_extras = {
        option.id
        for question in shipped("full").questions()
        for option in question.options
        if option.is_extra
    }
    assert set(offered) == shipped_extras
    assert offered
    assert not [value for name, value in form.values() if name == "extras"]

    page = save(desk, SAFETY, approved_by="Dr Ruth Hale", extras=offered[0])

    assert the_practice(practice_with).safety_extras == [offered[0]]
    label = next(
        option.label
        for question in shipped("full").questions()
        for option in question.options
        if option.id == offered[0]
    )
    assert label in page.text
    again = desk.open(SAFETY).form(SAFETY)
    assert [value for name, value in again.values() if name == "extras"] == [offered[0]]

    save(desk, SAFETY, extras=None)
    assert the_practice(practice_with).safety_extras == []


def test_an_item_that_is_not_offered_is_refused(desk: Browser, inside: Inside) -> None:
    form = desk.open(SAFETY).form(SAFETY)

    page = desk.send(SAFETY, [*form.values(), ("extras", "in-the-way")])

    assert page.status == 422
    assert the_practice(inside).safety_extras == []
