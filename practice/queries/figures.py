"""The figures of a diary, or of the whole practice, by week and by coach."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import selectinload

from practice.domain.booking import Status
from practice.domain.figures import Figures, Income, Meeting, by_week, figures_of, monday_of
from practice.domain.letters import MONTHS
from practice.domain.money import Money, plain
from practice.domain.offering import Questions
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import day_span, zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.coach import Coach
from practice.models.intake import Intake, IntakeSection
from practice.models.offering import Offering
from practice.models.payment import Payment
from practice.models.unit import reading
from practice.queries.chart import Chart, Column, chart_of
from practice.queries.table import csv_of, inert

WEEKS = (12, 26, 52)
_STOOD = (Status.CONFIRMED, Status.DONE, Status.NO_SHOW)
_HOUR, _DAY = 60, 24 * 60
_HEAD = ("Week", "Coach", "Bookings", "Ended", "Took place", "Wait in hours (median)",
         "Questionnaires", "Shared")  # fmt: skip


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """One row of the table: what it is about, and each figure as people say it ("–" for none)."""

    label: str
    bookings: str
    shows: str
    wait: str
    shared: str
    income: str


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Figures of the last weeks, the current one included: charts, and a table twin of them.

    `coaches` is empty where only one diary is counted. `whose` is "all" for the whole practice and
    "" for the diary that lies open; `may_see_all` tells whether there is a choice.
    """

    weeks: int
    choices: tuple[int, ...]
    whose: str
    may_see_all: bool
    zone_label: str
    total: FiguresRow
    charts: tuple[Chart, ...]
    rows: tuple[FiguresRow, ...]
    coaches: tuple[FiguresRow, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to count yet."""
        return self.total.bookings == "0" and self.total.income == "–"


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted: whose meetings and payments, in which weeks."""

    coaches: Sequence[Coach]
    mondays: tuple[date, ...]
    zone: ZoneInfo
    meetings: Sequence[Meeting]
    incomes: Sequence[Income]


def figures_page(seat: Seat, weeks: int, whose: str, *, now: datetime) -> FiguresPage:
    """Return the figures of the last 12, 26 or 52 weeks; raises NotFound without the right.

    Of the whole practice (`whose` is "all") only for who may see all of it; a diary otherwise.
    """
    counted = _count(seat, weeks, whose, now)
    found = by_week(counted.meetings, counted.incomes, counted.mondays, counted.zone, now=now)
    named = [(_named(monday), figures) for monday, figures in found.items()]
    return FiguresPage(
        weeks=len(counted.mondays),
        choices=WEEKS,
        whose="all" if _sees_all(seat, whose) else "",
        may_see_all=seat.may(Right.PRACTICE) and _are_several(),
        zone_label=zone_label(counted.zone, now),
        total=_row("Together", figures_of(counted.meetings, counted.incomes, now=now)),
        charts=tuple(_charts(named)),
        rows=tuple(_row(name, figures) for name, figures in reversed(named)),
        coaches=tuple(_by_coach(counted, now)) if _sees_all(seat, whose) else (),
    )


def figures_csv(seat: Seat, weeks: int, whose: str, *, now: datetime) -> str:
    """Return the figures as a table for spreadsheets, a row for each week and coach: CRLF, commas.

    Income has a column for each currency. Raises NotFound without the right.
    """
    counted = _count(seat, weeks, whose, now)
    currencies = sorted({each.kept.currency for each in counted.incomes})
    head = (*_HEAD, *(f"Income {currency}" for currency in currencies))
    rows: list[tuple[object, ...]] = []
    for coach in counted.coaches:
        meetings, incomes = _of(counted, coach)
        found = by_week(meetings, incomes, counted.mondays, counted.zone, now=now)
        for monday, figures in found.items():
            sums = {money.currency: money for money in figures.income}
            rows.append(
                (
                    monday.isoformat(),
                    inert(coach.name),
                    figures.bookings,
                    figures.over,
                    figures.came,
                    "" if figures.wait_minutes is None else figures.wait_minutes // _HOUR,
                    figures.asked,
                    figures.shared,
                    *(plain(sums.get(name, Money(0, name))) for name in currencies),
                )
            )
    return csv_of(head, rows)


# What is counted ----------------------------------------------------------------------------------


def _count(seat: Seat, weeks: int, whose: str, now: datetime) -> _Counted:
    seat.require(Right.FIGURES)
    own = reading().get_one(Coach, seat.coach_id)
    zone = zone_named(own.zone)
    coaches: Sequence[Coach] = [own]
    if _sees_all(seat, whose):
        coaches = reading().scalars(select(Coach).order_by(Coach.position, Coach.id)).all()
    count = weeks if weeks in WEEKS else WEEKS[0]
    this = monday_of(now, zone)
    mondays = tuple(this - timedelta(weeks=back) for back in reversed(range(count)))
    span = Span(
        day_span(mondays[0], zone).starts_at,
        day_span(this + timedelta(days=6), zone).ends_at,
    )
    whom = [coach.id for coach in coaches]
    return _Counted(coaches, mondays, zone, list(_meetings(whom, span)), list(_incomes(whom, span)))


def _sees_all(seat: Seat, whose: str) -> bool:
    return whose == "all" and seat.may(Right.PRACTICE)


def _are_several() -> bool:
    return len(reading().scalars(select(Coach.id).limit(2)).all()) > 1


def _meetings(coach_ids: Sequence[int], span: Span) -> Iterable[Meeting]:
    rows = reading().execute(
        select(
            Booking.coach_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.confirmed_at,
            Booking.created_at,
            Booking.status,
            Offering.questionnaire,
            _has_shared().label("has_shared"),
        )
        .join(Offering, Offering.id == Booking.offering_id)
        .where(
            Booking.coach_id.in_(coach_ids),
            Booking.starts_at >= span.starts_at,
            Booking.starts_at < span.ends_at,
            Booking.status.in_(_STOOD),
        )
    )
    for row in rows:
        yield Meeting(
            coach_id=row.coach_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            booked_at=row.confirmed_at or row.created_at,
            status=Status(row.status),
            was_asked=row.questionnaire != Questions.NONE,
            has_shared=row.has_shared,
        )


def _has_shared() -> ColumnElement[bool]:
    """Tell of a booking whether anybody shared any section of it, before or after it was erased."""
    return exists(
        select(IntakeSection.id)
        .join(Intake, Intake.id == IntakeSection.intake_id)
        .join(BookingPerson, BookingPerson.id == Intake.person_id)
        .where(
            BookingPerson.booking_id == Booking.id,
            IntakeSection.shared_at.is_not(None),
        )
    )


def _incomes(coach_ids: Sequence[int], span: Span) -> Iterable[Income]:
    rows = reading().scalars(
        select(Payment)
        .where(
            Payment.coach_id.in_(coach_ids),
            Payment.paid_at >= span.starts_at,
            Payment.paid_at < span.ends_at,
        )
        .options(selectinload(Payment.refunds))
    )
    for payment in rows:
        if payment.paid_at is not None:
            yield Income(payment.coach_id, payment.paid_at, payment.kept)


def _of(counted: _Counted, coach: Coach) -> tuple[list[Meeting], list[Income]]:
    return (
        [each for each in counted.meetings if each.coach_id == coach.id],
        [each for each in counted.incomes if each.coach_id == coach.id],
    )


# How it is told -----------------------------------------------------------------------------------


def _by_coach(counted: _Counted, now: datetime) -> Iterable[FiguresRow]:
    for coach in counted.coaches:
        meetings, incomes = _of(counted, coach)
        yield _row(coach.name, figures_of(meetings, incomes, now=now))


def _row(label: str, figures: Figures) -> FiguresRow:
    return FiguresRow(
        label=label,
        bookings=str(figures.bookings),
        shows=_part(figures.came, figures.over, figures.show_percent),
        wait=_spoken_wait(figures.wait_minutes),
        shared=_part(figures.shared, figures.asked, figures.shared_percent),
        income=_spoken_income(figures),
    )


def _part(part: int, whole: int, percent: int | None) -> str:
    return "–" if percent is None else f"{part} of {whole} ({percent} %)"


def _spoken_wait(minutes: int | None) -> str:
    if minutes is None:
        return "–"
    if minutes < _DAY:
        hours = max(1, round(minutes / _HOUR))
        return f"{hours} hour{'' if hours == 1 else 's'}"
    days = round(minutes / _DAY)
    return f"{days} day{'' if days == 1 else 's'}"


def _spoken_income(figures: Figures) -> str:
    return ", ".join(str(money) for money in figures.income) or "–"


def _charts(named: Sequence[tuple[str, Figures]]) -> Iterable[Chart]:
    def chart(title: str, value: Callable[[Figures], int | None], said: Callable[[Figures], str],
              most: int | None = None) -> Chart:  # fmt: skip
        columns = [Column(name, value(each), said(each)) for name, each in named]
        return chart_of(title, columns, most=most)

    yield chart("Bookings", lambda each: each.bookings, lambda each: str(each.bookings))
    yield chart(
        "Took place",
        lambda each: each.show_percent,
        lambda each: _part(each.came, each.over, each.show_percent),
        100,
    )
    yield chart(
        "From booking to meeting",
        lambda each: each.wait_minutes,
        lambda each: _spoken_wait(each.wait_minutes),
    )
    yield chart(
        "Shared questionnaires",
        lambda each: each.shared_percent,
        lambda each: _part(each.shared, each.asked, each.shared_percent),
        100,
    )
    for currency in sorted({money.currency for _, each in named for money in each.income}):
        columns = [_income_column(name, each, currency) for name, each in named]
        yield chart_of(f"Income in {currency}", columns)


def _income_column(name: str, figures: Figures, currency: str) -> Column:
    money = next((each for each in figures.income if each.currency == currency), None)
    money = money or Money(0, currency)
    return Column(name, money.minor, str(money))


def _named(monday: date) -> str:
    return f"{monday.day} {MONTHS[monday.month - 1]}"
