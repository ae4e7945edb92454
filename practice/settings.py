"""What the owner sets from outside: PRACTICE_* variables and the instance, checked at once."""

import base64
import binascii
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from practice.adapters.smtp import SmtpMailer

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_KEY_BYTES = 32
_STRIPE_KEY = re.compile(r"(?:sk|rk)_(?:test|live)_\w+", re.ASCII)
_WEBHOOK_SECRET = re.compile(r"whsec_[\w+/=-]+", re.ASCII)
PAYMENTS_FILE = "payments"
"""The file in a laptop's instance that says how the demo is paid for."""


class Mode(StrEnum):
    """Where the house stands: on the owner's own machine, or on the open network."""

    LAPTOP = "laptop"
    PRODUCTION = "production"


class PaidBy(StrEnum):
    """Who takes the money: nobody, Stripe, or a page on this laptop where none moves."""

    NOBODY = "nobody"
    STRIPE = "stripe"
    PRETEND = "pretend"


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """How people pay; there are several webhook secrets while one takes the other's place.

    `api_base` is where a test's own Stripe answers, "" for the real one. `is_off` tells whether
    the owner said so, whatever else is set.
    """

    by: PaidBy = PaidBy.NOBODY
    secret_key: str = field(default="", repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    api_base: str = ""
    is_off: bool = False

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return self.by is PaidBy.STRIPE and "_live_" in self.secret_key[:8]


class Faults(Exception):
    """Everything that is wrong with the settings, each fault a sentence."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one running house; addresses have no slash at the end."""

    mode: Mode
    instance: Path
    database_url: str = field(repr=False)
    base_url: str
    port: int
    smtp_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    master_key: bytes = field(repr=False)
    rate_limits: bool = True
    trusted_proxies: int = 0
    web_processes: int = 1
    bind: str = "127.0.0.1"
    payments: PaymentSettings = field(default_factory=PaymentSettings)

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the house over https."""
        return self.base_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the house."""
        return urlsplit(self.base_url).hostname in _LOOPBACK


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; raises Faults that names everything wrong in one go."""
    return _Reader(os.environ if environ is None else environ).settings()


class _Reader:
    """Reads each setting, and gathers what is wrong instead of stopping at the first fault."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._faults: list[str] = []

    def settings(self) -> Settings:
        mode = self._mode()
        instance = self._instance()
        port = self._number("PORT", 8000, 1, 65535)
        database_url = self._database_url(instance)
        base_url = self._base_url(mode, port)
        settings = Settings(
            mode=mode,
            instance=instance,
            database_url=database_url,
            base_url=base_url,
            port=port,
            smtp_url=self._smtp_url(),
            secret_key=self._secret_key(mode, instance),
            master_key=self._master_key(mode, instance, database_url),
            rate_limits=self._rate_limits(mode),
            trusted_proxies=self._number("PRACTICE_TRUSTED_PROXIES", 0, 0, 5),
            web_processes=self._number("WEB_CONCURRENCY", 1, 1, 64),
            bind=self._bind(),
            payments=self._payments(mode, instance, base_url),
        )
        if self._faults:
            raise Faults(self._faults)
        return settings

    def _get(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def _mode(self) -> Mode:
        text = self._get("PRACTICE_MODE") or Mode.LAPTOP
        try:
            return Mode(text)
        except ValueError:
            self._faults.append(f"PRACTICE_MODE is “{text}”; it can be laptop or production.")
            return Mode.LAPTOP

    def _instance(self) -> Path:
        instance = Path(self._get("PRACTICE_INSTANCE") or "instance").absolute()
        try:
            instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            self._faults.append(
                f"PRACTICE_INSTANCE names a folder that cannot be made: {fault.strerror}."
            )
            return instance
        if not os.access(instance, os.W_OK):
            self._faults.append("PRACTICE_INSTANCE names a folder that cannot be written to.")
        return instance

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        text = self._get(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            self._faults.append(f"{name} is “{text}”; it must be a number from {least} to {most}.")
            return default
        return int(text)

    def _bind(self) -> str:
        text = self._get("PRACTICE_BIND") or "127.0.0.1"
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            self._faults.append(
                f"PRACTICE_BIND is “{text}”; it must be an address of this machine, like 0.0.0.0."
            )
            return "127.0.0.1"

    def _database_url(self, instance: Path) -> str:
        url = self._get("PRACTICE_DATABASE_URL")
        if not url:
            return f"sqlite:///{instance / 'practice.db'}"
        scheme, colon, rest = url.partition("://")
        if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and colon:
            return f"postgresql+psycopg://{rest}"
        if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
            return url
        self._faults.append(
            "PRACTICE_DATABASE_URL must begin with postgresql:// or sqlite:/// and name a database."
        )
        return "sqlite://"

    def _base_url(self, mode: Mode, port: int) -> str:
        url = self._get("PRACTICE_BASE_URL").rstrip("/")
        if not url and mode is Mode.LAPTOP:
            return f"http://127.0.0.1:{port}"
        if not url:
            self._faults.append(
                "PRACTICE_BASE_URL is missing: production needs the address that clients see, "
                "like https://book.example.org."
            )
            return ""
        if not _is_web_address(url):
            self._faults.append(
                f"PRACTICE_BASE_URL is “{url}”; it must be an address like "
                "https://book.example.org, without anything after the name."
            )
        elif mode is Mode.PRODUCTION and not url.startswith("https://"):
            self._faults.append("PRACTICE_BASE_URL must begin with https:// in production.")
        return url

    def _smtp_url(self) -> str | None:
        url = self._get("PRACTICE_SMTP_URL")
        if not url:
            return None
        try:
            SmtpMailer(url)
        except ValueError as fault:
            self._faults.append(f"PRACTICE_SMTP_URL cannot be used. {fault}")
        return url

    def _secret_key(self, mode: Mode, instance: Path) -> str:
        key = self._get("PRACTICE_SECRET_KEY") or self._kept(mode, instance, "secret.key")
        if not key and mode is Mode.PRODUCTION:
            self._faults.append(_missing_key("PRACTICE_SECRET_KEY"))
        elif key and len(key) < _KEY_BYTES:
            self._faults.append("PRACTICE_SECRET_KEY is too short; it needs 32 letters or more.")
        return key

    def _master_key(self, mode: Mode, instance: Path, database_url: str) -> bytes:
        text = self._get("PRACTICE_MASTER_KEY")
        if not text and self._has_lost_its_key(mode, instance, database_url):
            self._faults.append(
                "master.key is not in the instance folder, but what is in the database was sealed "
                "with one. Put it back from your copy, or set PRACTICE_MASTER_KEY."
            )
            return b""
        text = text or self._kept(mode, instance, "master.key")
        if not text:
            if mode is Mode.PRODUCTION:
                self._faults.append(_missing_key("PRACTICE_MASTER_KEY"))
            return b""
        try:
            key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != _KEY_BYTES:
            self._faults.append("PRACTICE_MASTER_KEY must be 32 bytes in base64 (43 letters).")
        return key

    def _has_lost_its_key(self, mode: Mode, instance: Path, database_url: str) -> bool:
        """Tell whether there is a database on this laptop whose master key is gone."""
        scheme, _, path = database_url.partition(":///")
        if mode is Mode.PRODUCTION or scheme != "sqlite":
            return False
        # In this order: another process that starts just now makes the key before the database.
        database = Path(path)
        return (
            database.is_file()
            and database.stat().st_size > 0
            and not (instance / "master.key").exists()
        )

    def _kept(self, mode: Mode, instance: Path, name: str) -> str:
        """Return a key kept in the instance, made there on a laptop's first start."""
        path = instance / name
        if mode is Mode.PRODUCTION or not os.access(instance, os.W_OK):
            return ""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        except OSError as fault:
            self._faults.append(f"{name} cannot be made in the instance folder: {fault.strerror}.")
            return ""
        key = secrets.token_urlsafe(_KEY_BYTES)
        with os.fdopen(handle, "w") as file:
            file.write(key + "\n")
        return key

    def _rate_limits(self, mode: Mode) -> bool:
        text = self._get("PRACTICE_RATE_LIMITS").lower()
        if text not in {"", "on", "off"}:
            self._faults.append(f"PRACTICE_RATE_LIMITS is “{text}”; it can be on or off.")
        if text == "off" and mode is Mode.PRODUCTION:
            self._faults.append("PRACTICE_RATE_LIMITS=off is for tests; production refuses it.")
        return text != "off"

    def _payments(self, mode: Mode, instance: Path, base_url: str) -> PaymentSettings:
        key = self._stripe_key()
        return PaymentSettings(
            by=self._paid_by(mode, instance, base_url, has_key=bool(key)),
            secret_key=key,
            webhook_secrets=self._webhook_secrets(mode, has_key=bool(key)),
            api_base=self._api_base(mode),
            is_off=self._get("PRACTICE_PAYMENTS").lower() == "off",
        )

    def _paid_by(self, mode: Mode, instance: Path, base_url: str, *, has_key: bool) -> PaidBy:
        text = self._get("PRACTICE_PAYMENTS").lower()
        if text not in {"", "off", PaidBy.PRETEND}:
            self._faults.append(
                f"PRACTICE_PAYMENTS is “{text}”; it can be pretend or off. With Stripe’s keys it "
                "is left out."
            )
        elif text == PaidBy.PRETEND and mode is Mode.PRODUCTION:
            self._faults.append("PRACTICE_PAYMENTS=pretend takes no money; production refuses it.")
        elif text == PaidBy.PRETEND and has_key:
            self._faults.append(
                "PRACTICE_PAYMENTS=pretend and PRACTICE_STRIPE_SECRET_KEY cannot both be; leave "
                "one of them out."
            )
        if text == "off":
            return PaidBy.NOBODY
        if text == PaidBy.PRETEND or (
            not has_key and _is_demo_paid(mode, instance, base_url)  # `practice demo` wrote it down
        ):
            return PaidBy.PRETEND
        return PaidBy.STRIPE if has_key else PaidBy.NOBODY

    def _stripe_key(self) -> str:
        key = self._get("PRACTICE_STRIPE_SECRET_KEY")
        if key.startswith("pk_"):
            self._faults.append(
                "PRACTICE_STRIPE_SECRET_KEY holds the publishable key; it needs the secret one, "
                "which begins with sk_ (or rk_)."
            )
        elif key and not _STRIPE_KEY.fullmatch(key):
            self._faults.append(
                "PRACTICE_STRIPE_SECRET_KEY is no key of Stripe; it begins with sk_test_, "
                "sk_live_, rk_test_ or rk_live_."
            )
        return key

    def _webhook_secrets(self, mode: Mode, *, has_key: bool) -> tuple[str, ...]:
        given = re.split(r"[\s,]+", self._get("PRACTICE_STRIPE_WEBHOOK_SECRET"))
        found = tuple(secret for secret in given if secret)
        if not all(_WEBHOOK_SECRET.fullmatch(secret) for secret in found):
            self._faults.append(
                "PRACTICE_STRIPE_WEBHOOK_SECRET is no signing secret of Stripe; it begins with "
                "whsec_. Several are separated by commas."
            )
        elif found and not has_key:
            self._faults.append(
                "PRACTICE_STRIPE_WEBHOOK_SECRET is of no use without PRACTICE_STRIPE_SECRET_KEY; "
                "set both or none."
            )
        elif has_key and not found and mode is Mode.PRODUCTION:
            self._faults.append(
                "PRACTICE_STRIPE_WEBHOOK_SECRET is missing: without it Stripe cannot tell us that "
                "somebody has paid. Stripe shows it where you enter our webhook address."
            )
        return found

    def _api_base(self, mode: Mode) -> str:
        url = self._get("PRACTICE_STRIPE_API_BASE").rstrip("/")
        if not url:
            return ""
        if mode is Mode.PRODUCTION:
            self._faults.append("PRACTICE_STRIPE_API_BASE is for tests; production refuses it.")
        elif not _is_near(url):
            self._faults.append(
                "PRACTICE_STRIPE_API_BASE must be an address of this machine, like "
                "http://127.0.0.1:12111; it is for tests."
            )
        return url


def _is_demo_paid(mode: Mode, instance: Path, base_url: str) -> bool:
    """Tell whether a demo in this instance is to be paid for on its pretend page."""
    if mode is Mode.PRODUCTION or not _is_near(base_url):
        return False
    try:
        return (instance / PAYMENTS_FILE).read_text().strip() == PaidBy.PRETEND
    except (OSError, ValueError):
        return False


def _is_near(base_url: str) -> bool:
    return _is_web_address(base_url) and urlsplit(base_url).hostname in _LOOPBACK


def _missing_key(name: str) -> str:
    return (
        f"{name} is missing: production does not start without it. Make one with "
        "python -c 'import secrets; print(secrets.token_urlsafe(32))' and keep it safe."
    )


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare and port_is_fine
