"""Files of RDF or units into the knowledge base, each whole or not at all."""

import contextlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from etl.graphs import place_graphs
from etl.iris import Iris
from etl.keys import slug
from etl.load import load
from etl.rdf_files import StagedGraph, is_rdf, rdf_stem, stage_graphs
from etl.territory import Territory
from etl.validate_files import validate_files
from lucerna.console import Progress
from lucerna.stopping import ended_within
from lucerna.wiring import KnowledgeBase
from ontology import OWN_GRAPHS
from ontology.errors import InvalidGraph, KnowledgeError

OpenBase = Callable[[], AbstractContextManager[KnowledgeBase]]


GRACE_S = 2.0
"""How long after Ctrl-C the store may still write; cut off, it drops what it began."""


@dataclass(frozen=True)
class Staged:
    """A file of RDF that was read and found sound.

    Attributes:
        path: The file.
        file: Its facts as N-Triples, in a file without a name.
        graphs: Graph IRI to its facts in there.
    """

    path: Path
    file: BinaryIO
    graphs: dict[str, StagedGraph]


def parted(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Files of RDF, and all others: vector files of units."""
    rdf = [path for path in paths if is_rdf(path)]
    return rdf, [path for path in paths if not is_rdf(path)]


def load_files(
    paths: Sequence[Path],
    territories: Sequence[Territory],
    open_base: OpenBase,
    *,
    iri_base: str,
    graph: str | None = None,
    check: bool = True,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Load units, and files of RDF one after another; what to tell of each.

    All are read and checked before the first is loaded. Each file is one transaction:
    after an interruption the same call tells which are there already, and loads the
    others. Memory: the largest graph, three times.

    Args:
        paths: Files of RDF.
        territories: Units that are loaded before them.
        open_base: Opens the knowledge base.
        iri_base: Beginning of every minted IRI.
        graph: IRI of the graph of the one file; None: named after the file.
        check: Whether the facts must pass the shapes and rules.
        progress: Called with thousandths done and in all.

    Raises:
        InvalidGraph: A file is no RDF or breaks a shape or rule, and nothing was
            loaded; or it repeats a fact of another graph, and those before it are.
        KnowledgeError: Two files have one name, or the graph cannot have its IRI.
    """
    iris = Iris(iri_base)
    names = _graph_names(paths, graph, iris)
    with contextlib.ExitStack() as stack:
        staged = []
        for i, (path, name) in enumerate(names.items()):
            file = stack.enter_context(tempfile.TemporaryFile(prefix="lucerna-"))
            part = _part(progress, i, 2 * len(names))
            staged.append(_stage(path, name, file, iris, check=check, progress=part))
        _refuse_shared(staged)
        told = _load_units(territories, open_base, iris) if territories else []
        if staged:
            stack.enter_context(ended_within(GRACE_S))
            base = stack.enter_context(open_base())
            for i in range(len(staged)):
                told.append(_load(base, staged, i))
                if progress is not None:
                    progress(1000 * (len(staged) + i + 1), 2000 * len(staged))
    return told


def _refuse_shared(staged: Sequence[Staged]) -> None:
    """Refuse two files with facts of one graph: the second would replace the first."""
    owners: dict[str, Path] = {}
    for one in staged:
        for iri in one.graphs:
            if iri in owners:
                raise InvalidGraph(
                    f"{owners[iri]} and {one.path} both have facts of graph <{iri}>; "
                    "nothing was loaded: join the files"
                )
            owners[iri] = one.path


def _graph_names(
    paths: Sequence[Path], graph: str | None, iris: Iris
) -> dict[Path, str]:
    """The graph of each file."""
    if graph is not None:
        if len(paths) != 1:
            raise KnowledgeError(
                f"load: --graph {graph} names one graph and there are {len(paths)} "
                "files of RDF; give one, or leave the option out"
            )
        return {paths[0]: _checked(graph)}
    names: dict[str, Path] = {}
    for path in paths:
        name = str(iris.file_graph(slug(rdf_stem(path))))
        if name in names:
            raise KnowledgeError(
                f"load: {names[name]} and {path} have one name, which names their "
                "graph; rename one, or load it with --graph"
            )
        names[name] = path
    return {path: name for name, path in names.items()}


def _checked(graph: str) -> str:
    try:
        ox.NamedNode(graph)
    except ValueError as error:
        raise KnowledgeError(
            f"load: --graph {graph!r} is no IRI: {error}; write one such as "
            "https://example.org/graph/soil"
        ) from error
    if graph.startswith(OWN_GRAPHS):
        raise KnowledgeError(
            f"load: --graph {graph} is a graph that the store keeps for itself; "
            "choose another"
        )
    return graph


def _stage(
    path: Path,
    graph: str,
    file: BinaryIO,
    iris: Iris,
    *,
    check: bool,
    progress: Progress | None,
) -> Staged:
    try:
        graphs = stage_graphs(
            path,
            file,
            graph=graph,
            skolem=lambda number: ox.NamedNode(str(iris.skolem(graph, number))),
            progress=progress,
        )
    except OSError as error:
        if error.filename is None:
            error.filename = tempfile.gettempdir()
        raise
    if check:
        try:
            validate_files([file])
        except InvalidGraph as error:
            raise InvalidGraph(
                f"{path}: {error}; or load it as it is with --no-check", error.report
            ) from error
    return Staged(path, file, graphs)


def _load_units(
    territories: Sequence[Territory], open_base: OpenBase, iris: Iris
) -> list[dict[str, Any]]:
    loaded = load(open_base, place_graphs(iris, territories), {})
    return [
        {
            "file": f"units of {', '.join(one.name for one in territories)}",
            "loaded": "yes" if loaded.changed else _KNOWN,
            "graphs": len(loaded.triples),
            "triples": sum(loaded.triples.values()),
        }
    ]


def _load(base: KnowledgeBase, staged: Sequence[Staged], number: int) -> dict[str, Any]:
    """Load one of the files; what to tell of it."""
    one = staged[number]
    graphs: Mapping[str, tuple[str, bytes]] = {
        iri: (one.path.name, graph.read()) for iri, graph in one.graphs.items()
    }
    try:
        changed = base.put_graphs(graphs)
    except InvalidGraph as error:
        before = ", ".join(str(other.path) for other in staged[:number])
        kept = f"; only these before it were: {before}" if before else ""
        raise InvalidGraph(f"{one.path}: {error}{kept}") from error
    return {
        "file": str(one.path),
        "loaded": "yes" if changed else _KNOWN,
        "graphs": len(graphs),
        "triples": sum(base.store.graphs()[iri] for iri in graphs),
        "graph": list(graphs),
    }


_KNOWN = "no: its graphs are whole already"


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    """The progress of one of several files as that of all."""
    if progress is None:
        return None

    def tell(done: int, total: int) -> None:
        progress(1000 * number + 1000 * done // max(total, 1), 1000 * count)

    return tell
