"""Bands of a raster → their entries in its STAC item."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasterio import DatasetReader

from imagery.bands import Band
from imagery.errors import ImageryError
from imagery.sensors import RADAR_QUANTITIES, Sensor

PASSED_OVER = "-"
QUANTITY = "lucerna:quantity"

_ZERO_IS_NODATA = ("reflectance", "backscatter", "backscatter_amplitude")


def band_names(
    path: Path, dataset: DatasetReader, given: Sequence[str] | None, sensor: Sensor
) -> list[str]:
    """Names of all bands of a file; of foreign names only those the file itself has.

    A band such as QA60 is kept in the item, without a scale, and is no band of the
    scene; so is a band that is given the name "-".

    Args:
        path: The file, for messages.
        dataset: The open file.
        given: Names in file order; None for those of the file or of the sensor.
        sensor: Whose bands they are.

    Raises:
        ImageryError: Names and file do not fit.
    """
    own = [str(name) if name else "" for name in dataset.descriptions]
    example = ",".join(sensor.names[:2])
    if given is None and all(own):
        names = own
    elif given is None:
        if dataset.count not in sensor.orders:
            raise ImageryError(
                f"{path} has {dataset.count} bands without names; give --bands, "
                f"for example --bands {example}"
            )
        names = list(sensor.orders[dataset.count])
    else:
        names = list(given)
        known = (*sensor.names, *own, PASSED_OVER)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ImageryError(
                f"unknown band {', '.join(unknown)} for {path}; known are "
                f"{', '.join(sensor.names)}, and - for a band that is none of them"
            )
    named = [name for name in names if name != PASSED_OVER]
    if len(names) != dataset.count or len(set(named)) != len(named):
        raise ImageryError(
            f"{path} has {dataset.count} bands and --bands names {len(names)} "
            f"({','.join(names)}); name each band once, in file order"
        )
    if not any(name in sensor.names for name in named):
        raise ImageryError(
            f"{path} names no band of the sensor ({','.join(names)}); give --bands, "
            f"for example --bands {example}"
        )
    return names


def quantity_of(sensor: Sensor, given: str | None) -> str:
    """What the values of a raster are, as in `BandFile`.

    Args:
        sensor: The sensor it is described as.
        given: For Sentinel-1 "linear", "db" or "amplitude"; None for decibels.

    Raises:
        ImageryError: The name is unknown.
    """
    if given is None:
        return sensor.quantity
    if given not in RADAR_QUANTITIES:
        raise ImageryError(
            f"unknown quantity: {given}; known are {', '.join(RADAR_QUANTITIES)}"
        )
    return RADAR_QUANTITIES[given]


def band_entry(
    name: str,
    dataset: DatasetReader,
    index: int,
    sensor: Sensor | None,
    scaling: tuple[float, float],
    quantity: str,
    nodata: float | None,
) -> dict[str, Any]:
    """The entry of one band: name, type, nodata, scale, quantity, wavelength.

    Args:
        name: Its name; one that is none of the sensor's gets no scale.
        dataset: The open file.
        index: Number of the band in it, from 1.
        sensor: The sensor; None for a class raster.
        scaling: Scale and offset from stored number to value.
        quantity: What the value is; written where it is not reflectance.
        nodata: Stored number without data; the file's own if not given, and 0 for
            integers whose 0 cannot be a measurement.

    Raises:
        ImageryError: Numbers are complex, the scale is not above 0 or the offset is
            no number.
    """
    dtype = dataset.dtypes[index - 1]
    if "complex" in dtype:
        raise ImageryError(
            f"band {index} of {dataset.name} holds complex numbers; write their "
            "amplitude or power as real ones"
        )
    if not (0 < scaling[0] < math.inf and math.isfinite(scaling[1])):
        raise ImageryError(
            f"scale {scaling[0]:g} and offset {scaling[1]:g} of band {name} of "
            f"{dataset.name} give no values; give a scale above 0 and a finite offset"
        )
    entry: dict[str, Any] = {} if name == PASSED_OVER else {"name": name}
    entry["data_type"] = dtype
    of_sensor = sensor is not None and name in sensor.names
    known = dataset.nodatavals[index - 1] if nodata is None else nodata
    if known is None and of_sensor and "int" in dtype and quantity in _ZERO_IS_NODATA:
        known = 0
    if known is not None:
        entry["nodata"] = known if math.isfinite(known) else str(known)
    if not of_sensor or sensor is None:
        return entry
    entry["raster:scale"], entry["raster:offset"] = scaling
    if quantity != "reflectance":
        entry[QUANTITY] = quantity
    band = sensor.spectral.get(name)
    return entry if band is None else entry | spectral_fields(band)


def spectral_fields(band: Band) -> dict[str, Any]:
    """Wavelength in micrometres and common name, as the eo extension names them."""
    fields: dict[str, Any] = {"eo:center_wavelength": band.wavelength_nm / 1000}
    if band.common_name is not None:
        fields["eo:common_name"] = band.common_name
    return fields
