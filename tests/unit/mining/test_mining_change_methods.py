"""Angles, lengths and scores against numbers worked out by hand."""

import numpy as np
import pytest

from mining.change.methods import (
    NODATA,
    change_methods,
    change_vector,
    score,
    spectral_angle,
)


def pixel(*reflectance: float) -> np.ndarray:
    return np.array(reflectance, dtype=np.float32).reshape(-1, 1, 1)


def test_angle_of_a_3_4_5_triangle() -> None:
    angle = spectral_angle(pixel(0.3, 0.0), pixel(0.3, 0.4))
    assert angle[0, 0] == pytest.approx(np.arctan2(4, 3), abs=1e-6)


def test_angle_ignores_brightness() -> None:
    angle = spectral_angle(pixel(0.1, 0.2, 0.3), pixel(0.2, 0.4, 0.6))
    assert angle[0, 0] == pytest.approx(0.0, abs=1e-3)


def test_change_vector_is_the_root_mean_square() -> None:
    length = change_vector(pixel(0.1, 0.1), pixel(0.4, 0.5))
    assert length[0, 0] == pytest.approx(np.sqrt((0.3**2 + 0.4**2) / 2), abs=1e-6)


def test_change_vector_is_symmetric_and_does_not_grow_with_bands() -> None:
    one, other = pixel(0.1, 0.2), pixel(0.3, 0.1)
    twice = change_vector(np.tile(one, (2, 1, 1)), np.tile(other, (2, 1, 1)))
    assert change_vector(one, other) == pytest.approx(change_vector(other, one))
    assert twice == pytest.approx(change_vector(one, other))


@pytest.mark.parametrize("method", ["spectral-angle", "cva"])
def test_nodata_in_one_band_leaves_the_pixel_out(method: str) -> None:
    chosen = change_methods()[method]
    magnitude = chosen.magnitude(pixel(0.1, np.nan), pixel(0.1, 0.2))
    assert score(magnitude, chosen.full)[0, 0] == NODATA


def test_a_black_pixel_has_no_angle() -> None:
    assert np.isnan(spectral_angle(pixel(0, 0), pixel(0.1, 0.2))[0, 0])


def test_score_rounds_and_saturates() -> None:
    scores = score(np.array([0.0, 0.1, 0.2499, 0.5, 9.0]), full=0.5)
    assert scores.tolist() == [0, 20, 50, 100, 100]
    assert scores.dtype == np.uint8


def test_the_table_has_four_methods_with_a_version_each() -> None:
    assert {name: one.version for name, one in change_methods().items()} == {
        "spectral-angle": "1",
        "cva": "1",
        "rbr": "1",
        "encoder": "1",
    }


@pytest.mark.parametrize(("method", "full"), [("spectral-angle", 0.561), ("cva", 0.15)])
def test_parameters_of_a_plain_method_name_nothing_new(
    method: str, full: float
) -> None:
    told = change_methods()[method].parameters(("B02", "B03", "B04"))
    assert told == {
        "method": method,
        "method_version": "1",
        "full": full,
        "bands": ["B02", "B03", "B04"],
    }


def test_knots_bend_the_score() -> None:
    scores = score(np.array([-1.0, 0.1, 0.2, 0.6, 1.0]), 1.0, [(0.2, 50)])
    assert scores.tolist() == [0, 25, 50, 75, 100]
