"""A client: a person who books, known by an address and the name she gave."""

import unicodedata
from typing import Final

ERASED_NAME: Final = "Erased person"
"""What stands where the name of somebody stood who was erased."""

# Letters that are no letter with a mark, but are typed as one where the keyboard has none.
_TYPED_AS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i"}
)
# In UTF-8 at most 2,400 bytes: PostgreSQL's indexes take 2,704.
_MOST_KEPT: Final = 600
_MOST_WORDS: Final = 8


def address_key(address: str) -> str:
    """Return the form of an e-mail address that equal addresses share, for looking people up."""
    return unicodedata.normalize("NFC", address.strip()).casefold()


def masked(address: str) -> str:
    """Return an address that its owner knows again and a glance over a shoulder does not tell."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}…@{host}" if local else "…"


def search_key(*texts: str) -> str:
    """Return names and an address as they are searched: no case, no accents, one line."""
    return " ".join(_folded(" ".join(texts)).split())[:_MOST_KEPT]


def search_words(query: str) -> tuple[str, ...]:
    """Return the words of a query, eight at the most, each to be found within a search key."""
    return tuple(dict.fromkeys(_folded(query).split()))[:_MOST_WORDS]


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("\0", " ")).casefold()
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain.translate(_TYPED_AS)
