"""When something that the outside world did not take is tried again."""

import secrets
from datetime import datetime, timedelta

_LONGEST_WAIT_MINUTES = 60


def next_try(times: int, now: datetime) -> datetime:
    """Return when to try again after so many tries: 1, 2, 4 … 60 minutes, and some jitter.

    Jitter, so that many refused together do not come back together.
    """
    minutes = min(2 ** (max(times, 1) - 1), _LONGEST_WAIT_MINUTES)
    return now + timedelta(seconds=minutes * 60 * (0.8 + secrets.randbelow(400) / 1000))
