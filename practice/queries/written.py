"""A letter as its reader reads it, for showing before it goes or at the desk."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from practice.domain.letters import Letter
from practice.ports import MailRefused, Tools


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a letter, and to whom."""

    to: str
    subject: str
    text: str


def words_of(letter: Letter, *, tools: Tools) -> Words | None:
    """Write a letter out as it would be sent; None where it cannot be addressed so."""
    try:
        post = tools.letters.render(letter)
    except MailRefused:
        return None
    message = message_from_bytes(post.raw, policy=policy.default)
    body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    text = str(body.get_content()) if body is not None else ""
    return Words(
        letter.to_name or letter.to_address, post.subject, text.replace("\r\n", "\n").strip()
    )
