import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.refusal import Unreadable
from practice.models.vault import MasterVault

KEY = bytes(range(32))
PLACE = "time_requests:12:message"


@given(st.text())
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    words = text.encode("utf-8", "ignore").decode()

    sealed = MasterVault(KEY).seal(words, place=PLACE)

    assert MasterVault(KEY).open(sealed, place=PLACE) == words


@pytest.mark.parametrize(
    "place",
    ["time_requests:13:message", "time_requests:12:name", "links:12:message", "", PLACE + " "],
)
def test_what_was_moved_to_another_place_does_not_open(place: str) -> None:
    sealed = MasterVault(KEY).seal("weekday evenings", place=PLACE)

    with pytest.raises(Unreadable):
        MasterVault(KEY).open(sealed, place=place)


def test_no_altered_bit_goes_unseen() -> None:
    sealed = MasterVault(KEY).seal("hi", place=PLACE)

    for index in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[index // 8] ^= 1 << index % 8
        with pytest.raises(Unreadable):
            MasterVault(KEY).open(bytes(altered), place=PLACE)


def test_another_master_key_opens_nothing() -> None:
    sealed = MasterVault(KEY).seal("weekday evenings", place=PLACE)

    with pytest.raises(Unreadable):
        MasterVault(bytes(32)).open(sealed, place=PLACE)


def test_the_same_text_sealed_twice_looks_different() -> None:
    vault = MasterVault(KEY)

    assert vault.seal("yes", place=PLACE) != vault.seal("yes", place=PLACE)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(27)])
def test_what_is_no_sealed_text_does_not_open(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        MasterVault(KEY).open(sealed, place=PLACE)
