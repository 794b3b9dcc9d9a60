"""A small base written by hand for the questions, one named graph a load.

Five parcels, two communes, two results of one image pair, one weather station; land
cover, labels and reports in `second_base.ttl`, coverage and NDVI in `third_base.ttl`.
The rows that the tests expect were worked out by hand from the tables below and those
files.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pytest
import shapely

from ontology import PREFIXES
from ontology.files import (
    inferred_graph,
    ontology_graph,
    query_text,
    schemes_graph,
)

Row: TypeAlias = tuple[str | None, ...]
Ask: TypeAlias = Callable[..., list[Row]]

BASE = "https://kb.example/"
PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
HEAD = PREFIX_LINES + f"@base <{BASE}> .\n"

# unit, class or None for the whole, hectares at none, low, middle, high
SPECTRAL = [
    ("parcel/A1", None, "0.5", "0.2", "0.15", "1.05"),
    ("parcel/A1", "221", "0.3", "0.1", "0.15", "1.05"),
    ("parcel/A1", "231", "0.2", "0.1", "0.0", "0.0"),
    ("parcel/A2", None, "1.5", "0.1", "0.1", "0.3"),
    ("parcel/A2", "221", "1.5", "0.1", "0.1", "0.3"),
    ("parcel/A3", None, "0.0", "0.0", "0.0", "0.08"),
    ("parcel/A3", "221", "0.0", "0.0", "0.0", "0.08"),
    ("parcel/A4", None, "0.5", "0.0", "0.0", "0.5"),
    ("parcel/A4", "311", "0.5", "0.0", "0.0", "0.5"),
    ("parcel/A5", None, "0.7", "0.1", "0.1", "0.1"),
    ("parcel/A5", "211", "0.7", "0.1", "0.1", "0.1"),
    ("commune/C1", None, "50.2", "6.4", "2.15", "10.3"),
    ("commune/C1", "221", "41.2", "6.4", "2.15", "9.3"),
    ("commune/C1", "311", "9.0", "0.0", "0.0", "1.0"),
    ("commune/C2", None, "11.0", "1.0", "2.5", "0.5"),
    ("commune/C2", "221", "8.0", "1.0", "0.5", "0.5"),
    ("commune/C2", "222", "3.0", "0.0", "2.0", "0.0"),
]
CVA = [
    ("commune/C1", None, "68.05", "0.0", "1.0", "0.0"),
    ("commune/C1", "221", "58.05", "0.0", "1.0", "0.0"),
    ("commune/C1", "311", "10.0", "0.0", "0.0", "0.0"),
]
# valid, cloudy and total pixels of the whole units
PIXELS = {
    "parcel/A1": (190, 10, 200), "parcel/A2": (200, 0, 200), "parcel/A3": (8, 0, 8),
    "parcel/A4": (100, 0, 100), "parcel/A5": (100, 0, 100),
    "commune/C1": (6905, 95, 7000), "commune/C2": (1500, 3500, 5000),
}  # fmt: skip
# west edge of the units' squares of 0.01 degrees from latitude 44.80 up
WEST = {"A1": -0.30, "A2": -0.29, "A3": -0.28, "A4": -0.20, "A5": -0.19}
# night, ground minimum, air minimum, hours below 0, hours below -2, rain, gust
NIGHTS = [
    ("2017-04-26", None, "3.0", "0.0", "0.0", "1.2", None),
    ("2017-04-27", "-4.1", "-2.3", "6.5", "3.0", "0.0", "3.4"),
    ("2017-04-28", "-0.5", "0.4", "0.0", "0.0", "0.0", "2.0"),
    ("2017-04-29", None, "2.5", "0.0", "0.0", None, None),
    ("2017-04-30", "5.0", "6.0", "0.0", "0.0", "4.4", "9.9"),
]


def scenes() -> str:
    text = ""
    for day, second in (("19", "21"), ("29", "51")):
        time = f'"2017-04-{day}T10:56:{second}Z"^^xsd:dateTime'
        text += f"""<scene/{day}> a luc:Scene ; sosa:resultTime {time} ;
            sosa:hasResult <product/{day}>, <product/{day}-L1C> .
        <product/{day}> luc:productId "S2A_MSIL2A_201704{day}" .
        <product/{day}-L1C> luc:productId "S2A_MSIL1C_201704{day}" .
        """
    return text


def result(name: str, method: str, ended: str) -> str:
    return f"""<result/{name}> a luc:ChangeResult ; prov:wasGeneratedBy <run/{name}> ;
        luc:method "{method}" ; luc:methodVersion "1" ; luc:simulated false ;
        luc:scheme <https://w3id.org/lucerna/scheme/threshold/change-score/1> ;
        luc:before <scene/19> ; luc:after <scene/29> ;
        luc:beginsAt "2017-04-19T10:56:21Z"^^xsd:dateTime ;
        luc:endsAt "2017-04-29T10:56:51Z"^^xsd:dateTime .
    <run/{name}> prov:wasAssociatedWith <agent/lucerna-0.1.0> ;
        prov:endedAtTime "{ended}"^^xsd:dateTime ;
        prov:used <product/19>, <product/29> .
    """


def facts(name: str, rows: list[tuple[str, str | None, str, str, str, str]]) -> str:
    text = ""
    for unit, land, *levels in rows:
        whole = sum(map(Decimal, levels))
        place = f"slice/{name}/{unit.split('/')[0]}" + (f"/{land}" if land else "")
        node = f"observation/{name}/{unit}" + (f"/{land}" if land else "")
        text += f"<{place}> a luc:Slice ; luc:fromResult <result/{name}> ; "
        text += f"luc:unitLevel ul:{unit.split('/')[0]} .\n"
        if land:
            text += f"<{place}> luc:landCover clc:{land} .\n"
        text += f"<{node}> sosa:hasFeatureOfInterest <unit/{unit}> ; "
        text += f"luc:inSlice <{place}> ; luc:observedHa {whole} .\n"
        bands = []
        for word, area in zip(("none", "low", "middle", "high"), levels, strict=True):
            text += f"<{node}> luc:{word}Ha {area} .\n"
            if word != "none" and Decimal(area) > 0:
                bands.append((word, min(9, int(10 * Decimal(area) / whole))))
        if land is None:
            valid, cloudy, total = PIXELS[unit]
            text += f"<{node}> luc:validPixels {valid} ; luc:cloudyPixels {cloudy} ; "
            text += f"luc:totalPixels {total} ; luc:mean 0.6100 .\n"
            if valid < 10 or cloudy * 2 > total:
                bands.append(("notAssessable", 0))
        for word, tenth in bands:
            text += f"<{node}> luc:inBand <{place}/{word}/{tenth}> . "
            text += f"<{place}/{word}/{tenth}> luc:bandOf <{place}> ; "
            text += f"luc:bandLevel lvl:{word} ; luc:bandFrom 0.{tenth} .\n"
    return text


def units() -> str:
    text = ""
    for name, west in WEST.items():
        square = shapely.box(west, 44.8, west + 0.01, 44.81).wkt
        text += f"""<unit/parcel/{name}> a luc:Parcel ; luc:unitLevel ul:parcel ;
            tsn:hasIdentifier "{name}" ; geo:hasDefaultGeometry <geometry/{name}> .
        <geometry/{name}> geo:asWKT "{square}"^^geo:wktLiteral .
        """
    for name in ("C1", "C2"):
        text += f"""<unit/commune/{name}> a luc:Commune ; luc:unitLevel ul:commune ;
            tsn:hasIdentifier "{name}" ; geo:hasDefaultGeometry <geometry/{name}> .
        <geometry/{name}> geo:asWKT "POINT(-0.3 44.8)"^^geo:wktLiteral .
        """
    return (
        text
        + """
        <unit/commune/C1> tsn:hasName "Exampleville"@fr .
        <unit/parcel/A1> tsn:hasName "Les Combes" ; luc:partOf <unit/commune/C1> ;
            geo:hasMetricArea "20000.4"^^xsd:double ; luc:legalHa 2.02 ;
            luc:altitudeM 38.0 ; tsn:referencePeriod <interval/2017> .
        <interval/2017> time:hasBeginning <instant/2017> .
        <instant/2017> time:inXSDDateTimeStamp
            "2017-01-01T00:00:00Z"^^xsd:dateTimeStamp .
    """
    )


def weather() -> str:
    text = '<station/S1> a luc:Station ; tsn:hasName "Airport" ; luc:altitudeM 47.0 .\n'
    for night, ground, air, zero, minus2, rain, gust in NIGHTS:
        node = f"<night/S1/{night}>"
        text += f'{node} luc:station <station/S1> ; luc:nightOf "{night}"^^xsd:date ; '
        text += f"luc:airMinimumC {air} ; luc:hoursBelowZero {zero} ; "
        text += f"luc:hoursBelowMinus2 {minus2} .\n"
        for name, value in (
            ("groundMinimumC", ground), ("rainMm", rain), ("gustMs", gust),
        ):  # fmt: skip
            text += f"{node} luc:{name} {value} .\n" if value else ""
    return (
        text
        + """
        <day/S1/2016-02-29> luc:station <station/S1> ;
            luc:dayOf "2016-02-29"^^xsd:date ; luc:airMeanC 2.5 ; luc:airMaximumC 6.1 .
        <month/S1/2016-02> luc:station <station/S1> ;
            luc:monthOf "2016-02"^^xsd:gYearMonth ; luc:airMeanC 1.5 ; luc:rainMm 71.2 .
        <month/S1/2016-04> luc:station <station/S1> ;
            luc:monthOf "2016-04"^^xsd:gYearMonth ; luc:airMeanC 9.5 .
    """
    )


MAIN = "<observation/spectral/parcel/A1> luc:mainLandCover clc:221 .\n"
LINKS = "".join(
    f"<unit/parcel/{name}> luc:nearestStation <station/S1> ; "
    "luc:stationDistanceM 7412.3 ; luc:stationHeightDifferenceM -9.0 .\n"
    for name in ("A1", "A2", "A3")
)


def vineyard_graphs() -> dict[str, str]:
    """The base in Turtle, a graph a load; what two both say stands in both."""
    return {
        "run/spectral": result("spectral", "spectral-angle", "2026-01-12T08:06:40Z"),
        "run/cva": result("cva", "cva", "2026-01-12T09:00:00Z"),
        "scenes/1": scenes(),
        "scenes/2": scenes(),
        "facts/spectral": facts("spectral", SPECTRAL) + MAIN,
        "facts/cva": facts("cva", CVA),
        "units": units(),
        "links": LINKS,
        "weather": weather(),
        "third": Path(__file__).with_name("third_base.ttl").read_text("utf-8"),
        "second": Path(__file__).with_name("second_base.ttl").read_text("utf-8"),
    }


@pytest.fixture(scope="module")
def vineyard_store() -> ox.Store:
    """The base with ontology and schemes."""
    store = ox.Store()
    for name, text in vineyard_graphs().items():
        store.load(
            (HEAD + text).encode(),
            format=ox.RdfFormat.TURTLE,
            to_graph=ox.NamedNode(f"{BASE}graph/{name}"),
        )
    schemes = ontology_graph() + schemes_graph() + inferred_graph()
    store.load(
        schemes.serialize(format="nt", encoding="utf-8"),
        format=ox.RdfFormat.N_TRIPLES,
        to_graph=ox.NamedNode(f"{BASE}graph/schemes"),
    )
    return store


def parameters(text: str) -> dict[str, tuple[str, str]]:
    """Name to type and default, from the head comment."""
    found = {}
    for line in text.splitlines():
        if match := re.match(r"# parameter: (\w+) (\w+) (.+)", line):
            default, _ = json.JSONDecoder().raw_decode(match[3])
            found[match[1]] = (match[2], str(default))
    return found


def term(kind: str, value: str) -> str:
    if value == "":
        return "UNDEF"
    return {
        "concept": value,
        "number": value,
        "integer": value,
        "boolean": {"yes": "true", "no": "false"}.get(value, value),
        "date": f'"{value}"^^<{PREFIXES["xsd"]}date>',
        "wkt": f'"{value}"^^<{PREFIXES["geo"]}wktLiteral>',
        "text": f'"{value}"',
        "unit": f"<{value}>",
        "iri": f"<{value}>",
    }[kind]


ROW = re.compile(r"VALUES \(((?: ?\?\w+)+)\) \{ \((.*)\) \}$", re.MULTILINE)


def bind(name: str, **values: str) -> str:
    """The query with the values in every row whose variables are all parameters."""
    text = query_text(name)
    known = parameters(text)
    assert set(values) <= set(known)
    terms = {
        key: term(kind, values.get(key, default))
        for key, (kind, default) in known.items()
    }

    def row(match: re.Match[str]) -> str:
        names = [variable[1:] for variable in match[1].split()]
        if not set(names) <= set(terms):
            return match[0]
        return f"VALUES ({match[1]}) {{ ({' '.join(terms[key] for key in names)}) }}"

    return ROW.sub(row, text)


@pytest.fixture
def bound() -> Callable[..., str]:
    """The text of a question with values bound: ``bound("rank_units", kind="")``."""
    return bind


@pytest.fixture
def ask(vineyard_store: ox.Store) -> Ask:
    """Rows of a question as text, IRIs without the base; ``columns`` picks some."""

    def asked(name: str, columns: str = "", **values: str) -> list[Row]:
        solutions = vineyard_store.query(
            bind(name, **values), use_default_graph_as_union=True
        )
        assert isinstance(solutions, ox.QuerySolutions)
        names = [one.value for one in solutions.variables]
        places = [names.index(column) for column in columns.split() or names]
        rows = [
            tuple(None if one is None else one.value.removeprefix(BASE) for one in row)
            for row in solutions
        ]
        return [tuple(row[i] for i in places) for row in rows]

    return asked
