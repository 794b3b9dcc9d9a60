"""Features against plain numpy, by pixel and by window."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fusion.features import (
    FeatureSet,
    check_features,
    default_features,
    optical_features,
    radar_features,
)
from imagery.errors import ImageryError, MissingBand

if TYPE_CHECKING:
    from conftest import Place

RNG = np.random.default_rng(3)
SET = FeatureSet(("B03", "B04", "B08"), ("VV", "VH"), 3)
BANDS = RNG.uniform(0.01, 0.5, (3, 9, 10)).astype(np.float32)
POWER = RNG.uniform(0.01, 0.5, (2, 9, 10)).astype(np.float32)
CLEAR = np.ones((9, 10), bool)


def test_names_and_features_are_as_many() -> None:
    for size in (1, 3):
        one = FeatureSet(SET.optical_bands, SET.polarisations, size)
        halo = one.halo
        optical = optical_features(BANDS, CLEAR, one)
        radar = radar_features(POWER, one)
        assert optical.shape == (len(one.optical_names), 9 - 2 * halo, 10 - 2 * halo)
        assert radar.shape == (len(one.radar_names), 9 - 2 * halo, 10 - 2 * halo)
    assert "NDMI" not in SET.optical_names
    assert SET.radar_names[:3] == ("VV dB", "VH dB", "VV-VH dB")


def test_a_pixel_by_hand() -> None:
    optical = optical_features(BANDS, CLEAR, SET)[:, 2, 4]
    told = dict(zip(SET.optical_names, optical.tolist(), strict=True))
    square = BANDS[:, 2:5, 4:7].astype(float)
    green, red, nir = square.mean(axis=(1, 2))
    assert told["B04"] == pytest.approx(BANDS[1, 3, 5])
    assert told["NDVI"] == pytest.approx(
        (BANDS[2, 3, 5] - BANDS[1, 3, 5]) / (BANDS[2, 3, 5] + BANDS[1, 3, 5]), abs=1e-6
    )
    assert told["B03 mean of 3"] == pytest.approx(green)
    assert told["NDVI mean of 3"] == pytest.approx((nir - red) / (nir + red), abs=1e-6)
    assert told["B08 deviation of 3"] == pytest.approx(square[2].std(), rel=1e-5)


def test_backscatter_by_hand() -> None:
    radar = radar_features(POWER, SET)[:, 0, 0]
    told = dict(zip(SET.radar_names, radar.tolist(), strict=True))
    mean = POWER[:, :3, :3].astype(float).mean(axis=(1, 2))
    assert told["VV dB"] == pytest.approx(10 * np.log10(POWER[0, 1, 1]), rel=1e-5)
    assert told["VV-VH dB mean of 3"] == pytest.approx(
        10 * np.log10(mean[0] / mean[1]), rel=1e-4
    )
    assert told["VH variation of 3"] == pytest.approx(
        POWER[1, :3, :3].std() / mean[1], rel=1e-4
    )


def test_means_leave_clouds_and_nodata_out() -> None:
    bands, clear = BANDS.copy(), CLEAR.copy()
    bands[0, 3, 4] = np.nan
    clear[2, 4] = False
    optical = optical_features(bands, clear, SET)
    assert np.isnan(optical[:, 2, 3]).all()
    assert np.isnan(optical[:, 1, 3]).all()
    square = BANDS[1, 2:5, 4:7].astype(float).ravel()
    kept = np.delete(square, [0, 3])
    name = SET.optical_names.index("B04 mean of 3")
    assert optical[name, 2, 4] == pytest.approx(kept.mean())
    assert np.isfinite(optical).all(axis=0).sum() == 7 * 8 - 2


def test_a_window_of_any_size_gives_the_same_bits() -> None:
    whole = optical_features(BANDS, CLEAR, SET)
    part = optical_features(BANDS[:, 2:7, 3:9], CLEAR[2:7, 3:9], SET)
    np.testing.assert_array_equal(part, whole[:, 2:5, 3:7])


def test_black_pixels_and_no_power_are_numbers() -> None:
    optical = optical_features(np.zeros_like(BANDS), CLEAR, SET)
    radar = radar_features(np.zeros_like(POWER), SET)
    assert np.isfinite(optical).all()
    np.testing.assert_allclose(radar[0], -50, rtol=1e-6)


@pytest.mark.parametrize("size", [0, 2, 101])
def test_context_is_odd_and_small(size: int) -> None:
    with pytest.raises(ValueError, match="odd"):
        FeatureSet(("B04",), (), size)


def test_default_features_are_what_the_scenes_have(place: "Place") -> None:
    found = default_features(place.optical, place.radar)
    assert found.optical_bands == ("B03", "B04", "B08", "B11")
    assert found.polarisations == ("VV", "VH")


def test_missing_bands_are_named_in_one_line(place: "Place") -> None:
    needed = FeatureSet(("B04", "B12"), (), 1)
    with pytest.raises(MissingBand, match=r"needs .* B04, B12 .* lacks B12; ") as told:
        check_features(needed, place.optical, None, "crops")
    assert "\n" not in str(told.value)
    with pytest.raises(ImageryError, match="crops was trained without Sentinel-1"):
        check_features(needed, None, place.radar, "crops")
