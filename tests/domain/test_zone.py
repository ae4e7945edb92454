from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.refusal import Invalid
from practice.domain.zone import (
    city,
    day_span,
    known_zones,
    local_date,
    midnight,
    offset,
    resolve_local,
    zone_label,
    zone_named,
)

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)
WINTER = datetime(2026, 1, 1, 12, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NO_PATHS = ["Europe", "../../etc/passwd", "/etc/localtime", "localtime", "posixrules", "tzdata.zi"]
NO_NAMES = ["", ".", "GMT+25", "europe/london", "Europe/London ", "a\0b", "x" * 10_000, "\ud800"]


@pytest.mark.parametrize("name", [*NO_PATHS, *NO_NAMES])
def test_what_is_no_zone_is_refused_kindly(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        zone_named(name)
    assert refused.value.field == "zone"
    assert refused.value.sentence.startswith("Please")


@given(st.text())
def test_no_text_makes_the_zone_raise_anything_else(text: str) -> None:
    if text not in available_timezones():
        with pytest.raises(Invalid):
            zone_named(text)


def test_old_names_of_zones_are_understood() -> None:
    assert offset(zone_named("Asia/Calcutta"), SUMMER) == "UTC+5:30"


def test_the_zones_to_choose_from_are_regions_with_cities_and_utc() -> None:
    names = known_zones()
    assert list(names) == sorted(names)
    assert {"UTC", "Europe/London", "America/Argentina/Buenos_Aires"} <= set(names)
    assert not {"GMT", "EST5EDT", "Etc/GMT+5", "US/Pacific", "localtime"} & set(names)
    assert all(zone_named(name) for name in names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/London", "London"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("America/Port-au-Prince", "Port-au-Prince"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_called_by_its_city(name: str, expected: str) -> None:
    assert city(ZoneInfo(name)) == expected


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("UTC", SUMMER, "UTC"),
        ("Europe/London", SUMMER, "UTC+1"),
        ("Europe/London", WINTER, "UTC"),
        ("Asia/Kathmandu", SUMMER, "UTC+5:45"),
        ("America/St_Johns", WINTER, "UTC\N{MINUS SIGN}3:30"),
        ("America/Sao_Paulo", WINTER, "UTC\N{MINUS SIGN}3"),
        ("Africa/Monrovia", datetime(1960, 1, 1, tzinfo=UTC), "UTC\N{MINUS SIGN}0:44"),
    ],
)
def test_an_offset_is_shown_as_people_write_it(name: str, at: datetime, expected: str) -> None:
    assert offset(ZoneInfo(name), at) == expected


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("Europe/London", SUMMER, "London time (BST, UTC+1)"),
        ("Europe/London", WINTER, "London time (GMT, UTC)"),
        ("America/Sao_Paulo", WINTER, "Sao Paulo time (UTC\N{MINUS SIGN}3)"),
        ("UTC", SUMMER, "UTC"),
    ],
)
def test_a_zone_is_labelled_with_city_name_and_offset(
    name: str, at: datetime, expected: str
) -> None:
    assert zone_label(ZoneInfo(name), at) == expected


@pytest.mark.parametrize(
    ("on", "name", "expected", "hours"),
    [
        ("2026-06-15", "UTC", "2026-06-15T00:00", 24),
        ("2026-06-15", "Europe/London", "2026-06-14T23:00", 24),
        ("2026-03-29", "Europe/London", "2026-03-29T00:00", 23),
        ("2026-10-25", "Europe/London", "2026-10-24T23:00", 25),
        ("2026-03-29", "Asia/Beirut", "2026-03-28T22:00", 23),
        ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00", 23),
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00", 23),
        ("2026-04-04", "America/Santiago", "2026-04-04T03:00", 25),
        ("2026-04-05", "Australia/Lord_Howe", "2026-04-04T13:00", 24.5),
        ("2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30", 23.5),
        ("2026-11-01", "America/Havana", "2026-11-01T04:00", 25),
        ("2011-12-29", "Pacific/Apia", "2011-12-29T10:00", 24),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", 0),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00", 24),
    ],
)
def test_a_date_begins_at_its_first_instant_and_lasts_to_the_next(
    on: str, name: str, expected: str, hours: float
) -> None:
    day, zone = date.fromisoformat(on), ZoneInfo(name)
    assert midnight(day, zone) == utc(expected)
    span = day_span(day, zone)
    assert span.ends_at - span.starts_at == timedelta(hours=hours)


@given(
    on=st.dates(date(1972, 1, 2), date(2060, 1, 1)),
    zone=st.sampled_from(known_zones()).map(ZoneInfo),
)
def test_an_instant_before_midnight_is_another_date(on: date, zone: ZoneInfo) -> None:
    first = midnight(on, zone)
    assert local_date(first, zone) >= on
    assert local_date(first - timedelta(seconds=1), zone) < on


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC"])
def test_the_ends_of_the_calendar_raise_nothing(name: str) -> None:
    zone = ZoneInfo(name)
    for on in (date.min, date.max, date.min + timedelta(1), date.max - timedelta(1)):
        span = day_span(on, zone)
        assert span.starts_at <= span.ends_at
        assert resolve_local(on, 720, zone).tzinfo is UTC
    for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert local_date(at, zone).year == at.year
        assert zone_label(zone, at)


def test_an_instant_without_a_zone_is_a_defect_and_never_the_servers_time() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(SUMMER.replace(tzinfo=None), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("on", "minute", "name", "expected"),
    [
        ("2026-06-15", 9 * 60, "Europe/London", "2026-06-15T08:00"),
        ("2026-10-25", 90, "Europe/London", "2026-10-25T00:30"),
        ("2026-10-25", 120, "Europe/London", "2026-10-25T02:00"),
        ("2026-04-04", 23 * 60, "America/Santiago", "2026-04-05T02:00"),
        ("2026-04-04", 1440, "America/Santiago", "2026-04-05T04:00"),
        ("2026-04-23", 1440, "Africa/Cairo", "2026-04-23T22:00"),
    ],
)
def test_a_typed_time_is_its_first_occurrence(
    on: str, minute: int, name: str, expected: str
) -> None:
    assert resolve_local(date.fromisoformat(on), minute, ZoneInfo(name)) == utc(expected)


@pytest.mark.parametrize(
    ("on", "minute", "name", "shown"),
    [
        ("2026-03-29", 90, "Europe/London", "no 01:30 on 29 March 2026 in London"),
        ("2026-04-24", 0, "Africa/Cairo", "no 00:00 on 24 April 2026 in Cairo"),
        ("2011-12-30", 720, "Pacific/Apia", "no 12:00 on 30 December 2011 in Apia"),
        ("2026-06-15", 1500, "UTC", "no 25:00 on 15 June 2026 in UTC"),
    ],
)
def test_a_typed_time_that_the_clock_skips_is_refused(
    on: str, minute: int, name: str, shown: str
) -> None:
    with pytest.raises(Invalid, match=shown) as refused:
        resolve_local(date.fromisoformat(on), minute, ZoneInfo(name))
    assert refused.value.field == "time"
