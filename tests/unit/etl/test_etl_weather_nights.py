"""Nights against numbers counted by hand."""

import datetime
from pathlib import Path

import pytest
import shapely

from etl.weather.reading import read_weather, weather_files
from etl.weather.records import Night, Station, Weather
from mining.units import Unit
from ontology.errors import KnowledgeError

UNIT = Unit("A", "parcel", "A", shapely.box(-0.2, 44.8, -0.1, 44.9))
STATIONS = "station,name,lon,lat,altitude_m\nS1,La Palu,-0.15,44.8,12\n"


def hours(first: str, temperatures: list[float | None], **more: float) -> str:
    """Hourly rows of station S1 from a first hour on."""
    start = datetime.datetime.fromisoformat(first)
    head = "station,time,air_temperature_c" + "".join(f",{name}" for name in more)
    rows = []
    for i, temperature in enumerate(temperatures):
        time = (start + datetime.timedelta(hours=i)).strftime("%Y-%m-%dT%H:%M:%SZ")
        value = "" if temperature is None else temperature
        tail = "".join(f",{number}" for number in more.values())
        rows.append(f"S1,{time},{value}{tail}")
    return "\n".join([head, *rows]) + "\n"


def read(path: Path) -> Weather:
    """The weather of a path around one unit, in our own format."""
    time = datetime.datetime(2017, 4, 28, tzinfo=datetime.UTC)
    return read_weather(weather_files(path), [UNIT], time, time)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stations.csv").write_text(STATIONS)
    return tmp_path


def test_a_night_runs_from_noon_to_noon(folder: Path) -> None:
    cold = [5.0] * 14 + [-1.0, -2.0, -2.5, -3.0, -0.5] + [4.0] * 5
    text = hours("2017-04-26T13:00:00", cold, rain_mm=0.5, gust_ms=7.0)
    (folder / "S1.csv").write_text(text)
    held = read(folder)
    assert held.stations == (Station("S1", "La Palu", -0.15, 44.8, 12.0),)
    assert held.nearest[UNIT].station == held.stations[0]
    assert held.nights == (
        Night(
            station="S1",
            day=datetime.date(2017, 4, 27),
            air_minimum_c=-3.0,
            ground_minimum_c=None,
            hours_below_zero=5.0,
            hours_below_minus2=2.0,
            rain_mm=12.0,
            gust_ms=7.0,
        ),
    )


def test_noon_belongs_to_the_night_before(folder: Path) -> None:
    text = hours("2017-04-26T13:00:00", [1.0] * 23 + [-9.0] + [2.0] * 24)
    (folder / "S1.csv").write_text(text)
    nights = read(folder).nights
    assert [(one.day.day, one.air_minimum_c) for one in nights] == [
        (27, -9.0),
        (28, 2.0),
    ]


def test_half_seen_nights_are_left_out(folder: Path) -> None:
    gaps: list[float | None] = [1.0] * 19 + [None] * 5
    (folder / "S1.csv").write_text(hours("2017-04-26T13:00:00", gaps + [3.0] * 24))
    nights = read(folder).nights
    assert [one.day.day for one in nights] == [28]


def test_half_hours_count_half(folder: Path) -> None:
    first = hours("2017-04-26T12:30:00", [-1.0] * 24)
    second = hours("2017-04-26T13:00:00", [-1.0] * 24)
    (folder / "S1.csv").write_text(first + second.split("\n", 1)[1])
    (night,) = read(folder).nights
    assert night.hours_below_zero == 24.0


def test_one_file_may_bring_its_station(tmp_path: Path) -> None:
    rows = hours("2017-04-26T13:00:00", [1.0] * 24).splitlines()
    extra = ["name,lon,lat,altitude_m", *["Palu,-0.15,44.8,12"] * 24]
    path = tmp_path / "all.csv"
    path.write_text("\n".join(f"{a},{b}" for a, b in zip(rows, extra, strict=True)))
    held = read(path)
    assert (held.stations[0].name, len(held.nights)) == ("Palu", 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (hours("2017-04-26T13:00:00", [1.0] * 24).replace("Z,", ","), "has no zone"),
        (
            hours("2017-04-26T13:00:00", [1.0] * 24).replace("S1,", "S9,"),
            "'S9' is not in",
        ),
        (hours("2017-04-26T13:00:00", [1.0] * 3), "no night has 20 hours"),
        ("station,time\nS1,2017-04-26T13:00:00Z\n", "lacks the column air_temp"),
        (hours("2017-04-26T13:00:00", [1.0] * 24).replace("1.0", "err"), "no number"),
    ],
)
def test_refusals(folder: Path, text: str, told: str) -> None:
    (folder / "S1.csv").write_text(text)
    with pytest.raises(KnowledgeError, match=told) as caught:
        read(folder)
    assert "\n" not in str(caught.value)


def test_overlapping_files_count_an_hour_once(folder: Path) -> None:
    first = hours("2017-04-26T13:00:00", [-1.0] * 16, rain_mm=1.0)
    second = hours("2017-04-27T00:00:00", [-1.0] * 13, rain_mm=1.0)
    (folder / "a.csv").write_text(first)
    (folder / "b.csv").write_text(second)
    (night,) = read(folder).nights
    assert (night.hours_below_zero, night.rain_mm) == (24.0, 24.0)


def test_files_that_disagree_are_refused(folder: Path) -> None:
    (folder / "a.csv").write_text(hours("2017-04-26T13:00:00", [1.0] * 24))
    (folder / "b.csv").write_text(hours("2017-04-27T12:00:00", [2.0]))
    with pytest.raises(KnowledgeError, match="two different rows for 2017-04-27T12"):
        read(folder)


def test_a_folder_without_hours(folder: Path) -> None:
    with pytest.raises(
        KnowledgeError, match=r"holds no file \*.csv of air_temperature"
    ):
        read(folder)
