"""The clock on the wall."""

from datetime import UTC, datetime, timedelta

from practice.adapters.clock import SystemClock


def test_the_clock_tells_the_present_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()
    assert told.utcoffset() == timedelta(0)
    assert before <= told <= datetime.now(UTC)
