"""The intake over HTTP: what the save of a section of 10 kB costs, and the opening of a brief."""

from dataclasses import dataclass, field

from sqlalchemy import select

from benchmarks.visiting import Line, Sample, cpu_seconds
from practice.models.booking import BookingPerson
from practice.models.unit import reading
from tests.battery.ground import Ground, house
from tests.battery.web import csrf_of, hidden_of
from tests.makers import give_password

PASSCODE = "a quiet place 9"
_WORDS = "Some words that somebody writes before a talk, plain and long enough. "
_LONG = (_WORDS * 100)[:5_000]


@dataclass
class Writer:
    """Somebody who has booked, begun and agreed, and the coach who opens what was shared."""

    pid: int
    line: Line
    desk: Line
    folder: str
    saves: list[Sample] = field(default_factory=list)
    briefs: list[Sample] = field(default_factory=list)

    def save_some(self, count: int) -> None:
        """Save a section of two answers of 5,000 characters so many times, each time changed."""
        sample = Sample()
        for number in range(count):
            fields = _section(self.line)
            words = f"{len(self.saves)} {number} {_LONG}"[:5_000]
            fields |= {"different": words, "worthwhile": words, "then": "later"}
            before = cpu_seconds(self.pid)
            told = self.line.ask("POST", "/write/section/1", fields)
            assert told.status == 303, told.status
            sample.cpu += cpu_seconds(self.pid) - before
            sample.seconds.append(told.seconds)
        self.saves.append(sample)

    def open_some(self, count: int) -> None:
        """Open the folder so many times: the press that writes the journal, and the page."""
        sample = Sample()
        for _ in range(count):
            fields = {"csrf_token": csrf_of(self.desk.ask("GET", self.folder).text)}
            before = cpu_seconds(self.pid)
            pressed = self.desk.ask("POST", self.folder, fields)
            told = self.desk.ask("GET", pressed.location)
            assert _LONG[:60] in told.text, told.status
            sample.cpu += cpu_seconds(self.pid) - before
            sample.seconds.append(pressed.seconds + told.seconds)
        self.briefs.append(sample)


def writer_at(ground: Ground, pid: int, port: int, start: str) -> Writer:
    """Book a start, begin to write, agree, save and share once; and sign the coach in."""
    with house(ground):
        password = give_password()
    line = Line(port)
    csrf = csrf_of(line.ask("GET", "/ask").text)
    held = line.ask(
        "POST", "/book/hold", {"csrf_token": csrf, "who": "me", "t": start, "zone": "UTC"}
    )
    details = {"csrf_token": csrf, "name": "Sam", "email": "writer@mail.example"}
    booked = line.ask("POST", held.location, details).location
    begin = {"csrf_token": csrf, "questionnaire": "full", "way_back": "passcode"}
    begin |= {"passcode": PASSCODE, "again": PASSCODE}
    consent = line.ask("POST", f"{booked}/begin", begin).location
    agree = hidden_of(line.ask("GET", consent).text) | {"agree": "y"}
    assert line.ask("POST", consent, agree).status == 303
    desk = _signed_in(port, password)
    writer = Writer(pid, line, desk, _folder(ground))
    writer.save_some(1)
    meant = {"csrf_token": csrf, "intake": _section(line)["intake"]}
    shared = line.ask("POST", "/write/share/1", meant)
    assert shared.status == 303, shared.status
    writer.saves.clear()
    return writer


def _section(line: Line) -> dict[str, str]:
    return hidden_of(line.ask("GET", "/write/section/1").text)


def _signed_in(port: int, password: str) -> Line:
    desk = Line(port)
    fields = hidden_of(desk.ask("GET", "/desk/sign-in").text)
    fields |= {"email": "maya@lantern.example", "password": password}
    assert desk.ask("POST", "/desk/sign-in", fields).status in {302, 303}
    return desk


def _folder(ground: Ground) -> str:
    with house(ground):
        person = reading().scalars(select(BookingPerson).order_by(BookingPerson.id.desc())).first()
        assert person is not None
        return f"/desk/bookings/{person.booking_id}/brief/{person.id}"
