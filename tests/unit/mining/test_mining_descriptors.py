"""Numbers of a patch against those worked out by hand or plain numpy."""

import numpy as np
import pytest

from imagery.errors import ImageryError
from mining.catalogue.descriptors import describe, descriptor_names

SIDE = 32


def told(array: np.ndarray, *bands: str) -> dict[str, float]:
    numbers = describe(array.astype(np.float32), bands)
    assert np.isfinite(numbers).all()
    return dict(zip(descriptor_names(bands), numbers.tolist(), strict=True))


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.05, 0.4, shape)


def test_statistics_of_a_band() -> None:
    ramp = np.arange(SIDE * SIDE).reshape(1, SIDE, SIDE) / 1000
    numbers = told(ramp, "B04")
    assert numbers["B04-mean"] == pytest.approx(0.5115)
    assert numbers["B04-std"] == pytest.approx(np.sqrt((1024**2 - 1) / 12) / 1000)
    assert numbers["B04-p25"] == pytest.approx(0.25575)
    assert numbers["B04-p95"] == pytest.approx(0.97185)
    assert numbers["B04-skewness"] == pytest.approx(0, abs=1e-5)


def test_gradients_of_a_slope_at_three_scales() -> None:
    slope = np.tile(np.arange(SIDE) * 0.01, (1, SIDE, 1))
    numbers = told(slope, "B04")
    for scale in (1, 2, 4):
        steep = np.exp(numbers[f"B04-gradient-{scale}-mean"]) - 1e-4
        assert steep == pytest.approx(0.01 * scale, rel=1e-3)
        assert numbers[f"brightness-coherence-{scale}"] == pytest.approx(1, abs=1e-3)


def test_patterns_of_a_single_bright_pixel() -> None:
    dark = np.zeros((1, SIDE, SIDE))
    dark[0, 10, 10] = 1.0
    numbers = told(dark, "B04")
    inner = (SIDE - 2) ** 2
    assert numbers["B04-pattern-1-1"] == pytest.approx(8 / inner)
    assert numbers["B04-pattern-1-0"] == pytest.approx(1 - 8 / inner)


def test_turning_a_patch_by_a_right_angle_changes_no_pattern() -> None:
    patch = noise(1, SIDE, SIDE)
    one, other = told(patch, "B04"), told(np.rot90(patch, axes=(1, 2)), "B04")
    for name, number in one.items():
        assert other[name] == pytest.approx(number, abs=1e-4), name


def test_indices_and_colour_shares_where_the_bands_allow() -> None:
    planes = np.array([0.1, 0.2, 0.3, 0.5])[:, None, None] * np.ones((4, SIDE, SIDE))
    numbers = told(planes, "B02", "B03", "B04", "B08")
    assert numbers["NDVI-mean"] == pytest.approx((0.5 - 0.3) / 0.8)
    assert numbers["NDWI-mean"] == pytest.approx((0.2 - 0.5) / 0.7)
    assert numbers["red-share-mean"] == pytest.approx(0.5)
    assert numbers["green-red-p50"] == pytest.approx(-0.2)
    assert not any(name.startswith(("NBR", "NDMI")) for name in numbers)
    assert numbers["B02-B03-correlation"] == 0, "flat planes do not vary together"


def test_correlation_of_neighbouring_bands() -> None:
    patch = noise(2, SIDE, SIDE)
    patch[1] += patch[0]
    expected = np.corrcoef(patch[0].ravel(), patch[1].ravel())[0, 1]
    assert told(patch, "B03", "B04")["B03-B04-correlation"] == pytest.approx(expected)


def test_backscatter_is_described_in_decibels() -> None:
    power = np.full((2, SIDE, SIDE), 0.1)
    power[1] = 0.0
    numbers = told(power, "VV", "VH")
    assert numbers["VV-mean"] == pytest.approx(-10)
    assert numbers["VH-mean"] == pytest.approx(-50), "the faintest that is told"


def test_pixels_without_data_do_not_count() -> None:
    patch = noise(2, SIDE, SIDE)
    holed = patch.copy()
    holed[0, :10] = np.nan
    numbers = told(holed, "B03", "B04")
    assert numbers["B03-mean"] == pytest.approx(patch[0, 10:].mean())
    assert numbers["B04-std"] == pytest.approx(patch[1, 10:].std())


def test_every_combination_of_bands_has_its_names() -> None:
    for bands in (["B04"], ["VV", "VH"], ["NBR"], ["B02", "B03", "B04", "B08", "B12"]):
        numbers = describe(noise(len(bands), SIDE, SIDE).astype(np.float32), bands)
        names = descriptor_names(bands)
        assert len(set(names)) == len(names) == len(numbers)


def test_a_patch_without_data_is_refused() -> None:
    with pytest.raises(ImageryError, match="no pixel of the patch has data"):
        describe(np.full((1, SIDE, SIDE), np.nan, np.float32), ["B04"])


def test_a_patch_that_is_too_small_is_refused() -> None:
    with pytest.raises(ImageryError, match="8 x 8 pixels is too small"):
        describe(np.ones((1, 8, 8), np.float32), ["B04"])
