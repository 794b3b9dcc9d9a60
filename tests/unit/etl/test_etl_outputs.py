"""What an output may not replace."""

from pathlib import Path

import pytest

from etl.outputs import check_outputs
from imagery.errors import ImageryError
from imagery.stac import sidecar, write_item


def test_a_described_raster_is_not_replaced_but_an_output_is(tmp_path: Path) -> None:
    raster = tmp_path / "classes.tif"
    raster.touch()
    item = {"type": "Feature", "stac_version": "1.1.0", "id": "a", "assets": {}}
    write_item(sidecar(raster), {**item, "properties": {}})
    with pytest.raises(ImageryError, match=r"described as an input by classes\.json"):
        check_outputs(raster, (), (), (), "change")
    made = tmp_path / "made.tif"
    made.touch()
    write_item(sidecar(made), {**item, "properties": {"lucerna:kind": "change"}})
    check_outputs(made, (), (), (), "change")
    with pytest.raises(ImageryError, match=r"made\.json is the record of a change"):
        check_outputs(made, (), (), (), "classification")


@pytest.mark.parametrize("text", ["keep", '{"my": "notes"}', "[" * 100_000, "\xff"])
def test_a_file_that_is_no_item_is_refused_before_anything_is_made(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "prec.json").write_text(text, encoding="latin-1")
    with pytest.raises(ImageryError, match=r"prec\.json is no STAC item and would be"):
        check_outputs(tmp_path / "prec.tif", (), (), (), "change")


def test_a_folder_in_the_place_of_a_picture_is_told(tmp_path: Path) -> None:
    picture = tmp_path / "a-before.png"
    picture.mkdir()
    with pytest.raises(ImageryError, match=r"a-before\.png is a folder"):
        check_outputs(tmp_path / "a.tif", (picture,), (), (), "change")
