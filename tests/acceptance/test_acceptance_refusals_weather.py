"""Weather that cannot be used: one line by the command, nothing left, no base made."""

import datetime
from pathlib import Path

import pytest
from acceptance_refused import refused
from acceptance_walk import Walk

MAPPING = """
resolution = "hour"
[time]
columns = ["time"]
zone = "Europe/Paris"
[station]
column = "post"
[station_file]
id = "post"
[[element]]
variable = "air_temperature"
unit = "°C"
column = "t"
"""
STATIONS = "post,name,lon,lat,altitude_m\nP1,Post,-0.1,44.8,20\n"


def hours(count: int, values: float = 12.5, step: int = 1) -> str:
    """A table of local times without a zone, before the sample's later image."""
    first = datetime.datetime(2017, 4, 26, 14)
    rows = [
        f"P1,{first + datetime.timedelta(hours=step * i)},{values + 0.1 * (i % 7)}"
        for i in range(count)
    ]
    return "\n".join(["post,time,t", *rows]) + "\n"


@pytest.mark.parametrize(
    ("table", "mapping", "told"),
    [
        (hours(300, 285.0), MAPPING, "air temperature is 285 °C, which cannot be; it"),
        (hours(19), MAPPING, "no night has 20 hours of air temperature"),
        (hours(90, step=3), MAPPING, "no night has 20 hours of air temperature"),
        (hours(48), MAPPING.replace('"t"', '"temp"'), "lacks the column temp; it has"),
        (hours(48), MAPPING.replace("°C", "degrees"), "no unit 'degrees' of air_temp"),
        (hours(48), MAPPING.replace("Paris", "Pariss"), "no time zone 'Europe/Pariss'"),
        (hours(48).replace("P1", "P9"), MAPPING, "'P9' is not in the file of stations"),
        (hours(48), MAPPING.replace('"hour"', '"hour'), "line 2, column"),
        (hours(48), MAPPING.replace('zone = "Europe/Paris"', ""), "has no zone"),
        (hours(48).replace("2017", "2217"), MAPPING, "which is in the future"),
    ],
)
def test_weather_that_cannot_be(
    walk: Walk, tmp_path: Path, table: str, mapping: str, told: str
) -> None:
    (tmp_path / "hours.csv").write_text(table, "utf-8")
    (tmp_path / "stations.csv").write_text(STATIONS, "utf-8")
    (tmp_path / "mine.toml").write_text(mapping, "utf-8")
    line = refused(tmp_path, *lift_of(walk), *weather("hours.csv", "mine.toml"))
    assert told in line
    assert "hours.csv" in line or "mine.toml" in line


def test_mappings_that_are_not_there(walk: Walk, tmp_path: Path) -> None:
    (tmp_path / "hours.csv").write_text(hours(48), "utf-8")
    line = refused(tmp_path, *lift_of(walk), *weather("hours.csv", "chmi"))
    assert "chmi-monthly, de-marke, ecad-daily, lucerna-hours" in line
    line = refused(tmp_path, *lift_of(walk), *weather("hours.csv", "lucerna-hours"))
    assert "lacks the column" in line
    line = refused(tmp_path, *lift_of(walk), "--weather-mapping", "de-marke")
    assert "--weather names" in line


def lift_of(walk: Walk) -> list[object]:
    """The beginning of a lift of communes into a base that is not there."""
    units = ["--units", walk.sample / "communes.geojson"]
    return ["lift", walk.raster("cva"), *units, "--kb", "new"]


def weather(files: str, mapping: str) -> list[str]:
    """The options that name weather and its mapping."""
    return ["--weather", files, "--weather-mapping", mapping]
