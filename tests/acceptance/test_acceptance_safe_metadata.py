"""The item of a real product says, field by field, what an independent reader says."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance_walk import lucerna, told
from expected_stac import check_extensions, check_place, core_validator
from shapely.geometry import shape

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared"))
DATA = SHARED / "data/s2-safe-metadata"
PRODUCTS = sorted(DATA.glob("*.SAFE"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="test data are not beside the checkout"
)

THEIRS = {
    "created": "the time at which they wrote the item",
    "providers": "a fixed text of theirs, not in the metadata",
    "proj:epsg": "the name of proj:code before version 2 of the extension",
}
"""Properties of theirs that are none of ours, with the reason."""

SAME = {
    "constellation", "platform", "instruments", "datetime", "eo:cloud_cover",
    "eo:snow_cover", "grid:code", "mgrs:utm_zone", "mgrs:latitude_band",
    "mgrs:grid_square", "proj:code", "proj:centroid", "sat:relative_orbit",
    "sat:orbit_state", "view:sun_azimuth", "view:sun_elevation", "view:azimuth",
    "view:incidence_angle", "s2:product_uri", "s2:product_type",
    "s2:processing_baseline", "s2:generation_time", "s2:datatake_id",
    "s2:datatake_type", "s2:datastrip_id", "s2:tile_id",
    "s2:reflectance_conversion_factor", "s2:degraded_msi_data_percentage",
    "s2:nodata_pixel_percentage", "s2:saturated_defective_pixel_percentage",
    "s2:dark_features_percentage", "s2:cloud_shadow_percentage",
    "s2:vegetation_percentage", "s2:not_vegetated_percentage", "s2:water_percentage",
    "s2:unclassified_percentage", "s2:medium_proba_clouds_percentage",
    "s2:high_proba_clouds_percentage", "s2:thin_cirrus_percentage",
    "s2:snow_ice_percentage",
}  # fmt: skip

THEIR_ASSETS = {
    "preview": "an image that MTD_MSIL2A.xml does not name",
    "datastrip_metadata": "a file that is not in the folder",
    "inspire_metadata": "a file that is not in the folder",
}
TEXTS = {"product_metadata", "granule_metadata", "safe_manifest"}
THEIR_IMAGE_FIELDS = {
    "title": "a text of theirs for people",
    "proj:bbox": "said by shape and transform; compared with them",
}


@pytest.fixture(scope="module")
def pairs() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Of each product: the item that the command prints, and the one beside it."""
    found = []
    for path in PRODUCTS:
        ours = told(lucerna("info", path, "--stac", cwd=DATA))
        theirs = json.loads((path / "expected_output.json").read_text("utf-8"))
        found.append((ours, theirs))
    assert len(found) == 3
    return found


def near(theirs: Any) -> Any:  # noqa: ANN401
    """Equal but for the last digits of a float."""
    if isinstance(theirs, float):
        return pytest.approx(theirs, rel=1e-12, abs=1e-12)
    return theirs


def test_every_property_is_the_same_or_listed(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    compared = set()
    for ours, theirs in pairs:
        expected = theirs["properties"]
        assert set(expected) <= SAME | set(THEIRS)
        for name in SAME & set(expected):
            mine, other = ours["properties"][name], expected[name]
            if name == "datetime":
                mine, other = (
                    datetime.fromisoformat(mine),
                    datetime.fromisoformat(other),
                )
            assert mine == near(other), name
            compared.add(name)
        if "proj:epsg" in expected:
            code = ours["properties"]["proj:code"]
            assert code == f"EPSG:{expected['proj:epsg']}"
    assert compared == SAME


def test_the_identifier_holds_the_pieces_of_theirs(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    """Theirs is of the granule, ours of the product, which names one processing."""
    for ours, theirs in pairs:
        platform, tile, begins, level = theirs["id"].split("_")
        assert ours["id"] + ".SAFE" == theirs["properties"]["s2:product_uri"]
        mine = ours["id"].split("_")
        assert mine[0] == platform
        assert mine[5] == tile
        assert mine[1] == "MSI" + level
        datastrip = ours["properties"]["s2:datastrip_id"]
        assert f"_S{begins}_" in datastrip


def test_the_footprint_is_the_same_and_not_round_the_earth(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    parts = []
    for ours, theirs in pairs:
        assert ours["bbox"] == pytest.approx(theirs["bbox"], abs=6e-6)
        mine, other = shape(ours["geometry"]), shape(theirs["geometry"])
        assert mine.is_valid
        apart = mine.symmetric_difference(other.buffer(0)).area
        assert apart < 1e-5 * other.area + 1e-6
        assert mine.area < 1.5
        parts.append(len(getattr(mine, "geoms", [mine])))
        west, _, east, _ = ours["bbox"]
        assert (east - west) % 360 < 1.5
    assert parts == [1, 2, 1], "the second tile lies on the antimeridian"


def image_name(href: str) -> str:
    """The path of an image in its product, without the suffix."""
    inside = href.removeprefix("./").partition("GRANULE/")[2]
    return inside.rpartition(".")[0]


def test_every_image_is_the_same_or_listed(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    counts, offsets = [], set()
    for ours, theirs in pairs:
        mine = {image_name(one["href"]): one for one in ours["assets"].values()}
        left = {name for name in ours["assets"] if name not in TEXTS}
        assert set(ours["assets"]) - left == TEXTS
        compared = 0
        for name, asset in theirs["assets"].items():
            if name in THEIR_ASSETS:
                continue
            if name in TEXTS:
                other = ours["assets"][name]
                assert other["href"].endswith(asset["href"].removeprefix("."))
                assert (other["type"], other["roles"]) == (
                    asset["type"],
                    asset["roles"],
                )
                continue
            offsets |= set(compare_image(mine[image_name(asset["href"])], asset))
            compared += 1
        assert compared == len(left), "they name all images that we name"
        counts.append(compared)
    assert counts == [35, 36, 35]
    assert offsets == {0.0, -0.1}


def compare_image(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[float]:
    """All fields of an image; gives the offsets of its spectral bands."""
    fields = dict(theirs)
    for name in ("href", *THEIR_IMAGE_FIELDS):
        fields.pop(name, None)
    west, south, east, north = theirs["proj:bbox"]
    step, _, left, _, down, top = ours["proj:transform"][:6]
    rows, columns = ours["proj:shape"]
    assert (left, top) == (west, north)
    assert (left + columns * step, top + rows * down) == (east, south)
    assert fields.pop("type") == ours["type"]
    assert fields.pop("proj:shape") == ours["proj:shape"]
    assert fields.pop("proj:transform") == ours["proj:transform"]
    assert fields.pop("gsd", ours["gsd"]) == ours["gsd"], "theirs may be missing"
    roles = fields.pop("roles")
    # Their true colour picture is "data", and its numbers measure nothing.
    assert ours["roles"] == (["visual"] if "TCI" in ours["href"] else roles)
    spectral = fields.pop("eo:bands", [])
    if spectral:
        for mine, other in zip(ours["bands"], spectral, strict=True):
            compare_spectrum(mine, other)
    stored = fields.pop("raster:bands")
    assert len(stored) == len(ours["bands"])
    for mine, other in zip(ours["bands"], stored, strict=True):
        yield from compare_stored(mine, other, ours["gsd"], bool(spectral))
    assert fields == {}


def compare_spectrum(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Name, wavelength and common name of a band."""
    names = dict(theirs)
    assert names.pop("name") == ours["name"]
    # Theirs are rounded to 10 nm for some bands; ours are those of Sentinel-2A.
    wavelength = names.pop("center_wavelength")
    assert ours["eo:center_wavelength"] == pytest.approx(wavelength, abs=0.0135)
    # Version 1 of the extension has one name for three bands of the red edge.
    common = names.pop("common_name")
    assert ours["eo:common_name"].startswith(common)
    names.pop("full_width_half_max")  # not in the metadata of the product
    assert names == {}


def compare_stored(
    ours: dict[str, Any], theirs: dict[str, Any], metres: int, spectral: bool
) -> Iterator[float]:
    """Type, nodata, scale and offset; gives the offset of a spectral band."""
    fields = dict(theirs)
    assert fields.pop("data_type") == ours["data_type"]
    assert fields.pop("nodata") == ours["nodata"]
    assert fields.pop("spatial_resolution") == metres
    fields.pop("unit", None)  # theirs for water vapour; a text of theirs
    fields.pop("classification:classes", None)  # fixed texts for SCL, not in the file
    if "scale" in fields:
        assert fields.pop("scale") == pytest.approx(ours["raster:scale"], rel=1e-12)
        offset = fields.pop("offset")
        assert offset == ours["raster:offset"]
        if spectral:
            yield offset
    assert fields == {}


def test_the_items_are_valid_without_network(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    validator = core_validator()
    for ours, _ in pairs:
        assert list(validator.iter_errors(ours)) == []
        check_extensions(ours, DATA)
        if ours["bbox"][0] < ours["bbox"][2]:
            check_place(ours, DATA)
