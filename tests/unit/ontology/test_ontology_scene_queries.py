"""The questions about what images show of units, on the tables of the third base."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

Row: TypeAlias = tuple[str | None, ...]
Ask: TypeAlias = Callable[..., list[Row]]

A1 = "https://kb.example/unit/parcel/A1"
A2 = "https://kb.example/unit/parcel/A2"
C1 = "https://kb.example/unit/commune/C1"
MAY = {
    "since": "2017-05-01", "until": "2017-05-31",
    "reference_since": "2016-05-01", "reference_until": "2016-05-31",
}  # fmt: skip


def values_of(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.split("; ") if part)


def texts(rows: list[Row]) -> list[str]:
    return ["|".join(one or "" for one in row) for row in rows]


def test_low_vegetation_adds_the_images_of_a_period(ask: Ask) -> None:
    # May 2017: 0.5 + 0.1 of 1.0 + 1.0 ha; A2 was as low before, A5 was not seen before
    assert ask("low_vegetation", **MAY) == [
        (
            "unit/parcel/A1", "A1", "Les Combes", "0.3", "0", "0.3", "0.7", "2", "1.9",
            "2", "1",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("least=0.3", ["A1|0.3|0"]),
        ("least=0.31", []),
        # 9.5 of 70 ha, and 6.9 of 69.5 before
        ("unit_level=ul:commune", ["C1|0.1357|0.0993"]),
        ("unit_level=ul:commune; least=0.09", []),
        ("since=2017-05-10", ["A1|0.1|0"]),
        ("since=2017-05-20", []),
        ("until=2017-05-18", ["A1|0.5|0"]),
        ("reference_since=2016-05-11", []),
        (f"place={C1}", ["A1|0.3|0"]),
        ("place=https://kb.example/unit/commune/C2", []),
    ],
)
def test_low_vegetation_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    columns = "identifier share reference_share"
    asked = MAY | values_of(values)
    assert texts(ask("low_vegetation", columns, **asked)) == rows


def test_scenes_of_unit_by_the_cloud_over_it(ask: Ask) -> None:
    rows = ask("scenes_of_unit", unit=A1)
    assert [row[0] for row in rows] == [
        "S2A_MSIL1C_20170419", "S2A_MSIL2A_20170419", "S2A_20170412",
        "S2A_MSIL1C_20170429", "S2A_MSIL2A_20170429",
    ]  # fmt: skip
    assert rows[2][1:] == (
        "2017-04-12T10:50:00Z", "0", "40.5", "0.3", "60", "0", "60", "T30TXQ", "137",
        "scene/12",
    )  # fmt: skip
    assert rows[4][1:8] == ("2017-04-29T10:56:51Z", "5", None, "1", "190", "10", "200")


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("cloud_below=5; least_covered=0.31", ["19|0", "19|0"]),
        ("cloud_below=50; since=2017-05-01", []),
        ("cloud_below=50.1; since=2017-05-01", ["509|50"]),
        ("since=2017-05-01; include_unknown=yes", ["519|"]),
        ("until=2017-04-12", ["12|0"]),
        ("until=2017-04-11", []),
        ("least_covered=1; since=2017-04-20", ["29|5", "29|5"]),
    ],
)
def test_scenes_of_unit_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    found = ask("scenes_of_unit", "scene cloud_percent", unit=A1, **values_of(values))
    assert [one.removeprefix("scene/") for one in texts(found)] == rows


def test_scenes_of_no_unit(ask: Ask) -> None:
    assert ask("scenes_of_unit", unit="https://kb.example/unit/parcel/B9") == []


def test_changed_without_weather_counts_what_was_measured(ask: Ask) -> None:
    # the frost of -4.1 is no event below -5
    (row,) = ask("changed_without_weather", ground_below="-5")
    assert row[:5] == ("unit/parcel/A1", "A1", "Les Combes", "1.05", "0.5526")
    assert row[8:] == ("Airport", "7.412", "4", "3", "2", "-4.1", "1.2", "3.4")


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        # two nights of frost
        ("", []),
        ("days=2", []),
        # the night of the 29th has no ground minimum: its air minimum of 2.5 counts
        ("days=1", ["A1|1|0|0|2.5||"]),
        ("days=1; ground_below=2.6", []),
        ("ground_below=-5; rain_above=1.1", []),
        ("ground_below=-5; rain_above=1.2", ["A1|4|3|2|-4.1|1.2|3.4"]),
        ("ground_below=-5; gust_above=3.3", []),
        # A2 lies at the same station, A4 and A5 have none
        (
            "ground_below=-5; level=lvl:low; least=0.25; days=4",
            ["A1|4|3|2|-4.1|1.2|3.4", "A2|4|3|2|-4.1|1.2|3.4"],
        ),
        ("ground_below=-5; least=0.6", []),
        ("ground_below=-5; unit_level=ul:commune; least=0.1", []),
    ],
)
def test_changed_without_weather_by_parameter(
    ask: Ask, values: str, rows: list[str]
) -> None:
    columns = (
        "identifier nights_observed rain_nights gust_nights coldest_c most_rain_mm "
        "strongest_gust_ms"
    )
    found = ask("changed_without_weather", columns, **values_of(values))
    assert sorted(texts(found)) == rows


def test_not_assessable_says_why(ask: Ask) -> None:
    assert ask("not_assessable", "identifier reason cloud_percent time scene") == [
        (
            "A4",
            "4 clear pixels, fewer than 10; "
            "96 of 100 pixels under cloud, more than 50 %",
            "96", "2017-04-29T10:56:51Z", "scene/29",
        ),
        (
            "A3", "8 clear pixels, fewer than 10", "0", "2017-04-29T10:56:51Z",
            "scene/29",
        ),
        (
            "A2", "120 of 200 pixels under cloud, more than 50 %", "60",
            "2017-04-29T10:56:51Z", "scene/29",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("least_pixels=8", ["A4|4|96|100", "A2|80|120|200"]),
        ("most_cloud=60", ["A4|4|96|100", "A3|8|0|8"]),
        ("least_pixels=0; most_cloud=96", []),
        ("unit_level=ul:commune", []),
        ("unit_level=ul:commune; most_cloud=1", ["C1|6905|95|7000"]),
        (f"place={C1}", []),
        (f"place={C1}; least_pixels=191", ["A1|190|10|200"]),
        ("since=2017-04-30", []),
        ("until=2017-04-28", []),
    ],
)
def test_not_assessable_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    columns = "identifier valid_pixels cloudy_pixels total_pixels"
    assert texts(ask("not_assessable", columns, **values_of(values))) == rows


def test_land_cover_of_change_against_that_of_the_area(ask: Ask) -> None:
    # spectral: 12.45, 2 and 1 of 15.45 ha changed; 69.05, 5 and 10 of 84.05 ha observed
    columns = (
        "kind_label changed_ha changed_share area_ha area_share lift method result"
    )
    assert texts(ask("land_cover_of_change", columns)) == [
        "Vineyards|1|1|59.05|0.8552|1.169|cva|result/cva",
        "Broad-leaved forest|0|0|10|0.1448|0|cva|result/cva",
        "Vineyards|12.45|0.8058|69.05|0.8215|0.981|spectral-angle|result/spectral",
        "Fruit trees and berry plantations|2|0.1294|5|0.0595|2.176|spectral-angle"
        "|result/spectral",
        "Broad-leaved forest|1|0.0647|10|0.119|0.544|spectral-angle|result/spectral",
    ]


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        # cva found nothing high: no share of nothing
        (
            f"level=lvl:high; place={C1}",
            [
                "Vineyards|0||59.05",
                "Broad-leaved forest|0||10",
                "Vineyards|9.3|0.9029|59.05",
                "Broad-leaved forest|1|0.0971|10",
            ],
        ),
        ("place=https://kb.example/unit/parcel/A4; unit_level=ul:parcel",
         ["Broad-leaved forest|0.5|1|1"]),
        ("unit_level=ul:district", []),
        ("level=lvl:none", []),
        ("since=2017-04-20", []),
        ("until=2017-04-28", []),
    ],
)  # fmt: skip
def test_land_cover_of_change_by_parameter(
    ask: Ask, values: str, rows: list[str]
) -> None:
    columns = "kind_label changed_ha changed_share area_ha"
    assert texts(ask("land_cover_of_change", columns, **values_of(values))) == rows


def test_best_pair_is_ranked_by_cloud_days_and_orbit(ask: Ask) -> None:
    rows = ask("best_pair", unit=A1, day="2017-04-27")
    # 0 and 5 percent, 10 days, one orbit: 15 points; each scene has two products
    assert [row[:2] for row in rows] == [
        (f"S2A_MSI{before}_20170419", f"S2A_MSI{after}_20170429")
        for before in ("L1C", "L2A")
        for after in ("L1C", "L2A")
    ]
    assert rows[0][2:] == (
        "15", "0", "5", "10", "true", "2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z",
        "scene/19", "scene/29",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        # 17 days, 5 percent and another orbit; the radar image is none
        (
            "least_covered=0",
            [*["19|29|15|true"] * 4, *["12|29|32|false"] * 2],
        ),
        # 50 percent, 20 days
        (
            "cloud_below=51",
            [*["19|29|15|true"] * 4, *["19|509|70|true"] * 2],
        ),
        ("days=8", ["19|29|15|true"] * 4),
        ("days=7", []),
        ("day=2017-04-19", []),
        ("day=2017-04-29; cloud_below=51", ["19|509|70|true"] * 2),
        ("day=2018-04-27", []),
    ],
)
def test_best_pair_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    asked = {"unit": A1, "day": "2017-04-27"} | values_of(values)
    found = ask("best_pair", "before_scene after_scene points same_orbit", **asked)
    assert [one.replace("scene/", "") for one in texts(found)] == rows


def test_regions_of_unit_tells_how_much_of_each_lies_in_it(ask: Ask) -> None:
    columns = "region shared_ha region_ha share method"
    assert ask("regions_of_unit", columns, unit=C1) == [
        ("region/1", "5.4321", "5.4321", "1", "spectral-angle"),
        ("region/2", "1.5", "3", "0.5", "cva"),
    ]
    # The parcel lies in region 1, and all of it counts: 2.00004 ha.
    assert ask("regions_of_unit", columns, unit=A1) == [
        ("region/1", "2", "5.4321", "0.3682", "spectral-angle"),
    ]
    # Region 4 is the parcel itself, and stands once; region 2 hardly meets it.
    assert ask("regions_of_unit", columns, unit=A2) == [
        ("region/4", "1.5", "1.5", "1", "spectral-angle"),
        ("region/2", "0", "3", "0", "cva"),
    ]


@pytest.mark.parametrize(
    ("period", "rows"),
    [
        ({"since": "2017-04-19", "until": "2017-04-29"}, ["region/1", "region/2"]),
        ({"since": "2017-04-20"}, []),
        ({"until": "2017-04-28"}, []),
    ],
)
def test_regions_of_unit_by_period(
    ask: Ask, period: dict[str, str], rows: list[str]
) -> None:
    found = ask("regions_of_unit", "region", unit=C1, **period)
    assert [region for (region,) in found] == rows
