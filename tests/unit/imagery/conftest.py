"""A disk with little room: no file may grow beyond so many bytes."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

import pytest

Room: TypeAlias = Callable[[int], AbstractContextManager[Callable[[], None]]]


@pytest.fixture
def most_bytes() -> Room:
    """``most_bytes(9)``: a context whose function sets the limit, to its end."""
    return _most_bytes


@contextmanager
def _most_bytes(most: int) -> Iterator[Callable[[], None]]:
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, unlimited[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
