"""Which machines a calendar may be fetched from: those on the open internet, and no others.

The ranges stand here in full. Python's own `is_global` follows the registries as they were when
that Python was made: 3.11.7 takes 192.0.0.8, and all of 6to4, for public.
"""

import re
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

# The IANA IPv4 Special-Purpose Address Registry, with multicast (RFC 5771). AS112 and AMT are
# reachable from everywhere, and no calendar lives there.
_V4_SPECIAL: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared behind a carrier's NAT; some clouds tell secrets there
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local; most clouds tell secrets there
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# All that was ever given to the open internet. What lies outside is refused as a whole: unique
# local, link-local, site-local, multicast, discard-only, segment routing, ::/96, 64:ff9b:1::/48.
_V6_OPEN: Final = IPv6Network("2000::/3")
# What is special within it: the IANA IPv6 Special-Purpose Address Registry.
_V6_SPECIAL: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: benchmarks, ORCHID, drone ids
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
_LAST_FOUR_BYTES: Final = 0xFFFFFFFF
_LONGEST_NAME: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_DOTS: Final = str.maketrans("\u3002\uff0e\uff61", "...")

Address = IPv4Address | IPv6Address


def is_public(address: str | Address) -> bool:
    """Tell whether it is the address of a machine on the open internet; a zone id never is."""
    try:
        asked = ip_address(address)
    except ValueError:
        return False
    if isinstance(asked, IPv4Address):
        return not any(asked in special for special in _V4_SPECIAL)
    if asked.scope_id is not None:
        return False
    if inner := _within(asked):
        return all(is_public(each) for each in inner)
    return asked in _V6_OPEN and not any(asked in special for special in _V6_SPECIAL)


def _within(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that packets to this one may end at, where it is such a one."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _TRANSLATED:
        return (IPv4Address(int(address) & _LAST_FOUR_BYTES),)
    return ()


def host_of(text: str) -> str | Address:
    """Return the host that the text between // and the port or path means; ValueError for none.

    It comes back as an address, in whatever way that was written (0x7f.1, 2130706433), or as a name
    in ASCII and small letters without a dot at its end. Text is read as browsers read it, but for
    escapes (%2e) and zone ids, which are refused.
    """
    if text.startswith("[") and text.endswith("]"):
        return IPv6Address(text[1:-1])
    if len(text) > _LONGEST_NAME:
        raise ValueError("no name is so long")
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
    name = plain.encode("idna").decode("ascii").lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _as_numbers(labels)
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("this is no name of a machine")
    return name


def _as_numbers(labels: list[str]) -> IPv4Address:
    """Return the address of one to four numbers, the last one filling what the others leave."""
    numbers = [_number(label) for label in labels]
    most = 256 ** (5 - len(numbers))
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= most:  # noqa: PLR2004
        raise ValueError("this is no address of a machine")
    head = sum(number << (24 - 8 * place) for place, number in enumerate(numbers[:-1]))
    return IPv4Address(head + numbers[-1])


def _number(label: str) -> int:
    if not _NUMBER.fullmatch(label):
        raise ValueError("this is no address of a machine")
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)
