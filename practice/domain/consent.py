"""The consent: what somebody agrees to before the first answer, line by line and true.

What stands here is a promise: whoever changes what the house does with answers changes it, too.
"""

from collections.abc import Sequence
from hashlib import sha256


def consent_text(
    *, coach: str, months: int, secrets: str = "", privacy: str = ""
) -> tuple[str, ...]:
    """Say what is kept, who reads it, how long, how to delete and the limits, a line for each.

    `secrets` and `privacy` are the practice's own words, and follow where there are any.
    """
    span = "1 month" if months == 1 else f"{months} months"
    lines = (
        (
            "What we keep: what you write, encrypted and saved as you go, and when you agreed to "
            "this. Skip anything you’d rather leave."
        ),
        (
            f"Who reads it: only you, until you share a section. Then {coach} can read the copy "
            "you shared, and you can see when it was read. Your booking link opens no answers, "
            "and nobody who comes with you can see yours or whether there are any."
        ),
        (
            f"How long: until {span} after your last appointment. Then the key to your answers is "
            "destroyed, and nobody can read them."
        ),
        (
            "How to delete: one answer here, or everything at once from your booking link, "
            "without a passcode. Anyone else who has that link can delete too, but read nothing. "
            f"It reaches neither what {coach} has printed nor a backup made before. You can take "
            "back your agreement here as well: what you shared is hidden then, and writing ends."
        ),
        (
            f"Limits: {coach} keeps what you share in confidence, unless someone may be in danger. "
            "Then we may have to tell someone who can help, and we speak with you first if we "
            "can. Nobody watches these answers between appointments. Encryption doesn’t help if "
            "someone takes over the computer that holds the keys."
        ),
    )
    return lines + tuple(text.strip() for text in (secrets, privacy) if text.strip())


def whole(lines: Sequence[str]) -> str:
    """Join the lines of a consent to the one text that is kept in the ledger."""
    return "\n\n".join(lines)


def version_of(text: str) -> str:
    """Tell one consent text from another: its SHA-256 in hex."""
    return sha256(text.encode(errors="replace")).hexdigest()
