"""The second factor: of two presses with one code one wins, and who may take it away."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from practice.domain.refusal import Invalid, NotAllowed
from practice.domain.roles import Role, Seat
from practice.models.accounts import User
from practice.models.base import db
from practice.models.desk_session import DeskSession, RecoveryCode
from practice.models.journal import JournalEntry
from practice.ports import Tools
from practice.usecases import second_factor, team
from practice.usecases.accounts import take_factor_away
from practice.usecases.sessions import begin_session
from tests.fakes import FrozenClock
from tests.looking import all_of
from tests.makers import make_coach, seat_of, the_tools
from tests.people import MAYA
from tests.totp import code_of


def set_up(seat: Seat, clock: FrozenClock) -> tuple[str, tuple[str, ...]]:
    """Give an account a second factor; return its secret and recovery codes."""
    second_factor.begin_factor(seat, tools=the_tools())
    secret = second_factor.secret_to_confirm(seat, "Lantern", tools=the_tools())
    assert secret is not None
    assert secret.address.startswith("otpauth://totp/")
    codes = second_factor.confirm_factor(seat, code_of(secret.typed, clock.at), tools=the_tools())
    db.session.remove()
    clock.advance(minutes=2)
    return secret.typed, codes


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_many_presses_with_one_code_one_wins(
    app: Flask, coach: int, clock: FrozenClock, kind: str
) -> None:
    with app.app_context():
        secret, codes = set_up(seat_of(), clock)
    code = code_of(secret, clock.at) if kind == "app" else codes[0]
    begin, won, lost = threading.Barrier(5), [], []

    def press(number: int) -> None:
        with app.app_context():
            begin.wait()
            try:
                second_factor.check_code(1, code, f"caller-{number}", tools=the_tools())
                won.append(number)
            except Invalid:
                lost.append(number)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 4)


def test_a_code_is_right_one_step_early_and_late_and_never_twice(
    coach: int, tools: Tools, clock: FrozenClock
) -> None:
    secret, _ = set_up(seat_of(), clock)
    for steps, right in ((-2, False), (-1, True), (-1, False), (0, True), (1, True), (0, False)):
        code = code_of(secret, clock.at, steps=steps)
        if right:
            second_factor.check_code(1, code, "c", tools=tools)
        else:
            with pytest.raises(Invalid):
                second_factor.check_code(1, code, "c", tools=tools)
        db.session.remove()


def test_a_factor_that_is_set_cannot_be_replaced_without_a_code(
    coach: int, tools: Tools, clock: FrozenClock
) -> None:
    set_up(seat_of(), clock)
    with pytest.raises(NotAllowed):
        second_factor.begin_factor(seat_of(), tools=tools)
    assert second_factor.secret_to_confirm(seat_of(), "Lantern", tools=tools) is None


def test_an_owner_and_who_runs_the_house_can_take_it_away(
    coach: int, tools: Tools, clock: FrozenClock
) -> None:
    noor = make_coach()
    team.invite_assistant(seat_of(), "Ola", "ola@lantern.example", [noor], tools=tools)
    db.session.remove()
    ola = Seat(2, Role.ASSISTANT, noor)
    ways: tuple[tuple[Seat, Callable[[], object]], ...] = (
        (ola, lambda: team.reset_factor(seat_of(), 2, tools=tools)),
        (seat_of(), lambda: take_factor_away(MAYA.email, tools=tools)),
    )
    for seat, away in ways:
        set_up(seat, clock)
        begin_session(seat.user_id, "", tools=tools)
        away()
        db.session.remove()
        (user,) = all_of(User, User.id == seat.user_id)
        assert (user.totp_sealed, user.totp_since_at) == (None, None)
        assert all_of(RecoveryCode) == []
        assert not [row for row in all_of(DeskSession) if row.ended_at is None]
    with pytest.raises(NotAllowed):
        team.reset_factor(seat_of(), 1, tools=tools)
    removed = all_of(JournalEntry, JournalEntry.happening == "FACTOR_REMOVED")
    assert [row.coach_id for row in removed] == [noor, 1]
