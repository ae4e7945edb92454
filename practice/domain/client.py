"""A client: a person who books, known by an address and the name she gave."""

import unicodedata


def address_key(address: str) -> str:
    """Return the form of an e-mail address that equal addresses share, for looking people up."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


def masked(address: str) -> str:
    """Return an address that its owner knows again and a glance over a shoulder does not tell."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}…@{host}" if local else "…"
