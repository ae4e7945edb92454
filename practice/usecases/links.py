"""Sending private links again, to their owner and to nobody else."""

import secrets

from sqlalchemy import select

from practice.domain.booking import Actor
from practice.domain.client import address_key
from practice.domain.letters import LetterKind
from practice.models.client import Client
from practice.models.journal import Happening, tell
from practice.models.outbox import About, write_letter
from practice.models.throttle import take
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools
from practice.usecases.counting import bucket_of


def send_again(address: str, caller: str, *, tools: Tools) -> None:
    """Have the links of an address sent to it; known and unknown addresses cost the same work.

    An unknown address gets a letter without a reader, which the worker drops. Raises TooMany.
    """
    now = tools.clock.now()
    key = address_key(address)

    def act() -> None:
        with unit_of_work() as session:
            if tools.rate_limits:
                take(session, f"link:{caller}", burst=10, per_seconds=60, now=now)
                whose = bucket_of("link-to", key, tools=tools)
                take(session, whose, burst=3, per_seconds=1200, now=now)
            client_id = session.scalar(select(Client.id).where(Client.address_key == key))
            write_letter(
                session,
                LetterKind.LINK,
                f"link:{secrets.token_hex(8)}",
                About(client_id=client_id),
                due_at=now,
                now=now,
            )
            tell(session, Happening.LINK_ASKED, actor=Actor.CLIENT, now=now)

    persistently(act)
