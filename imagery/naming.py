"""Names of files and variables → bands of a sensor."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from imagery.errors import ImageryError
from imagery.sensors import Sensor

CLASSIFICATION = "SCL"


def bands_by_name(
    names: Iterable[str], sensor: Sensor, given: Sequence[str] | None, source: Path
) -> dict[str, list[str]]:
    """Band of a sensor to the names that mean it, in the order of the sensor.

    A name means a band when it ends in it after `_`, `-`, `.` or a space, with or
    without a resolution behind ("T30TYQ_20170419T105621_B02_10m"), or when it is the
    band's name, also without the zero ("B2"). `SR_B4` means nothing: of Landsat it
    would be another band than B04.

    Args:
        names: Names of files without suffix, or of variables.
        sensor: Whose bands they are.
        given: Bands to take; each alone ("B02"), or with the end of the name that
            means it ("B02=SR_B2"). All that are found if not given.
        source: Folder or file, for messages.

    Raises:
        ImageryError: A band that was given is unknown, twice there, or not found; or
            no name means a band.
    """
    held = list(names)
    known = (*sensor.names, CLASSIFICATION)
    wanted = _wanted(given, known, source)
    found: dict[str, list[str]] = {}
    for band in known if wanted is None else wanted:
        ending = None if wanted is None else wanted[band]
        meant = [
            name
            for name in held
            if (_means(name, band) if ending is None else _ends(name, ending))
        ]
        if not meant and wanted is not None:
            raise ImageryError(
                f"nothing in {source} is named {ending or band}; it has "
                f"{_listed(held)}: give --bands {band}=NAME"
            )
        if meant:
            found[band] = meant
    if not any(band in sensor.names for band in found):
        raise ImageryError(
            f"no band of the sensor among the names in {source} ({_listed(held)}); "
            f"give --bands, for example --bands {sensor.names[0]}=NAME"
        )
    return {band: found[band] for band in known if band in found}


def _wanted(
    given: Sequence[str] | None, known: Sequence[str], source: Path
) -> dict[str, str | None] | None:
    if given is None:
        return None
    wanted: dict[str, str | None] = {}
    for one in given:
        band, _, ending = (part.strip() for part in one.partition("="))
        if band not in known:
            raise ImageryError(
                f"unknown band {band} for {source}; known are {', '.join(known)}"
            )
        if band in wanted:
            raise ImageryError(f"band {band} is given twice for {source}; name it once")
        wanted[band] = ending or None
    return wanted


def _means(name: str, band: str) -> bool:
    short = re.sub(r"^(B)0", r"\1", band)
    whole = rf"(?:.*[_\-. ])?{band}(?:_\d+m)?|{short}"
    return re.fullmatch(whole, name, re.IGNORECASE) is not None


def _ends(name: str, ending: str) -> bool:
    return re.fullmatch(rf"(?:.*[_\-. ])?{re.escape(ending)}", name) is not None


def _listed(names: Sequence[str], most: int = 6) -> str:
    told = ", ".join(sorted(names)[:most])
    return f"{told}, …" if len(names) > most else told or "nothing"
