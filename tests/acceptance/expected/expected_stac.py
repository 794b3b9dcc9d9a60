"""What a STAC item must say of rasters, by the texts of STAC and its extensions."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pystac
import rasterio
from jsonschema import Draft7Validator
from pystac.validation.local_validator import get_local_schema_cache
from rasterio.crs import CRS
from rasterio.warp import transform_bounds
from referencing import Registry, Resource
from shapely.geometry import box, shape

SCHEMA = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
EXTENSION = "https://stac-extensions.github.io/{}/schema.json"
DECLARED = {
    "proj": "projection/v2.0.0", "raster": "raster/v2.0.0", "eo": "eo/v2.0.0",
    "file": "file/v2.1.0", "classification": "classification/v2.0.0",
    "grid": "grid/v1.1.0", "sat": "sat/v1.0.0", "view": "view/v1.0.0",
    "mgrs": "mgrs/v1.0.0", "s2": "sentinel-2/v1.0.0",
}  # fmt: skip
COMMON_NAMES = {
    "coastal", "blue", "green", "red", "rededge071", "rededge075", "rededge078",
    "nir", "nir08", "nir09", "cirrus", "swir16", "swir22",
}  # fmt: skip


def core_validator() -> Draft7Validator:
    """The schema of an item that pystac ships, with all it refers to; no network."""
    schemas = get_local_schema_cache()
    registry: Registry[Any] = Registry().with_resources(
        [(name, Resource.from_contents(one)) for name, one in schemas.items()]
    )
    return Draft7Validator(schemas[SCHEMA], registry=registry)


def items_below(folder: Path) -> Iterator[Path]:
    """Every STAC item below a folder."""
    for path in sorted(folder.rglob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        if isinstance(told, dict) and "stac_version" in told:
            yield path


def rasters_of(path: Path, validator: Draft7Validator) -> dict[Path, str]:
    """Rasters that an item names, resolved, to the name of the asset.

    All that the item says is checked on the way.
    """
    item = pystac.Item.from_file(str(path))
    told = json.loads(path.read_text("utf-8"))
    assert list(validator.iter_errors(told)) == [], path
    assert item.stac_extensions == told["stac_extensions"]
    check_extensions(told, path)
    check_place(told, path)
    found = {}
    for name, asset in told["assets"].items():
        assert asset["href"].startswith("./"), (path, name)
        file = path.parent / asset["href"]
        assert file.is_file(), (path, name)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert asset["file:checksum"] == "1220" + digest, (path, name)
        assert asset["file:size"] == file.stat().st_size, (path, name)
        if asset["type"].startswith(("image/tiff", "image/jp2")):
            check_raster(told["properties"], asset, file)
            check_box(told["bbox"], file)
            found[file.resolve()] = name
    return found


def check_extensions(told: dict[str, Any], path: Path) -> None:
    """Every field with a prefix is of an extension that is declared, and no other."""
    keys = set(told["properties"])
    for asset in told["assets"].values():
        keys |= {*asset, *(key for band in asset.get("bands", []) for key in band)}
    prefixes = {key.partition(":")[0] for key in keys if ":" in key} - {"lucerna"}
    assert prefixes <= set(DECLARED), path
    declared = {EXTENSION.format(DECLARED[one]) for one in prefixes}
    assert set(told["stac_extensions"]) == declared, path


def check_place(told: dict[str, Any], path: Path) -> None:
    """Footprint and box agree, and no footprint goes round the Earth."""
    geometry = shape(told["geometry"])
    assert geometry.is_valid, path
    far = [abs(a - b) for a, b in zip(told["bbox"], geometry.bounds, strict=True)]
    assert max(far) < 1e-7, path
    assert geometry.area < 4, path


def check_box(bbox: list[float], file: Path) -> None:
    """A raster lies in the box of its item, but for a border of its own pixels."""
    with rasterio.open(file) as raster:
        place = box(*transform_bounds(raster.crs, "OGC:CRS84", *raster.bounds))
    assert place.intersection(box(*bbox)).area > 0.9 * place.area, file


def check_raster(properties: dict[str, Any], asset: dict[str, Any], file: Path) -> None:
    """Projection, bands and classes are those of the file."""
    both = properties | asset
    with rasterio.open(file) as raster:
        code, wkt = both.get("proj:code"), both.get("proj:wkt2")
        assert (code is None) != (wkt is None), file
        assert CRS.from_user_input(code or wkt) == raster.crs, file
        assert both["proj:shape"] == list(raster.shape), file
        assert both["proj:transform"] == list(raster.transform)[:6], file
        assert len(asset["bands"]) == raster.count, file
        kinds = zip(asset["bands"], raster.dtypes, raster.nodatavals, strict=True)
        for band, dtype, nodata in kinds:
            assert band["data_type"] == dtype, file
            stated = band.get("nodata")
            if nodata is not None:
                assert stated == ("nan" if nodata != nodata else nodata), file
            check_band(band, file)
        values = set(raster.read(1).ravel().tolist()) if raster.count == 1 else set()
    classes = asset.get("classification:classes")
    if classes is not None:
        check_classes(classes, values - {both["bands"][0].get("nodata")}, file)


def check_band(band: dict[str, Any], file: Path) -> None:
    """Fields of the raster and eo extensions have their kinds."""
    assert isinstance(band.get("name", ""), str), file
    for name in ("raster:scale", "raster:offset"):
        assert isinstance(band.get(name, 0.0), int | float), file
    assert 0.4 < band.get("eo:center_wavelength", 1.0) < 2.5, file
    assert band.get("eo:common_name", "red") in COMMON_NAMES, file


def check_classes(classes: list[dict[str, Any]], values: set[Any], file: Path) -> None:
    """Class values are whole numbers, named once each, and name what is there."""
    known = [one["value"] for one in classes]
    assert all(type(one) is int for one in known), file
    assert len(set(known)) == len(known), file
    for one in classes:
        assert one["name"], file
        assert all(c.isalnum() or c in "-_" for c in one["name"]), file
    assert values <= set(known), (file, values)
