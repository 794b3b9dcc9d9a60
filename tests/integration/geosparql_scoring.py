"""Scores of answers to the GeoSPARQL compliance benchmark; imports none of our code.

A score of a requirement is the share of its queries that are answered right; the
compliance is the mean over the thirty requirements, of which the 17th has no query and
is credited (Jovanovik, Homburg and Spasić 2021, ISPRS IJGI 10(7):487).

Strict: rows in order, equal as text; WKT but for white space and case, GML in canonical
form. Semantic: geometries of the same points are also equal, whatever serialises them
(an envelope is its rectangle), and so are 1 and true.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

REQUIREMENTS = 30
CREDITED = 17

_GEO = "http://www.opengis.net/ont/geosparql#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_GML = "{http://www.opengis.net/ont/gml}"
_TRUTH = {"1": "true", "0": "false"}
_BASE = "http://example.org/ApplicationSchema#"
_OTHER = "http://another.example/names/"
_RESULTS = "{http://www.w3.org/2005/sparql-results#}"

Row = dict[str, tuple[str, str, str]]
"""Variable to kind (uri or literal), text and datatype."""


@dataclass(frozen=True)
class Task:
    """One query of the benchmark.

    Attributes:
        name: File of the query.
        requirement: 1 to 30.
        query: SPARQL.
        accepted: Rows of each accepted answer.
    """

    name: str
    requirement: int
    query: str
    accepted: list[list[Row]]


def tasks(folder: Path, *, renamed: bool = False) -> tuple[bytes, list[Task]]:
    """The data set as RDF/XML, and the queries in the order of the benchmark.

    Args:
        folder: Of the benchmark.
        renamed: Every IRI of the data set has another name, in data, queries and
            answers alike; names sort as before.
    """
    names = _Names(folder) if renamed else None

    def read(path: Path) -> str:
        text = path.read_text("utf-8")
        return text if names is None else names.renamed(text)

    listed = json.loads((folder / "index.json").read_text("utf-8"))
    found = [
        Task(
            one["query"],
            one["requirement"],
            read(folder / "queries" / one["query"]),
            [rows_of(read(folder / "answers" / name)) for name in one["answers"]],
        )
        for one in listed
    ]
    return read(folder / "dataset" / "dataset.rdf").encode(), found


class _Names:
    """Another name for every IRI of the data set, in the same order."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "dataset" / "dataset.rdf").read_text("utf-8")
        held = set(re.findall(re.escape(_BASE) + r"(\w+)", text))
        held |= set(re.findall(r"\bmy:(\w+)", text))
        assert len(held) > 30, f"only {len(held)} names in the data set"
        self._new = {name: f"n{at:03d}" for at, name in enumerate(sorted(held))}

    def renamed(self, text: str) -> str:
        """A text of the benchmark with the other names."""
        text = re.sub(
            rf"({re.escape(_BASE)}|\bmy:)(\w+)",
            lambda found: found[1] + self._new[found[2]],
            text,
        )
        return text.replace(_BASE, _OTHER)


def rows_of(text: str) -> list[Row]:
    """Rows of SPARQL results in XML."""
    return [
        {
            binding.attrib["name"]: _term(binding[0])
            for binding in result.iter(_RESULTS + "binding")
        }
        for result in ET.fromstring(text).iter(_RESULTS + "result")
    ]


def _term(element: ET.Element) -> tuple[str, str, str]:
    kind = element.tag.removeprefix(_RESULTS)
    datatype = element.get("datatype", _XSD + "string" if kind == "literal" else "")
    return kind, element.text or "", datatype


def is_right(rows: list[Row], task: Task, *, semantic: bool) -> bool:
    """Whether rows are one of the accepted answers."""
    return any(_same_rows(rows, one, semantic) for one in task.accepted)


def _same_rows(rows: list[Row], other: list[Row], semantic: bool) -> bool:
    return len(rows) == len(other) and all(
        one.keys() == two.keys()
        and all(_same(one[name], two[name], semantic) for name in one)
        for one, two in zip(rows, other, strict=True)
    )


def _same(
    one: tuple[str, str, str], other: tuple[str, str, str], semantic: bool
) -> bool:
    if _folded(one) == _folded(other):
        return True
    if not semantic or one[0] != "literal" or other[0] != "literal":
        return False
    if one[2] == other[2] == _XSD + "boolean":
        return _TRUTH.get(one[1], one[1]) == _TRUTH.get(other[1], other[1])
    left, right = _shape(one), _shape(other)
    return left is not None and right is not None and _equal(left, right)


def _folded(term: tuple[str, str, str]) -> tuple[str, str, str]:
    kind, text, datatype = term
    if datatype == _GEO + "wktLiteral":
        text = re.sub(r"\s*([(),>])\s*", r"\1", " ".join(text.split())).upper()
        text = re.sub(r"(?<=[A-Z]) \(", "(", text)
    elif datatype == _GEO + "gmlLiteral":
        try:
            text = ET.canonicalize(text, strip_text=True)
        except ET.ParseError:
            text = text.strip()
    return kind, text, datatype


def _shape(term: tuple[str, str, str]) -> BaseGeometry | None:
    """The shape of a literal in longitude and latitude; None where it is none."""
    _, text, datatype = term
    try:
        if datatype == _GEO + "wktLiteral":
            return shapely.from_wkt(re.sub(r"^\s*<[^>]*>", "", text).strip())
        if datatype == _GEO + "gmlLiteral":
            return _gml_shape(ET.fromstring(text))
    except (shapely.errors.GEOSException, ET.ParseError, ValueError):
        return None
    return None


def _gml_shape(element: ET.Element) -> BaseGeometry:
    """The shape of what the answers have: polygons, lines, points, envelopes."""
    polygons = list(element.iter(_GML + "Polygon"))
    if polygons:
        rings = [[_points(ring) for ring in one.iter(_GML + "LinearRing")]
                 for one in polygons]  # fmt: skip
        return shapely.union_all([shapely.Polygon(one[0], one[1:]) for one in rings])
    points = _points(element)
    if element.tag == _GML + "Envelope":
        return shapely.box(*points[0], *points[1])
    return shapely.LineString(points) if len(points) > 1 else shapely.Point(points[0])


def _points(element: ET.Element) -> list[tuple[float, float]]:
    numbers = [float(one) for one in re.split(r"[\s,]+", "".join(
        f"{part.text} " for part in element.iter() if (part.text or "").strip()
    ).strip())]  # fmt: skip
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _equal(left: BaseGeometry, right: BaseGeometry) -> bool:
    """Whether two shapes are of the same points, but for rounding."""
    if left.is_empty or right.is_empty:
        return bool(left.is_empty and right.is_empty)
    if shapely.equals(left, right):
        return True
    near = float(shapely.hausdorff_distance(left, right)) < 1e-9
    return near and abs(left.area - right.area) < 1e-9


@dataclass(frozen=True)
class Score:
    """What one requirement got.

    Attributes:
        requirement: 1 to 30.
        queries: How many it has.
        strict: How many were right as text.
        semantic: How many were right in meaning.
    """

    requirement: int
    queries: int
    strict: int
    semantic: int


def scores(graded: list[tuple[Task, bool, bool]]) -> list[Score]:
    """Sums of the requirements with queries: tasks with strict and semantic grades."""
    return list(_scores(graded))


def _scores(graded: list[tuple[Task, bool, bool]]) -> Iterator[Score]:
    for number in range(1, REQUIREMENTS + 1):
        own = [one for one in graded if one[0].requirement == number]
        if number == CREDITED:
            assert not own, "the credited requirement has queries"
            continue
        assert own, f"no query of requirement {number}"
        yield Score(
            number, len(own), sum(one[1] for one in own), sum(one[2] for one in own)
        )


def compliance(found: list[Score], *, semantic: bool) -> float:
    """Mean score of the thirty requirements, in percent."""
    shares = [(one.semantic if semantic else one.strict) / one.queries for one in found]
    assert len(shares) == REQUIREMENTS - 1
    return 100 * (sum(shares) + 1) / REQUIREMENTS
