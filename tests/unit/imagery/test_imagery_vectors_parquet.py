"""GeoParquet that is damaged, or nests shapes without end."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from imagery.errors import InvalidUnits
from imagery.vectors.features import read_features
from imagery.vectors.wkb import nests_too_deep

PLACE = shapely.box(5, 50, 6, 51)


def parquet_of(folder: Path, geo: bytes, shapes: Sequence[bytes | str]) -> Path:
    columns = pa.table({"code": ["007"] * len(shapes), "geometry": shapes})
    columns = columns.replace_schema_metadata({b"geo": geo})
    pq.write_table(columns, folder / "a.parquet")
    return folder / "a.parquet"


def geo_metadata(**column: object) -> bytes:
    about = {"encoding": "WKB", "geometry_types": []} | column
    return json.dumps(
        {"version": "1.0.0", "primary_column": "geometry"}
        | {"columns": {"geometry": about}}
    ).encode()


@pytest.mark.parametrize(
    ("geo", "shape"),
    [
        (geo_metadata(), PLACE.wkb[:20]),
        (geo_metadata(), PLACE.wkb[:5] + b"\xff\xff\xff\x7f" + PLACE.wkb[9:]),
        (geo_metadata(), b""),
        (geo_metadata(crs=5), PLACE.wkb),
        (geo_metadata(encoding="polygon"), PLACE.wkb),
        (b'"x"', PLACE.wkb),
        (b"[]", PLACE.wkb),
        (b"[" * 5000, PLACE.wkb),
        (b"{", PLACE.wkb),
    ],
)
def test_damaged_parquet_is_told_in_one_line(
    tmp_path: Path, geo: bytes, shape: bytes
) -> None:
    path = parquet_of(tmp_path, geo, [shape])
    with pytest.raises(InvalidUnits, match=r"cannot be read as GeoParquet \(.*\); "):
        read_features(path)


@pytest.mark.parametrize(
    "header", [struct.pack("<BII", 1, 7, 1), b"\0\0\0\0\7\0\0\0\1"]
)
def test_shapes_nested_without_end_in_parquet_are_refused(
    tmp_path: Path, header: bytes
) -> None:
    point = shapely.Point(5, 50).wkb
    shallow = parquet_of(tmp_path, geo_metadata(), [header * 50 + point])
    assert read_features(shallow).frame.geometry.iloc[0].geom_type == (
        "GeometryCollection"
    )
    for deep in (header * 200_000 + point, (header * 200_000 + point).hex()):
        path = parquet_of(tmp_path, geo_metadata(), [deep])
        with pytest.raises(
            InvalidUnits, match=r"'geometry' holds what is no WKB, or s"
        ):
            read_features(path)


def nested(depth: int) -> shapely.Geometry:
    """A square and a line beside collections in collections."""
    shape: shapely.Geometry = shapely.Point(1, 2, 3)
    for _ in range(depth):
        shape = shapely.GeometryCollection(
            [PLACE, shapely.LineString([(0, 0), (1, 1)]), shapely.MultiPoint(), shape]
        )
    return shapely.set_srid(shape, 4326)


@pytest.mark.parametrize("flavor", ["extended", "iso"])
@pytest.mark.parametrize("byte_order", [0, 1])
def test_depth_is_counted_in_all_forms_of_wkb(flavor: str, byte_order: int) -> None:
    for depth, deep in ((99, False), (100, True)):
        shape = shapely.to_wkb(
            nested(depth),
            flavor=flavor,
            byte_order=byte_order,
            include_srid=flavor == "extended",
        )
        assert nests_too_deep(shape) == deep
