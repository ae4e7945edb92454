"""Handing letters to a mail server by SMTP.

A server may quote addresses, and an address in a log is a leak: errors carry reply codes only.
"""

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from practice.ports import MailDelayed, MailRefused, Post

_FORM: Final = "write it as smtp://user:password@host:port or smtps://user:password@host:port"
# 530, 534, 535 and 538 are about who we are, not about the letter: the owner can put that right.
_OURS: Final = frozenset({530, 534, 535, 538})
_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    from_the_start: bool  # TLS at once (smtps) instead of STARTTLS

    @property
    def loopback(self) -> bool:
        if self.host == "localhost":
            return True
        with contextlib.suppress(ValueError):
            return ip_address(self.host).is_loopback
        return False


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        return (parts := urlsplit(url)), parts.port
    except ValueError:  # its text may quote a part of the password
        raise ValueError(f"The mail server's address cannot be read: {_FORM}.") from None


def _parse(url: str) -> _Server:
    parts, port = _split(url)
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError(f"The mail server's address starts with neither smtp nor smtps: {_FORM}.")
    if not parts.hostname:
        raise ValueError(f"The mail server's address has no host: {_FORM}.")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(
            "The mail server's address goes on after the port; "
            "write / ? # @ and : in a password as %2F %3F %23 %40 and %3A."
        )
    if bool(parts.username) != bool(parts.password):
        raise ValueError("The mail server's address has a user without a password, or the reverse.")
    secure = parts.scheme == "smtps"
    usual = 465 if secure else 587 if parts.username else 25
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return _Server(parts.hostname, port or usual, user, password, secure)


def _codes(code: int, text: bytes | str) -> str:
    words = text if isinstance(text, str) else text.decode("ascii", "replace")
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)", words)
    return f"{code} {enhanced[0]}" if enhanced else str(code)


def _verdict(code: int, text: bytes | str) -> MailRefused | MailDelayed:
    if code >= _PERMANENT and code not in _OURS:
        return MailRefused(f"The mail server refused the letter ({_codes(code, text)}).")
    return MailDelayed(f"The mail server did not take the letter yet ({_codes(code, text)}).")


class SmtpMailer:
    """Sends each letter over its own connection, to one recipient."""

    def __init__(
        self, url: str, *, timeout: float = 20.0, tls: ssl.SSLContext | None = None
    ) -> None:
        """Read `url` (ValueError with a sentence if it is wrong); `timeout` is seconds a reply.

        `tls` replaces the system's trusted certificates, and then is used on loopback too.
        """
        self._server = _parse(url)
        self._timeout = timeout
        self._own_tls = tls is not None
        self._tls = tls or ssl.create_default_context()

    def __repr__(self) -> str:
        return f"SmtpMailer({self._server.host}:{self._server.port})"

    def send(self, post: Post) -> None:
        """Return once the server has the letter; MailRefused after a 5xx, MailDelayed for now."""
        if not f"{post.from_address}{post.to_address}".isascii():
            raise MailRefused("An address outside of ASCII cannot be written to.")
        link: smtplib.SMTP | None = None
        try:
            link = self._connect(post)
            self._secure(link)
            self._hand_over(link, post)
        except (MailRefused, MailDelayed):
            raise
        except smtplib.SMTPResponseException as error:  # the greeting or the sign-in: our affair
            codes = _codes(error.smtp_code, error.smtp_error)
            raise MailDelayed(f"The mail server did not let us in ({codes}).") from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailDelayed(
                f"The mail server could not be used ({type(error).__name__})."
            ) from None
        finally:
            if link is not None:
                # After its "accepted" the letter is gone: a slow farewell must not send it again.
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    link.quit()
                link.close()

    def _connect(self, post: Post) -> smtplib.SMTP:
        server = self._server
        # The name we give is the sender's domain: the machine's own is nobody's business.
        name = post.from_address.rpartition("@")[2]
        if server.from_the_start:
            return smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=self._timeout, context=self._tls
            )
        return smtplib.SMTP(server.host, server.port, name, timeout=self._timeout)

    def _secure(self, link: smtplib.SMTP) -> None:
        server = self._server
        link.ehlo_or_helo_if_needed()
        inside = server.loopback and not self._own_tls
        if not server.from_the_start and not inside:
            if link.has_extn("starttls"):
                link.starttls(context=self._tls)
                link.ehlo()
            elif server.user:
                raise MailDelayed("The mail server offers no STARTTLS; the password was not sent.")
        if server.user:
            link.login(server.user, server.password)

    def _hand_over(self, link: smtplib.SMTP, post: Post) -> None:
        try:
            link.sendmail(post.from_address, [post.to_address], post.raw)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _verdict(code, text) from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _verdict(error.smtp_code, error.smtp_error) from None
