"""How clients are searched: no case, no accents, word by word."""

import pytest

from practice.domain.client import search_key, search_words


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Zoë Ångström", "zoe angstrom"),
        ("Zoe\u0308", "ZOË"),
        ("Łukasz Øster", "lukasz oster"),
        ("Groß", "GROSS"),
        ("Ğaye I\u015f\u0131k", "gaye isik"),
        ("\uff37\uff49\uff44\uff45", "wide"),
        ("Nguyễn", "nguyen"),
    ],
)
def test_a_name_is_found_however_a_keyboard_writes_it(name: str, typed: str) -> None:
    key = search_key(name, "someone@mail.example")

    assert all(word in key for word in search_words(typed))


def test_a_key_is_one_line_that_every_index_takes() -> None:
    key = search_key("\ufdfa" * 200, "ab\0c\n@mail.example")

    assert len(key) <= 600
    assert len(key.encode()) <= 2_700
    assert "\0" not in key
    assert search_key("  Ada \n Love ") == "ada love"


def test_a_query_of_any_length_is_a_few_words() -> None:
    assert search_words("  ") == ()
    assert search_words("ada ADA ada@") == ("ada", "ada@")
    assert len(search_words("a b c d e f g h i j " * 5_000)) == 8
