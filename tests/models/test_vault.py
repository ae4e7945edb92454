from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.refusal import Unreadable
from practice.models.vault import DataVault, MasterVault
from practice.ports import Vault

KEY = bytes(range(32))
PLACE = "time_requests:12:message"
NONCE_BYTES = 12

VAULTS: dict[str, Callable[[bytes], Vault]] = {
    "master": MasterVault,
    "data": lambda key: DataVault(key, "a key"),
}
on_both = pytest.mark.parametrize("vault_of", VAULTS.values(), ids=VAULTS.keys())


@on_both
@given(text=st.text())
def test_what_was_sealed_opens_in_its_place(vault_of: Callable[[bytes], Vault], text: str) -> None:
    sealed = vault_of(KEY).seal(text, place=PLACE)

    assert vault_of(KEY).open(sealed, place=PLACE) == text


@on_both
@pytest.mark.parametrize(
    "place",
    ["time_requests:13:message", "time_requests:12:name", "links:12:message", "", PLACE + " "],
)
def test_what_was_moved_to_another_place_does_not_open(
    vault_of: Callable[[bytes], Vault], place: str
) -> None:
    sealed = vault_of(KEY).seal("weekday evenings", place=PLACE)

    with pytest.raises(Unreadable):
        vault_of(KEY).open(sealed, place=place)


@on_both
def test_no_altered_bit_goes_unseen(vault_of: Callable[[bytes], Vault]) -> None:
    sealed = vault_of(KEY).seal("hi", place=PLACE)

    for index in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[index // 8] ^= 1 << index % 8
        with pytest.raises(Unreadable):
            vault_of(KEY).open(bytes(altered), place=PLACE)


@on_both
def test_another_key_opens_nothing(vault_of: Callable[[bytes], Vault]) -> None:
    sealed = vault_of(KEY).seal("weekday evenings", place=PLACE)

    with pytest.raises(Unreadable):
        vault_of(bytes(32)).open(sealed, place=PLACE)


@on_both
def test_no_nonce_comes_twice_in_many_sealings(vault_of: Callable[[bytes], Vault]) -> None:
    vault = vault_of(KEY)

    sealed = [vault.seal("yes", place=PLACE) for _ in range(20_000)]

    assert len({one[:NONCE_BYTES] for one in sealed}) == len(sealed)
    assert len({one[NONCE_BYTES:] for one in sealed}) == len(sealed)


@on_both
@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(27)])
def test_what_is_no_sealed_text_does_not_open(
    vault_of: Callable[[bytes], Vault], sealed: bytes
) -> None:
    with pytest.raises(Unreadable):
        vault_of(KEY).open(sealed, place=PLACE)


def test_a_master_key_has_one_name_which_tells_nothing_of_it() -> None:
    name = MasterVault(KEY).key_id

    assert name == MasterVault(KEY).key_id
    assert name != MasterVault(bytes(32)).key_id
    assert len(bytes.fromhex(name)) == 8
    assert bytes.fromhex(name) not in KEY


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_a_data_key_of_another_length_is_none(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        DataVault(key, "a key")
