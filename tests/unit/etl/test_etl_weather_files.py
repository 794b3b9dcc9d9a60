"""Weather files of many forms against values worked out by hand."""

import datetime
from pathlib import Path

import pytest
import shapely

from etl.weather.mapping import parse_mapping
from etl.weather.reading import WeatherFiles, read_weather
from etl.weather.records import Period, Weather
from mining.units import Unit
from ontology.errors import KnowledgeError

STATIONS = "id;Lat;Lon\nN;50.1;16.0\nF;50.0;17.0\nX;50.0;15.0\n"
UNIT = Unit("A", "parcel", "A", shapely.box(15.99, 49.99, 16.01, 50.01))
STATION_FILE = """
[station_file]
delimiter = ";"
id = "id"
name = "id"
lon = "Lon"
lat = "Lat"
"""
MONTHS = (
    """
resolution = "month"
[table]
delimiter = ";"
decimal = ","
missing = ["-9999"]
[[element]]
variable = "air_mean"
unit = "K"
files = "T*.csv"
station = "where"
columns = '(?P<year>\\d{4})_(?P<month>\\d\\d)'
[[element]]
variable = "rain"
unit = "cm"
files = "R*.csv"
station = "id"
columns = '(?P<year>\\d{4})_(?P<month>\\d\\d)'
"""
    + STATION_FILE
)
DAYS = """
resolution = "day"
[table]
comment = "#"
names = ["y", "doy", "low", "high"]
skip = 1
[time]
columns = ["y", "doy"]
format = "%Y %j"
[station]
id = "S"
lon = 16.0
lat = 50.0
[[element]]
variable = "air_minimum"
unit = "°F"
column = "low"
[[element]]
variable = "air_maximum"
unit = "0.1 °C"
column = "high"
"""
HOURS = (
    """
resolution = "hour"
[time]
columns = ["day", "hour"]
format = "%d.%m.%Y %H:%M"
zone = "Europe/Prague"
[station]
column = "id"
[[element]]
variable = "air_temperature"
unit = "°C"
column = "t"
[[element]]
variable = "gust"
unit = "km/h"
column = "g"
"""
    + STATION_FILE
)


def read(path: Path, mapping: str, since: str, until: str) -> Weather:
    """The weather of a stretch of time around one unit."""
    days = [datetime.date.fromisoformat(one) for one in (since, until)]
    noon = datetime.datetime(days[1].year, days[1].month, 1, 12, tzinfo=datetime.UTC)
    told = parse_mapping("m.toml", mapping)
    told = told.model_copy(
        update={
            "station_file": told.station_file.model_copy(update={"altitude_m": None})
        }
    )
    return read_weather(WeatherFiles(path, told, *days), [UNIT], noon, noon)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stations.csv").write_text(STATIONS, "utf-8")
    return tmp_path


def test_months_in_columns_of_two_files(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    head = "2018_06;2018_07;2018_08;2018_09;N1990_07\n"
    (folder / "T.csv").write_text(
        f"where;{head}N;293,15;300,15;-9999;1;290\nF;280,15;280,15;280,15;1;280\n"
        "X;-9999;-9999;-9999;1;280\n"
    )
    (folder / "R.csv").write_text(f"id;{head}N;1,25;0;2;1;9\nX;3;3;3;3;3\n")
    held = read(folder, MONTHS, "2018-07-31", "2018-08-01")
    assert held.nearest[UNIT].station.id == "N"
    assert held.nearest[UNIT].distance_m == pytest.approx(11_123, abs=3)
    assert held.stations == (held.nearest[UNIT].station,)
    july, august = datetime.date(2018, 7, 1), datetime.date(2018, 8, 1)
    assert held.periods == (
        Period("month", "N", july, pytest.approx(27.0), None, None, 0.0, None),
        Period("month", "N", august, None, None, None, 20.0, None),
    )
    assert "station N lacks 1 of 2 months of air mean" in caplog.text


def test_the_nearest_station_is_one_that_has_the_first_element(folder: Path) -> None:
    (folder / "T.csv").write_text("where;2018_07\nF;280,15\nN;-9999\n")
    (folder / "R.csv").write_text("id;2018_07\nN;1,25\nF;2\n")
    held = read(folder, MONTHS, "2018-07-01", "2018-07-31")
    assert held.nearest[UNIT].station.id == "F"
    assert [(one.station, one.rain_mm) for one in held.periods] == [("F", 20.0)]


def test_days_without_header_by_day_of_year(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("# one\nsite 18\n# two\n2016,60,14,-15\n2016,61,50,173\n\n")
    held = read(path, DAYS, "2016-02-29", "2016-02-29")
    (day,) = held.periods
    assert (day.kind, day.first) == ("day", datetime.date(2016, 2, 29))
    assert day.air_minimum_c == pytest.approx(-10)
    assert day.air_maximum_c == pytest.approx(-1.5)


def local_hours(days: str, hours: list[int], value: str = "5.0,36") -> str:
    """Rows of station N at hours of a day, as its clock shows them."""
    return "".join(f"N,{days},{hour}:00,{value}\n" for hour in hours)


def test_local_hours_become_utc(folder: Path) -> None:
    """In winter 13:00 in Prague is noon in UTC, which ends the night."""
    text = "id,day,hour,t,g\n" + local_hours("10.01.2018", list(range(14, 24)))
    text += local_hours("11.01.2018", list(range(13)))
    text += local_hours("11.01.2018", [13], "-7.0,72")
    text += local_hours("11.01.2018", [14], "-30.0,0")
    path = folder / "h.csv"
    path.write_text(text)
    held = read(path, HOURS, "2018-01-11", "2018-01-11")
    (night,) = held.nights
    assert night.air_minimum_c == -7.0
    assert night.gust_ms == pytest.approx(20.0)


def test_an_hour_shown_twice_is_told_and_one_left_out_by_the_clock_is_refused(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "h.csv"
    text = "id,day,hour,t,g\n" + local_hours("28.10.2017", list(range(14, 24)))
    twice = [0, 1, 2, 2, *range(3, 14)]
    path.write_text(text + local_hours("29.10.2017", twice))
    (night,) = read(path, HOURS, "2017-10-29", "2017-10-29").nights
    assert night.hours_below_zero == 0
    assert "the clocks of" not in caplog.text
    assert "weather is from 2017-10-28 to 2017-10-29, and the images" in caplog.text
    path.write_text(text + local_hours("29.10.2017", list(range(14))))
    read(path, HOURS, "2017-10-29", "2017-10-29")
    assert (
        "line 14: the clocks of Europe/Prague showed 29.10.2017 2:00 twice; such"
        in caplog.text
    )
    path.write_text(text + local_hours("26.03.2017", [1, 2, 3]))
    with pytest.raises(KnowledgeError, match="2017-03-26 02:00:00 does not exist in"):
        read(path, HOURS, "2017-03-26", "2017-03-26")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("where;2018_07\nN;19,3\n", "N, 2018-07: air mean is -253.85 °C, which cannot"),
        (
            "where;2018_07\nN;19.3\n",
            "line 2: air_mean holds '19.3', which is no number",
        ),
        ("where;2018_07\nN;1;2\n", "line 2 has 3 cells and there are 2 columns"),
        ("where,2018_07\nN,1\n", "no column of air_mean matches"),
        ("where;2018_13\nN;280\n", "the column 2018_13 names no day"),
        ("who;2018_07\nN;280\n", "lacks the column where"),
        ("where;2018_07\nQ;280\n", "station 'Q' is not in the file of stations"),
        ("where;2018_07\nN;280\nN;281\n", "two different rows for 2018-07-01"),
        ("where;2018_07\nN;-9999\n", "nothing was measured since 2018-07-01"),
        ("where;2018_07;2018_07\nN;280;1\n", "two columns are named '2018_07'"),
        ("where;2018_07\n;280\n", "line 2: names no station"),
        ("", "holds no rows"),
    ],
)
def test_refusals(folder: Path, text: str, told: str) -> None:
    (folder / "T.csv").write_text(text)
    (folder / "R.csv").write_text("id;2018_07\n")
    with pytest.raises(KnowledgeError) as caught:
        read(folder, MONTHS, "2018-07-01", "2018-07-31")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stations_where_none_can_be(folder: Path) -> None:
    (folder / "T.csv").write_text("where;2018_07\nN;280\n")
    (folder / "R.csv").write_text("id;2018_07\n")
    for place, told in [
        ("0;0", "the open sea"),
        ("16.0;50.1", "lon and lat are swapped"),
        ("150.1;16.0", "lon and lat may be swapped"),
        ("north;16", "Lat holds 'north', which is no number"),
    ]:
        (folder / "stations.csv").write_text(f"id;Lat;Lon\nN;{place}\n")
        with pytest.raises(KnowledgeError, match=told):
            read(folder, MONTHS, "2018-07-01", "2018-07-31")
    (folder / "stations.csv").unlink()
    with pytest.raises(KnowledgeError, match=r"stations.csv: no such file of stations"):
        read(folder, MONTHS, "2018-07-01", "2018-07-31")


def test_a_stretch_of_time_without_columns_and_an_open_quote(folder: Path) -> None:
    (folder / "T.csv").write_text("where;2018_07\nN;280\n")
    (folder / "R.csv").write_text("id;2018_07\nN;3\n")
    with pytest.raises(KnowledgeError, match="no column of the mapping in that time"):
        read(folder, MONTHS, "1999-01-01", "1999-02-01")
    (folder / "T.csv").write_text('where;2018_07\nN;"' + "280\n" * 50_000)
    with pytest.raises(KnowledgeError, match="a quote may be left open"):
        read(folder, MONTHS, "2018-07-01", "2018-07-31")


def test_days_of_a_month_are_no_months_twice(tmp_path: Path) -> None:
    """A month's rows may be dated by any day, but only one of them."""
    month = DAYS.replace('"day"\n', '"month"\n')
    path = tmp_path / "days.csv"
    path.write_text("site 18\n2016,60,14,-15\n")
    (one,) = read(path, month, "2016-02-10", "2016-02-11").periods
    assert (one.kind, one.first) == ("month", datetime.date(2016, 2, 1))
    path.write_text("site 18\n2016,59,10,0\n2016,60,14,-15\n")
    with pytest.raises(KnowledgeError, match="two different rows for 2016-02-01"):
        read(path, month, "2016-02-10", "2016-02-11")
