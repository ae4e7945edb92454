"""Counts, shares, waits and sums: what a week of meetings comes to."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from practice.domain.booking import Status
from practice.domain.figures import Income, Meeting, by_week, figures_of, monday_of
from practice.domain.money import Money

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def meeting(
    hours: float,
    *,
    waited: float = 48,
    status: Status = Status.CONFIRMED,
    was_asked: bool = True,
    has_shared: bool = False,
) -> Meeting:
    """A meeting of an hour that begins so many hours after NOW."""
    start = NOW + timedelta(hours=hours)
    return Meeting(
        coach_id=1,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        booked_at=start - timedelta(hours=waited),
        status=status,
        was_asked=was_asked,
        has_shared=has_shared,
    )


def test_nothing_gives_no_shares_and_no_wait() -> None:
    nothing = figures_of([], [], now=NOW)

    assert (nothing.bookings, nothing.show_percent, nothing.shared_percent) == (0, None, None)
    assert (nothing.wait_minutes, nothing.income) == (None, ())


def test_the_show_rate_counts_what_has_ended_and_nothing_to_come() -> None:
    figures = figures_of(
        [
            meeting(-30, status=Status.DONE),
            meeting(-20),
            meeting(-10, status=Status.NO_SHOW),
            meeting(-0.5),  # it goes on still
            meeting(5),
        ],
        [],
        now=NOW,
    )

    assert (figures.bookings, figures.over, figures.came) == (5, 3, 2)
    assert figures.show_percent == 67


def test_the_wait_is_the_median_so_that_one_far_ahead_changes_little() -> None:
    waits = [meeting(1, waited=24), meeting(2, waited=48), meeting(3, waited=2400)]

    assert figures_of(waits, [], now=NOW).wait_minutes == 48 * 60


def test_meetings_without_a_questionnaire_are_not_counted_as_unanswered() -> None:
    figures = figures_of(
        [meeting(1, has_shared=True), meeting(2), meeting(3, was_asked=False)], [], now=NOW
    )

    assert (figures.asked, figures.shared, figures.shared_percent) == (2, 1, 50)


def test_each_currency_has_a_sum_of_its_own() -> None:
    paid = [
        Income(1, NOW, Money(9000, "EUR")),
        Income(1, NOW, Money(5000, "GBP")),
        Income(1, NOW, Money(-100, "EUR")),
    ]

    assert figures_of([], paid, now=NOW).income == (Money(8900, "EUR"), Money(5000, "GBP"))


def test_a_week_begins_on_monday_at_midnight_of_the_coachs_own_clock() -> None:
    late_on_sunday = datetime(2026, 6, 7, 22, 30, tzinfo=UTC)  # 23:30 in London
    early_on_monday = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)  # 0:30 in London

    assert monday_of(late_on_sunday, LONDON) == date(2026, 6, 1)
    assert monday_of(early_on_monday, LONDON) == date(2026, 6, 8)


@given(st.lists(st.floats(-1000, 1000), max_size=30))
def test_the_weeks_together_count_each_meeting_once(hours: list[float]) -> None:
    meetings = [meeting(each) for each in hours]
    weeks = [date(2026, 6, 8) + timedelta(weeks=back) for back in range(-8, 9)]

    found = by_week(meetings, [], weeks, LONDON, now=NOW)

    assert sum(each.bookings for each in found.values()) == len(meetings)
    assert sum(each.over for each in found.values()) == figures_of(meetings, [], now=NOW).over
