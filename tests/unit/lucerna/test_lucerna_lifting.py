"""What is asked of a lift before anything is read."""

import datetime
from pathlib import Path

import pytest

from imagery.errors import ImageryError
from lucerna.lifting import lift_rasters, wanted_weather
from ontology.errors import KnowledgeError


def test_class_rasters_are_for_all_or_one_for_each() -> None:
    rasters, covers = ([Path(f"{one}.tif") for one in names] for names in ("abc", "xy"))
    with pytest.raises(ImageryError, match="3 rasters and 2 of --land-cover; give one"):
        lift_rasters(
            rasters,
            [],
            pytest.fail,
            iri_base="https://kb.example/",
            land_covers=covers,
            weather=None,
            progress=None,
        )


def test_days_of_weather() -> None:
    april, may = datetime.datetime(2018, 4, 1), datetime.datetime(2018, 5, 1)
    path = Path("weather")
    assert wanted_weather(None, None, None, None) is None
    told = wanted_weather(path, "de-marke", april, may)
    assert told is not None
    assert (told.since, told.until) == (april.date(), may.date())
    assert told.mapping.resolution == "day"
    with pytest.raises(KnowledgeError, match="since 2018-05-01 until 2018-04-01 is no"):
        wanted_weather(path, None, may, april)
    with pytest.raises(KnowledgeError, match="speak of files that --weather names"):
        wanted_weather(None, None, april, None)
