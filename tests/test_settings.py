"""What the owner sets from outside: every fault is told at once, each as a sentence."""

import base64
import stat
from pathlib import Path

import pytest

from practice.settings import Faults, Mode, Settings, load

SECRET = "s" * 43
MASTER = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
PRODUCTION = {
    "PRACTICE_MODE": "production",
    "PRACTICE_BASE_URL": "https://book.example.org",
    "PRACTICE_SECRET_KEY": SECRET,
    "PRACTICE_MASTER_KEY": MASTER,
}


def on_laptop(instance: Path, **environ: str) -> Settings:
    return load({"PRACTICE_INSTANCE": str(instance)} | environ)


def in_production(instance: Path, **environ: str) -> Settings:
    return on_laptop(instance, **(PRODUCTION | environ))


def faults_of(instance: Path, **environ: str) -> list[str]:
    with pytest.raises(Faults) as told:
        on_laptop(instance, **environ)
    return told.value.sentences


def test_a_laptop_needs_no_settings_at_all(tmp_path: Path) -> None:
    settings = on_laptop(tmp_path)

    assert settings.mode is Mode.LAPTOP
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/practice.db"
    assert settings.smtp_url is None
    assert settings.rate_limits
    assert settings.is_loopback
    assert not settings.is_https


def test_the_port_is_part_of_the_address_on_a_laptop(tmp_path: Path) -> None:
    assert on_laptop(tmp_path, PORT="9001").base_url == "http://127.0.0.1:9001"


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    instance = tmp_path / "new" / "instance"
    first = on_laptop(instance)
    again = on_laptop(instance)

    assert (first.secret_key, first.master_key) == (again.secret_key, again.master_key)
    assert len(first.master_key) == 32
    for name in ("secret.key", "master.key"):
        assert stat.S_IMODE((instance / name).stat().st_mode) == 0o600


def test_two_laptops_have_different_keys(tmp_path: Path) -> None:
    one, another = on_laptop(tmp_path / "one"), on_laptop(tmp_path / "another")

    assert one.secret_key != another.secret_key
    assert one.master_key != another.master_key


def test_keys_from_outside_are_kept_nowhere(tmp_path: Path) -> None:
    on_laptop(tmp_path, PRACTICE_SECRET_KEY=SECRET, PRACTICE_MASTER_KEY=MASTER)

    assert list(tmp_path.iterdir()) == []


def test_settings_do_not_print_their_secrets(tmp_path: Path) -> None:
    shown = repr(
        in_production(
            tmp_path,
            PRACTICE_DATABASE_URL="postgresql://maya:hidden-db@db.example/practice",
            PRACTICE_SMTP_URL="smtp://maya:hidden-mail@mail.example:587",
        )
    )

    assert "hidden" not in shown
    assert SECRET not in shown
    assert "book.example.org" in shown


def test_production_starts_with_address_and_keys(tmp_path: Path) -> None:
    settings = in_production(tmp_path, PRACTICE_BASE_URL="https://book.example.org/")

    assert settings.mode is Mode.PRODUCTION
    assert settings.base_url == "https://book.example.org"
    assert settings.is_https
    assert not settings.is_loopback


def test_production_names_all_that_is_missing_at_once(tmp_path: Path) -> None:
    sentences = faults_of(tmp_path, PRACTICE_MODE="production")

    assert len(sentences) == 3
    for name in ("PRACTICE_BASE_URL", "PRACTICE_SECRET_KEY", "PRACTICE_MASTER_KEY"):
        assert any(sentence.startswith(f"{name} is missing") for sentence in sentences)
    assert list(tmp_path.iterdir()) == []


def test_production_makes_no_keys_and_uses_none_that_lie_about(tmp_path: Path) -> None:
    on_laptop(tmp_path)

    sentences = faults_of(
        tmp_path, PRACTICE_MODE="production", PRACTICE_BASE_URL="https://book.example.org"
    )

    assert len(sentences) == 2


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PRACTICE_MODE", "prod", "it can be laptop or production"),
        ("PORT", "eighty", "must be a number from 1 to 65535"),
        ("PORT", "0", "must be a number"),
        ("PORT", "65536", "must be a number"),
        ("PORT", "٨٠٠٠", "must be a number"),
        ("PORT", "9" * 5000, "must be a number"),
        ("PRACTICE_TRUSTED_PROXIES", "-1", "must be a number from 0 to 5"),
        ("PRACTICE_DATABASE_URL", "mysql://x/y", "must begin with postgresql:// or sqlite:///"),
        ("PRACTICE_DATABASE_URL", "sqlite://", "must begin with"),
        ("PRACTICE_DATABASE_URL", "practice.db", "must begin with"),
        ("PRACTICE_BASE_URL", "book.example.org", "must be an address like"),
        ("PRACTICE_BASE_URL", "https://book.example.org/path", "without anything after"),
        ("PRACTICE_BASE_URL", "https://maya@book.example.org", "must be an address"),
        ("PRACTICE_BASE_URL", "https://book.example.org:port", "must be an address"),
        ("PRACTICE_BASE_URL", "ftp://book.example.org", "must be an address"),
        ("PRACTICE_BASE_URL", "https://[", "must be an address"),
        ("PRACTICE_SMTP_URL", "mail.example:25", "smtp://user:password@host:port"),
        ("PRACTICE_SMTP_URL", "https://mail.example", "smtp://user:password@host:port"),
        ("PRACTICE_SMTP_URL", "smtp://mail.example:port", "smtp://user:password@host:port"),
        ("PRACTICE_SECRET_KEY", "short", "too short"),
        ("PRACTICE_MASTER_KEY", "short", "32 bytes in base64"),
        ("PRACTICE_MASTER_KEY", "ü" * 43, "32 bytes in base64"),
        ("PRACTICE_RATE_LIMITS", "sometimes", "can be on or off"),
    ],
)
def test_each_fault_is_one_sentence_that_names_the_setting(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    (told,) = faults_of(tmp_path, **{name: value})

    assert told.startswith(name)
    assert sentence in told
    assert told.endswith((".", ").")) or told[-1] == "."


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PRACTICE_BASE_URL", "http://book.example.org", "https:// in production"),
        ("PRACTICE_RATE_LIMITS", "off", "production refuses it"),
    ],
)
def test_production_refuses_what_a_laptop_may(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    on_laptop(tmp_path, **{name: value})

    (told,) = faults_of(tmp_path, **(PRODUCTION | {name: value}))

    assert sentence in told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    sentences = faults_of(
        tmp_path,
        PORT="x",
        PRACTICE_BASE_URL="x",
        PRACTICE_SMTP_URL="x",
        PRACTICE_DATABASE_URL="x",
        PRACTICE_RATE_LIMITS="x",
    )

    assert len(sentences) == 5


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_one_driver(tmp_path: Path, scheme: str) -> None:
    settings = on_laptop(tmp_path, PRACTICE_DATABASE_URL=f"{scheme}://maya@db.example/practice")

    assert settings.database_url == "postgresql+psycopg://maya@db.example/practice"


def test_an_instance_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    sentences = faults_of(tmp_path / "file" / "instance")

    assert sentences[0].startswith("PRACTICE_INSTANCE names a folder that cannot be made")


def test_spaces_around_a_value_do_not_matter(tmp_path: Path) -> None:
    assert on_laptop(tmp_path, PORT=" 9001 ", PRACTICE_MODE=" laptop ").port == 9001
