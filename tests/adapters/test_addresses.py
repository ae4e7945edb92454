"""Which addresses a calendar may be fetched from, range by range, in every way of writing them."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest

from practice.adapters.addresses import host_of, is_public

# The IANA special-purpose registries for both kinds of address, with multicast and what was
# taken back. Each is (range, is the one before it public, is the one after it).
SPECIAL = [
    ("0.0.0.0/8", False, True),
    ("0.0.0.0/32", False, False),
    ("10.0.0.0/8", True, True),
    ("100.64.0.0/10", True, True),
    ("127.0.0.0/8", True, True),
    ("169.254.0.0/16", True, True),
    ("172.16.0.0/12", True, True),
    ("192.0.0.0/24", True, True),
    ("192.0.0.0/29", True, False),
    ("192.0.0.8/32", False, False),
    ("192.0.0.9/32", False, False),
    ("192.0.0.10/32", False, False),
    ("192.0.0.170/31", False, False),
    ("192.0.2.0/24", True, True),
    ("192.31.196.0/24", True, True),
    ("192.52.193.0/24", True, True),
    ("192.88.99.0/24", True, True),
    ("192.88.99.2/32", False, False),
    ("192.168.0.0/16", True, True),
    ("192.175.48.0/24", True, True),
    ("198.18.0.0/15", True, True),
    ("198.51.100.0/24", True, True),
    ("203.0.113.0/24", True, True),
    ("224.0.0.0/4", True, False),
    ("240.0.0.0/4", False, False),
    ("255.255.255.255/32", False, False),
    ("::/128", False, False),
    ("::1/128", False, False),
    ("::/96", False, False),
    ("::ffff:0:0:0/96", False, False),
    ("64:ff9b:1::/48", False, False),
    ("100::/64", False, False),
    ("100:0:0:1::/64", False, False),
    ("2001::/23", True, True),
    ("2001:1::1/128", False, False),
    ("2001:1::2/128", False, False),
    ("2001:1::3/128", False, False),
    ("2001:2::/48", False, False),
    ("2001:3::/32", False, False),
    ("2001:4:112::/48", False, False),
    ("2001:10::/28", False, False),
    ("2001:20::/28", False, False),
    ("2001:30::/28", False, False),
    ("2001:db8::/32", True, True),
    ("2620:4f:8000::/48", True, True),
    ("3fff::/20", True, True),
    ("4000::/3", True, False),
    ("5f00::/16", False, False),
    ("fc00::/7", False, False),
    ("fe80::/10", False, False),
    ("fec0::/10", False, False),
    ("ff00::/8", False, False),
]


def wide(text: str) -> str:
    """The same in the letters and digits that are as wide as a Chinese one."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


PRIVATE_V4 = ["0.0.0.0", "10.0.0.1", "100.100.100.200", "127.0.0.1", "169.254.169.254",
              "172.16.0.1", "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1",
              "240.0.0.1"]  # fmt: skip
PUBLIC_V4 = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "223.255.255.255"]


@pytest.mark.parametrize(("text", "before", "after"), SPECIAL)
def test_no_special_range_is_public_and_its_neighbours_are(
    text: str, before: bool, after: bool
) -> None:
    whole = ip_network(text)
    first, last = whole[0], whole[-1]
    kind = type(first)
    size = 2**first.max_prefixlen

    assert not is_public(first)
    assert not is_public(str(last))
    assert not is_public(whole[whole.num_addresses // 2])
    if int(first) > 0:
        assert is_public(kind(int(first) - 1)) is before
    if int(last) < size - 1:
        assert is_public(kind(int(last) + 1)) is after


@pytest.mark.parametrize("inner", PRIVATE_V4 + PUBLIC_V4)
def test_an_address_within_an_address_counts(inner: str) -> None:
    number, public = int(IPv4Address(inner)), inner in PUBLIC_V4
    server, flipped = int(IPv4Address("8.8.8.8")), number ^ 0xFFFFFFFF
    wrapped = {
        "mapped": 0xFFFF << 32 | number,
        "translated": 0x64FF9B << 96 | number,
        "6to4": 0x2002 << 112 | number << 80 | 1,
        "Teredo's client": 0x20010000 << 96 | server << 64 | flipped,
        "Teredo's server": 0x20010000 << 96 | number << 64 | (server ^ 0xFFFFFFFF),
    }

    assert is_public(inner) is public
    assert {kind: is_public(IPv6Address(each)) for kind, each in wrapped.items()} == dict.fromkeys(
        wrapped, public
    )
    for plain in (number, 0xFFFF << 48 | number, 0x64FF9B0001 << 80 | number):
        assert not is_public(IPv6Address(plain))


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "8.8.8", "08.8.8.8", "8.8.8.8 ", "2606:4700::1111%1", "fe80::1%eth0", "[::1]",
     "2606:4700::1111/64", "134744072", wide("8") + ".8.8.8"],
)  # fmt: skip
def test_what_is_no_plain_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "127.1", "127.0.1", "0177.0.0.01", "0x7f.0.0.1", "0x7F000001",
     "2130706433", "017700000001", "127.0.0.1.", "127.1.",
     wide("127") + ".0.0.1", wide("127.0.0.1"), "127。0。0。1",
     "127\uff0e0\uff0e0\uff0e1", "127\uff611", "①②⑦.0.0.1", "²130706433", "0X7f.1"],
)  # fmt: skip
def test_this_machine_is_known_in_every_spelling(text: str) -> None:
    assert host_of(text) == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Calendar.Example.COM", "calendar.example.com"),
        ("calendar.example.com.", "calendar.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        (wide("cal") + "。example", "cal.example"),
        ("ⓛocalhost", "localhost"),
        ("1.2.3.4.example", "1.2.3.4.example"),
        ("[2606:4700::1111]", "2606:4700::1111"),
    ],
)
def test_a_name_is_read_as_its_server_is_asked_for_it(text: str, name: str) -> None:
    assert str(host_of(text)) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a..b", ".a",
     "127%2e0.0.1", "%31%32%37.0.0.1", "a b", "a/b", "a@b", "a:b", "-a",
     "256.0.0.1", "1.2.3.4.5", "127.0.0.0x100", "08.0.0.1", "4294967296", "1.2.3.x.9", "[::1",
     "[127.0.0.1]", "a" * 64, "a." * 127 + "ab", "a℀b", "[]", "\x00", "a\udcff"],
)  # fmt: skip
def test_what_is_no_host_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever it is, it becomes one sentence
        host_of(text)
