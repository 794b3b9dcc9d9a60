"""A change raster of the sample, its communes, and an empty base to lift them into."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from etl.pipelines import detect_change
from etl.territory import Territory
from imagery.synthetic import Sample
from lucerna.vector_files import read_territories
from lucerna.wiring import KnowledgeBase, open_knowledge_base


@pytest.fixture(scope="session")
def change(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A change raster of the sample; do not write to it."""
    out = tmp_path_factory.mktemp("change") / "angle.tif"
    detect_change(sample.before, sample.after, out, method="spectral-angle")
    return out


@pytest.fixture(scope="session")
def communes(sample: Sample) -> tuple[Territory, ...]:
    """The communes of the sample, as they are lifted."""
    return read_territories([sample.communes])


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """An empty knowledge base, open."""
    with open_knowledge_base(tmp_path / "kb") as opened:
        yield opened


@pytest.fixture
def sink(base: KnowledgeBase) -> Callable[[], AbstractContextManager[KnowledgeBase]]:
    """Gives the open base to a load, and leaves it open."""
    return lambda: nullcontext(base)
