"""The cast: the same few people in every test, so that a name tells what to expect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the cast; `browser` and `caller` are what the house knows of a stranger."""

    name: str
    email: str

    @property
    def browser(self) -> str:
        return f"browser-of-{self.name.lower()}"

    @property
    def caller(self) -> str:
        return f"caller-{self.name.lower()}"


MAYA = Person("Maya Ellis", "maya@lantern.example")  # the coach, in London
ADA = Person("Ada", "ada@mail.example")  # books
BEN = Person("Ben", "ben@mail.example")  # wants what Ada has
CLEO = Person("Cleo", "cleo@mail.example")  # comes late
