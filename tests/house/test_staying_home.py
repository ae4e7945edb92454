"""The tests never leave this machine, whatever a feed, a letter or a payment asks for."""

import socket

import pytest


@pytest.mark.parametrize("host", ["198.51.100.7", "2001:db8::7"])
def test_no_test_connects_to_another_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as way_out, pytest.raises(RuntimeError, match="must not leave"):
        way_out.connect((host, 443))


def test_no_test_asks_for_the_address_of_another_machine() -> None:
    with pytest.raises(RuntimeError, match="must not leave"):
        socket.getaddrinfo("practice.example", 443)
