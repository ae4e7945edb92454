"""Sealing what must not be read from the database alone: AES-256-GCM, bound to its place.

The place, "table:row:field", is authenticated with the text (NIST SP 800-38D), so a sealed value
that is moved to another row does not open there.
"""

import hmac
import logging
import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from practice.domain.refusal import Unreadable

log = logging.getLogger("practice.vault")

KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID_LETTERS = 16


class MasterVault:
    """A vault whose keys are derived from the master key (32 bytes), one for each table.

    `key_id` names the master key (16 hex letters) and tells nothing else of it.
    """

    def __init__(self, master_key: bytes) -> None:
        self._master_key = master_key
        self._ciphers: dict[str, AESGCM] = {}
        self._stamps: dict[str, bytes] = {}
        self.key_id = self._derived("key-id").hex()[:_KEY_ID_LETTERS]

    def seal(self, text: str, *, place: str) -> bytes:
        """Return the text sealed for one place "table:row:field"."""
        return _seal(self._cipher(place), text, place)

    def open(self, sealed: bytes, *, place: str) -> str:
        """Return what was sealed for this place; raises Unreadable for any other or altered one."""
        return _open(self._cipher(place), sealed, place)

    def stamp(self, data: bytes, *, place: str) -> bytes:
        """Return what only this master key makes of data: an HMAC-SHA256 (RFC 2104), 32 bytes."""
        if place not in self._stamps:
            self._stamps[place] = self._derived(f"{place}:stamp:v1")
        return hmac.digest(self._stamps[place], data, sha256)

    def _cipher(self, place: str) -> AESGCM:
        table = place.partition(":")[0]
        if table not in self._ciphers:
            self._ciphers[table] = AESGCM(self._derived(f"{table}:v1"))
        return self._ciphers[table]

    def _derived(self, purpose: str) -> bytes:
        # No table's purpose is without ":v1", so that the id can never be the key of a table.
        kdf = HKDF(SHA256(), length=KEY_BYTES, salt=None, info=f"practice:{purpose}".encode())
        return kdf.derive(self._master_key)


class DataVault:
    """A vault of one data key (32 bytes), used as it is; `key_id` is the row where it is kept."""

    def __init__(self, key: bytes, key_id: str) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("A data key has 32 bytes.")
        self._cipher = AESGCM(key)
        self.key_id = key_id

    def seal(self, text: str, *, place: str) -> bytes:
        """Return the text sealed for one place "table:row:field"."""
        return _seal(self._cipher, text, place)

    def open(self, sealed: bytes, *, place: str) -> str:
        """Return what was sealed for this place; raises Unreadable for any other or altered one."""
        return _open(self._cipher, sealed, place)


def unreadable(place: str) -> Unreadable:
    """Note in the log where something could not be opened, and return the refusal to raise."""
    log.error("what is kept at %s cannot be read: altered, moved or of another key", place)
    return Unreadable()


def _seal(cipher: AESGCM, text: str, place: str) -> bytes:
    # Random nonces of 96 bits are safe for 2^32 sealings under one key (SP 800-38D, 8.3).
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text.encode(), place.encode())


def _open(cipher: AESGCM, sealed: bytes, place: str) -> str:
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    if len(nonce) < _NONCE_BYTES:
        raise unreadable(place)
    try:
        return cipher.decrypt(nonce, rest, place.encode()).decode()
    except InvalidTag:
        raise unreadable(place) from None
