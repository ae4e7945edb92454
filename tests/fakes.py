"""Stand-ins behind the ports, for what a test must steer: the time, the post, the vault."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256

from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import JinjaLetters
from practice.domain.refusal import Unreadable
from practice.ports import Clock, Mailer, MainVault, Post, Tools

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class FrozenClock:
    """Stands still until it is told to move."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> datetime:
        """Go on by a timedelta's keywords: `clock.advance(hours=2)`."""
        self.at += timedelta(**delta)
        return self.at


@dataclass
class Postbox:
    """Takes letters in; `troubles` are raised first, one a letter; None means that it goes well."""

    posts: list[Post] = field(default_factory=list)
    troubles: list[Exception | None] = field(default_factory=list)

    def send(self, post: Post) -> None:
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
        self.posts.append(post)

    @property
    def subjects(self) -> list[str]:
        return [post.subject for post in self.posts]

    def to(self, address: str) -> list[Post]:
        return [post for post in self.posts if post.to_address == address]


def opened(post: Post) -> EmailMessage:
    """The message as a mail program reads it."""
    message = message_from_bytes(post.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(post: Post, kind: str = "plain") -> str:
    """The words of a letter, "plain" or "html", with LF."""
    part = opened(post).get_body((kind,))
    assert part is not None, f"the letter has no {kind} body"
    return str(part.get_content()).replace("\r\n", "\n")


class OpenVault:
    """Hides nothing, but holds text to its place as the real one does."""

    key_id = "open"

    def seal(self, text: str, *, place: str) -> bytes:
        return base64.b64encode(f"{place}\n{text}".encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        where, _, text = base64.b64decode(sealed).decode().partition("\n")
        if where != place:
            raise Unreadable
        return text

    def stamp(self, data: bytes, *, place: str) -> bytes:
        return sha256(place.encode() + data).digest()


def make_tools(
    *, clock: Clock | None = None, mailer: Mailer | None = None, vault: MainVault | None = None
) -> Tools:
    """Tools with a still clock and a postbox; letters and invites are the real ones."""
    invites = IcalInvites()
    return Tools(
        clock=clock or FrozenClock(),
        mailer=mailer or Postbox(),
        letters=JinjaLetters(invites),
        invites=invites,
        vault=vault or OpenVault(),
        base_url="https://practice.example",
    )
