"""The feature bands of a stack, window by window."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from fusion.features import FeatureSet, optical_features, radar_features
from fusion.stack import FusedStack
from imagery.backscatter import open_backscatter
from imagery.masks import CLEAR, open_quality
from imagery.raster import open_reflectance
from imagery.scene import require_bands
from imagery.stream import grown

Features = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class FeatureSources:
    """Open sources of a stack, for `map_windows`, and what to make of their arrays.

    Attributes:
        sources: Functions from a window, which may overhang the grid, to an array.
        feature_set: What is computed.
        has_optical: Whether the first two sources are reflectance and quality.
        has_radar: Whether the last source is backscatter.
    """

    sources: Sequence[Callable[[Window], NDArray[Any]]]
    feature_set: FeatureSet
    has_optical: bool
    has_radar: bool

    def features(self, *arrays: NDArray[Any]) -> Features:
        """Features of one window.

        Args:
            arrays: What each source gives for the window grown by the halo.

        Returns:
            Optical (n, o) and radar (n, r) float32 of the window's pixels by rows;
            NaN where a sensor is not valid or missing.
        """
        halo = self.feature_set.halo
        shape = arrays[0].shape[-2] - 2 * halo, arrays[0].shape[-1] - 2 * halo
        optical = _nothing(len(self.feature_set.optical_names), shape)
        radar = _nothing(len(self.feature_set.radar_names), shape)
        if self.has_optical:
            clear = arrays[1] == CLEAR
            optical = optical_features(arrays[0], clear, self.feature_set)
        if self.has_radar:
            radar = radar_features(arrays[-1], self.feature_set)
        return _rows(optical), _rows(radar)

    def read(self, window: Window) -> Features:
        """Features of the pixels of a window, by rows; see `features`."""
        seen = grown(window, self.feature_set.halo)
        return self.features(*(source(seen) for source in self.sources))


@contextmanager
def open_features(
    stack: FusedStack, feature_set: FeatureSet
) -> Iterator[FeatureSources]:
    """Open a stack for reading its features; the files close with the block.

    Optical pixels count where the scene is clear by `open_quality` and all bands of
    the feature set have data.

    Raises:
        MissingBand: A scene lacks a band of the feature set.
        UnreadableProduct: A file cannot be opened.
        GridMismatch: The optical scene has another CRS than the grid.
    """
    sources: list[Callable[[Window], NDArray[Any]]] = []
    with ExitStack() as opened:
        if stack.optical is not None:
            bands = require_bands(stack.optical, feature_set.optical_bands)
            sources += [
                opened.enter_context(open_reflectance(bands, stack.geobox)),
                opened.enter_context(open_quality(stack.optical, stack.geobox)),
            ]
        if stack.radar is not None:
            waves = require_bands(stack.radar, feature_set.polarisations)
            sources.append(opened.enter_context(open_backscatter(waves, stack.geobox)))
        yield FeatureSources(
            sources, feature_set, stack.optical is not None, stack.radar is not None
        )


def _nothing(count: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    return np.full((count, *shape), np.nan, np.float32)


def _rows(features: NDArray[np.float32]) -> NDArray[np.float32]:
    count, height, width = features.shape
    return np.ascontiguousarray(features.reshape(count, height * width).T)
