"""Several people at the same moment, each in a thread that waits for all the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def together(*acts: Callable[[], T]) -> list[T]:
    """Do all of it at one moment, and return what came of each; raises the first fault of any."""
    gate = Barrier(len(acts))

    def at_once(act: Callable[[], T]) -> T:
        gate.wait(30)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result() for done in [threads.submit(at_once, act) for act in acts]]
