"""Change rasters of described pairs: the same for every block, and refusals."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from imagery.errors import MissingBand
from imagery.scene import Scene, open_scene
from imagery.stac import describe_raster
from mining.change.methods import COMPARED_BANDS, NODATA
from mining.change.pair_offset import for_pair
from mining.change.raster import change_raster, compared_bands, find_method

SIZE = (70, 90)
TIMES = (datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))


def scene(
    path: Path, values: np.ndarray, bands: tuple[str, ...], sensor: str, order: int
) -> Scene:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[2],
        height=values.shape[1],
        count=len(bands),
        dtype="float32",
        crs="EPSG:32630",
        transform=from_origin(700_000, 4_970_000, 20, 20),
        nodata=np.nan,
    ) as out:
        out.write(values.astype(np.float32))
    when = TIMES[order]
    describe_raster(
        path,
        sensor=sensor,
        begins=when,
        ends=when,
        bands=bands,
        scale=1.0,
        offset=0.0,
        nodata=float("nan"),
    )
    return open_scene(path)


def spectra(seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).uniform(0.02, 0.4, (10, *SIZE))
    values[:, 30:33, 40 + seed] = np.nan
    return values


@pytest.fixture
def optical(tmp_path: Path) -> tuple[Scene, Scene]:
    first, second = (
        scene(
            tmp_path / f"{name}.tif",
            spectra(order),
            COMPARED_BANDS,
            "sentinel-2-l2a",
            order,
        )
        for order, name in enumerate(("before", "after"))
    )
    return first, second


def index_pair(folder: Path, drop: np.ndarray) -> tuple[Scene, Scene]:
    before = np.full((1, *drop.shape), 0.4)
    first, second = (
        scene(folder / f"{name}.tif", values, ("NBR",), "sentinel-2-index", order)
        for order, (name, values) in enumerate(
            (("nbr-before", before), ("nbr-after", before - drop))
        )
    )
    return first, second


def scores(
    pair: tuple[Scene, Scene], method: str, folder: Path, block: int = 512
) -> tuple[np.ndarray, np.ndarray]:
    chosen = find_method(method)
    out = folder / f"{method}-{block}.tif"
    quality = folder / f"{method}-{block}-quality.tif"
    bands = compared_bands(*pair, chosen)
    fitted = for_pair(chosen, *pair, bands)
    change_raster(*pair, out, quality, method=fitted, bands=bands, block=block)
    with rasterio.open(out) as change, rasterio.open(quality) as clear:
        return change.read(1), clear.read(1)


@pytest.mark.parametrize("method", ["spectral-angle", "cva", "rbr", "encoder"])
def test_scores_are_the_same_for_every_block(
    method: str, optical: tuple[Scene, Scene], tmp_path: Path
) -> None:
    whole, quality = scores(optical, method, tmp_path)
    assert (whole == NODATA).sum() == 6, "three unknown pixels on either date"
    assert ((quality != 0) == (whole == NODATA)).all()
    assert np.ptp(whole[whole != NODATA]) > 20
    for block in (16, 37):
        again, again_quality = scores(optical, method, tmp_path, block)
        assert (again == whole).all()
        assert (again_quality == quality).all()


def test_an_index_pair_gives_the_burn(tmp_path: Path) -> None:
    drop = np.full((40, 50), 0.02)
    drop[5:30, 5:20] += 0.25 * 1.401
    drop[5:30, 30:45] += 0.774 * 1.401
    drop[33:, 47:] = np.nan
    found, quality = scores(index_pair(tmp_path, drop), "rbr", tmp_path)
    assert ((quality != 0) == np.isnan(drop)).all()
    assert ((found == NODATA) == np.isnan(drop)).all()
    assert (found[9:26, 9:16] == 75).all()
    assert (found[9:26, 34:41] == 100).all()
    assert (found[34:][~np.isnan(drop[34:])] == 0).all()
    with rasterio.open(tmp_path / "rbr-512.tif") as raster:
        assert raster.tags()["scene_offset"] == "0.02"


def test_an_index_pair_has_no_spectral_angle(tmp_path: Path) -> None:
    pair = index_pair(tmp_path, np.zeros((20, 20)))
    with pytest.raises(MissingBand, match="share only no band"):
        compared_bands(*pair, find_method("spectral-angle"))


def test_an_index_and_bands_are_no_pair_for_the_burn_ratio(
    optical: tuple[Scene, Scene], tmp_path: Path
) -> None:
    index = index_pair(tmp_path, np.zeros(SIZE))[1]
    with pytest.raises(MissingBand) as refused:
        compared_bands(optical[0], index, find_method("rbr"))
    assert str(refused.value).startswith(
        "rbr compares exactly NBR or B08, B12, the same in both scenes; "
    )


def test_the_encoder_wants_exactly_its_bands(
    optical: tuple[Scene, Scene], tmp_path: Path
) -> None:
    fewer = scene(
        tmp_path / "fewer.tif", spectra(1)[:9], COMPARED_BANDS[:9], "sentinel-2-l2a", 1
    )
    with pytest.raises(MissingBand) as refused:
        compared_bands(optical[0], fewer, find_method("encoder"))
    text = str(refused.value)
    assert text.startswith("encoder compares exactly B02, B03, B04, B05, B06, B07")
    assert " has B02, B03, B04, B05, B06, B07, B08, B8A, B11: choose another" in text
    assert "\n" not in text
