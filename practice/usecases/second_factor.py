"""The second factor: codes of an app by RFC 6238, and ten recovery codes for a lost phone.

The secret lies sealed, recovery codes as HMAC. Each code opens once: the step of the last used one
is kept, and moved on by one statement, so that of two presses with the same code one wins.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from practice.domain.refusal import Invalid, NotAllowed
from practice.domain.roles import Right, Seat
from practice.models.accounts import User
from practice.models.desk_session import RecoveryCode
from practice.models.journal import Happening
from practice.models.throttle import give_back
from practice.models.unit import reading, unit_of_work
from practice.ports import Tools
from practice.usecases.counting import Limit, count
from practice.usecases.sessions import end_all, tell_of_account

STEP_SECONDS: Final = 30
_DIGITS: Final = 6
_SECRET_BYTES: Final = 20
_CODES: Final = 10
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_HALF: Final = 5
_WRONG: Final = "That code is not right, or it was used already. Wait for the next one."


@dataclass(frozen=True, slots=True)
class Secret:
    """What an app needs to make codes: to be typed, and as an address for its camera."""

    typed: str
    address: str


def begin_factor(seat: Seat, *, tools: Tools) -> None:
    """Make a new secret, which counts once a code of it was shown; raises NotAllowed."""
    seat.require(Right.SELF)
    with unit_of_work() as session:
        user = session.get_one(User, seat.user_id, with_for_update=True, populate_existing=True)
        if user.totp_since_at is not None:
            raise NotAllowed("A second factor is set already. Remove it first.")
        fresh = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        user.totp_sealed = tools.vault.seal(fresh, place=_place(user.id))
        user.totp_step = None


def secret_to_confirm(seat: Seat, issuer: str, *, tools: Tools) -> Secret | None:
    """Return the secret that waits for its first code; None where there is none."""
    seat.require(Right.SELF)
    user = reading().get_one(User, seat.user_id, populate_existing=True)
    if user.totp_sealed is None or user.totp_since_at is not None:
        return None
    typed = tools.vault.open(user.totp_sealed, place=_place(user.id))
    address = _totp(typed).get_provisioning_uri(user.email, issuer)
    return Secret(" ".join(typed[at : at + 4] for at in range(0, len(typed), 4)), address)


def confirm_factor(
    seat: Seat, code: str, *, keep: int | None = None, tools: Tools
) -> tuple[str, ...]:
    """Put the secret in use by a code of it; return the recovery codes, which nobody keeps.

    Every session but `keep` ends, for the password alone had opened it. Raises Invalid for a wrong
    code, NotAllowed where no secret waits, TooMany.
    """
    seat.require(Right.SELF)
    now = tools.clock.now()
    count(_limit_of(seat.user_id), tools=tools)
    with unit_of_work() as session:
        user = session.get_one(User, seat.user_id, with_for_update=True, populate_existing=True)
        if user.totp_sealed is None or user.totp_since_at is not None:
            raise NotAllowed("There is no second factor to confirm.")
        if not _use_step(session, user, code, now, tools):
            raise Invalid(_WRONG, field="code")
        user.totp_since_at = now
        end_all(session, user.id, now, but=keep)
        codes = _new_codes(session, user.id, now, tools)
        tell_of_account(session, Happening.FACTOR_SET, user.id, now)
        if tools.rate_limits:
            give_back(session, _limit_of(seat.user_id)[0])
    return codes


def renew_codes(seat: Seat, code: str, caller: str, *, tools: Tools) -> tuple[str, ...]:
    """Make ten new recovery codes in place of the old ones; raises Invalid, NotAllowed, TooMany."""
    seat.require(Right.SELF)
    now = tools.clock.now()
    check_code(seat.user_id, code, caller, tools=tools)
    with unit_of_work() as session:
        codes = _new_codes(session, seat.user_id, now, tools)
        tell_of_account(session, Happening.FACTOR_SET, seat.user_id, now)
    return codes


def remove_factor(seat: Seat, code: str, caller: str, *, tools: Tools) -> None:
    """Ask for no second factor any more; raises Invalid, NotAllowed, TooMany."""
    seat.require(Right.SELF)
    check_code(seat.user_id, code, caller, tools=tools)
    with unit_of_work() as session:
        forget_factor(session, seat.user_id, tools.clock.now())


def forget_factor(session: Session, user_id: int, now: datetime) -> None:
    """Take an account's second factor and its recovery codes away, in the open unit."""
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if user.totp_sealed is None:
        return
    user.totp_sealed = user.totp_since_at = user.totp_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    tell_of_account(session, Happening.FACTOR_REMOVED, user_id, now)


def check_code(user_id: int, code: str, caller: str, *, tools: Tools) -> None:
    """Use a code of the app or a recovery code up; raises Invalid, NotAllowed, TooMany, Busy."""
    now = tools.clock.now()
    count(*_limits(user_id, caller), tools=tools)
    with unit_of_work() as session:
        user = session.get_one(User, user_id, populate_existing=True)
        if user.totp_since_at is None:
            raise NotAllowed("No second factor is set.")
        by_app = _use_step(session, user, code, now, tools)
        if not by_app and not _use_recovery(session, user_id, code, now, tools):
            raise Invalid(_WRONG, field="code")
        _forgive(session, user_id, caller, tools)


def _use_step(session: Session, user: User, code: str, now: datetime, tools: Tools) -> bool:
    """Use the step of a right code up, once; one step early or late is right as well."""
    plain = "".join(code.split()).encode("utf-8", "surrogatepass")
    totp = _totp(tools.vault.open(user.totp_sealed or b"", place=_place(user.id)))
    step = int(now.timestamp()) // STEP_SECONDS
    right = [
        each
        for each in (step - 1, step, step + 1)
        if hmac.compare_digest(totp.generate(each * STEP_SECONDS), plain)
    ]
    for each in right:
        used = session.scalars(
            update(User)
            .where(User.id == user.id, or_(User.totp_step.is_(None), User.totp_step < each))
            .values(totp_step=each)
            .returning(User.id)
        ).all()
        if used:
            return True
    return False


def _use_recovery(session: Session, user_id: int, code: str, now: datetime, tools: Tools) -> bool:
    used = session.scalars(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _stamp(user_id, code, tools),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).all()
    if used:
        tell_of_account(session, Happening.CODE_USED, user_id, now)
    return bool(used)


def _new_codes(session: Session, user_id: int, now: datetime, tools: Tools) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = tuple(f"{_letters()}-{_letters()}" for _ in range(_CODES))
    session.add_all(
        RecoveryCode(user_id=user_id, code_hash=_stamp(user_id, code, tools), created_at=now)
        for code in codes
    )
    return codes


def _letters() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_HALF))


def _stamp(user_id: int, code: str, tools: Tools) -> bytes:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    data = f"{user_id}:{plain}".encode("utf-8", "surrogatepass")
    return tools.vault.stamp(data, place="recovery_codes")


def _limits(user_id: int, caller: str) -> tuple[Limit, ...]:
    return (_limit_of(user_id), (f"code-from:{caller}", 10, 30))


def _limit_of(user_id: int) -> Limit:
    return (f"code:{user_id}", 10, 60)


def _forgive(session: Session, user_id: int, caller: str, tools: Tools) -> None:
    if tools.rate_limits:
        for key, _, _ in _limits(user_id, caller):
            give_back(session, key)


def _totp(typed: str) -> TOTP:
    # Authenticator apps know SHA-1 alone (RFC 6238's default); it is no hash of anything here.
    return TOTP(base64.b32decode(typed), _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303


def _place(user_id: int) -> str:
    return f"users:{user_id}:totp"
