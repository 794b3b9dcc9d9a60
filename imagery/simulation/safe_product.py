"""Stored numbers → a SAFE folder that looks like a Sentinel-2 L2A product."""

import hashlib
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from imagery.bands import SENTINEL2_BANDS
from imagery.product_metadata import METADATA_NAME
from imagery.raster import gdal_env
from imagery.sentinel2 import SIMULATED_FILE
from imagery.simulation.instrument import Acquisition
from imagery.simulation.place import CRS, MARK, NORTH_M, TILE, WEST_M
from imagery.simulation.product_name import ProductName
from imagery.simulation.safe_manifest import inspire_xml, manifest_xml
from imagery.simulation.safe_xml import product_xml, tile_xml


def write_safe(folder: Path, name: ProductName, acquisition: Acquisition) -> Path:
    """Write a product below a folder; gives the SAFE folder.

    Bands are lossless JPEG 2000. The product is marked as simulated by a file named
    `SIMULATED`, by a comment in the metadata, by the processing centre `SIMU` and in
    INSPIRE.xml.
    """
    safe = folder / f"{name.product_id}.SAFE"
    granule = Path("GRANULE") / name.granule
    images: list[str] = []
    planes: dict[str, NDArray[np.uint8] | NDArray[np.uint16]] = {
        **acquisition.bands,
        "SCL": acquisition.classification,
    }
    for band, plane in planes.items():
        metres = SENTINEL2_BANDS[band].resolution_m if band in SENTINEL2_BANDS else 20
        image = (
            granule
            / "IMG_DATA"
            / f"R{metres}m"
            / (f"{TILE}_{name.sensing}_{band}_{metres}m")
        )
        _write_jp2(safe / f"{image}.jp2", plane, metres)
        images.append(image.as_posix())
    texts = {
        METADATA_NAME: product_xml(name, images, acquisition.classification),
        (granule / "MTD_TL.xml").as_posix(): tile_xml(name, plane_size=_sizes(planes)),
        "INSPIRE.xml": inspire_xml(name),
        SIMULATED_FILE: f"{MARK}.\nProduct: {name.product_id}\n",
    }
    for relative, text in texts.items():
        (safe / relative).write_text(text, encoding="utf-8")
    files = [*texts, *(f"{image}.jp2" for image in images)]
    checksums = {
        file: hashlib.md5((safe / file).read_bytes(), usedforsecurity=False).hexdigest()
        for file in files
    }
    manifest = manifest_xml(name, checksums)
    (safe / "manifest.safe").write_text(manifest, encoding="utf-8")
    return safe


def _sizes(planes: dict[str, NDArray[np.uint8] | NDArray[np.uint16]]) -> dict[int, int]:
    return {10: planes["B02"].shape[0], 20: planes["SCL"].shape[0]}


def _write_jp2(
    path: Path, plane: NDArray[np.uint8] | NDArray[np.uint16], metres: int
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = plane.shape
    transform = Affine(metres, 0, WEST_M, 0, -metres, NORTH_M)
    with gdal_env(), MemoryFile(ext=path.suffix) as made:
        with made.open(
            driver="JP2OpenJPEG",
            height=height,
            width=width,
            count=1,
            dtype=plane.dtype.name,
            crs=CRS,
            transform=transform,
            QUALITY="100",
            REVERSIBLE="YES",
        ) as target:
            target.write(plane, 1)
        path.write_bytes(made.read())
