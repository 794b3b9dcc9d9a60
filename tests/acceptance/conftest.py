"""The walk by the installed command, once a session, on a sample of a random seed."""

import dataclasses
import functools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

if TYPE_CHECKING:
    from acceptance_walk import Pair, Walk
    from acceptance_wheel import Installed
    from expected_facts import Facts

_HERE = Path(__file__).parent
sys.path += [str(_HERE), str(_HERE / "expected")]

Unchanged = tuple["Pair", dict[str, dict[str, Any]]]


@pytest.fixture(scope="session")
def background() -> Iterator[ThreadPoolExecutor]:
    """A thread for commands that run beside the tests."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture(scope="session")
def unchanged(
    background: ThreadPoolExecutor,
    tmp_path_factory: pytest.TempPathFactory,
    sample_seed: int,
) -> "Future[Unchanged]":
    """A sample in which nothing was planted, compared by all methods; begun here."""
    from acceptance_walk import METHODS, Pair

    pair = Pair(tmp_path_factory.mktemp("unchanged"))

    def compare() -> Unchanged:
        pair.write(sample_seed, "--no-change")
        return pair, {method: pair.change(method) for method in METHODS}

    return background.submit(compare)


@pytest.fixture(scope="session")
def wheel(
    background: ThreadPoolExecutor, tmp_path_factory: pytest.TempPathFactory
) -> "Future[Installed]":
    """The built wheel in an environment of its own, its demo run; begun here."""
    from acceptance_wheel import install_wheel

    return background.submit(install_wheel, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session", autouse=True)
def head_start(request: pytest.FixtureRequest) -> None:
    """Begin at once what runs beside the tests, if a test of this session wants it."""
    for name in ("wheel", "unchanged"):
        wanted = [getattr(item, "fixturenames", ()) for item in request.session.items]
        if any(name in names for names in wanted):
            request.getfixturevalue(name)


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory, sample_seed: int) -> "Walk":
    """Sample, change by both methods, lift with all context. Do not change it."""
    from acceptance_walk import METHODS, Walk

    print(f"sample seed: {sample_seed}")  # noqa: T201
    walk = Walk(tmp_path_factory.mktemp("walk"), {}, sample_seed)
    walk.write(sample_seed)
    for method in METHODS:
        walk.changed[method] = walk.change(method)
        walk.lift(method)
    return walk


@pytest.fixture(scope="session")
def pure_facts(walk: "Walk") -> "Facts":
    """What the sample's files say, nothing of the product in it."""
    from expected_facts import compare_pair, read_facts, read_pair

    pair = read_pair(walk.sample)
    return read_facts(walk.sample, pair, compare_pair(*pair))


@pytest.fixture(scope="session")
def facts(walk: "Walk", pure_facts: "Facts") -> "Facts":
    """The same, where a score that may be rounded either way is as the product's.

    Such ties are about one pixel in 600. Without this a pixel at the bound of a level
    could stand in another level than the product's, and both would be right.
    """
    from expected_facts import read_facts

    comparisons = {}
    for method, one in pure_facts.comparisons.items():
        with rasterio.open(walk.raster(method)) as raster:
            theirs = raster.read(1)
        chosen = one.doubtful() & (abs(theirs.astype(int) - one.scores) <= 1)
        scores = np.where(chosen, theirs, one.scores)
        comparisons[method] = dataclasses.replace(one, scores=scores)
    pair = pure_facts.before, pure_facts.after
    return read_facts(walk.sample, pair, comparisons)


@pytest.fixture(scope="session")
def digests() -> Callable[[Path], dict[str, str]]:
    """A function from a folder to the SHA-256 of each file in it, by its name."""
    from acceptance_refused import FOLDER, content

    return lambda folder: {
        name: held for name, held in content(folder).items() if held != FOLDER
    }


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Runs a command that must be refused, in `tmp_path`; gives its one line."""
    from acceptance_refused import refused

    return functools.partial(refused, tmp_path)
