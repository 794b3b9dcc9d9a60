"""Threads for requests that may wait long, so that those of other routes stay free."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """Runs functions in threads of their own.

    Args:
        most: At the same time; others wait.
    """

    def __init__(self, most: int) -> None:
        self._limiter = anyio.CapacityLimiter(most)

    async def run(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the function gives; a request that is given up does not wait for it."""
        call = functools.partial(function, *args, **kwargs)
        return await anyio.to_thread.run_sync(
            call, limiter=self._limiter, abandon_on_cancel=True
        )
