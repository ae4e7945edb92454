"""Letters on disk instead of a mail server: for a laptop, a demonstration and whole journeys."""

import hashlib
import os
import re
from datetime import UTC
from email import message_from_bytes, policy
from pathlib import Path

from practice.ports import MailDelayed, Post


def _slug(message_id: str) -> str:
    """Name a message id for a file: readable, and distinct even where characters were dropped."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", message_id.partition("@")[0]).strip("-")[:60]
    return f"{plain}-{hashlib.sha256(message_id.encode()).hexdigest()[:12]}"


def _stamp(post: Post) -> str:
    """Take the time from the letter itself, so that its name says when it was written."""
    date = message_from_bytes(post.raw, policy=policy.SMTP)["Date"]
    moment = getattr(date, "datetime", None)
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" if moment else "undated"


class DiskMailer:
    """Puts every letter as one finished `.eml` file into a folder that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, post: Post) -> None:
        """Write the letter, or leave the one that is there under the same message id."""
        slug = _slug(post.message_id)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not any(self.folder.glob(f"[!.]*_{slug}.eml")):
                self._put(f"{_stamp(post)}_{slug}.eml", post.raw)
        except OSError as error:
            raise MailDelayed(
                f"The letters' folder cannot be written to ({error.strerror})."
            ) from None

    def _put(self, name: str, raw: bytes) -> None:
        unfinished = self.folder / f".{name}.{os.getpid()}"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)  # the name, too, is to survive a loss of power
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
