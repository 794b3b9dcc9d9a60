"""What may be fused, and on which grid."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from shapely import box

from fusion.stack import fuse, gap_days
from imagery.errors import GridMismatch, ImageryError, MissingBand

if TYPE_CHECKING:
    from conftest import Place


def test_the_grid_is_the_optical_one(place: "Place") -> None:
    stack = fuse(place.optical, place.radar)
    assert stack.geobox.shape == (64, 64)
    assert tuple(stack.geobox.affine)[:6] == (10, 0, 500_000, 0, -10, 5_000_000)
    assert stack.scenes == (place.optical, place.radar)
    assert fuse(None, place.radar).scenes == (place.radar,)


def test_no_scene_and_wrong_sensors(place: "Place") -> None:
    with pytest.raises(ImageryError, match="no scene"):
        fuse(None, None)
    with pytest.raises(ImageryError, match="of sentinel-1-grd, not of sentinel-2"):
        fuse(place.radar, None)
    index = replace(place.optical, bands={"NDVI": place.optical.bands["B04"]})
    with pytest.raises(MissingBand, match="NDVI"):
        fuse(index, None)


def test_scenes_far_apart_in_time_or_place(place: "Place") -> None:
    later = replace(
        place.radar,
        begins=place.radar.begins + timedelta(days=30),
        ends=place.radar.ends + timedelta(days=30),
    )
    with pytest.raises(ImageryError, match=r"31\.8 days apart and 15 are allowed"):
        fuse(place.optical, later)
    assert fuse(place.optical, later, max_gap_days=40).radar == later
    elsewhere = replace(place.radar, footprint=box(50, 50, 51, 51))
    with pytest.raises(GridMismatch, match="do not meet"):
        fuse(place.optical, elsewhere)


def test_composites_that_overlap_have_no_gap(place: "Place") -> None:
    month = replace(place.optical, ends=place.optical.begins + timedelta(days=31))
    assert gap_days(month, place.radar) == 0
    assert gap_days(place.radar, place.optical) == pytest.approx(1 + 20 / 24)
