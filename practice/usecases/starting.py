"""What has to hold before a house starts: that the keys at hand are those it was made with."""

from practice.domain.refusal import NotAllowed
from practice.models.base import close_connections
from practice.models.key_mark import key_fault, lacks_mark, mark_keys
from practice.models.unit import look, unit_of_work
from practice.ports import Tools


def settle_keys(*, tools: Tools) -> None:
    """Check the keys at hand, and mark a house with them that has no mark yet.

    Raises NotAllowed where the master key or the keys of answers are others than the house was
    made with: it would start, and fail at every answer. Raises Busy where the database is away.
    """
    with look() as session:
        fault = key_fault(session, tools.vault)
        is_to_mark = fault is None and lacks_mark(session)
    if fault is not None:
        raise NotAllowed(fault)
    if is_to_mark:
        with unit_of_work() as session:
            mark_keys(session, tools.vault, tools.clock.now())


def let_connections_go() -> None:
    """Close this process's connections: processes forked from it must open their own."""
    close_connections()
