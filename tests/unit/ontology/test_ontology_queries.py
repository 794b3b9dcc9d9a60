"""The named questions on the base of conftest.py: with rows, and with none."""

import re
from collections.abc import Callable
from typing import TypeAlias

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from ontology.files import query_names, query_text

Row: TypeAlias = tuple[str | None, ...]
Ask: TypeAlias = Callable[..., list[Row]]

SQUARE = "POLYGON((-0.195 44.7, -0.1 44.7, -0.1 44.9, -0.195 44.9, -0.195 44.7))"
C1 = "https://kb.example/unit/commune/C1"
ROW = re.compile(r"VALUES \(((?: ?\?\w+)+)\) \{ \(.*\) \}$", re.MULTILINE)


def parse(values: str) -> dict[str, str]:
    """``kind=clc:2; least=0.3`` as a mapping; SQUARE stands for the shape above."""
    pairs = (part.split("=") for part in values.split("; "))
    return {name: SQUARE if value == "SQUARE" else value for name, value in pairs}


def texts(rows: list[Row]) -> list[str]:
    return ["|".join(one or "" for one in row) for row in rows]


def test_the_library_holds_these_questions() -> None:
    assert query_names() == [
        "assessed_parcels", "best_pair", "changed_units", "changed_without_weather",
        "image_pairs", "labelled_patches", "land_cover_of_change",
        "land_cover_of_units", "low_vegetation", "not_assessable", "rank_units",
        "regions_of_unit", "scenes_of_unit", "unit_record", "weather_before_change",
    ]  # fmt: skip
    with pytest.raises(KeyError, match="no question named 'damage'"):
        query_text("damage")


@pytest.mark.parametrize("name", query_names())
def test_head_and_body_say_the_same(name: str, bound: Callable[..., str]) -> None:
    text = query_text(name)
    prepareQuery(text)
    solutions = ox.Store().query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    columns = re.findall(r"^# column: (\w+) \S+ .+", text, re.MULTILINE)
    assert [one.value for one in solutions.variables] == columns
    for key in ("title", "number", "description"):
        assert len(re.findall(f"^# {key}: .+", text, re.MULTILINE)) == 1
    # Binding the defaults of the head changes nothing, and every parameter is used.
    assert bound(name) == text
    used = {
        variable[1:] for match in ROW.finditer(text) for variable in match[1].split()
    }
    assert used == set(re.findall(r"^# parameter: (\w+)", text, re.MULTILINE))


def test_changed_units_gives_the_frosted_vineyard(ask: Ask) -> None:
    # 1.05 of 1.6 ha of vineyard; A2 has 0.15; A3 has 8 pixels: not assessable.
    assert ask("changed_units") == [
        (
            "unit/parcel/A1", "A1", "Les Combes", "Vineyards", "1.05", "1.6", "0.6563",
            "2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z", "190", "0.95", "true",
            "spectral-angle", "result/spectral",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("kind=clc:22", ["A1|Vineyards|1.05|0.6563"]),
        ("kind=clc:221; least=0.65625", ["A1|Vineyards|1.05|0.6563"]),
        ("kind=clc:221; least=0.6563", []),
        ("kind=clc:3", ["A4|Broad-leaved forest|0.5|0.5"]),
        ("kind=clc:3; least=0.5", ["A4|Broad-leaved forest|0.5|0.5"]),
        ("kind=clc:5", []),
        # all land as one: 1.05 of 1.9 ha, 0.5 of 1.0 ha
        ("kind=", ["A1|all land|1.05|0.5526", "A4|all land|0.5|0.5"]),
        # middle or above: 1.2 of 1.6 ha
        ("level=lvl:middle; least=0.7", ["A1|Vineyards|1.2|0.75"]),
        # three levels of 0.1 ha each make up 0.3 of 1.0 ha
        ("kind=clc:21; level=lvl:low", ["A5|Non-irrigated arable land|0.3|0.3"]),
        ("kind=clc:21; level=lvl:low; least=0.31", []),
        ("kind=clc:23; level=lvl:low; least=0.33", ["A1|Pastures|0.1|0.3333"]),
        ("level=lvl:none", []),
        ("level=lvl:notAssessable", []),
        # the shape cuts A4 at its eastern half and leaves A1 out
        ("kind=; shape=SQUARE", ["A4|all land|0.5|0.5"]),
        ("shape=SQUARE", []),
        ("since=2017-04-19; until=2017-04-29", ["A1|Vineyards|1.05|0.6563"]),
        ("since=2017-04-20", []),
        ("until=2017-04-28", []),
        ("unit_level=ul:commune; least=0.15", ["C1|Vineyards|9.3|0.1575"]),
        ("unit_level=ul:district", []),
        # A1 alone is part of C1; a place is also itself, and C1 part of no parcel
        (f"kind=; place={C1}", ["A1|all land|1.05|0.5526"]),
        ("kind=; place=https://kb.example/unit/parcel/A4", ["A4|all land|0.5|0.5"]),
        ("kind=; place=https://kb.example/unit/commune/C2", []),
        (
            f"unit_level=ul:commune; least=0.15; place={C1}",
            ["C1|Vineyards|9.3|0.1575"],
        ),
        # 190 of 200 pixels of A1 are clear, all 100 of A4
        ("kind=; least_clear=0.95", ["A1|all land|1.05|0.5526", "A4|all land|0.5|0.5"]),
        ("kind=; least_clear=0.951", ["A4|all land|0.5|0.5"]),
        # all 8 pixels of A3 changed; they are too few to assess it
        (
            "include_unassessable=yes",
            ["A3|Vineyards|0.08|1", "A1|Vineyards|1.05|0.6563"],
        ),
    ],
)
def test_changed_units_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    columns = "identifier kind_label level_ha share"
    assert texts(ask("changed_units", columns, **parse(values))) == rows


def test_rank_units_adds_classes_and_never_results(ask: Ask) -> None:
    times = ("2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z")
    assert ask("rank_units") == [
        (
            "unit/commune/C1", "C1", "Exampleville", "11.45", "59.05", "0.1939",
            "true", "spectral-angle", *times, "result/spectral",
        ),
        (
            "unit/commune/C2", "C2", None, "3", "15", "0.2",
            "false", "spectral-angle", *times, "result/spectral",
        ),
        (
            "unit/commune/C1", "C1", "Exampleville", "1", "59.05", "0.0169",
            "true", "cva", *times, "result/cva",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("kind=clc:222", ["C2|2|5"]),
        ("kind=clc:3", ["C1|1|10"]),
        ("kind=clc:2; level=lvl:high", ["C1|9.3|59.05", "C2|0.5|15"]),
        ("kind=; level=lvl:high", ["C1|10.3|69.05", "C2|0.5|15"]),
        ("kind=clc:22; level=lvl:low", ["C1|17.85|59.05", "C2|4|15", "C1|1|59.05"]),
        ("kind=clc:5", []),
        ("kind=clc:3; after=2017-04-28", ["C1|1|10"]),
        ("after=2017-04-29", []),
        ("kind=clc:3; unit_level=ul:parcel", ["A4|0.5|1"]),
        ("level=lvl:none", []),
    ],
)
def test_rank_units_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    columns = "identifier hectares observed_ha"
    assert texts(ask("rank_units", columns, **parse(values))) == rows


def test_image_pairs_names_the_products_that_were_used(ask: Ask) -> None:
    pair = (
        "1", "S2A_MSIL2A_20170419", "S2A_MSIL2A_20170429", "2017-04-19T10:56:21Z",
        "2017-04-29T10:56:51Z", "agent/lucerna-0.1.0",
    )  # fmt: skip
    scheme = "https://w3id.org/lucerna/scheme/threshold/change-score/1"
    assert ask("image_pairs") == [
        ("result/cva", "cva", *pair, "2026-01-12T09:00:00Z", scheme, "false"),
        (
            "result/spectral", "spectral-angle", *pair, "2026-01-12T08:06:40Z", scheme,
            "false",
        ),
    ]  # fmt: skip
    assert ask("image_pairs", "result", method="cva") == [("result/cva",)]
    assert len(ask("image_pairs", since="2017-04-19", until="2017-04-29")) == 2
    assert ask("image_pairs", method="otsu") == []
    assert ask("image_pairs", since="2017-04-20") == []
    assert ask("image_pairs", until="2017-04-28") == []


def test_weather_before_change_gives_the_three_nights(ask: Ask) -> None:
    # 1.05 of 1.9 ha; A4 changed as much but has no station, A3 is not assessable.
    times = ("2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z")
    first = (
        "unit/parcel/A1", "A1", "Les Combes", "1.05", "0.5526", "spectral-angle",
        *times, "Airport", "7.412",
    )  # fmt: skip
    assert ask("weather_before_change") == [
        (*first, "2017-04-27", "-4.1", "-2.3", "6.5", "0", "3.4"),
        (*first, "2017-04-28", "-0.5", "0.4", "0", "0", "2"),
        (*first, "2017-04-29", None, "2.5", "0", None, None),
    ]


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("days=1", ["A1|2017-04-29"]),
        (
            "days=4; level=lvl:middle; least=0.63",
            ["A1|2017-04-26", "A1|2017-04-27", "A1|2017-04-28", "A1|2017-04-29"],
        ),
        ("days=1; level=lvl:low; least=0.25", ["A1|2017-04-29", "A2|2017-04-29"]),
        (
            "days=31; least=0.5",
            ["A1|2017-04-26", "A1|2017-04-27", "A1|2017-04-28", "A1|2017-04-29"],
        ),
        ("days=0", []),
        ("least=0.9", []),
        ("unit_level=ul:commune; least=0.1", []),
    ],
)
def test_weather_before_change_by_parameter(
    ask: Ask, values: str, rows: list[str]
) -> None:
    assert (
        texts(ask("weather_before_change", "identifier night", **parse(values))) == rows
    )
