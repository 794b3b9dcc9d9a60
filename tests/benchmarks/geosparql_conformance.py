"""Writes docs/conformance.md: scores of the GeoSPARQL compliance benchmark.

python tests/benchmarks/geosparql_conformance.py docs/conformance.md
"""

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph
import pyproj
import shapely

FOLDER = Path(__file__).parents[1] / "integration"
sys.path.append(str(FOLDER))

import geosparql_benchmark as benchmark  # noqa: E402
import geosparql_scoring as scoring  # noqa: E402

INTRODUCTION = """\
# Conformance to GeoSPARQL

The GeoSPARQL compliance benchmark (Jovanovik, Homburg and Spasić 2021, ISPRS IJGI
10(7):487; public as OpenLinkSoftware/GeoSPARQLBenchmark) asks 206 queries for the 30
requirements of GeoSPARQL 1.0. This page is written by `make conformance`, which runs
them on the embedded store; the tests run them too, and fail where a score differs from
this page.

- **Strict**: rows in order, equal as text, WKT but for white space and case, GML in
  canonical form. **Semantic**: geometries of the same points are also equal, whatever
  serialises them, and so are `1` and `true`.
- **Regime**: requirements 1 to 24 expect the facts as they stand, 25 to 27 what RDFS
  entails of them, 28 to 30 what GeoSPARQL's query rewriting adds. One regime for all
  would answer one of these groups wrongly, so it is a parameter of each query
  (`?regime=`, `--regime`), and named here.
- Compliance is the mean over the 30 requirements; the 17th has no query and is
  credited, as the authors do.
"""


def page(renamed: str, graded: list[tuple[scoring.Task, bool, bool]]) -> str:
    """The page as Markdown."""
    found = scoring.scores(graded)
    rows = [
        f"| {one.requirement} | {benchmark.regime_of(one.requirement)} | {one.queries} "
        f"| {one.strict} | {one.semantic} |"
        for one in found
    ]
    counts = [sum(one.strict for one in found), sum(one.semantic for one in found)]
    told = totals(found)
    defects = json.loads((FOLDER / "geosparql_known_defects.json").read_text("utf-8"))
    wrong = [task.name for task, _, semantic in graded if not semantic]
    reasons: dict[str, list[str]] = {}
    for name in wrong:
        query = name.removeprefix("query-r").removesuffix(".rq")
        reasons.setdefault(defects.get(name, "not answered yet"), []).append(query)
    listed = [f"- {', '.join(names)}: {why}." for why, names in reasons.items()]
    return "\n".join(
        [
            INTRODUCTION,
            "## Scores",
            "",
            "| requirement | regime | queries | strict | semantic |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            f"| right of 206 | | | {counts[0]} | {counts[1]} |",
            f"| compliance | | | {told[0]} | {told[1]} |",
            "",
            "With another name for every IRI of the data set, in data, queries and "
            f"answers\nalike, the scores are {renamed}.",
            "",
            "## Answers that differ",
            "",
            *listed,
            "",
            "## Where and when",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, pyoxigraph "
            f"{pyoxigraph.__version__},\nGEOS {shapely.geos_version_string}, PROJ "
            f"{pyproj.proj_version_str}.",
            "",
        ]
    )


def totals(found: list[scoring.Score]) -> tuple[str, str]:
    """Compliance, strict and semantic."""
    strict = scoring.compliance(found, semantic=False)
    return f"{strict:.2f} %", f"{scoring.compliance(found, semantic=True):.2f} %"


def main() -> None:
    """Run the benchmark twice and write the page."""
    graded = benchmark.grades()
    other = scoring.scores(benchmark.grades(renamed=True))
    same = other == scoring.scores(graded)
    renamed = "the same" if same else " and ".join(totals(other))
    Path(sys.argv[1]).write_text(page(renamed, graded), "utf-8")
    sys.stdout.write(f"{sys.argv[1]}: {' and '.join(totals(scoring.scores(graded)))}\n")


if __name__ == "__main__":
    main()
