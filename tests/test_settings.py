"""What the owner sets from outside: every fault is told at once, each as a sentence."""

import base64
import stat
from pathlib import Path

import pytest

from practice.settings import Faults, Mode, PaidBy, Settings, load

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
            PRACTICE_STRIPE_SECRET_KEY="sk_live_hidden",
            PRACTICE_STRIPE_WEBHOOK_SECRET="whsec_hidden",
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
        ("PRACTICE_PAYMENTS", "cash", "it can be pretend or off"),
        ("PRACTICE_STRIPE_SECRET_KEY", "pk_test_abc", "the secret one"),
        ("PRACTICE_STRIPE_SECRET_KEY", "abc", "no key of Stripe"),
        ("PRACTICE_STRIPE_SECRET_KEY", "sk_test_", "no key of Stripe"),
        ("PRACTICE_STRIPE_SECRET_KEY", "sk_test_a b", "no key of Stripe"),
        ("PRACTICE_STRIPE_WEBHOOK_SECRET", "abc", "no signing secret"),
        ("PRACTICE_STRIPE_WEBHOOK_SECRET", "whsec_a,abc", "no signing secret"),
        ("PRACTICE_STRIPE_WEBHOOK_SECRET", "whsec_a", "without PRACTICE_STRIPE_SECRET_KEY"),
        ("PRACTICE_STRIPE_API_BASE", "https://api.example", "an address of this machine"),
        ("PRACTICE_STRIPE_API_BASE", "http://127.0.0.1.example", "an address of this machine"),
        ("PRACTICE_STRIPE_API_BASE", "http://127.0.0.1/v1", "an address of this machine"),
        ("PRACTICE_STRIPE_API_BASE", "127.0.0.1", "an address of this machine"),
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
        ("PRACTICE_PAYMENTS", "pretend", "production refuses it"),
        ("PRACTICE_STRIPE_SECRET_KEY", "sk_live_abc", "PRACTICE_STRIPE_WEBHOOK_SECRET is missing"),
        ("PRACTICE_STRIPE_API_BASE", "http://127.0.0.1:12111", "production refuses it"),
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
        PRACTICE_PAYMENTS="x",
        PRACTICE_STRIPE_SECRET_KEY="x",
        PRACTICE_STRIPE_WEBHOOK_SECRET="x",
        PRACTICE_STRIPE_API_BASE="x",
    )

    assert len(sentences) == 9


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


def test_nobody_takes_money_until_it_is_set_up(tmp_path: Path) -> None:
    payments = on_laptop(tmp_path).payments

    assert payments.by is PaidBy.NOBODY
    assert (payments.secret_key, payments.webhook_secrets, payments.api_base) == ("", (), "")


@pytest.mark.parametrize(
    ("key", "is_live"),
    [
        ("sk_test_abc", False),
        ("rk_test_abc", False),
        ("sk_live_abc", True),
        ("rk_live_abc", True),
        ("sk_test_a_live_b", False),
    ],
)
def test_a_key_of_stripe_says_whether_real_money_moves(
    tmp_path: Path, key: str, is_live: bool
) -> None:
    payments = on_laptop(tmp_path, PRACTICE_STRIPE_SECRET_KEY=key).payments

    assert (payments.by, payments.secret_key) == (PaidBy.STRIPE, key)
    assert payments.is_live is is_live


@pytest.mark.parametrize("between", [",", ", ", " ", "\n", " , "])
def test_there_are_two_webhook_secrets_while_one_takes_the_others_place(
    tmp_path: Path, between: str
) -> None:
    settings = in_production(
        tmp_path,
        PRACTICE_STRIPE_SECRET_KEY="sk_live_abc",
        PRACTICE_STRIPE_WEBHOOK_SECRET=f"whsec_old{between}whsec_new",
    )

    assert settings.payments.webhook_secrets == ("whsec_old", "whsec_new")


def test_a_test_server_on_this_machine_may_stand_in_for_stripe(tmp_path: Path) -> None:
    settings = on_laptop(
        tmp_path,
        PRACTICE_STRIPE_SECRET_KEY="sk_test_abc",
        PRACTICE_STRIPE_API_BASE="http://127.0.0.1:12111/",
    )

    assert settings.payments.api_base == "http://127.0.0.1:12111"


def test_a_laptop_may_pretend_to_be_paid_but_not_with_keys_as_well(tmp_path: Path) -> None:
    assert on_laptop(tmp_path, PRACTICE_PAYMENTS="pretend").payments.by is PaidBy.PRETEND

    (told,) = faults_of(
        tmp_path, PRACTICE_PAYMENTS="pretend", PRACTICE_STRIPE_SECRET_KEY="sk_test_abc"
    )
    assert "cannot both be" in told


def test_the_demo_says_by_a_file_that_it_is_paid_on_its_pretend_page(tmp_path: Path) -> None:
    (tmp_path / "payments").write_text("pretend\n")

    assert on_laptop(tmp_path).payments.by is PaidBy.PRETEND
    assert on_laptop(tmp_path, PRACTICE_PAYMENTS="off").payments.by is PaidBy.NOBODY
    with_key = on_laptop(tmp_path, PRACTICE_STRIPE_SECRET_KEY="sk_test_abc")
    assert with_key.payments.by is PaidBy.STRIPE
    reachable = on_laptop(tmp_path, PRACTICE_BASE_URL="https://book.example.org")
    assert reachable.payments.by is PaidBy.NOBODY
    assert in_production(tmp_path).payments.by is PaidBy.NOBODY


@pytest.mark.parametrize("content", [b"", b"stripe", b"\xff\xfe"])
def test_a_file_that_says_something_else_switches_nothing_on(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "payments").write_bytes(content)

    assert on_laptop(tmp_path).payments.by is PaidBy.NOBODY


def test_payments_can_be_switched_off_without_taking_the_keys_away(tmp_path: Path) -> None:
    settings = on_laptop(
        tmp_path, PRACTICE_PAYMENTS="off", PRACTICE_STRIPE_SECRET_KEY="sk_test_abc"
    )

    assert settings.payments.by is PaidBy.NOBODY


def test_no_fault_repeats_a_secret(tmp_path: Path) -> None:
    sentences = faults_of(
        tmp_path,
        PRACTICE_STRIPE_SECRET_KEY="sk-live-hidden",
        PRACTICE_STRIPE_WEBHOOK_SECRET="hidden",
    )

    assert len(sentences) == 2
    assert "hidden" not in " ".join(sentences)
