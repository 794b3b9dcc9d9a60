"""New graphs into a store on disk as one stream, checked while they are written."""

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import pyoxigraph as ox

from kb_api import writing
from kb_api.loads import SHA256, Change, Graphs, is_plain
from ontology.errors import InvalidGraph

Checked: TypeAlias = "Future[Sequence[Change] | None]"

_PART = 2**24
_END = 2**20
_REFUSED = b"refused\n"
"""No N-Quads: the store takes nothing of a stream with such a line."""


def are_for_stream(graphs: Graphs, store: ox.Store) -> bool:
    """Whether graphs are large, plain at both ends, and none that a store has."""
    lines = sum(content.count(b"\n") for _, content in graphs.values())
    return (
        lines >= writing.BULK
        and not any(
            store.contains_named_graph(ox.NamedNode(one))
            or next(store.quads_for_pattern(ox.NamedNode(one), SHA256, None), None)
            for one in graphs
        )
        and all(is_plain(_ends(content)) for _, content in graphs.values())
    )


def _ends(content: bytes) -> bytes:
    """The first and the last lines."""
    head, tail = content[:_END], content[-_END:]
    return head[: head.rfind(b"\n") + 1] + tail[tail.find(b"\n") + 1 :]


def write_stream(
    store: ox.Store, graphs: Graphs, check: Callable[[], Sequence[Change] | None]
) -> Sequence[Change] | None:
    """Put graphs that a store does not have in place, all or none.

    The store reads them from a pipe, without holding up other threads, while they are
    checked; the catalogue's entries come last.

    Args:
        store: On disk.
        graphs: For which `are_for_stream` says so.
        check: The changes that they make, with further new graphs that go with them;
            None, as where not all `is_plain`, or what it raises stops the load.

    Returns:
        Those; None: nothing was loaded.

    Raises:
        InvalidGraph: A content is no N-Triples.
        OSError: It cannot be written.
    """
    reading, end = os.pipe()
    with ThreadPoolExecutor(2) as threads:
        with contextlib.ExitStack() as ends:
            ends.callback(os.close, reading)
            checked = threads.submit(check)
            fed = threads.submit(_feed, end, _parts(graphs, checked))
            refused: SyntaxError | None = None
            try:
                store.bulk_load(path=f"/dev/fd/{reading}", format=ox.RdfFormat.N_QUADS)
            except SyntaxError as error:
                refused = error
            finally:
                del store  # else the traceback of an error holds the store open
        fed.result()  # now that nobody reads, it has ended
        if refused is None:
            return checked.result()
        malformed = isinstance(checked.exception(), SyntaxError | ValueError)
        if not malformed and checked.result() is None:
            return None
        told = " ".join(str(refused).split())
        raise InvalidGraph(
            f"{', '.join(graphs)}: no N-Triples: {told}; nothing was loaded"
        ) from refused


def _parts(graphs: Graphs, checked: "Checked") -> Iterator[bytes]:
    """The facts as N-Quads, some megabytes at a time, and what the catalogue says."""
    for iri, (_, content) in graphs.items():
        end, begin = f" {ox.NamedNode(iri)} .\n".encode(), 0
        while begin < len(content):
            stop = content.find(b"\n", begin + _PART) + 1 or len(content)
            yield content[begin:stop].replace(b" .\n", end)
            begin = stop
    changes = None if checked.exception() is not None else checked.result()
    if changes is None:
        yield _REFUSED
        return
    for one in changes:
        if one.graph.value not in graphs:
            yield one.content + b"\n"
    entries = (quad for one in changes for quad in one.entry)
    yield "".join(f"{quad} .\n" for quad in entries).encode()


def _feed(handle: int, parts: Iterator[bytes]) -> None:
    """Write into a pipe until all is written, or nobody reads any more.

    A stream that ends early would be taken for a whole one, so it is spoilt first.
    """
    with contextlib.suppress(BrokenPipeError), os.fdopen(handle, "wb", 0) as pipe:
        try:
            for part in parts:
                _write(pipe, part)
        except BrokenPipeError:
            raise
        except BaseException:
            with contextlib.suppress(BrokenPipeError):
                _write(pipe, _REFUSED)
            raise


def _write(pipe: io.FileIO, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[pipe.write(left) :]
