"""Times of NetCDF cubes as scenes, and what is asked for or refused of cubes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.crs import CRS
from rasterio.windows import Window

from imagery.cube_item import describe_cube
from imagery.describing import describe
from imagery.errors import GridMismatch, ImageryError, UnreadableProduct
from imagery.raster import open_reflectance, open_values
from imagery.scene import Scene, geobox_of, open_scene
from imagery.stac import parse_datetime
from imagery.told import Told

L2A = "sentinel-2-l2a"
WEST, NORTH = 600_000, 5_600_000
DN = np.array([[[3000, 65535], [1000, 32769]], [[2000, 1], [0, 4000]]], np.uint16)
WriteCube = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteCube:
    """A cube of two times, two rows and two columns of 10 m."""

    def written(
        values: NDArray[Any] = DN,
        encoding: dict[str, Any] | None = None,
        *,
        names: tuple[str, ...] = ("B02",),
        crs: bool = True,
        units: str = "days since 2020-01-01",
        calendar: str = "standard",
        x: tuple[float, ...] = (WEST + 5, WEST + 15),
        y: tuple[float, ...] = (NORTH - 5, NORTH - 15),
        dims: tuple[str, ...] = ("t", "y", "x"),
    ) -> Path:
        mapping = {"grid_mapping": "crs"} if crs else {}
        data: dict[str, Any] = dict.fromkeys(names, (dims, values, mapping))
        if crs:
            wkt = CRS.from_epsg(32631).to_wkt()
            data["crs"] = ((), 0, {"crs_wkt": wkt, "spatial_ref": wkt})
        kinds = {"x": "projection_x_coordinate", "y": "projection_y_coordinate"}
        coords: dict[str, Any] = {
            name: (name, list(one), {"standard_name": kinds[name], "units": "m"})
            for name, one in (("x", x), ("y", y))
        }
        if "t" in dims:
            told = {"units": units, "calendar": calendar, "axis": "T"}
            coords["t"] = ("t", np.array([31, 60], np.int32), told)
        path = tmp_path / "a cube.nc"
        xr.Dataset(data, coords).to_netcdf(
            path, engine="h5netcdf", encoding={one: encoding or {} for one in names}
        )
        return path

    return written


def period(text: str) -> tuple[datetime, datetime]:
    return parse_datetime(text)


def reflectance(scene: Scene, band: str = "B02") -> NDArray[np.float32]:
    file = scene.bands[band]
    with open_reflectance([file], geobox_of(file)) as read:
        return read(Window(0, 0, 2, 2))[0]


def test_what_a_cube_states_is_taken_from_it(write: WriteCube) -> None:
    path = write(encoding={"_FillValue": np.uint16(65535)})
    with xr.open_dataset(path, mask_and_scale=False) as cube:
        cube.load()
    cube["B02"].attrs |= {"scale_factor": 0.0002, "add_offset": -0.1}
    cube.to_netcdf(path, engine="h5netcdf")
    first, second = describe_cube(path, Told(L2A), None)
    assert first.name == "a cube_20200201_sentinel-2-l2a.json"
    scene, later = open_scene(first), open_scene(second)
    assert scene.begins == scene.ends == datetime(2020, 2, 1, tzinfo=UTC)
    assert later.begins == datetime(2020, 3, 1, tzinfo=UTC)
    expected = [[0.5, np.nan], [0.1, 32769 * 0.0002 - 0.1]]
    np.testing.assert_allclose(reflectance(scene), expected, atol=1e-6)
    np.testing.assert_allclose(
        reflectance(later), [[0.3, -0.0998], [-0.1, 0.7]], atol=1e-6
    )
    (told,) = describe_cube(path, Told(L2A, offset=0.0), period("2020-02"))
    band = open_scene(told).bands["B02"]
    assert (band.scale, band.offset) == (0.0002, 0.0)
    assert scene.id != later.id
    assert scene.sha256 != later.sha256
    grid = geobox_of(scene.bands["B02"])
    assert tuple(grid.affine)[:6] == (10, 0, WEST, 0, -10, NORTH)


def test_the_default_fill_of_netcdf_is_no_statement(write: WriteCube) -> None:
    """GDAL reports 32769 for unsigned numbers that are kept as signed."""
    path = write(DN.view(np.int16))
    with xr.open_dataset(path, mask_and_scale=False) as cube:
        cube.load()
    cube["B02"].attrs["_Unsigned"] = "true"
    cube.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ImageryError, match=r"B02 in .* states no number for no data; "):
        describe_cube(path, Told(L2A), None)
    assert not list(path.parent.glob("*.json"))
    first, _ = describe_cube(path, Told(L2A, nodata=65535), None)
    expected = [[0.3, np.nan], [0.1, 3.2769]]
    np.testing.assert_allclose(reflectance(open_scene(first)), expected, atol=1e-6)


def test_a_stated_fill_is_read_as_unsigned(write: WriteCube) -> None:
    path = write(DN.view(np.int16))
    with xr.open_dataset(path, mask_and_scale=False) as cube:
        cube.load()
    cube["B02"].attrs |= {"_Unsigned": "true", "_FillValue": np.int16(-1)}
    cube.to_netcdf(path, engine="h5netcdf")
    first, _ = describe_cube(path, Told(L2A), None)
    assert open_scene(first).bands["B02"].nodata == 65535


def test_a_grid_mapping_in_cf_terms_is_a_crs(write: WriteCube) -> None:
    """UTM 31 north spelt out, without WKT and without a code."""
    path = write()
    with xr.open_dataset(path, mask_and_scale=False) as cube:
        cube.load()
    cube["crs"].attrs = {
        "grid_mapping_name": "transverse_mercator",
        "longitude_of_central_meridian": 3.0,
        "latitude_of_projection_origin": 0.0,
        "scale_factor_at_central_meridian": 0.9996,
        "false_easting": 500_000.0,
        "false_northing": 0.0,
        "semi_major_axis": 6_378_137.0,
        "inverse_flattening": 298.257223563,
    }
    cube.to_netcdf(path, engine="h5netcdf")
    first, _ = describe_cube(path, Told(L2A, nodata=65535), None)
    west, south, _, _ = open_scene(first).footprint.bounds
    to_utm = Transformer.from_crs("OGC:CRS84", "EPSG:32631", always_xy=True)
    assert to_utm.transform(west, south) == pytest.approx((WEST, NORTH - 20), abs=1)


def test_longitude_and_latitude_need_a_datum(tmp_path: Path) -> None:
    path = tmp_path / "degrees.nc"
    coords: dict[str, Any] = {
        "lon": ("lon", [5.0, 5.1], {"units": "degrees_east"}),
        "lat": ("lat", [50.1, 50.0], {"units": "degrees_north"}),
    }
    xr.Dataset({"B02": (("lat", "lon"), DN[0])}, coords).to_netcdf(
        path, engine="h5netcdf"
    )
    told, when = Told(L2A, nodata=65535), period("2020-02")
    with pytest.raises(ImageryError, match="give --crs, such as EPSG:32631, or EPSG:4"):
        describe_cube(path, told, when)
    (item,) = describe_cube(path, told, when, "EPSG:4326")
    scene = open_scene(item)
    assert scene.footprint.bounds == pytest.approx((4.95, 49.95, 5.15, 50.15))
    np.testing.assert_allclose(reflectance(scene)[:, 0], [0.3, 0.1], atol=1e-6)


def test_floats_are_values_and_nan_no_data(write: WriteCube) -> None:
    values = np.where(DN == 65535, np.nan, DN / 10_000).astype(np.float32)
    first, _ = describe_cube(write(values), Told(L2A), None)
    np.testing.assert_allclose(reflectance(open_scene(first)), values[0], atol=1e-6)
    first, _ = describe_cube(first.with_name("a cube.nc"), Told(L2A, scale=2.0), None)
    np.testing.assert_allclose(reflectance(open_scene(first)), 2 * values[0], atol=1e-6)


def test_rows_from_the_south_stand_where_they_are(write: WriteCube) -> None:
    path = write(y=(NORTH - 15, NORTH - 5))
    first, _ = describe_cube(path, Told(L2A, nodata=65535), None)
    scene = open_scene(first)
    np.testing.assert_allclose(reflectance(scene)[:, 0], [0.1, 0.3], atol=1e-6)
    assert geobox_of(scene.bands["B02"]).affine[5] == NORTH


def test_a_crs_is_asked_for_and_never_against_the_cube(write: WriteCube) -> None:
    told = Told(L2A, nodata=65535)
    bare = write(crs=False)
    with pytest.raises(ImageryError, match=r"states no CRS; give --crs, such as"):
        describe_cube(bare, told, None)
    with pytest.raises(ImageryError, match="no CRS with an EPSG code: nowhere; write"):
        describe_cube(bare, told, None, "nowhere")
    first, _ = describe_cube(bare, told, None, "EPSG:32632")
    scene = open_scene(first)
    grid = geobox_of(scene.bands["B02"])
    assert grid.crs == "EPSG:32632"
    assert tuple(grid.affine)[:6] == (10, 0, WEST, 0, -10, NORTH)
    np.testing.assert_allclose(reflectance(scene)[:, 0], [0.3, 0.1], atol=1e-6)
    with open_values([scene.bands["B02"]], grid) as read:
        assert read(Window(0, 0, 2, 2))[0].tolist() == DN[0].tolist()
    stated = write()
    with pytest.raises(ImageryError, match=r"it is not EPSG:32632; leave --crs out"):
        describe_cube(stated, told, None, "EPSG:32632")
    assert len(describe_cube(stated, told, None, "EPSG:32631")) == 2


def test_one_time_holds_for_the_period_that_was_told(write: WriteCube) -> None:
    path, told = write(), Told(L2A, nodata=65535)
    (item,) = describe_cube(path, told, period("2020-02"))
    scene = open_scene(item)
    assert (scene.begins, scene.ends) == period("2020-02-01/2020-02-29")
    for text, reason in (
        ("2020-04", "no times of .* it has 2, from 2020-02-01 to 2020-03-01"),
        ("2020", "2 times of .*: give --datetime around one, or none"),
    ):
        asked = period(text if "-" in text else "2020-01-01/2020-12-31")
        with pytest.raises(ImageryError, match=reason):
            describe_cube(path, told, asked)


def test_hours_are_counted_from_their_date(write: WriteCube) -> None:
    path = write(units="hours since 2020-1-1 06:30:00.0 UTC")
    first, _ = describe_cube(path, Told(L2A, nodata=65535), None)
    assert open_scene(first).begins == datetime(2020, 1, 2, 13, 30, tzinfo=UTC)
    assert first.name == "a cube_20200102T133000_sentinel-2-l2a.json"


def test_a_cube_without_times_is_told_its_time(write: WriteCube) -> None:
    path, told = write(DN[0], dims=("y", "x")), Told(L2A, nodata=65535)
    with pytest.raises(ImageryError, match="states no time; give --datetime"):
        describe_cube(path, told, None)
    (item,) = describe_cube(path, told, period("2020-02"))
    np.testing.assert_allclose(reflectance(open_scene(item))[:, 0], [0.3, 0.1])


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"calendar": "360_day"}, UnreadableProduct, "are of calendar 360_day; give"),
        ({"units": "months since 2020-01-01"}, UnreadableProduct, "give a cube with"),
        ({"units": "days since 2020-13-01"}, UnreadableProduct, "a time in .* is dam"),
        ({"x": (WEST, WEST + 10, WEST + 30)}, GridMismatch, "on no regular grid; res"),
        ({"names": ("rain",)}, ImageryError, r"no band of the sensor .*\(rain\); give"),
        ({"names": ("B02", "x-B02")}, ImageryError, "may be B02 or x-B02 in .* name"),
    ],
)
def test_what_cannot_be_a_cube_of_scenes_is_refused(
    write: WriteCube, options: dict[str, Any], error: type[Exception], reason: str
) -> None:
    if "x" in options:
        options["values"] = np.zeros((2, 2, 3), np.uint16)
    path = write(**options)
    with pytest.raises(error, match=reason):
        describe_cube(path, Told(L2A, nodata=65535), None)
    assert not list(path.parent.glob("*.json"))


def test_variables_of_other_names_are_mapped(write: WriteCube) -> None:
    path = write(names=("blue", "S2-L2A-B03"))
    told = Told(L2A, nodata=65535, bands=["B02=blue", "B03"])
    first, _ = describe_cube(path, told, None)
    assert list(open_scene(first).bands) == ["B02", "B03"]


def test_a_cube_itself_is_no_scene(write: WriteCube, tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct, match="give the item of one, as `lucerna"):
        open_scene(write())
    text = tmp_path / "text.nc"
    text.write_text("no cube")
    with pytest.raises(UnreadableProduct, match=r"not a readable NetCDF: .*; check"):
        describe(text, Told(L2A), when="2020-02", crs=None)


def test_an_item_reaches_no_file_outside_its_folder(write: WriteCube) -> None:
    path = write()
    item, _ = describe_cube(path, Told(L2A, nodata=65535), None)
    told = json.loads(item.read_text("utf-8"))
    for href in ("../a cube.nc", str(path), "http://example.org/a.nc"):
        told["assets"]["data"]["href"] = href
        item.write_text(json.dumps(told), "utf-8")
        with pytest.raises(UnreadableProduct, match="names a file outside its folder"):
            open_scene(item)
    told["assets"]["data"]["href"] = "./gone.nc"
    item.write_text(json.dumps(told), "utf-8")
    with pytest.raises(UnreadableProduct, match=r"gone.nc is missing; .*: put it back"):
        open_scene(item)
    told["assets"]["data"]["href"] = "./a cube.nc"
    item.write_text(json.dumps(told), "utf-8")
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(UnreadableProduct, match="has changed since it was described"):
        open_scene(item)
