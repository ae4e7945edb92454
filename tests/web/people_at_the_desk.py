"""Other people at the desk: an assistant of Maya's, another coach, the owner of another diary."""

from flask import Flask
from sqlalchemy import select

from practice.models.accounts import Role, User
from practice.models.unit import unit_of_work
from tests.browser import Browser
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import make_coach
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside


def desk_of(app: Flask, inside: Inside, role: str, *, coach_id: int | None = None) -> Browser:
    """Return the browser of somebody new with this role, the password just shown in it.

    At an own diary, unless another is named.
    """
    browser = Browser(app)
    email = f"{role}@lantern.example"
    with inside:
        own = coach_id or make_coach(name="Noor Haddad")
        with unit_of_work() as session:
            held = session.scalars(select(Role).where(Role.name == role)).one()
            session.add(User(email=email, coach_id=own, roles=[held], create_datetime=NOW))
        user = all_of(User, User.email == email)[0]
    sign_in_as(browser, user, proved=True)
    return browser


def proved(maya: Browser, inside: Inside) -> Browser:
    """Return Maya's browser, in which she has just shown her password."""
    with inside:
        user = all_of(User)[0]
    sign_in_as(maya, user, proved=True)
    return maya
