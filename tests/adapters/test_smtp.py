"""Handing letters to real mail servers that take, refuse, delay, hang and die."""

import ssl
import time
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import JinjaLetters
from practice.adapters.smtp import SmtpMailer
from practice.ports import MailDelayed, MailRefused, Post
from tests.adapters.letters import MAYA, SAM, entry, letter
from tests.adapters.mail_servers import Office, certificate, free_port, login_of, playing, serving

# aiosmtpd warns about a login that is not demanded over TLS, and about its own old names.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd"),
]
RENDERER = JinjaLetters(IcalInvites())
UP_TO_DATA = [
    (b"", b"220 ready\r\n"),
    (b"\r\n", b"250 hello\r\n"),
    (b"\r\n", b"250 sender fine\r\n"),
    (b"\r\n", b"250 reader fine\r\n"),
]


def a_post(**changes: Any) -> Post:
    return RENDERER.render(letter(**changes))


def mailer(port: int, **options: Any) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{port}", timeout=5, **options)


def test_an_accepted_letter_arrives_byte_for_byte_at_one_reader() -> None:
    office, post = Office(), a_post(entry=entry())
    with serving(office) as port:
        mailer(port).send(post)
    (taken,) = office.envelopes
    assert taken.mail_from == MAYA
    assert taken.rcpt_tos == [SAM]
    assert taken.original_content == post.raw
    assert office.greetings == ["practice.example"]  # not the name of this machine


@pytest.mark.parametrize("step", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        ("550 5.1.1 sam@client.example is unknown", MailRefused, r"\(550 5\.1\.1\)"),
        ("554 no", MailRefused, r"\(554\)"),
        ("450 4.2.0 sam@client.example come back", MailDelayed, r"\(450 4\.2\.0\)"),
        ("421 closing", MailDelayed, r"\(421\)"),
        ("530 5.7.0 sign in first", MailDelayed, r"\(530 5\.7\.0\)"),
    ],
)
def test_a_5xx_is_for_ever_and_a_4xx_for_now_and_neither_names_the_reader(
    step: str, reply: str, kind: type[Exception], words: str
) -> None:
    office = Office(rcpt=reply) if step == "rcpt" else Office(data=reply)
    with serving(office) as port, pytest.raises(kind, match=words) as caught:
        mailer(port).send(a_post())
    assert "client" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert office.envelopes == []


def test_nobody_at_the_door_is_a_delay() -> None:
    with pytest.raises(MailDelayed, match="could not be used"):
        mailer(free_port()).send(a_post())


@pytest.mark.parametrize(
    "script",
    [
        [(b"", None)],
        [*UP_TO_DATA[:1], (b"\r\n", None)],
        [*UP_TO_DATA, (b"data\r\n", None)],
        [*UP_TO_DATA, (b"data\r\n", b"354 go on\r\n"), (b"\r\n.\r\n", None)],
    ],
)
def test_a_server_that_hangs_is_left_after_the_timeout(
    script: list[tuple[bytes, bytes | None]],
) -> None:
    with playing(script) as port:
        began = time.monotonic()
        with pytest.raises(MailDelayed):
            SmtpMailer(f"smtp://127.0.0.1:{port}", timeout=0.3).send(a_post())
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "script",
    [
        [],
        UP_TO_DATA[:2],
        [*UP_TO_DATA, (b"data\r\n", b"354 go on\r\n")],
        [*UP_TO_DATA, (b"data\r\n", b"354 go on\r\n"), (b"Subject", b"")],
        [(b"", b"554 no mail here\r\n")],
        [(b"", b"what is this\r\n")],
    ],
)
def test_a_server_that_dies_or_talks_nonsense_is_a_delay(
    script: list[tuple[bytes, bytes | None]],
) -> None:
    with playing(script) as port, pytest.raises(MailDelayed):
        mailer(port).send(a_post())


@pytest.mark.parametrize("farewell", [b"", b"421 gone\r\n", b"500 what\r\n", None])
def test_a_letter_once_accepted_is_not_sent_again_for_a_bad_farewell(
    farewell: bytes | None,
) -> None:
    script = [
        *UP_TO_DATA,
        (b"data\r\n", b"354 go on\r\n"),
        (b"\r\n.\r\n", b"250 taken\r\n"),
        (b"quit\r\n", farewell),
    ]
    with playing(script) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}", timeout=0.3).send(a_post())


@pytest.mark.parametrize(
    "name",
    [
        "Sam\r\nBcc: evil@x.example",
        "Sam\u2028RCPT TO:<evil@x.example>",
        "Sam\r\n.\r\nMAIL FROM:<evil@x.example>",
        "evil@x.example, Sam",
    ],
)
def test_a_name_reaches_nobody_else(name: str) -> None:
    office = Office()
    with serving(office) as port:
        mailer(port).send(a_post(to_name=name, from_name=name, coach_name=name))
    (taken,) = office.envelopes
    assert taken.rcpt_tos == [SAM]
    assert isinstance(taken.original_content, bytes)
    message = message_from_bytes(taken.original_content, policy=policy.default)
    assert message["Bcc"] is None
    assert [a.addr_spec for a in message["To"].addresses] == [SAM]


def test_names_outside_of_ascii_pass_a_server_that_knows_only_ascii() -> None:
    office = Office()
    with serving(office, enable_SMTPUTF8=False, decode_data=False) as port:
        mailer(port).send(a_post(to_name="Zoë 名前", coach_name="Łucja"))
    (taken,) = office.envelopes
    assert isinstance(taken.original_content, bytes)
    assert taken.original_content.isascii()
    message = message_from_bytes(taken.original_content, policy=policy.default)
    assert message["To"].addresses[0].display_name == "Zoë 名前"


def test_an_address_outside_of_ascii_is_refused_before_any_server_is_asked() -> None:
    with pytest.raises(MailRefused, match="outside of ASCII"):
        mailer(free_port()).send(replace(a_post(), to_address="säm@client.example"))


def test_a_password_is_sent_after_starttls_only(tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path)
    office, seen = Office(), []  # type: ignore[var-annotated]
    login = login_of("maya@x", "p/ss:w@rd", seen)
    with serving(
        office, tls_context=server_tls, require_starttls=True, authenticator=login
    ) as port:
        url = f"smtp://maya%40x:p%2Fss%3Aw%40rd@127.0.0.1:{port}"
        SmtpMailer(url, timeout=5, tls=client_tls).send(a_post())
    assert len(office.envelopes) == 1
    assert len(seen) == 1


def test_smtps_speaks_tls_from_the_start(tmp_path: Path) -> None:
    server_tls, client_tls = certificate(tmp_path)
    office = Office()
    with serving(office, ssl_context=server_tls) as port:
        SmtpMailer(f"smtps://127.0.0.1:{port}", timeout=5, tls=client_tls).send(a_post())
    assert len(office.envelopes) == 1


def test_a_certificate_that_nobody_vouches_for_gets_no_letter(tmp_path: Path) -> None:
    server_tls, _ = certificate(tmp_path)
    office, strict = Office(), ssl.create_default_context()
    with serving(office, tls_context=server_tls) as port, pytest.raises(MailDelayed):
        mailer(port, tls=strict).send(a_post())
    assert office.envelopes == []


def test_a_password_is_kept_back_from_a_server_without_starttls() -> None:
    office, seen = Office(), []  # type: ignore[var-annotated]
    options = {"authenticator": login_of("maya", "secret", seen), "auth_require_tls": False}
    with serving(office, **options) as port:
        # An own TLS context makes loopback as strict as any other place.
        far = SmtpMailer(
            f"smtp://maya:secret@127.0.0.1:{port}", timeout=5, tls=ssl.create_default_context()
        )
        with pytest.raises(MailDelayed, match="no STARTTLS"):
            far.send(a_post())
        assert seen == []
        SmtpMailer(f"smtp://maya:secret@127.0.0.1:{port}", timeout=5).send(a_post())
        assert len(seen) == 1
    assert len(office.envelopes) == 1


def test_a_password_never_leaves_the_machine_in_the_clear() -> None:
    office, seen = Office(), []  # type: ignore[var-annotated]
    options = {"authenticator": login_of("maya", "secret", seen), "auth_require_tls": False}
    with serving(office, **options) as port:
        # 0.0.0.0 leads here, but is not an address of loopback: it stands for a place elsewhere.
        with pytest.raises(MailDelayed, match="no STARTTLS"):
            SmtpMailer(f"smtp://maya:secret@0.0.0.0:{port}", timeout=5).send(a_post())
        assert seen == []
        SmtpMailer(f"smtp://maya:secret@localhost:{port}", timeout=5).send(a_post())
    assert len(seen) == 1


def test_a_name_that_leads_nowhere_is_a_delay() -> None:
    with pytest.raises(MailDelayed, match="could not be used"):
        SmtpMailer("smtp://maya:secret@mail.invalid", timeout=5).send(a_post())


def test_a_wrong_password_delays_the_letter_and_is_not_told() -> None:
    office, seen = Office(), []  # type: ignore[var-annotated]
    options = {"authenticator": login_of("maya", "secret", seen), "auth_require_tls": False}
    with serving(office, **options) as port:
        wrong = SmtpMailer(f"smtp://maya:wr0ng@127.0.0.1:{port}", timeout=5)
        with pytest.raises(MailDelayed, match=r"did not let us in \(535 5\.7\.8\)") as caught:
            wrong.send(a_post())
    assert "wr0ng" not in f"{caught.value!r}{wrong!r}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "neither smtp nor smtps"),
        ("mail.example:25", "neither smtp nor smtps"),
        ("https://mail.example", "neither smtp nor smtps"),
        ("smtp://", "no host"),
        ("smtp://maya:s3cret@", "no host"),
        ("smtp://maya:s3cret@mail.example:port", "cannot be read"),
        ("smtp://maya:s3/cret@mail.example:25", "cannot be read|goes on after the port"),
        ("smtp://maya:s3#cret@mail.example:25", "cannot be read|goes on after the port"),
        ("smtp://maya:s3cret@mail.example:99999", "cannot be read"),
        ("smtp://mail.example/inbox", "goes on after the port"),
        ("smtp://mail.example?tls=1", "goes on after the port"),
        ("smtp://[::1", "cannot be read"),
        ("smtp://maya@mail.example", "user without a password"),
        ("smtp://:s3cret@mail.example", "user without a password"),
    ],
)
def test_a_wrong_address_is_told_in_a_sentence_without_the_password(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        SmtpMailer(url)
    assert "s3" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp://mail.example", "SmtpMailer(mail.example:25)"),
        ("smtp://maya:s3cret@mail.example", "SmtpMailer(mail.example:587)"),
        ("smtps://maya:s3cret@mail.example", "SmtpMailer(mail.example:465)"),
        ("smtp://maya:s3cret@[::1]:2525", "SmtpMailer(::1:2525)"),
    ],
)
def test_usual_ports_are_known_and_the_password_is_never_shown(url: str, shown: str) -> None:
    assert repr(SmtpMailer(url)) == shown
