"""Who may do what at the desk: roles, rights, and the seat from which somebody acts.

An assistant keeps a diary and learns nothing of what people write. Whoever sits at somebody else's
diary, the owner too, is an assistant there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from practice.domain.refusal import NotFound


class Role(StrEnum):
    """What an account is."""

    OWNER = "owner"
    COACH = "coach"
    ASSISTANT = "assistant"


class Right(StrEnum):
    """What can be done at the desk.

    SELF       The own account: password, second factor, sessions.
    DIARY      A diary: bookings, blocks, how far letters got. Never what people write.
    CLIENTS    Who the clients of a diary are: names, addresses, their bookings.
    SETTINGS   Hours, offerings and words of a diary.
    MONEY      Payments and refunds.
    ANSWERS    What people wrote and shared.
    NOTES      A coach's own notes.
    EXPORT     Everything about one person, to take along or to erase.
    CALENDARS  The feed of a diary, and the calendars that are read into it.
    FIGURES    Counts and sums.
    PRACTICE   What holds for the whole practice: its words, its sender, its approvals.
    TEAM       Who else may sign in, and as what.
    JOURNAL    Who did what.
    """

    SELF = "self"
    DIARY = "diary"
    CLIENTS = "clients"
    SETTINGS = "settings"
    MONEY = "money"
    ANSWERS = "answers"
    NOTES = "notes"
    EXPORT = "export"
    CALENDARS = "calendars"
    FIGURES = "figures"
    PRACTICE = "practice"
    TEAM = "team"
    JOURNAL = "journal"


_ASSISTANT: Final = frozenset({Right.SELF, Right.DIARY, Right.CLIENTS})
_HOUSE: Final = frozenset({Right.PRACTICE, Right.TEAM, Right.JOURNAL})
_RIGHTS: Final = {
    Role.OWNER: frozenset(Right),
    Role.COACH: frozenset(Right) - _HOUSE,
    Role.ASSISTANT: _ASSISTANT,
}
NOTHING = "There is nothing here, or nothing for your account."


@dataclass(frozen=True, slots=True)
class Seat:
    """Who acts at the desk, in whose diary (`coach_id`), and whether that diary is the own one."""

    user_id: int
    role: Role
    coach_id: int
    is_own: bool = True

    def may(self, right: Right) -> bool:
        """Tell whether this right is held from here."""
        held = _RIGHTS[self.role]
        if not self.is_own:
            held &= _ASSISTANT | _HOUSE
        return right in held

    def require(self, right: Right) -> None:
        """Raise NotFound, the same for everything that is closed, unless this right is held."""
        if not self.may(right):
            raise NotFound(NOTHING)
