"""Scenes of signing in twice, of a forgotten password, and of the own account."""

from playwright.sync_api import Page
from sqlalchemy import select

from practice.domain.roles import Role, Seat
from practice.models.accounts import User
from practice.models.base import db
from practice.models.link import Opens, Purpose, new_link
from practice.models.unit import unit_of_work
from practice.usecases import second_factor, team
from practice.usecases.accounts import RESET_WITHIN
from tests import makers
from tests.makers import PASSWORD
from tests.people import Person
from tests.stories.staging import Scene, Stage, at
from tests.totp import code_of

_OLA = Person("Ola", "ola@lantern.example")
_OWNER = Seat(1, Role.OWNER, 1)


def begin_accounts(stage: Stage) -> None:
    """Give the demo an assistant with a second factor, and a way to a new password."""
    tools = makers.the_tools()
    team.invite_assistant(_OWNER, "Ola", _OLA.email, [1], tools=tools)
    db.session.remove()
    makers.give_password(_OLA, PASSWORD)
    with unit_of_work() as session:
        ola = session.scalars(select(User).where(User.email == _OLA.email)).one().id
        stage.tokens["reset"] = new_link(
            session,
            Purpose.RESET,
            Opens(user_id=ola),
            vault=tools.vault,
            now=tools.clock.now(),
            expires_at=tools.clock.now() + RESET_WITHIN,
        )
    seat = Seat(ola, Role.ASSISTANT, 1)
    second_factor.begin_factor(seat, tools=tools)
    secret = second_factor.secret_to_confirm(seat, "Lantern", tools=tools)
    assert secret is not None
    second_factor.confirm_factor(seat, code_of(secret.typed, tools.clock.now()), tools=tools)
    db.session.remove()


def _ask_for_code(page: Page, _stage: Stage) -> None:
    page.goto("/desk/sign-in")
    page.get_by_label("Your email").fill(_OLA.email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/sign-in/code**")


def _wrong_code(page: Page, stage: Stage) -> None:
    _ask_for_code(page, stage)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()


def _set_factor_up(page: Page, _stage: Stage) -> None:
    page.goto("/desk/account")
    page.get_by_role("button", name="Set up a second factor").click()


def _prove_wrongly(page: Page, _stage: Stage) -> None:
    page.goto("/desk/prove?next=/desk/team")
    page.get_by_label("Your password").fill("not the password")
    page.get_by_role("button", name="Go on").click()


ACCOUNTS = (
    Scene("sign-in-code", _ask_for_code),
    Scene("sign-in-code-wrong", _wrong_code, status=422),
    Scene("forgot", at("/desk/forgot")),
    Scene("forgot-asked", at("/desk/forgot/asked")),
    Scene("reset", at("/desk/reset/{reset}")),
    Scene("desk-prove", at("/desk/prove?next=/desk/team"), at_desk=True),
    Scene("desk-prove-wrong", _prove_wrongly, at_desk=True, status=422),
    Scene("desk-factor", _set_factor_up, at_desk=True),
)
