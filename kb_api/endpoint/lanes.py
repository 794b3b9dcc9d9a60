"""Who may run: what takes long lets those by that do not."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator


class Place:
    """What somebody runs in.

    Attributes:
        client: Who runs it.
        since: `time.monotonic` when it was taken.
        slow: Whether it has been moved to the slow lane.
    """

    def __init__(self, client: str = "") -> None:
        self.client = client
        self.since = time.monotonic()
        self.slow = False
        self._slow_down: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def on_slow(self, slow_down: Callable[[], None]) -> None:
        """What to do when it is moved, or now where it was."""
        with self._lock:
            self._slow_down = slow_down
            if self.slow:
                slow_down()

    def move(self) -> None:
        """Move it to the slow lane."""
        with self._lock:
            self.slow = True
            if self._slow_down is not None:
                self._slow_down()


class Lanes:
    """A quick lane and a slow one, each with a number of places.

    All begin in the quick lane. Somebody who waits moves the one that has been there
    longest, once that is a while, to the slow lane if a place is free. So whoever holds
    places for long is in nobody's way before both lanes are full of such. This is a
    feedback queue with two levels (Corbató et al. 1962). One client gets only some of
    the places; who is known by no name, any.

    Args:
        quick: Places of the quick lane.
        slow: Places of the slow lane.
        while_s: For how long a place of the quick lane is held at least.
        a_client: Places that one client may hold.
    """

    def __init__(self, quick: int, slow: int, while_s: float, a_client: int) -> None:
        self._a_client = a_client
        self._most_quick, self._most_slow = quick, slow
        self._while_s = while_s
        self._held: list[Place] = []  # the longest held first
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def place(self, deadline: float, client: str = "") -> Iterator[Place | None]:
        """A place, for as long as the block runs; None: none was free in time.

        Args:
            deadline: `time.monotonic` until which to wait.
            client: Who asks for it; empty: nobody that has a name.
        """
        with self._changed:
            is_free = self._is_free_before(deadline, client)
            place = Place(client) if is_free else None
            if place is not None:
                self._held.append(place)
        try:
            yield place
        finally:
            with self._changed:
                if place is not None:
                    self._held.remove(place)
                self._changed.notify_all()

    def _is_free_before(self, deadline: float, client: str) -> bool:
        """Wait for a place of the quick lane; whether there was one in time."""
        while True:
            quick = [one for one in self._held if not one.slow]
            now = time.monotonic()
            theirs = sum(one.client == client for one in self._held) if client else 0
            may = theirs < self._a_client
            if may and len(quick) < self._most_quick:
                return True
            until = deadline
            if may and len(self._held) - len(quick) < self._most_slow:
                ripe = quick[0].since + self._while_s
                if ripe <= now:
                    quick[0].move()
                    return True
                until = min(deadline, ripe)
            if now >= deadline:
                return False
            self._changed.wait(until - now)
