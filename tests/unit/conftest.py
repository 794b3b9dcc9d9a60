"""A small patch catalogue whose category is known, in both kinds of database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from shapely.geometry import box

from imagery.scene_record import SceneRecord
from lucerna.database import open_catalogue
from mining.catalogue.catalogue import Catalogue, DescribedPatch
from mining.catalogue.patches import Patch, patch_id

CATALOGUE_NAMES = ("B04-mean", "B08-mean", "B08-std")


def scene_of_catalogue(name: str = "S2A_T30TYQ") -> SceneRecord:
    moment = datetime(2017, 4, 19, 11, 0, 21, tzinfo=UTC)
    return SceneRecord(
        id=name,
        product_id=f"{name}_N0204",
        sensor="sentinel-2-l2a",
        platform="sentinel-2a",
        level="L2A",
        begins=moment,
        ends=moment,
        footprint=box(0, 44, 1, 45),
        sha256="ab" * 32,
        simulated=True,
    )


def described(row: int, column: int, vector: np.ndarray) -> DescribedPatch:
    outline = box(column / 100, 45 - row / 100, (column + 1) / 100, 45.01 - row / 100)
    patch = Patch(
        patch_id("S2A_T30TYQ", 64, row, column),
        "S2A_T30TYQ",
        row,
        column,
        64,
        outline,
        1.0,
        0.25,
    )
    picture = b"\x89PNG\r\n\x1a\n" + patch.id.encode()
    return DescribedPatch(patch, vector.astype(np.float32), picture)


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    """100 patches of one scene; those of row 0 (20 of them) look alike and apart."""
    random = np.random.default_rng(5)
    with open_catalogue(database_url) as opened:
        opened.put_scene(scene_of_catalogue())
        patches = [
            described(row, column, random.normal(4.0 * (row == 0), 1.0, 3))
            for row in range(5)
            for column in range(20)
        ]
        opened.put_patches(CATALOGUE_NAMES, patches)
        opened.put_cut("S2A_T30TYQ", 64, 100, 3)
        yield opened
