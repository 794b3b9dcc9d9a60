"""Grades, shares and keys on rasters made here, against counts by hand."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod, Transformer
from rasterio.transform import from_origin
from shapely.geometry import Polygon, box

from imagery.errors import ImageryError
from mining.damage.assessment import (
    Assessment,
    DamageRules,
    Event,
    NightRecord,
    WeatherRule,
)
from mining.damage.parcel_damage import assess_parcels
from mining.damage.parcels import Parcel

WEST, NORTH = 700_000.0, 4_970_000.0
BOUNDS = (0.0, 25.0, 50.0, 75.0)
BEFORE = datetime(2017, 4, 19, 11, tzinfo=UTC)
AFTER = datetime(2017, 4, 29, 11, tzinfo=UTC)
FROST = Event(
    "frost",
    "frost",
    datetime(2017, 4, 26, 18, tzinfo=UTC),
    datetime(2017, 4, 28, 8, tzinfo=UTC),
)
GROUND = WeatherRule("ground_minimum_c", "ground minimum", "°C", -2.0, None, None, 30.0)
AIR = WeatherRule("air_minimum_c", "air minimum", "°C", 0.0, None, None, 30.0)
RULES = DamageRules(
    iri="https://w3id.org/lucerna/scheme/damage-rules/frost/1",
    peril="frost",
    affected_from=50.0,
    grades=(("destroyed", 0.8), ("damaged", 0.3), ("possiblyDamaged", 0.1)),
    least_valid_share=0.5,
    least_valid_pixels=10,
    crop_share=0.1,
    max_days_before=30,
    max_days_after=30,
    weather=(GROUND, AIR),
)


def rules(**changed: object) -> DamageRules:
    return DamageRules(**{**vars(RULES), **changed})  # type: ignore[arg-type]


def cells(column: int, row: int, columns: int, rows: int) -> Polygon:
    """A rectangle of pixels as a CRS84 polygon."""
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    west, north = WEST + 10 * column, NORTH - 10 * row
    shape = box(west, north - 10 * rows, west + 10 * columns, north)
    return shapely.transform(shape, to_crs84.transform, interleaved=False)


def parcel(name: str, *place: int) -> Parcel:
    return Parcel(name, None, None, None, None, cells(*place))


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """30 rows, 40 columns: scores 50 left of column 10, 49 up to 20, cloud from 30."""
    folder = tmp_path_factory.mktemp("damage")
    scores = np.zeros((30, 40), np.uint8)
    scores[:, :10], scores[:, 10:20] = 50, 49
    quality = np.zeros((30, 40), np.uint8)
    quality[:, 30:] = 1
    for name, values in (("change", scores), ("quality", quality)):
        with rasterio.open(
            folder / f"{name}.tif",
            "w",
            driver="GTiff",
            width=40,
            height=30,
            count=1,
            dtype="uint8",
            crs="EPSG:32630",
            transform=from_origin(WEST, NORTH, 10, 10),
        ) as out:
            out.write(values, 1)
    return folder / "change.tif", folder / "quality.tif"


def assess(
    rasters: tuple[Path, Path],
    *parcels: Parcel,
    by: DamageRules = RULES,
    nights: tuple[NightRecord, ...] = (),
    event: Event = FROST,
) -> tuple[Assessment, ...]:
    return assess_parcels(
        parcels,
        event,
        by,
        *rasters,
        bounds=BOUNDS,
        before_time=BEFORE,
        after_time=AFTER,
        nights=nights,
    )


def test_grades_follow_the_affected_share(rasters: tuple[Path, Path]) -> None:
    # Ten rows each; of ten columns 10, 8, 7, 3, 2, 1 and 0 lie in the affected part.
    places = {10: 0, 8: 2, 7: 3, 3: 7, 2: 8, 1: 9, 0: 10}
    found = assess(
        rasters, *(parcel(str(n), column, 0, 10, 10) for n, column in places.items())
    )
    assert [one.grade for one in found] == [
        "destroyed",
        "destroyed",
        "damaged",
        "damaged",
        "possiblyDamaged",
        "possiblyDamaged",
        "noVisibleDamage",
    ]
    shares = [one.share for one in found]
    assert shares == pytest.approx([1, 0.8, 0.7, 0.3, 0.2, 0.1, 0], abs=1e-3)
    assert [one.crop_key for one in found] == ["met"] * 6 + ["notMet"]
    half = assess(rasters, parcel("half", 5, 0, 10, 10))[0]
    geod = Geod(ellps="WGS84")
    area = abs(geod.geometry_area_perimeter(cells(5, 0, 10, 10))[0]) / 10_000
    assert half.area_ha == pytest.approx(area, abs=1e-4)
    assert half.observed_ha == pytest.approx(area, rel=1e-3)
    assert half.affected_ha == pytest.approx(area / 2, rel=1e-3)
    # 50 pixels of 49 are low, 50 of 50 are middle.
    assert half.level_ha[0] == half.level_ha[3] == 0
    assert half.level_ha[1] == pytest.approx(half.level_ha[2], abs=2e-4)
    assert half.mean_score == pytest.approx(0.495)
    assert half.share == round(half.affected_ha / half.observed_ha, 4)


def test_a_threshold_between_levels_counts_too(rasters: tuple[Path, Path]) -> None:
    found = assess(rasters, parcel("a", 5, 0, 10, 10), by=rules(affected_from=49.0))[0]
    assert (found.grade, found.share) == ("destroyed", 1.0)
    assert len(found.level_ha) == 4


def test_too_little_seen_is_not_assessed(rasters: tuple[Path, Path]) -> None:
    found = assess(
        rasters,
        parcel("cloudy", 25, 0, 12, 10),
        parcel("all cloud", 31, 0, 5, 5),
        parcel("small", 0, 0, 3, 3),
        parcel("off", 60, 0, 5, 5),
        parcel("over the edge", -6, 0, 10, 10),
    )
    assert {one.grade for one in found} == {"notAssessed"}
    assert {one.crop_key for one in found} == {"notObserved"}
    counted = [(one.valid_pixels, one.cloudy_pixels, one.total_pixels) for one in found]
    assert counted == [(50, 70, 120), (0, 25, 25), (9, 0, 9), (0, 0, 25), (40, 0, 100)]
    assert "Only 50 of 120 pixels could be compared (70 cloudy)" in found[0].reason
    assert "lies off the images" in found[3].reason
    assert "60 off the images" in found[4].reason
    assert found[1].share is None


def test_half_valid_is_enough(rasters: tuple[Path, Path]) -> None:
    found = assess(rasters, parcel("half", 25, 0, 10, 10))[0]
    assert (found.grade, found.valid_pixels) == ("noVisibleDamage", 50)


def night(day: int, name: str = "near", **measured: float) -> NightRecord:
    """A night in April at a station; `far` is about 100 km north of the raster."""
    place = cells(0, 0, 10, 10).centroid
    north = 0.9 if name == "far" else 0.1
    return NightRecord(
        f"https://kb.example/station/{name}",
        name.capitalize(),
        place.x,
        place.y + north,
        date(2017, 4, day),
        **measured,
    )


def test_the_weather_key_is_the_nearest_station_s(rasters: tuple[Path, Path]) -> None:
    field = parcel("a", 0, 0, 10, 10)
    far = night(27, "far", ground_minimum_c=-9.0)
    near = (
        night(26, ground_minimum_c=-8.0),  # ended before the event
        night(27, ground_minimum_c=-2.5, air_minimum_c=1.0),
        night(28, ground_minimum_c=-3.5, air_minimum_c=1.0),
        night(29, ground_minimum_c=-7.0),  # began after it
    )
    found = assess(rasters, field, nights=(far, *near))[0]
    assert (found.weather_key, found.night) == ("met", date(2017, 4, 28))
    assert (found.night_variable, found.night_value) == ("ground_minimum_c", -3.5)
    assert found.station == "https://kb.example/station/near"
    place = field.geometry.centroid
    km = Geod(ellps="WGS84").inv(place.x, place.y, place.x, place.y + 0.1)[2] / 1000
    assert found.station_km == pytest.approx(km, abs=1e-3)
    assert "Near, 11.1 km away, measured a ground minimum of -3.5 °C" in found.reason


@pytest.mark.parametrize(
    ("nights", "key", "said"),
    [
        ((), "notObserved", "No station measured the ground minimum"),
        (
            (night(27, "far", ground_minimum_c=-9.0),),
            "notObserved",
            "farther than 30 km",
        ),
        ((night(27, ground_minimum_c=-1.0),), "notMet", "asks for below -2 °C"),
        ((night(27, air_minimum_c=-0.5),), "met", "air minimum of -0.5 °C"),
        (
            (night(27, ground_minimum_c=-1.0, air_minimum_c=-0.5),),
            "met",
            "air minimum of -0.5 °C",
        ),
        ((night(27, ground_minimum_c=-2.0),), "notMet", "-2 °C"),
    ],
)
def test_weather_keys(
    rasters: tuple[Path, Path], nights: tuple[NightRecord, ...], key: str, said: str
) -> None:
    found = assess(rasters, parcel("a", 0, 0, 10, 10), nights=nights)[0]
    assert (found.weather_key, found.grade) == (key, "destroyed")
    assert said in found.reason


def test_without_a_weather_rule_the_key_does_not_apply(
    rasters: tuple[Path, Path],
) -> None:
    field = parcel("a", 0, 0, 10, 10)
    cold = (night(27, ground_minimum_c=-9.0),)
    found = assess(rasters, field, by=rules(weather=()), nights=cold)[0]
    assert (found.weather_key, found.station) == ("notApplicable", None)
    assert found.night_variable is None


def test_hours_must_be_reached_too(rasters: tuple[Path, Path]) -> None:
    asked = rules(weather=(dataclasses.replace(AIR, hours=3.0),))
    field = parcel("a", 0, 0, 10, 10)
    for hours, key in ((2.5, "notMet"), (3.0, "met")):
        cold = (night(27, air_minimum_c=-1.0, hours_below_zero=hours),)
        assert assess(rasters, field, by=asked, nights=cold)[0].weather_key == key


@pytest.mark.parametrize(
    ("shift", "said"),
    [(-10, "before both images"), (5, "after both images")],
)
def test_images_that_do_not_bracket_the_event_are_refused(
    rasters: tuple[Path, Path], shift: int, said: str
) -> None:
    days = timedelta(days=shift)
    event = Event("e", "frost", FROST.begins + days, FROST.ends + days)
    with pytest.raises(ImageryError, match=said) as caught:
        assess(rasters, parcel("a", 0, 0, 10, 10), event=event)
    assert "2017-04-19 and 2017-04-29" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_images_too_far_from_the_event_are_refused(
    rasters: tuple[Path, Path],
) -> None:
    with pytest.raises(ImageryError, match="closer pair"):
        assess(rasters, parcel("a", 0, 0, 10, 10), by=rules(max_days_before=5))
