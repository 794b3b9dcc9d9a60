"""Bands, indices, backscatter and their local means and texture as feature bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imagery.bands import SENTINEL1_POLARISATIONS
from imagery.errors import ImageryError, MissingBand
from imagery.indices import SPECTRAL_INDICES
from imagery.scene import Scene

DEFAULT_CONTEXT_PX = 9
OPTICAL_BANDS = (
    "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12",
)  # fmt: skip
"""The 10 m and 20 m bands of Sentinel-2: a model takes those that its scene has."""

_INDICES = ("NDVI", "NDWI", "NDMI", "NBR")
_LEAST_POWER = 1e-5
_Bands: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class FeatureSet:
    """Which features a model looks at.

    Attributes:
        optical_bands: Sentinel-2 bands; empty for a model of radar alone.
        polarisations: Sentinel-1 polarisations; empty for a model of optical alone.
        context_px: Side of the square for local means and texture, odd; 1 for none.
    """

    optical_bands: tuple[str, ...]
    polarisations: tuple[str, ...]
    context_px: int

    def __post_init__(self) -> None:
        """Refuse what names no features."""
        if not 1 <= self.context_px <= 99 or self.context_px % 2 == 0:
            raise ValueError(f"context_px is {self.context_px}; give an odd number")
        if not (self.optical_bands or self.polarisations):
            raise ValueError("neither bands nor polarisations; name some")

    @property
    def halo(self) -> int:
        """Pixels around a window that its features depend on."""
        return self.context_px // 2

    @property
    def optical_names(self) -> tuple[str, ...]:
        """Names of the optical features, in their order."""
        bands = self.optical_bands
        return self._levels((*bands, *self._indices), bands, "deviation")

    @property
    def radar_names(self) -> tuple[str, ...]:
        """Names of the radar features, in their order."""
        pair = self.polarisations[:2]
        ratio = [f"{pair[0]}-{pair[1]} dB"] if len(pair) == 2 else []
        levels = [f"{one} dB" for one in self.polarisations]
        return self._levels((*levels, *ratio), self.polarisations, "variation")

    @property
    def _indices(self) -> tuple[str, ...]:
        return tuple(
            name
            for name in _INDICES
            if set(SPECTRAL_INDICES[name].bands) <= set(self.optical_bands)
        )

    def _levels(
        self, pixel: Sequence[str], textured: Sequence[str], texture: str
    ) -> tuple[str, ...]:
        if self.context_px == 1:
            return tuple(pixel)
        return (
            *pixel,
            *(f"{name} mean of {self.context_px}" for name in pixel),
            *(f"{name} {texture} of {self.context_px}" for name in textured),
        )


def default_features(
    optical: Scene | None,
    radar: Scene | None,
    *,
    context_px: int = DEFAULT_CONTEXT_PX,
) -> FeatureSet:
    """The features that these scenes allow.

    Raises:
        MissingBand: The scenes have none of the bands and polarisations used.
    """
    bands = () if optical is None else tuple(optical.bands)
    waves = () if radar is None else tuple(radar.bands)
    chosen = (
        tuple(one for one in OPTICAL_BANDS if one in bands),
        tuple(one for one in SENTINEL1_POLARISATIONS if one in waves),
    )
    if not any(chosen):
        raise MissingBand(
            f"none of the bands {', '.join(OPTICAL_BANDS)} in the scene; "
            "describe it with its band names"
        )
    return FeatureSet(*chosen, context_px)


def check_features(
    feature_set: FeatureSet, optical: Scene | None, radar: Scene | None, model: str
) -> None:
    """Refuse scenes that lack a band of a model, or that it has no use for.

    Args:
        feature_set: What the model looks at.
        optical: Sentinel-2 scene; None without one.
        radar: Sentinel-1 scene; None without one.
        model: Name of the model, for the message.

    Raises:
        MissingBand: A scene lacks bands that the model needs.
        ImageryError: The model knows nothing of a scene's sensor.
    """
    for scene, needed, sensor in (
        (optical, feature_set.optical_bands, "Sentinel-2"),
        (radar, feature_set.polarisations, "Sentinel-1"),
    ):
        if scene is None:
            continue
        if not needed:
            raise ImageryError(
                f"model {model} was trained without {sensor}; leave out "
                f"{scene.product_id} or train with it"
            )
        missing = [name for name in needed if name not in scene.bands]
        if missing:
            raise MissingBand(
                f"model {model} needs the {sensor} bands {', '.join(needed)} and "
                f"{scene.product_id} lacks {', '.join(missing)}; "
                "give a scene with them or train with the bands it has"
            )


def optical_features(
    reflectance: NDArray[np.float32], clear: NDArray[np.bool_], feature_set: FeatureSet
) -> NDArray[np.float32]:
    """Bands, indices, their local means and local standard deviations.

    A local mean is over the clear pixels of the square around a pixel; the index of a
    mean is taken from mean bands. An index that is not defined is 0.

    Args:
        reflectance: (band, y, x) of `feature_set.optical_bands`, grown by its halo on
            all sides; NaN for nodata.
        clear: (y, x), of the same pixels: True where the ground is seen.
        feature_set: What to compute.

    Returns:
        (feature, y, x) float32 without the halo, in the order of `optical_names`; NaN
        where the pixel itself is not clear or lacks a band.
    """
    valid: NDArray[np.bool_] = clear & np.isfinite(reflectance).all(axis=0)
    pixel = _inner(reflectance, feature_set.halo).astype(np.float32)
    levels: list[_Bands] = [pixel, _index_bands(pixel, feature_set)]
    if feature_set.halo:
        mean, deviation = _local_moments(reflectance, valid, feature_set.context_px)
        means = mean.astype(np.float32)
        levels += [means, _index_bands(means, feature_set), deviation]
    return _masked(levels, valid, feature_set)


def radar_features(
    power: NDArray[np.float32], feature_set: FeatureSet
) -> NDArray[np.float32]:
    """Backscatter in dB, the ratio of two polarisations, local means and texture.

    Local means are of power (multilooking), then turned to dB. The texture is the
    coefficient of variation of power. Power under 1e-5 (-50 dB) counts as that.

    Args:
        power: (polarisation, y, x) linear backscatter of
            `feature_set.polarisations`, grown by its halo on all sides; NaN for
            nodata.
        feature_set: What to compute.

    Returns:
        (feature, y, x) float32 without the halo, in the order of `radar_names`; NaN
        where a polarisation is missing at the pixel itself.
    """
    valid: NDArray[np.bool_] = np.asarray(np.isfinite(power).all(axis=0))
    levels: list[_Bands] = [_decibel_bands(_inner(power, feature_set.halo))]
    if feature_set.halo:
        mean, deviation = _local_moments(power, valid, feature_set.context_px)
        levels += [
            _decibel_bands(mean),
            deviation / np.maximum(mean, _LEAST_POWER),
        ]
    return _masked(levels, valid, feature_set)


def _masked(
    levels: Sequence[_Bands],
    valid: NDArray[np.bool_],
    feature_set: FeatureSet,
) -> NDArray[np.float32]:
    features = np.concatenate(levels).astype(np.float32)
    features[:, ~_inner(valid, feature_set.halo)] = np.nan
    return features


def _index_bands(
    bands: NDArray[np.float32], feature_set: FeatureSet
) -> NDArray[np.float32]:
    place = dict(zip(feature_set.optical_bands, bands, strict=True))
    shape = (len(feature_set._indices), *bands.shape[1:])
    computed = np.empty(shape, np.float32)
    for position, name in enumerate(feature_set._indices):
        index = SPECTRAL_INDICES[name]
        value = index.function(*(place[band] for band in index.bands))
        computed[position] = np.clip(np.nan_to_num(value, nan=0.0), -1, 1)
    return computed


def _decibel_bands(power: _Bands) -> NDArray[np.float32]:
    decibel = 10 * np.log10(np.maximum(power, _LEAST_POWER))
    ratio = decibel[:1] - decibel[1:2]
    return np.concatenate([decibel, ratio]).astype(np.float32)


def _local_moments(
    bands: NDArray[np.float32], valid: NDArray[np.bool_], size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation over the valid pixels of the square at each pixel.

    Sums run in the same order for every pixel, so that a window of any size gives the
    same bits.
    """
    known = np.where(valid, bands, 0).astype(np.float64)
    count = np.maximum(_box_sum(valid[None].astype(np.float64), size), 1)
    mean = _box_sum(known, size) / count
    variance = _box_sum(known * known, size) / count - mean * mean
    return mean, np.sqrt(np.maximum(variance, 0))


def _box_sum(bands: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    height = bands.shape[-2] - size + 1
    width = bands.shape[-1] - size + 1
    rows = bands[:, :height].copy()
    for shift in range(1, size):
        rows += bands[:, shift : shift + height]
    total = rows[..., :width].copy()
    for shift in range(1, size):
        total += rows[..., shift : shift + width]
    return total


def _inner(bands: NDArray[Any], halo: int) -> NDArray[Any]:
    if halo == 0:
        return bands
    return bands[..., halo:-halo, halo:-halo]
