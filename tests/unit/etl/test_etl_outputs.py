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
        check_outputs(raster, (), (), ())
    made = tmp_path / "made.tif"
    made.touch()
    write_item(sidecar(made), {**item, "properties": {"lucerna:kind": "change"}})
    check_outputs(made, (), (), ())
