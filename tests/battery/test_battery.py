"""The short form of the battery: the same code as the whole, in small numbers."""

import pytest

from tests.battery import desk_racing, racing
from tests.battery.crowd import crowd
from tests.battery.failing import database_away
from tests.battery.ground import DIALECTS
from tests.battery.killing import killed_mail_workers, killed_web_workers
from tests.battery.paying import late_money, late_money_control
from tests.battery.plan import SHORT

pytestmark = [pytest.mark.battery, pytest.mark.parametrize("dialect", DIALECTS)]


def test_of_all_who_race_for_a_start_exactly_one_gets_it(dialect: str) -> None:
    assert racing.race_for_one_start(dialect, SHORT).breaches == []


def test_of_all_who_book_the_same_start_instead_of_their_own_exactly_one_gets_it(
    dialect: str,
) -> None:
    assert racing.race_to_book_instead(dialect, SHORT).breaches == []


def test_one_request_sent_many_times_at_once_books_once_and_is_answered_alike(
    dialect: str,
) -> None:
    assert racing.race_of_double_presses(dialect, SHORT).breaches == []


def test_lengths_buffers_and_coaches_may_be_mixed_in_a_race(dialect: str) -> None:
    assert racing.race_of_mixed_lengths(dialect, SHORT).breaches == []


def test_a_coach_who_blocks_while_clients_book_meets_nobody(dialect: str) -> None:
    assert racing.race_with_blocks(dialect, SHORT).breaches == []


def test_a_refused_move_keeps_the_old_time(dialect: str) -> None:
    assert racing.storm_of_moves(dialect, SHORT).breaches == []


def test_whichever_way_a_half_hour_is_wanted_exactly_one_gets_it(dialect: str) -> None:
    assert desk_racing.race_of_all_ways(dialect, SHORT).breaches == []


def test_of_all_who_want_one_start_of_several_coaches_each_coach_gets_one(dialect: str) -> None:
    assert desk_racing.race_for_any_coach(dialect, SHORT).breaches == []


def test_without_lock_and_constraint_the_same_race_double_books(dialect: str) -> None:
    assert racing.control(dialect, SHORT).breaches == []


def test_money_learnt_of_late_is_booked_or_given_back_and_never_both_or_neither(
    dialect: str,
) -> None:
    assert late_money(dialect, SHORT).breaches == []


def test_without_lock_and_constraint_late_money_books_a_time_twice(dialect: str) -> None:
    assert late_money_control(dialect, SHORT).breaches == []


def test_a_crowd_over_http_books_every_start_once_and_is_refused_politely(dialect: str) -> None:
    assert crowd(dialect, SHORT).breaches == []


def test_killed_web_workers_lose_nothing_that_was_acknowledged(dialect: str) -> None:
    assert killed_web_workers(dialect, SHORT).breaches == []


def test_killed_mail_workers_lose_no_letter(dialect: str) -> None:
    assert killed_mail_workers(dialect, SHORT).breaches == []


def test_a_database_that_goes_away_loses_nothing_and_shows_nobody_a_defect(dialect: str) -> None:
    assert database_away(dialect, SHORT).breaches == []
