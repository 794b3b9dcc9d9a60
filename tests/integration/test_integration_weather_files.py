"""Three real weather files by their ready mappings, against the csv module alone."""

import csv
import datetime
import os
import shutil
from pathlib import Path

import pytest
import shapely

from etl.weather.reading import read_weather, weather_files
from etl.weather.records import Period, Weather
from mining.units import Unit
from ontology.errors import KnowledgeError

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
CHMI = DATA / "weather-stations" / "czechia-chmi-monthly"
ECAD = DATA / "weather-stations" / "ecad-daily-2000-2010"
DEMARKE = DATA / "nl-demarke-agri-2017-2018" / "weather"
EXACT = {"abs": 1e-9}

pytestmark = pytest.mark.skipif(
    not CHMI.is_dir(), reason=f"no test data: {CHMI}; see LUCERNA_TEST_DATA"
)


def read(path: Path, mapping: str, lon: float, lat: float, *days: str) -> Weather:
    """The weather of a unit around a place, from one day to another."""
    since, until = (datetime.date.fromisoformat(one) for one in days)
    unit = Unit("A", "parcel", "A", shapely.Point(lon, lat).buffer(0.01))
    ends = datetime.datetime(until.year, until.month, until.day, tzinfo=datetime.UTC)
    return read_weather(weather_files(path, mapping, since, until), [unit], ends, ends)


def rows_of(path: Path, delimiter: str = ";") -> list[dict[str, str]]:
    """The rows of a file by its header."""
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def test_chmi_months_of_the_nearest_station_with_temperature() -> None:
    held = read(CHMI, "chmi-monthly", 15.76, 49.58, "2017-12-15", "2019-07-01")
    (near,) = held.nearest.values()
    assert (near.station.id, near.station.name) == ("P3PRIB01", "Přibyslav")
    assert near.station.altitude_m == 532.5
    (air,) = (
        one
        for one in rows_of(CHMI / "MeanAirTemp_CHMU_derived_month_data.csv")
        if one["ID_stanice"] == "P3PRIB01"
    )
    (rain,) = (
        one
        for one in rows_of(CHMI / "precip_derived_month_data.csv")
        if one["stanice"] == "P3PRIB01"
    )
    assert [f"{one.first:%Y_%m}" for one in held.periods] == [
        f"{year}_{month:02d}"
        for year in (2017, 2018, 2019)
        for month in range(1, 13)
        if "2017_12" <= f"{year}_{month:02d}" <= "2019_07"
    ]
    for one in held.periods:
        name = f"{one.first:%Y_%m}"
        assert one.air_mean_c == pytest.approx(float(air[name].replace(",", ".")))
        assert one.rain_mm == pytest.approx(float(rain[name].replace(",", ".")))
        assert (one.kind, one.air_minimum_c, one.gust_ms) == ("month", None, None)


def test_de_marke_days_by_day_of_year() -> None:
    held = read(DEMARKE, "de-marke", 6.35, 52.04, "2014-12-30", "2015-01-02")
    lines = [
        line.split(",")
        for name in ("KenK18.014.csv", "KenK18.015.csv")
        for line in (DEMARKE / name).read_text("utf-8").splitlines()
        if line.startswith("18,")
    ]
    assert len(lines) == 730
    chosen = [*lines[363:367]]
    assert [(one[1], one[2]) for one in chosen] == [
        ("2014", "364"), ("2014", "365"), ("2015", "1"), ("2015", "2"),
    ]  # fmt: skip
    days = [datetime.date(2014, 12, 30) + datetime.timedelta(i) for i in range(4)]
    assert held.periods == tuple(
        Period("day", "KNMI-283", day, None, float(one[4]), float(one[5]), None, None)
        for day, one in zip(days, chosen, strict=True)
    )


@pytest.fixture
def ecad(tmp_path: Path) -> Path:
    """The file of ECA&D alone, without positions."""
    name = "weather_prediction_dataset.csv"
    shutil.copyfile(ECAD / name, tmp_path / name)
    return tmp_path


def test_ecad_days_of_many_places_in_columns(
    ecad: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(KnowledgeError, match=r"stations.csv: no such file of stations"):
        read(ecad, "ecad-daily", 5.2, 52.1, "2009-01-01", "2009-12-31")
    table = rows_of(ecad / "weather_prediction_dataset.csv", ",")
    places = sorted(
        {name.removesuffix("_temp_mean") for name in table[0] if "_temp_mean" in name}
    )
    assert len(places) == 18
    near = {"DE_BILT": "5.18,52.1", "HEATHROW": "-0.45,51.48"}
    text = [f"{one},{one},{near.get(one, '11.0,44.0')},5" for one in places]
    head = "station,name,lon,lat,altitude_m"
    (ecad / "stations.csv").write_text("\n".join([head, *text]), "utf-8")
    held = read(ecad, "ecad-daily", 5.2, 52.1, "2009-01-01", "2009-12-31")
    assert [one.id for one in held.stations] == ["DE_BILT"]
    year = [row for row in table if row["DATE"].startswith("2009")]
    assert len(held.periods) == len(year) == 365
    for one, row in zip(held.periods, year, strict=True):
        assert f"{one.first:%Y%m%d}" == row["DATE"]
        found = [
            one.air_mean_c, one.air_minimum_c, one.air_maximum_c,
            one.rain_mm, one.gust_ms,
        ]  # fmt: skip
        names = ("temp_mean", "temp_min", "temp_max", "precipitation", "wind_gust")
        expected = [float(row[f"DE_BILT_{name}"]) for name in names]
        expected[3] *= 10
        assert found == pytest.approx(expected, **EXACT)
    assert caplog.text == ""
    held = read(ecad, "ecad-daily", -0.4, 51.5, "2000-01-01", "2009-12-31")
    out = sum(
        not float(row["HEATHROW_temp_min"])
        <= float(row["HEATHROW_temp_mean"])
        <= float(row["HEATHROW_temp_max"])
        for row in table
        if row["DATE"] < "2010"
    )
    assert f"station HEATHROW: on {out} of 3653 days the air minimum," in caplog.text
    assert sum(one.air_mean_c is None for one in held.periods) == out > 100
