"""Spectral indices by hand."""

import numpy as np
import pytest

from imagery.bands import INDEX_BANDS, SENTINEL2_BANDS
from imagery.indices import SPECTRAL_INDICES, evi, nbr, ndmi, ndvi, ndwi


def pixels(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("function", "first", "second", "expected"),
    [
        (ndvi, 0.1, 0.4, 0.6),
        (ndwi, 0.1, 0.4, -0.6),
        (ndmi, 0.3, 0.2, 0.2),
        (nbr, 0.2, 0.3, -0.2),
    ],
)
def test_differences_and_where_they_are_undefined(
    function: object, first: float, second: float, expected: float
) -> None:
    assert callable(function)
    one = pixels(first, 0.0, np.nan, -0.2)
    index = function(one, pixels(second, 0.0, 0.5, 0.1))
    assert index.dtype == np.float32
    np.testing.assert_allclose(index, [expected, np.nan, np.nan, np.nan], rtol=1e-6)


def test_evi_by_hand() -> None:
    # 2.5 (0.4 - 0.05) / (0.4 + 0.3 - 0.225 + 1) = 0.875 / 1.475; the second would
    # divide by 0.6 + 3.6 - 6 + 1 = -0.8
    index = evi(pixels(0.03, 0.8), pixels(0.05, 0.6), pixels(0.4, 0.6))
    np.testing.assert_allclose(index, [0.875 / 1.475, np.nan], rtol=1e-6)


def test_the_table_names_known_bands_and_covers_the_index_rasters() -> None:
    assert set(INDEX_BANDS) <= set(SPECTRAL_INDICES)
    for index in SPECTRAL_INDICES.values():
        assert set(index.bands) <= set(SENTINEL2_BANDS)
    red_nir = SPECTRAL_INDICES["NDVI"]
    assert red_nir.bands == ("B04", "B08")
    assert red_nir.function(pixels(0.125), pixels(0.375)).tolist() == [0.5]
