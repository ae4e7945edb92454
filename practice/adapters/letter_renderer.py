"""Writing letters out: words from templates/mail, structure for mail programs and calendars.

With an entry a letter is mixed(alternative(text, html, calendar), the same calendar as a file): the
calendar part last among the alternatives, its method parameter equal to METHOD, or Outlook shows a
file and Gmail does not update in place.
"""

import re
from dataclasses import replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from practice.domain.letters import Letter, clean_line, clock, day_line, subject, when_line
from practice.domain.zone import zone_label
from practice.ports import Invites, MailRefused, Post

TEMPLATES: Final = Path(__file__).parents[1] / "templates" / "mail"
_NAME_LENGTH: Final = 60
# Seven bits: not every server on the way takes eight.
_WIRE: Final = SMTP.clone(cte_type="7bit")


def _display(name: str) -> str:
    """Reduce a name to what no header can misread.

    Python folds a long quoted name at its commas without the quotation marks, and decodes an
    encoded word inside of a name: either would make further recipients of parts of the name.
    """
    plain = re.sub(r'[()<>\[\]:;@\\,"]|=\?|\?=', " ", clean_line(name))
    return " ".join(plain.split())[:_NAME_LENGTH].strip()


def _address(name: str, address: str) -> Address:
    user, at, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        if not (user.isascii() and at and ascii_domain):
            raise MailRefused("An address outside of ASCII cannot be written to.")
        return Address(_display(name), addr_spec=f"{user}@{ascii_domain}")
    except (ValueError, IndexError, MessageError):  # all that the parser complains with
        raise MailRefused("The address is not one that a letter can be sent to.") from None


def _cleaned(letter: Letter) -> Letter:
    """Make one line of each thing that a person once typed."""
    return replace(
        letter,
        to_name=clean_line(letter.to_name),
        from_name=clean_line(letter.from_name),
        coach_name=clean_line(letter.coach_name),
        practice_name=clean_line(letter.practice_name),
        client_name=clean_line(letter.client_name),
        asker=clean_line(letter.asker),
        offering_name=clean_line(letter.offering_name),
        place_lines=tuple(line for line in map(clean_line, letter.place_lines) if line),
        join_href=clean_line(letter.join_href),
        receipt=clean_line(letter.receipt),
    )


def _facts(letter: Letter) -> dict[str, object]:
    """Say the times for the templates, all in the reader's zone, which is named with its offset."""
    zone, now = letter.zone, letter.now
    facts: dict[str, object] = {"letter": letter, "subject": subject(letter)}
    if letter.kind.names_a_time:
        start, end = letter.span()
        facts["when"] = when_line(start, end, zone, now=now)
        facts["zone"] = zone_label(zone, start)
    if letter.was_at is not None:
        facts["was"] = f"{day_line(letter.was_at, zone, now=now)} at {clock(letter.was_at, zone)}"
    facts["links"] = [
        (
            f"{day_line(one.starts_at, zone, now=now)} at {clock(one.starts_at, zone)}",
            zone_label(zone, one.starts_at),
            one.link,
        )
        for one in letter.links
    ]
    facts["nearest"] = [
        f"{day_line(at, zone, now=now)} at {clock(at, zone)}" for at in letter.nearest
    ]
    # Only what a mail program opens as an address becomes one; anything else stays words.
    facts["can_join_by_link"] = letter.join_href.startswith(("https://", "http://", "tel:"))
    return facts


class JinjaLetters:
    """Renders letters from a folder of templates, `<kind>/body.txt` and `<kind>/body.html`."""

    def __init__(self, invites: Invites, folder: Path = TEMPLATES) -> None:
        self._invites = invites
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, letter: Letter) -> Post:
        """Write the finished message; MailRefused when no letter can be addressed so."""
        letter = _cleaned(letter)
        sender = _address(letter.from_name, letter.from_address)
        reader = _address(letter.to_name, letter.to_address)
        facts = _facts(letter)
        message = EmailMessage(policy=_WIRE)
        message["From"] = sender
        message["To"] = reader
        message["Subject"] = subject(letter)
        message["Date"] = letter.now
        message["Message-ID"] = f"<{letter.reference}@{sender.domain}>"
        # No holiday notes in answer to a machine; Exchange listens to its own header only.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        text, html = (self._body(letter, kind, facts) for kind in ("txt", "html"))
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        self._add_invite(message, letter)
        return Post(
            message_id=str(message["Message-ID"]),
            from_address=sender.addr_spec,
            to_address=reader.addr_spec,
            subject=subject(letter),
            raw=message.as_bytes(),
        )

    def _body(self, letter: Letter, ending: str, facts: dict[str, object]) -> str:
        text = self._templates.get_template(f"{letter.kind.value}/body.{ending}").render(facts)
        return re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"

    def _add_invite(self, message: EmailMessage, letter: Letter) -> None:
        if letter.entry is None:
            return
        calendar = self._invites.write(letter.entry)
        message.add_alternative(
            calendar,
            maintype="text",
            subtype="calendar",
            cte="base64",
            params={"charset": "utf-8", "method": letter.entry.method},
        )
        message.add_attachment(
            calendar, maintype="application", subtype="ics", filename="invite.ics"
        )
