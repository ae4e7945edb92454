"""Properties of the reading of feeds, and what the child process keeps from the worker."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from practice.adapters import feed_process
from practice.adapters.feed_process import read_apart
from practice.adapters.feed_reading import read_calendar
from practice.adapters.feed_rules import NotUnderstood, read_rule, starts_of
from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble
from practice.domain.span import Span

WINDOW = Span(datetime(2026, 6, 25, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
ASK = FeedAsk(url="", window=WINDOW, zone="Europe/Berlin")
CASES = Path(__file__).parents[1] / "cases"
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific Standard Time", "Nowhere"]
TEN = ("DTSTART:20260701T100000Z", "DTEND:20260701T110000Z")
TEN_SPAN = Span(datetime(2026, 7, 1, 10, tzinfo=UTC), datetime(2026, 7, 1, 11, tzinfo=UTC))


def event(*lines: str, uid: str = "one") -> list[str]:
    return ["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"]


def feed(*events: Sequence[str]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *(line for each in events for line in each)]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode("utf-8", "surrogatepass")


def spans_of(body: bytes, ask: FeedAsk = ASK) -> tuple[Span, ...]:
    spans = read_calendar(body, ask).spans
    assert spans is not None
    return spans


def covers(spans: Sequence[Span], others: Sequence[Span]) -> bool:
    return all(
        any(span.starts_at <= each.starts_at and each.ends_at <= span.ends_at for span in spans)
        for each in others
    )


clocks = st.datetimes(datetime(2026, 6, 20), datetime(2026, 7, 18)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)


@st.composite
def starts(draw: st.DrawFn) -> str:
    at = draw(clocks)
    kind = draw(st.sampled_from(["utc", "floating", "zoned", "day"]))
    if kind == "day":
        return f"DTSTART;VALUE=DATE:{at:%Y%m%d}"
    if kind == "zoned":
        return f"DTSTART;TZID={draw(st.sampled_from(ZONES))}:{at:%Y%m%dT%H%M%S}"
    return f"DTSTART:{at:%Y%m%dT%H%M%S}{'Z' if kind == 'utc' else ''}"


rules = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=4",
        "FREQ=WEEKLY;BYDAY=MO,TH",
        "FREQ=HOURLY;INTERVAL=7;COUNT=9",
        "FREQ=MONTHLY;BYMONTHDAY=-1,3",
        "FREQ=YEARLY",
        "FREQ=DAILY;UNTIL=20260709",
    ]
)


@st.composite
def well_events(draw: st.DrawFn, uid: str = "well") -> list[str]:
    lines = [draw(starts())]
    lines += draw(st.lists(st.sampled_from(["DURATION:PT90M", "DURATION:P2D"]), max_size=1))
    lines += [f"RRULE:{rule}" for rule in draw(st.lists(rules, max_size=1))]
    lines += draw(
        st.lists(
            st.sampled_from(["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "SEQUENCE:3"]), max_size=1
        )
    )
    return event(*lines, uid=f"{uid}{draw(st.integers(0, 5))}")


feeds = st.lists(well_events(), max_size=5)
no_breaks = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30
)


@st.composite
def broken_events(draw: st.DrawFn) -> list[str]:
    """An event of which one line says something else than it should."""
    whole = draw(well_events("broken"))
    index = draw(st.integers(2, len(whole) - 2))
    line, at = whole[index], draw(st.integers(0, 40))
    junk = draw(no_breaks)
    # A rule that comes too often is another thing: it is refused, and the last good picture stays.
    broken = line[:at] + junk + line[at + draw(st.integers(0, 5)) :]
    assume(not broken.upper().startswith(("BEGIN", "END")))
    return [*whole[:index], broken, *whole[index + 1 :]]


@given(feeds, broken_events())
def test_a_broken_event_never_frees_time(events: list[list[str]], broken: list[str]) -> None:
    alone = spans_of(feed(*events))
    try:
        assert covers(spans_of(feed(*events, broken)), alone)
    except FeedTrouble as trouble:
        assert trouble.trouble is Trouble.TOO_MUCH  # noqa: PT017 - it may come, and only this


@given(feeds)
def test_a_picture_is_in_order_and_merged_and_in_its_window(events: list[list[str]]) -> None:
    spans = spans_of(feed(*events))
    assert all(one.ends_at < next_one.starts_at for one, next_one in pairwise(spans))
    for span in spans:
        assert WINDOW.starts_at <= span.starts_at < span.ends_at <= WINDOW.ends_at


@given(feeds, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(events: list[list[str]], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert spans_of(feed(*shuffled)) == spans_of(feed(*events))


@given(feeds, well_events("other"))
def test_a_transparent_event_changes_nothing(events: list[list[str]], other: list[str]) -> None:
    shown_as_free = [line for line in other if not line.startswith(("TRANSP", "STATUS"))]
    shown_as_free.insert(2, "TRANSP:TRANSPARENT")
    assert spans_of(feed(*events, shown_as_free)) == spans_of(feed(*events))


@given(feeds, feeds)
def test_two_feeds_together_are_busy_as_both(one: list[list[str]], other: list[list[str]]) -> None:
    renamed = [[line.replace("UID:well", "UID:other") for line in each] for each in other]
    together = spans_of(feed(*one, *renamed))
    assert covers(together, spans_of(feed(*one)))
    assert covers(together, spans_of(feed(*renamed)))


@given(feeds, st.data())
def test_a_feed_cut_off_anywhere_is_refused(events: list[list[str]], data: st.DataObject) -> None:
    body = feed(event(*TEN), *events)
    # Behind its last letter stands a line end, which nobody misses.
    cut = data.draw(st.integers(0, len(body.rstrip()) - 1))
    with pytest.raises(FeedTrouble) as caught:
        read_calendar(body[:cut], ASK)
    assert caught.value.trouble in {Trouble.CUT_OFF, Trouble.NO_CALENDAR}


CORPUS = [path.read_bytes() for path in sorted((CASES / "own_feeds").glob("*.ics"))]


@settings(max_examples=400)
@given(st.sampled_from(CORPUS), st.data())
def test_whatever_is_garbled_is_a_picture_or_a_trouble(body: bytes, data: st.DataObject) -> None:
    garbled = bytearray(body)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(garbled)))
        garbled[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        picture = read_calendar(bytes(garbled), ASK)
    except FeedTrouble as trouble:
        # BROKEN would be a defect of ours that the last line of defence has caught.
        assert trouble.trouble is not Trouble.BROKEN  # noqa: PT017
        return
    assert isinstance(picture, Picture)
    assert len(picture.warnings) <= 20


values = st.one_of(
    no_breaks,
    st.from_regex(
        r"[0-9]{0,9}(T[0-9]{0,7}Z?)?(/P?T?[0-9]{0,9}[HMDW]?)?(,[0-9TZ]{0,16})?", fullmatch=True
    ),
    st.from_regex(
        r"FREQ=(HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=[0-9]{1,12})?(;COUNT=[0-9]{1,12})?"
        r"(;UNTIL=[0-9]{0,8}(T[0-9]{6}Z?)?)?(;BYDAY=-?[0-9]?(MO|SU))?(;BYMONTHDAY=-?[0-9]{1,2})?"
        r"(;BYSETPOS=-?[0-9]{1,3})?",
        fullmatch=True,
    ),
)
names = st.sampled_from(
    [
        "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE",
        "DTSTART;VALUE=DATE", "DTSTART;TZID=Europe/Berlin", "RDATE;VALUE=PERIOD", "STATUS",
        "TRANSP", "RECURRENCE-ID;RANGE=THISANDFUTURE", "X-WR-TIMEZONE", "FREEBUSY",
        "EXDATE;TZID=Nowhere",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.lists(st.tuples(names, values), max_size=6), max_size=4))
def test_events_of_any_lines_are_a_picture(events: list[list[tuple[str, str]]]) -> None:
    lines = [[f"{name}:{value}" for name, value in each] for each in events]
    body = feed(event(*TEN, uid="well"), *(event(*each) for each in lines))
    try:
        assert covers(spans_of(body), [TEN_SPAN])
    except FeedTrouble as trouble:
        assert trouble.trouble is Trouble.TOO_MUCH  # noqa: PT017


whole_rules = st.builds(
    lambda freq, interval, tail: f"FREQ={freq};INTERVAL={interval}{tail}",
    st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 5),
    st.sampled_from(
        [
            "",
            ";BYDAY=MO,FR",
            ";BYDAY=MO,FR;WKST=SU",
            ";BYMONTHDAY=1,15,-1",
            ";BYMONTH=6,7",
            ";BYHOUR=9,17;BYMINUTE=30",
            ";COUNT=900",
            ";COUNT=40;BYDAY=TU,SU",
            ";UNTIL=20260707T120000",
            ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ";BYYEARDAY=180,190,-1",
        ]
    ),
)


@settings(max_examples=150)
@given(st.datetimes(datetime(2023, 1, 1), datetime(2026, 7, 10)), whole_rules)  # noqa: DTZ001
def test_the_shortcut_to_the_window_changes_nothing(start: datetime, raw: str) -> None:
    """The oracle counts from the very start, which is what takes too long."""
    start = start.replace(microsecond=0)
    low, high = datetime(2026, 6, 25), datetime(2026, 7, 15)  # noqa: DTZ001
    try:
        oracle = set(rrulestr(raw, dtstart=start).between(low, high, inc=True))
    except ValueError:
        oracle = set()  # a step that never meets its own list

    def until_of(text: str) -> datetime | None:
        return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007

    try:
        found = starts_of(start, read_rule(raw, until_of), low, high)
    except NotUnderstood:
        assert not oracle
        return
    # The library takes a start for a repetition, which RFC 5545 leaves open; so do we.
    assert set(found) - {start} == oracle - {start}


def test_nights_that_repeat_last_as_long_by_the_clock_or_by_the_stopwatch() -> None:
    night = [
        "DTSTART;TZID=Europe/Berlin:20260101T220000",
        "DTEND;TZID=Europe/Berlin:20260102T060000",
    ]
    body = feed(event(*night, "RRULE:FREQ=DAILY"))
    for month, day, hours in ((3, 28, 8), (3, 27, 8), (10, 24, 9), (10, 25, 8)):
        around = datetime(2026, month, day, 12, tzinfo=UTC)
        ask = FeedAsk("", Span(around, around + timedelta(days=1)), "Europe/Berlin")
        [span] = spans_of(body, ask)
        assert span.ends_at - span.starts_at == timedelta(hours=hours)


def test_warnings_name_dates_only_and_are_at_most_twenty() -> None:
    lines = ["SUMMARY:Secret of Sam", "LOCATION:Clinic", "RRULE:FREQ=SOMETIMES;Sam"]
    many = [
        event(f"DTSTART:202607{day:02}T{hour:02}0000Z", "DTEND:Sam", *lines, uid=f"Sam{day}-{hour}")
        for day in range(1, 14)
        for hour in (8, 18)
    ]
    warnings = read_calendar(feed(*many), ASK).warnings
    assert len(warnings) == 20
    said = "does not say readably when it ends; the rest of its day is blocked."
    assert warnings[0] == f"An event on 1 July 2026 {said}"
    assert warnings[-1] == "There are 7 more such events."
    assert not any("Sam" in each or "Clinic" in each for each in warnings)


def test_an_event_without_any_date_is_told_as_well() -> None:
    nowhere, often = event("SUMMARY:Sam", uid="a"), event("RRULE:FREQ=DAILY", uid="b")
    [passed_over] = read_calendar(feed(event(*TEN), nowhere), ASK).warnings
    assert passed_over.startswith("An event without a readable date was passed over. ")
    picture = read_calendar(feed(often), ASK)
    assert picture.spans == (WINDOW,)
    assert picture.warnings[0].endswith("nobody can tell when, so that every day is blocked.")


def test_a_warning_names_the_date_of_the_coach() -> None:
    lines = ["DTSTART;VALUE=DATE:20260704", "DTEND:later"]
    [warning] = read_calendar(feed(event(*lines)), ASK).warnings
    assert warning.startswith("An event on 4 July 2026 ")


def test_what_lies_outside_of_the_window_gives_no_warning() -> None:
    broken = event("DTSTART:20200101T100000Z", "DTEND:later")
    assert read_calendar(feed(broken), ASK) == Picture(spans=())


# The child


def test_the_child_says_what_reading_here_would_say() -> None:
    body = feed(event(*TEN), event("DTSTART:20260702T100000Z", "DTEND:later", uid="two"))
    here = read_calendar(body, ASK)
    assert here.spans
    assert here.warnings
    assert read_apart(body, ASK) == here


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b"", Trouble.NO_CALENDAR),
        (b"<html>", Trouble.NO_CALENDAR),
        (feed(["<html>Sign in, please</html>"]), Trouble.NO_CALENDAR),
        (feed(event(*TEN))[:-10], Trouble.CUT_OFF),
        (feed(event(TEN[0], "RRULE:FREQ=SECONDLY")), Trouble.TOO_MUCH),
        (feed(*[event(*TEN)] * 50_001), Trouble.TOO_MUCH),
    ],
)
def test_the_child_says_what_is_wrong(body: bytes, trouble: Trouble) -> None:
    with pytest.raises(FeedTrouble) as caught:
        read_apart(body, ASK)
    assert caught.value.trouble is trouble


def test_a_child_without_time_is_ended() -> None:
    before = time.monotonic()
    with pytest.raises(FeedTrouble) as caught:
        read_apart(feed(event(*TEN)), ASK, within=0.01)
    assert caught.value.trouble is Trouble.SLOW
    assert time.monotonic() - before < 5


def test_rules_that_never_come_true_are_blocked_on_doubt_and_soon() -> None:
    never = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    before = time.monotonic()
    picture = read_apart(feed(event(*TEN, never)), ASK)
    assert time.monotonic() - before < 8
    assert covers(picture.spans or (), [TEN_SPAN])


def test_a_feed_that_takes_all_the_processor_is_refused() -> None:
    hard = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;BYSETPOS="
    events = [event(*TEN, f"{hard}{number}", uid=f"{number}") for number in range(1, 60)]
    with pytest.raises(FeedTrouble) as caught:
        read_apart(feed(*events), ASK, processor=2, within=60)
    assert caught.value.trouble is Trouble.TOO_MUCH


PROBE = """
import os, sys, resource
from practice.adapters import feed_child
feed_child.limit(8)
print(sorted(os.environ), len(os.listdir("/proc/self/fd")))
try:
    held = bytearray(400 * 1024 * 1024)
except MemoryError:
    print("no memory")
try:
    with open(sys.argv[1], "w") as file:
        file.write("x")
except OSError:
    print("no files")
"""


def test_the_child_has_no_secrets_no_files_and_little_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRACTICE_MASTER_KEY", "secret")
    probe = tmp_path / "probe.py"
    probe.write_text(PROBE, encoding="utf-8")
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        done = subprocess.run(
            [sys.executable, "-P", "-s", "-B", str(probe), str(tmp_path / "kept")],
            capture_output=True,
            text=True,
            check=False,
            **feed_process.APART,
        )
    said = done.stdout.splitlines()
    assert said[0] == "['LANG', 'PYTHONPATH'] 4"
    assert said[1:] == ["no memory", "no files"]


def test_the_zone_of_the_coach_may_be_any() -> None:
    for zone in ("UTC", "Asia/Kathmandu", "America/Sao_Paulo"):
        ask = FeedAsk(url="", window=WINDOW, zone=zone)
        [span] = spans_of(feed(event("DTSTART:20260701T100000", "DURATION:PT1H")), ask)
        assert span.starts_at == datetime(2026, 7, 1, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert span.ends_at - span.starts_at == timedelta(hours=1)
