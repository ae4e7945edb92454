"""Every anticipated "no": a sentence that a client can read. Anything else raised is a defect.

Refusal
├── Invalid       what was typed cannot be used; `field` names where
├── TimeTaken     the time is not to be had (any more); `nearest` may offer others
├── TooLate       the cut-off of the offering has passed
├── NotAllowed    the state or the person does not admit the act
├── Away          a browser was idle for long; who sits there now has to show the way back
├── OtherNotes    other notes are open in this browser than those whose page was pressed
├── NotFound      there is nothing at this address; the same for unknown, mistyped and revoked
│   └── Closed    no notes are open in this browser (any more)
├── NoPayment     the payment service cannot be had, or says no; nothing was charged
├── TooMany       a throttle; `retry_after` seconds
├── Busy          the database could not be had in time; trying again is safe
└── Unreadable    what is kept was altered or moved, or its key is another one; nothing is shown
"""

from datetime import datetime


class Refusal(Exception):
    """An anticipated "no" with one sentence for the person who asked."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Invalid(Refusal):
    """What was typed cannot be used as it is; `field` names the field where it was typed."""


class TimeTaken(Refusal):
    """The time is not to be had; `nearest` holds other starts (aware UTC), closest first."""

    def __init__(self, sentence: str, *, nearest: tuple[datetime, ...] = ()) -> None:
        super().__init__(sentence)
        self.nearest = nearest


class TooLate(Refusal):
    """The offering's cut-off for this change has passed."""


class NotAllowed(Refusal):
    """The state of the thing, or who asks, does not admit the act."""


class Away(Refusal):
    """The sitting was idle for long: whoever is there now shows the passcode or a code again."""


class OtherNotes(Refusal):
    """Other notes are open in this browser now than those whose page was pressed."""

    def __init__(self) -> None:
        super().__init__(
            "Other notes are open in this browser now, so nothing was changed. Open your own link "
            "to go on with yours."
        )


class NotFound(Refusal):
    """Nothing is at this address: unknown, mistyped, revoked and foreign look the same."""


class Closed(NotFound):
    """No notes are open in this browser: never begun, left, deleted and elsewhere look the same."""


class NoPayment(Refusal):
    """Paying is not possible at the moment: nothing was charged, and the time is still held."""

    def __init__(
        self,
        sentence: str = "We can’t reach the payment page at the moment. Nothing was charged, and "
        "your time is still held. Please try again in a minute.",
    ) -> None:
        super().__init__(sentence)


class TooMany(Refusal):
    """A throttle said no; it is worth trying again after `retry_after` seconds."""

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Busy(Refusal):
    """The database could not be had in time; the same request may be sent again safely."""


class Unreadable(Refusal):
    """Something sealed does not open: it was altered, moved, or sealed with another key."""

    def __init__(self) -> None:
        super().__init__(
            "Part of what is kept here can’t be read: it was changed from outside. Nothing was "
            "shown and nothing was overwritten. Please tell your coach."
        )
