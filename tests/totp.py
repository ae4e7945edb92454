"""What an authenticator app shows for a secret, as its owner reads it."""

import base64
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP


def code_of(secret: str, now: datetime, *, steps: int = 0) -> str:
    """The code of a moment, or so many steps later."""
    totp = TOTP(base64.b32decode(secret.replace(" ", "")), 6, SHA1(), 30)
    return totp.generate(int(now.timestamp()) + 30 * steps).decode()
