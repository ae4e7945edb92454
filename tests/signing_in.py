"""Signing in without the slow hash of a password: sessions as the house itself begins them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from practice.models.accounts import User
from practice.models.base import db
from practice.models.desk_session import DeskSession
from practice.models.unit import unit_of_work
from practice.usecases.sessions import begin_session
from tests.browser import Browser
from tests.makers import the_tools

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def desk_cookie(user: User, *, proved_at: datetime | None = None) -> dict[str, Any]:
    """What a browser's session holds once this account is signed in; needs an app context.

    It was seen in a year from now, so that it lasts whatever the test's clock does.
    """
    token = begin_session(user.id, FIREFOX, tools=the_tools())
    later = the_tools().clock.now() + timedelta(days=365)
    newest = select(func.max(DeskSession.id)).scalar_subquery()
    with unit_of_work() as session:
        session.execute(
            update(DeskSession)
            .where(DeskSession.id == newest)
            .values(seen_at=later, created_at=later)
        )
    db.session().info.pop("acting", None)  # whoever goes on in this context is nobody
    db.session.remove()
    held: dict[str, Any] = {"_user_id": user.fs_uniquifier, "_fresh": True, "desk": token}
    return held | {"checklist": True} | ({"proved_at": proved_at} if proved_at else {})


def sign_in_as(browser: Browser, user: User, *, proved: bool = False) -> None:
    """Sign an account in at a browser; `proved` as if its password was shown this minute."""
    app = browser.client.application
    with app.app_context():
        now = the_tools().clock.now() if proved else None
        held = desk_cookie(user, proved_at=now)
    with browser.client.session_transaction(base_url=browser.base_url) as session:
        session.update(held)
