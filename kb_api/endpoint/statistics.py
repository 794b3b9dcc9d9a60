"""What each named graph holds, in numbers, counted once a load."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyoxigraph as ox
import shapely
from numpy.typing import NDArray

from kb_api.binding import bind_values
from kb_api.geosparql.literals import WKT, place_of
from kb_api.geosparql.places import CRS84
from kb_api.lookups import query_text, rows
from kb_api.store import Store
from kb_api.wkt import is_plain, parse_plain

Box = tuple[float, float, float, float]

_BATCH = 20_000
_DAY = len("2017-04-19")


@dataclass(frozen=True)
class GraphStatistics:
    """What a named graph holds.

    Attributes:
        graph: Its IRI.
        label: Its name for people.
        loaded: When (ISO, UTC); None where the catalogue does not say.
        triples: How many there are.
        classes: IRI of each class to the number of its things.
        bbox_crs84: West, south, east, north of all its shapes; None without any.
        begins: First day or month it speaks about, ISO; None without any.
        ends: Last such day or month.
    """

    graph: str
    label: str
    loaded: str | None
    triples: int
    classes: Mapping[str, int]
    bbox_crs84: Box | None
    begins: str | None
    ends: str | None


class Statistics:
    """The numbers of a store's graphs, kept until a graph is loaded anew.

    Args:
        store: Where the facts are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._held: dict[str, GraphStatistics] = {}

    def graphs(self) -> list[str]:
        """The IRIs of the loaded graphs."""
        return [str(row["graph"]) for row in rows(self._store, "graph_loads")]

    def all(self) -> list[GraphStatistics]:
        """The numbers of every graph; those of changed ones are counted now."""
        with self._lock:
            loads = rows(self._store, "graph_loads")
            self._held = {
                str(load["digest"]) + str(load["graph"]): self._held.get(
                    str(load["digest"]) + str(load["graph"])
                )
                or self._counted(load)
                for load in loads
            }
            return list(self._held.values())

    def _counted(self, load: Mapping[str, object]) -> GraphStatistics:
        graph = ox.NamedNode(str(load["graph"]))
        (times,) = rows(self._store, "graph_times", graph=graph)
        return GraphStatistics(
            graph=graph.value,
            label=str(load["label"]),
            loaded=None if load["loaded"] is None else str(load["loaded"]),
            triples=int(str(load["triples"])),
            classes={
                str(row["class"]): int(str(row["count"]))
                for row in rows(self._store, "graph_classes", graph=graph)
            },
            bbox_crs84=_bbox(self._shapes(graph)),
            begins=None if times["first"] is None else str(times["first"])[:_DAY],
            ends=None if times["last"] is None else str(times["last"])[:_DAY],
        )

    def _shapes(self, graph: ox.NamedNode) -> Iterator[ox.Literal]:
        text = bind_values(query_text("graph_shapes"), {"graph": graph})
        found = self._store.query(text)
        assert isinstance(found, ox.QuerySolutions), "graph_shapes.rq selects rows"
        return (row["shape"] for row in found if isinstance(row["shape"], ox.Literal))


def _bbox(literals: Iterator[ox.Literal]) -> Box | None:
    """West, south, east, north in CRS84 of the shapes that can be read."""
    found = np.full((1, 4), np.nan)  # a row a shape; NaN where it has no place
    while batch := list(itertools.islice(literals, _BATCH)):
        plain = [one.value for one in batch if _is_plain(one)]
        rest = [_box_of(one) for one in batch if not _is_plain(one)]
        read = parse_plain(plain)
        boxes = np.concatenate([shapely.bounds(read).reshape(-1, 4), *rest, found])
        known = boxes[np.isfinite(boxes).all(axis=1)]
        if len(known):
            found = np.array([[*known[:, :2].min(axis=0), *known[:, 2:].max(axis=0)]])
    west, south, east, north = (float(value) for value in found[0])
    return None if np.isnan(west) else (west, south, east, north)


def _is_plain(literal: ox.Literal) -> bool:
    """Whether it is WKT in CRS84 that many may be read of at once."""
    return literal.datatype.value == WKT and is_plain(literal.value)


def _box_of(literal: ox.Literal) -> NDArray[np.float64]:
    try:
        return shapely.bounds([place_of(literal).within(CRS84)])
    except ValueError:
        return np.full((1, 4), np.nan)
