"""The questions about land cover, labels and damage on `second_base.ttl`."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

Row: TypeAlias = tuple[str | None, ...]
Ask: TypeAlias = Callable[..., list[Row]]

BASE = "https://kb.example/"
SQUARE = "POLYGON((-0.35 44.7, -0.25 44.7, -0.25 44.9, -0.35 44.9, -0.35 44.7))"


def values_of(text: str) -> dict[str, str]:
    """``kind=clc:2; least=0.3`` as a mapping; SQUARE stands for the shape above."""
    pairs = (part.split("=") for part in text.split("; ") if part)
    return {name: SQUARE if value == "SQUARE" else value for name, value in pairs}


def texts(rows: list[Row]) -> list[str]:
    return ["|".join(one or "" for one in row) for row in rows]


def test_labelled_patches_tells_who_or_how_likely(ask: Ask) -> None:
    scene, place = "scene/19", "POLYGON((-0.3 44.8,-0.29 44.8,-0.29 44.81,-0.3 44.8))"
    other = "POLYGON((-0.15 44.8,-0.14 44.8,-0.14 44.81,-0.15 44.8))"
    before, after = "2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z"
    assert ask("labelled_patches") == [
        (
            "patch/1", "Ponds", "label", None, "Bo", "2026-01-14T09:00:00Z", "0",
            before, scene, place,
        ),
        (
            "patch/1", "Terraces", "label", None, "Ada", "2026-01-13T09:15:02Z", "1",
            before, scene, place,
        ),
        (
            "patch/5", "Terraces", "prediction", "0.95", None, None, "2",
            after, "scene/29", other,
        ),
        (
            "patch/6", "Terraces", "prediction", "0.81", None, None, "2",
            after, "scene/29", place,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        # vineyards: terraces are a kind of them, ponds are not
        ("kind=clc:221", ["1|label", "5|prediction", "6|prediction"]),
        ("kind=clc:2; least=0.9", ["1|label", "5|prediction"]),
        ("kind=<https://kb.example/category/ponds>", ["1|label"]),
        ("kind=clc:3", []),
        ("annotator=Ada", ["1|label"]),
        # Bo saw no terrace in 2 and took 3 back
        ("annotator=Bo; kind=clc:221", []),
        ("annotator=Eve", []),
        ("kind=clc:22; shape=SQUARE", ["1|label", "6|prediction"]),
        # looked up from what meets what
        (
            "kind=clc:22; place=https://kb.example/unit/commune/C1",
            ["1|label", "5|prediction"],
        ),
        ("place=https://kb.example/unit/commune/C2", ["5|prediction"]),
        ("place=https://kb.example/unit/parcel/A1", []),
        ("since=2017-04-20", ["5|prediction", "6|prediction"]),
        ("until=2017-04-19; kind=clc:2", ["1|label"]),
        ("until=2017-04-18", []),
        ("least=0.96", ["1|label", "1|label"]),
    ],
)
def test_labelled_patches_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    found = texts(ask("labelled_patches", "patch source", **values_of(values)))
    assert [one.removeprefix("patch/") for one in found] == rows


def test_land_cover_of_units_adds_classes_and_never_results(ask: Ask) -> None:
    times = ("2017-06-01T10:56:21Z", "2017-06-02T17:57:00Z", "result/cls")
    later = ("2018-06-02T17:57:00Z", "2018-06-02T17:57:00Z", "result/cls2")
    # confidence of A1: (1.5 * 0.9 + 0.5 * 0.5) / 2 = 0.8
    assert ask("land_cover_of_units") == [
        (
            "unit/parcel/A1", "A1", "Les Combes", "2", "2", "1", "0.8", "0.6", "0",
            "1.4", "Vineyards", "forest@3", *times,
        ),
        (
            "unit/parcel/A1", "A1", "Les Combes", "1", "2", "0.5", "0.6", "0", "1",
            "0", "Broad-leaved forest", "radar@1", *later,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("kind=clc:221", ["A1|1.5|0.75|forest@3", "A1|1|0.5|radar@1"]),
        ("kind=clc:221; least=0.6", ["A1|1.5|0.75|forest@3"]),
        ("kind=clc:221; least_confidence=0.7", ["A1|1.5|0.75|forest@3"]),
        ("kind=clc:3", ["A4|0.9|0.9|forest@3"]),
        ("kind=clc:21; least=0.1", ["A4|0.1|0.1|forest@3"]),
        ("kind=clc:21", []),
        ("kind=clc:5; least=0", []),
        ("unit_level=ul:commune", ["C1|40|0.4|forest@3"]),
        ("unit_level=ul:commune; kind=clc:31", ["C1|60|0.6|forest@3"]),
        ("unit_level=ul:district", []),
    ],
)
def test_land_cover_of_units_by_parameter(
    ask: Ask, values: str, rows: list[str]
) -> None:
    columns = "identifier hectares share model"
    assert texts(ask("land_cover_of_units", columns, **values_of(values))) == rows


def test_land_cover_of_no_confidence_keeps_its_row(ask: Ask) -> None:
    asked = {"kind": "clc:21", "least": "0"}
    columns = "identifier hectares confidence"
    assert ask("land_cover_of_units", columns, **asked) == [("A4", "0.1", "0")]
    assert ask("land_cover_of_units", columns, least_confidence="0.01", **asked) == []


def test_land_cover_is_no_change(ask: Ask) -> None:
    """Slices of a classification give no row of a question about change."""
    for name in ("changed_units", "rank_units", "weather_before_change"):
        rows = ask(name, "result" if name != "weather_before_change" else "method")
        assert rows
        assert not {("result/cls",), ("result/cls2",)} & set(rows)


def test_assessed_parcels_by_grade_with_both_keys_apart(ask: Ask) -> None:
    frost = (
        "Frost of April", "2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z", "report/r1",
    )  # fmt: skip
    hail = (
        "hail-2017-08-01", "2017-07-19T10:56:21Z", "2017-08-09T10:56:51Z", "report/r2",
    )  # fmt: skip
    assert ask("assessed_parcels") == [
        (
            "r1/P2", "P2", None, "H2", None, None, "destroyed", "1", "1", "0.9", "0.9",
            "not met", "met", "100", "0", "Airport", "9", "2017-04-27", "most", *frost,
        ),
        (
            "r1/P1", "P1", "Clos", "H1", "vine", "1200.5", "damaged", "2", "1.6", "0.8",
            "0.5", "met", "met", "160", "40", "Airport", "7.412", "2017-04-27", "half",
            *frost,
        ),
        (
            "r1/P3", "P3", None, None, None, None, "not assessed", "1", "0", "0", None,
            "not observed", "not observed", "0", "100", None, None, None, "cloud",
            *frost,
        ),
        (
            "r2/P1", "P1", None, "H1", None, None, "no visible damage", "2", "2", "0",
            "0", "not applicable", "not met", "200", "0", None, None, None, "nothing",
            *hail,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (f"report={BASE}report/r2", ["r2/P1|no visible damage"]),
        (f"report={BASE}report/r3", []),
        ("grade=grade:damaged", ["r1/P1|damaged"]),
        ("grade=grade:possiblyDamaged", []),
        ("weather_key=key:notMet", ["r1/P2|destroyed"]),
        ("holding=H1", ["r1/P1|damaged", "r2/P1|no visible damage"]),
        (f"holding=H1; report={BASE}report/r1", ["r1/P1|damaged"]),
        ("holding=h1", []),
    ],
)
def test_assessed_parcels_by_parameter(ask: Ask, values: str, rows: list[str]) -> None:
    columns = "parcel grade_label"
    assert texts(ask("assessed_parcels", columns, **values_of(values))) == rows
