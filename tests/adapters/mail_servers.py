"""Real mail servers on loopback: aiosmtpd for what works, a bare socket for what does not."""

# ruff: noqa: ARG002 (aiosmtpd passes by position more than an answer needs)

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Office:
    """Answers RCPT and DATA as told, and keeps what it takes."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    envelopes: list[Envelope] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Any, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Any, envelope: Envelope
    ) -> str:
        if self.data.startswith("2"):
            self.envelopes.append(envelope)
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(office: Office, **options: Any) -> Iterator[int]:
    """A running aiosmtpd; gives its port."""
    port = free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def playing(script: Sequence[tuple[bytes, bytes | None]]) -> Iterator[int]:
    """A server that says each line once it has read what comes before it; None means silence.

    Each step is (what must have been read, what is said then). After the last it hangs up.
    """
    door = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def play() -> None:
        try:
            caller, _ = door.accept()
        except OSError:
            return
        with caller:
            heard = b""
            for wanted, said in script:
                while wanted not in heard:
                    more = caller.recv(4096)
                    if not more:
                        return
                    heard += more
                heard = heard[heard.index(wanted) + len(wanted) :]
                if said is None:
                    done.wait(10)
                    return
                caller.sendall(said)

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield int(door.getsockname()[1])
    finally:
        done.set()
        door.close()
        thread.join(5)


def login_of(user: str, password: str, seen: list[LoginPassword]) -> Any:
    """An authenticator that lets one user in and keeps what it was shown."""

    def check(server: SMTP, session: Any, envelope: Envelope, way: str, data: Any) -> AuthResult:
        seen.append(data)
        right = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=data == right, handled=data == right)

    return check


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS for 127.0.0.1 and these names, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ip_address("127.0.0.1")), *map(x509.DNSName, names)]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both = folder / "server.pem"
    both.write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    client = ssl.create_default_context(cadata=pem.decode())
    return server, client
