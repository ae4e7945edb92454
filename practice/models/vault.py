"""Sealing what must not be read from the database alone: AES-256-GCM, bound to its place.

The place, "table:row:field", is authenticated with the text (NIST SP 800-38D), so a sealed value
that is moved to another row does not open there.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class MasterVault:
    """A vault whose keys are derived from the master key (32 bytes), one for each table."""

    def __init__(self, master_key: bytes) -> None:
        self._master_key = master_key
        self._ciphers: dict[str, AESGCM] = {}

    def seal(self, text: str, *, place: str) -> bytes:
        """Return the text sealed for one place "table:row:field"."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(place).encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        """Return what was sealed for this place; raises InvalidTag for any other or altered one."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        if len(nonce) < _NONCE_BYTES:
            raise InvalidTag
        return self._cipher(place).decrypt(nonce, rest, place.encode()).decode()

    def _cipher(self, place: str) -> AESGCM:
        table = place.partition(":")[0]
        if table not in self._ciphers:
            kdf = HKDF(SHA256(), length=32, salt=None, info=f"practice:{table}:v1".encode())
            self._ciphers[table] = AESGCM(kdf.derive(self._master_key))
        return self._ciphers[table]
