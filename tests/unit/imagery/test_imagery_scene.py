"""Opening: what is accepted, what is refused and with which words."""

import hashlib
import shutil
from pathlib import Path

import pytest

from imagery.errors import MissingBand, UnreadableProduct
from imagery.scene import files_sha256, geobox_of, open_scene, require_bands
from imagery.synthetic import Sample


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct, match="no such product"):
        open_scene(tmp_path / "nothing.SAFE")


def test_an_undescribed_raster_is_told_how(sample: Sample, tmp_path: Path) -> None:
    bare = tmp_path / "bare.tif"
    shutil.copy(sample.truth / "frost.tif", bare)
    with pytest.raises(UnreadableProduct, match="run `lucerna describe`"):
        open_scene(bare)


def test_land_cover_is_no_scene(sample: Sample) -> None:
    with pytest.raises(UnreadableProduct, match="described as context; give it as con"):
        open_scene(sample.land_cover)


def test_bands_come_in_the_order_asked_for(sample: Sample) -> None:
    scene = open_scene(sample.before)
    files = require_bands(scene, ["B12", "B02"])
    assert [file.path.stem[-7:] for file in files] == ["B12_20m", "B02_10m"]
    with pytest.raises(MissingBand, match=r"band B01, B10 is missing in S2A_MSIL2A"):
        require_bands(scene, ["B02", "B01", "B10"])


def test_grids_of_both_resolutions_share_their_corner(sample: Sample) -> None:
    scene = open_scene(sample.before)
    fine, coarse = (geobox_of(scene.bands[name]) for name in ("B02", "B05"))
    assert (fine.shape, coarse.shape) == ((600, 600), (300, 300))
    assert tuple(fine.affine)[:6] == (10, 0, 721_560, 0, -10, 4_977_480)
    assert tuple(coarse.affine)[:6] == (20, 0, 721_560, 0, -20, 4_977_480)
    # The cut lies on the 60 m lattice of tile T30TYQ, whose corner is 699960, 5000040.
    assert (721_560 - 699_960) % 60 == 0
    assert (5_000_040 - 4_977_480) % 60 == 0


def test_hash_of_files_one_after_another(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a" * 1_500_000)
    two.write_bytes(b"b")
    expected = hashlib.sha256(b"a" * 1_500_000 + b"b").hexdigest()
    assert files_sha256([one, two]) == expected
