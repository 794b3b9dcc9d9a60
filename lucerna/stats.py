"""What a knowledge base holds and how much room it takes, in numbers."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kb_api.embedded_store import EmbeddedStore
from kb_api.loads import CATALOGUE, ONTOLOGY
from kb_api.lookups import rows
from kb_api.remote_store import RemoteStore
from kb_api.sparql_server import SparqlServer
from lucerna.asking import GRACE_S, open_existing
from lucerna.stopping import ended_within

MB = 10**6


def base_stats(folder: Path, server: SparqlServer | None = None) -> dict[str, Any]:
    """Numbers of a knowledge base; classes without those of the ontology.

    Returns:
        graphs, triples, geometries; classes: IRI to number of things, the most first;
        bytes: name of each folder and file of the base to its size; what the SPARQL
        server can do, where one keeps the facts; each graph with label, number of
        triples and time of its load.

    Raises:
        StoreUnavailable: There is no base, or another process holds it.
    """
    with ended_within(GRACE_S), open_existing(folder, server) as base:
        loads = rows(base.store, "graph_loads")
        classes: Counter[str] = Counter()
        for row in loads:
            if row["graph"] not in (ONTOLOGY, CATALOGUE.value):
                graph = ox.NamedNode(str(row["graph"]))
                for one in rows(base.store, "graph_classes", graph=graph):
                    classes[str(one["class"])] += int(str(one["count"]))
        (counted,) = rows(base.store, "geometry_count", graph=None)
        can = base.store.can.told() if isinstance(base.store, RemoteStore) else {}
    return {
        "graphs": len(loads),
        "triples": sum(int(str(row["triples"])) for row in loads),
        "geometries": int(str(counted["count"])),
        "classes": dict(classes.most_common()),
        "bytes": {one.name: _size(one) for one in _parts(folder)},
        "server": can,
        "loads": [
            {name: row[name] for name in ("graph", "label", "triples", "loaded")}
            for row in loads
        ],
    }


def make_index(folder: Path, server: SparqlServer | None = None) -> dict[str, Any]:
    """Make anew what follows from the shapes of a base; what to tell of it.

    That is which things meet, and in a folder's own store the spatial index too.

    Raises:
        StoreUnavailable: There is no base, or another process holds it.
    """
    with ended_within(GRACE_S), open_existing(folder, server) as base:
        base.store.overlap()
        (counted,) = rows(base.store, "overlap_count")
        told = {"pairs that meet": int(str(counted["count"]))}
        if isinstance(base.store, EmbeddedStore):
            return {"geometries": base.store.reindex()} | told
        return told


def told_stats(stats: dict[str, Any]) -> dict[str, Any]:
    """The same for people: classes by the last word of their IRI, sizes in MB."""
    names = (
        f"{iri.replace('#', '/').rpartition('/')[2]} {count}"
        for iri, count in stats["classes"].items()
    )
    return {
        "graphs": stats["graphs"],
        "triples": stats["triples"],
        "geometries": stats["geometries"],
        "classes": list(names),
        **{f"server: {name}": can for name, can in stats["server"].items()},
        **{f"MB of {name}": size / MB for name, size in stats["bytes"].items()},
        "MB": sum(stats["bytes"].values()) / MB,
    }


def _parts(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where a server keeps the facts and all else."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())
