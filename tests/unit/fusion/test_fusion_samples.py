"""Points and polygons as pixels; what is refused, what is counted."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely import LineString, MultiPoint, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from fusion.samples import read_samples
from imagery.errors import ImageryError

GRID = GeoBox((20, 30), Affine(10, 0, 500_000, 0, -10, 5_000_000), "EPSG:32630")


def at(row: float, column: float) -> Point:
    return Point(*(GRID.affine @ (column, row)))


def area(top: float, left: float, bottom: float, right: float) -> Polygon:
    west, north = GRID.affine @ (left, top)
    east, south = GRID.affine @ (right, bottom)
    return box(west, south, east, north)


def written(
    folder: Path, rows: list[tuple[BaseGeometry, object]], **columns: list[object]
) -> Path:
    frame = gpd.GeoDataFrame(
        {"class": [one[1] for one in rows]} | columns,
        geometry=[one[0] for one in rows],
        crs="EPSG:32630",
    )
    frame.to_file(folder / "samples.gpkg")
    return folder / "samples.gpkg"


def test_points_and_polygons_become_pixels(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [(at(2.2, 3.9), 211), (area(4.6, 5.0, 6.4, 7.4), 311), (at(-1, 3), 211)],
    )
    found = read_samples(path, GRID, class_column="class", scheme="clc")
    # rows 5 and (by centre 5.5) no other; columns 5, 6 by centres 5.5 and 6.5
    pixels = sorted(zip(found.rows.tolist(), found.columns.tolist(), strict=True))
    assert pixels == [(2, 3), (5, 5), (5, 6)]
    assert [(one.value, one.name, one.code) for one in found.classes] == [
        (211, "211", "211"), (311, "311", "311"),
    ]  # fmt: skip
    assert found.left_out == {"off the image": 1}
    own = found.values == 311
    assert found.anchors[own].tolist() == [[5, 5.5], [5, 5.5]]


def test_words_are_numbered_in_order(tmp_path: Path) -> None:
    path = written(
        tmp_path, [(at(1, 1), "wheat"), (at(2, 2), "beet"), (at(3, 3), None)]
    )
    found = read_samples(path, GRID, class_column="class")
    assert [(one.value, one.name, one.code) for one in found.classes] == [
        (1, "beet", None), (2, "wheat", None),
    ]  # fmt: skip
    assert found.values.tolist() == [2, 1]
    assert found.left_out == {"without class or geometry": 1}


def test_names_by_column_and_by_argument(tmp_path: Path) -> None:
    path = written(tmp_path, [(at(1, 1), 1), (at(2, 2), 2)], label=["one", "two"])
    found = read_samples(path, GRID, class_column="class", class_names={2: "second"})
    assert [one.name for one in found.classes] == ["one", "second"]


def test_a_pixel_with_two_classes_is_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [(at(1.1, 1.1), 1), (at(1.9, 1.9), 2), (at(4, 4), 1), (at(4.1, 4.1), 1)],
    )
    found = read_samples(path, GRID, class_column="class")
    assert list(zip(found.rows, found.columns, found.values, strict=True)) == [
        (4, 4, 1)
    ]
    assert found.left_out == {"pixel with two classes": 1, "pixel named again": 2}


def test_many_pixels_of_a_class_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fusion.samples.MOST_PIXELS", 50)
    path = written(tmp_path, [(area(0, 0, 10, 10), 1), (area(12, 0, 14, 10), 2)])
    one = read_samples(path, GRID, class_column="class", seed=1)
    assert np.bincount(one.values).tolist() == [0, 50, 20]
    assert one.left_out == {"more than 50 of a class": 50}
    same = read_samples(path, GRID, class_column="class", seed=1)
    other = read_samples(path, GRID, class_column="class", seed=2)
    assert (one.rows == same.rows).all()
    assert (one.rows != other.rows).any()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "run from 0 to 1"),
        ([1, 65535], "run from 1 to 65535"),
        ([1.5, 2.0], r"no class, such as '1\.5'"),
        (["1", "oak"], "mixes or holds what is no class, such as 'oak'"),
        ([None, None], "no sample has a class"),
    ],
)
def test_labels_that_do_not_fit(
    tmp_path: Path, labels: list[object], message: str
) -> None:
    path = written(tmp_path, [(at(1, 1), labels[0]), (at(2, 2), labels[1])])
    with pytest.raises(ImageryError, match=message) as told:
        read_samples(path, GRID, class_column="class")
    assert "\n" not in str(told.value)


@pytest.mark.filterwarnings("error")
def test_coordinates_out_of_this_world_are_off_the_image(tmp_path: Path) -> None:
    far = [
        (Point(1e300, 1e300), 1),
        (Point(float("inf"), 3), 1),
        (Point(float("-inf"), float("inf")), 2),
        (MultiPoint([(1e300, 0), (-1e300, 0)]), 2),
        (box(-1e300, -1e300, -1e299, -1e299), 2),
        (box(1e300, 0, float("inf"), 1), 2),
        (box(0, 0, 1, float("inf")), 2),
    ]
    with pytest.raises(ImageryError, match="none of the 7 labelled samples lies on"):
        read_samples(written(tmp_path, far), GRID, class_column="class")
    path = written(tmp_path, [*far, (at(1, 1), 1)])
    found = read_samples(path, GRID, class_column="class")
    assert (found.rows.tolist(), found.columns.tolist()) == ([1], [1])
    assert found.left_out == {"off the image": 7}


@pytest.mark.filterwarnings("error")
def test_degrees_that_are_none_are_off_the_image(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"class": [1, 2]}, geometry=[Point(1e300, 0), Point(0, 1e300)], crs="EPSG:4326"
    )
    frame.to_file(tmp_path / "far.geojson")
    with pytest.raises(ImageryError, match="none of the 2 labelled samples lies on"):
        read_samples(tmp_path / "far.geojson", GRID, class_column="class")


def test_files_that_are_no_samples(tmp_path: Path) -> None:
    path = written(tmp_path, [(at(-5, 1), 1), (at(1, 900), 2)])
    with pytest.raises(ImageryError, match="none of the 2 labelled samples lies on"):
        read_samples(path, GRID, class_column="class")
    with pytest.raises(
        ImageryError, match="no class column 'crop'; choose one of class"
    ):
        read_samples(path, GRID, class_column="crop")
    with pytest.raises(ImageryError, match="no such file"):
        read_samples(tmp_path / "none.gpkg", GRID, class_column="class")
    (tmp_path / "text.geojson").write_text("no json")
    with pytest.raises(ImageryError, match="no vector file"):
        read_samples(tmp_path / "text.geojson", GRID, class_column="class")
    line = written(tmp_path, [(LineString([at(1, 1), at(2, 2)]), 1)])
    with pytest.raises(ImageryError, match="labels no pixel"):
        read_samples(line, GRID, class_column="class")
