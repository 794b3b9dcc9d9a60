"""The page of measurements: each number beside its target, misses said plainly."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph
import shapely
from speed_service import CLIENTS, Pace


@dataclass(frozen=True)
class Line:
    """One number.

    Attributes:
        name: Of what, as in `ROWS`.
        size: Number of geometries or units.
        value: Seconds, a ratio, milliseconds or a count, as its row says.
        postgis: Seconds that PostGIS took for the same rows.
    """

    name: str
    size: int
    value: float
    postgis: float | None = None


@dataclass(frozen=True)
class Row:
    """What a number is, and what it shall be.

    Attributes:
        label: For people.
        unit: `s`, `ms`, or empty of ratios and counts.
        most: It shall be no more; seconds where the unit is a time.
        least: It shall be no less.
        per_million: Whether `most` is for a million geometries; few have no target, as
            the start itself takes its time.
        times: Most times as much as PostGIS takes.
    """

    label: str
    unit: str
    most: float | dict[int, float] | None = None
    least: float | None = None
    per_million: bool = False
    times: float | None = None


_MANY = 100_000
_JOIN_S = {10_000: 0.5, 100_000: 0.6, 1_000_000: 1.5}
ROWS = {
    "window http": Row("window, over HTTP", "ms", 1.5e-3, times=10),
    "window pool": Row("window, in the workers", "ms", 1.5e-3, times=10),
    "window process": Row("window, in one process", "ms"),
    "window unindexed": Row("window, index left out", "ms"),
    "window plain": Row("window, plain Oxigraph", "ms"),
    "attribute http": Row("space, time, attribute, over HTTP", "ms", 7e-3),
    "attribute pool": Row("space, time, attribute, in the workers", "ms", 7e-3),
    "attribute process": Row("space, time, attribute, in one process", "ms"),
    "attribute unindexed": Row("space, time, attribute, index left out", "ms"),
    "attribute plain": Row("space, time, attribute, plain Oxigraph", "ms"),
    "join process": Row("join with 1 000 zones", "ms", _JOIN_S),
    "bare": Row("bare `bulk_load` and `optimize`", "s"),
    "unchecked": Row("load with `optimize` and index", "s"),
    "unchecked rate": Row("rate of that load, times the bare rate", "", least=0.75),
    "checked": Row("load with shapes and rules checked too", "s"),
    "checked rate": Row("rate of a checked load, times the bare rate", ""),
    "postgis load": Row("PostGIS: COPY, indexes, ANALYZE", "s"),
    "reindex": Row("index made from the store alone", "s"),
    "restart": Row("restart to the first window", "s", 3.0, per_million=True),
    "p50": Row(f"{CLIENTS} clients, half of the answers within", "ms"),
    "p95": Row(f"{CLIENTS} clients, 95 % of the answers within", "ms", 0.15),
    "errors": Row("answers that are errors", "", 0),
    "requests": Row("answers in a second", ""),
    "p95 hostile": Row("95 % beside a hostile query within", "ms"),
    "errors hostile": Row("errors beside it, its own not counted", "", 0),
    "p95 ratio": Row("95 % beside it, times that alone", "", 2),
}
COMPARED = ("http", "pool", "process")
"""Ways of asking whose times stand beside those of PostGIS."""

_INTRODUCTION = """\
# How fast the knowledge base is

Written by `make bench`, which measures all of it in one run; `make faults` kills loads,
updates, index and backups 20 times each. Parcels are generated, clustered in communes
of 400, eight facts each; windows hold about a hundred of them, and are asked in eleven
communes in turn. Times of queries are medians of 55 (joins: 5); those without the index
or in plain Oxigraph are of one run. Rows are compared: with the index, without it, in
plain Oxigraph and in PostGIS they are the same.

- **Over HTTP**: `lucerna serve` as users start it, one connection that is kept; the
  guard reads the query, a worker process runs it with deadline and row limit.
- **In the workers**: the same without HTTP. **In one process**: the store itself, no
  deadline.
- **Loads**: N-Triples into an empty base that is open, up to the index beside the
  store, each time after a bare load of the same file by pyoxigraph. `lucerna load`
  does so with `--no-check`; as a rule it also has SHACL look at each geometry, which
  takes most of the time and is told without a target.
- **Clients** ask one request after another without a pause: each question of the
  library in places of their own, and as many windows at `/sparql`. The **hostile
  query** beside them pairs all facts with all facts with all facts, again and again.
- **PostGIS** runs with its defaults and 1 GB of buffers, over a local socket, with
  `btree_gist` for space, time and attribute.
"""


def loads(size: int, taken: dict[str, float]) -> list[Line]:
    """Loads in seconds, and as shares of the bare rate."""
    told = [Line(name, size, seconds) for name, seconds in taken.items()]
    return told + [
        Line(f"{name} rate", size, taken["bare"] / taken[name])
        for name in ("unchecked", "checked")
        if name in taken
    ]


def paces(units: int, alone: Pace, beside: Pace) -> list[Line]:
    """How fast the service answered, alone and beside a hostile query."""
    values = {
        "requests": alone.requests / alone.seconds,
        "p50": alone.p50_s,
        "p95": alone.p95_s,
        "errors": alone.errors,
        "p95 hostile": beside.p95_s,
        "errors hostile": beside.errors,
        "p95 ratio": beside.p95_s / alone.p95_s,
    }
    return [Line(name, units, value) for name, value in values.items()]


def page(
    lines: Sequence[Line], sizes: Sequence[int], minutes: float, postgis: str
) -> str:
    """The page as Markdown."""
    missed = [one for one in lines if _is_met(one) is False]
    listed = [
        f"- {ROWS[one.name].label}, {_grouped(one.size)}: {_shown(one)}, "
        f"target {_target(one)}"
        for one in missed
    ]
    order = {name: place for place, name in enumerate(ROWS)}
    rows = sorted(lines, key=lambda one: (order[one.name], one.size))
    sizes_told = " ".join(map(str, sizes))
    return "\n".join(
        [
            _INTRODUCTION,
            "## Numbers",
            "",
            "| what | geometries | measured | target | met | PostGIS |",
            "| --- | ---: | ---: | ---: | --- | ---: |",
            *(_cells(one, postgis) for one in rows),
            "",
            "## Missed targets",
            "",
            *(listed or ["None."]),
            "",
            "## Where and when",
            "",
            f'{datetime.now(UTC):%Y-%m-%d}, `make bench SIZES="{sizes_told}"`, '
            f"{minutes:.0f} minutes; {machine()}; {versions()}; PostGIS: {postgis}.",
            "",
        ]
    )


def machine() -> str:
    """Processor, cores and memory."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores, "
        f"{pages / 2**30:.0f} GB of memory, {platform.system()} {platform.machine()}"
    )


def versions() -> str:
    """Of Python and of the libraries that do the work."""
    return (
        f"Python {platform.python_version()}, pyoxigraph {pyoxigraph.__version__}, "
        f"shapely {shapely.__version__} with GEOS {shapely.geos_version_string}, "
        f"uvicorn {importlib.metadata.version('uvicorn')}"
    )


def _limit(line: Line) -> float | None:
    """The most that it shall be."""
    row = ROWS[line.name]
    if isinstance(row.most, dict):
        at_least = [most for size, most in row.most.items() if size >= line.size]
        return min(at_least, default=max(row.most.values()))
    if row.most is None or not row.per_million:
        return row.most
    return row.most * line.size / 1_000_000 if line.size >= _MANY else None


def _is_met(line: Line) -> bool | None:
    row, most = ROWS[line.name], _limit(line)
    if row.least is not None:
        return line.value >= row.least
    if most is None:
        return None
    many = row.times is not None and line.postgis is not None
    return line.value <= most and not (many and line.value > row.times * line.postgis)


def _target(line: Line) -> str:
    row, most = ROWS[line.name], _limit(line)
    if row.least is not None:
        return f"≥ {row.least:g}"
    if most is None:
        return ""
    many = f", ≤ {row.times:g} times PostGIS" if row.times and line.postgis else ""
    return f"≤ {_number(most, row.unit)}{many}"


def _shown(line: Line) -> str:
    shown = _number(line.value, ROWS[line.name].unit)
    if line.postgis is None or ROWS[line.name].times is None:
        return shown
    return f"{shown} ({line.value / line.postgis:.1f} times PostGIS)"


def _cells(line: Line, postgis: str) -> str:
    met = {True: "yes", False: "**no**", None: ""}[_is_met(line)]
    beside = "" if line.postgis is None else _number(line.postgis, ROWS[line.name].unit)
    if line.name.partition(" ")[2] in COMPARED and line.postgis is None:
        beside = postgis
    cells = [
        ROWS[line.name].label,
        _grouped(line.size),
        _shown(line),
        _target(line),
        met,
        beside,
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float, unit: str) -> str:
    """With as many digits as mean something."""
    many = value * 1e3 if unit == "ms" else value
    return f"{many:.3g} {unit}".strip() if many < 1000 else f"{many:.0f} {unit}".strip()


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")
