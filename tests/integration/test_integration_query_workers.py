"""Queries of strangers in worker processes: killed in time, replaced, on one state."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.pool import AT_ONCE, SLOW_AT_ONCE, QueryWorkers
from kb_api.endpoint.snapshots import Snapshots
from kb_api.endpoint.written import Limits, Written
from kb_api.outcome import Prepared, Regime
from ontology.errors import QueryRejected, QueryTimeout, StoreUnavailable, TooManyRows

GRAPH = "https://kb.example/graph/facts"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://kb.example/p> ?o }"
HOSTILE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TIMEOUT_S = 2.0
MEMORY_BYTES = 2**30

Asked = Callable[[str], Written]


def facts(count: int, value: str = "v") -> dict[str, tuple[str, bytes]]:
    lines = (
        f'<https://kb.example/{i}> <https://kb.example/p> "{value}" .'
        for i in range(count)
    )
    return {GRAPH: ("facts", "\n".join(lines).encode())}


def worked() -> dict[int, int]:
    """Ticks of processor time that each process has taken."""
    found = {}
    for one in processes():
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            found[one] = int(fields[11])
    return found


def wait_for_work(idle: dict[int, int]) -> None:
    """Wait until one of the processes that stood idle works."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if any(ticks > idle.get(one, ticks) + 10 for one, ticks in worked().items()):
            return
    raise TimeoutError("no process has begun to work within 30 s")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("base")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(folder / "store")
    store.put_graphs(facts(1000))
    yield store
    store.close()


@pytest.fixture(scope="module")
def workers(store: EmbeddedStore, folder: Path) -> Iterator[QueryWorkers]:
    limits = Limits(TIMEOUT_S, 500)
    workers = QueryWorkers(store, folder / "copies", limits, MEMORY_BYTES)
    counted(workers)  # the first worker has started; its time is not measured below
    yield workers
    workers.close()


def counted(workers: QueryWorkers) -> int:
    """How many facts a query sees, asked until the first worker is there."""
    started = time.monotonic() + 60
    while True:
        try:
            written = workers.run(COUNT, None, "simple", time.monotonic(), "")
            break
        except QueryTimeout:
            assert time.monotonic() < started
    return int(json.loads(written.content)["results"]["bindings"][0]["n"]["value"])


def ask(workers: QueryWorkers, query: str, accept: str | None = None) -> Written:
    return workers.run(query, accept, "simple", time.monotonic(), "")


def processes() -> set[int]:
    """The running processes that this one has started for queries."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z" and b"spawn_main" in command:
            found.add(int(entry.name))
    return found


def test_an_answer_comes_in_the_form_wanted_with_what_is_told(
    workers: QueryWorkers,
) -> None:
    written = ask(workers, COUNT, "text/csv")
    assert (written.content, written.media_type) == (b"n\r\n1000\r\n", "text/csv")
    assert (written.indexed, written.faults.count) == (False, 0)
    assert ask(workers, COUNT, "image/png").media_type is None


def test_errors_of_a_query_are_those_of_this_process(workers: QueryWorkers) -> None:
    with pytest.raises(QueryRejected, match="does not parse: error at 1:1"):
        ask(workers, "SELECT * { ?s ?p }")
    with pytest.raises(TooManyRows, match="more than 500 rows"):
        ask(workers, "SELECT * { ?s ?p ?o }")
    assert counted(workers) == 1000


def test_a_cross_join_is_killed_while_others_go_on(workers: QueryWorkers) -> None:
    before = processes()
    with ThreadPoolExecutor() as threads:
        begun = time.monotonic()
        hostile = threads.submit(ask, workers, HOSTILE)
        ended: list[float] = []
        hostile.add_done_callback(lambda _: ended.append(time.monotonic()))
        answered = 0
        while not hostile.done():
            assert counted(workers) == 1000
            answered += 1
        with pytest.raises(QueryTimeout, match="longer than 2 s and was stopped"):
            hostile.result()
    assert TIMEOUT_S <= ended[0] - begun < TIMEOUT_S + 1
    assert answered >= 3
    assert counted(workers) == 1000
    assert len(before - processes()) == 1  # the killed one is gone


def test_all_at_the_deadline_at_once_and_one_that_waited(
    workers: QueryWorkers,
) -> None:
    most = AT_ONCE + SLOW_AT_ONCE
    with ThreadPoolExecutor(most + 1) as threads:
        begun = time.monotonic()
        late = [threads.submit(ask, workers, HOSTILE) for _ in range(most + 1)]
        told = sorted(str(one.exception()) for one in late)
        assert time.monotonic() - begun < TIMEOUT_S + 1
    assert ["other queries ran" in one for one in told] == [True, *[False] * most]
    assert ["was stopped" in one for one in told] == [False, *[True] * most]
    assert [counted(workers) for _ in range(3)] == [1000] * 3


def test_who_holds_all_quick_places_is_in_nobodys_way_for_long(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    workers = QueryWorkers(store, tmp_path / "copies", Limits(30), MEMORY_BYTES)
    try:
        assert counted(workers) == 1000
        with ThreadPoolExecutor() as threads:
            idle = worked()
            hostile = [threads.submit(ask, workers, HOSTILE) for _ in range(AT_ONCE)]
            wait_for_work(idle)
            answers = [counted(workers) for _ in range(5)]
            assert not any(one.done() for one in hostile)
            nice = [os.getpriority(os.PRIO_PROCESS, one) for one in processes()]
            workers.close()
            assert all(one.exception() for one in hostile)
    finally:
        workers.close()
    assert answers == [1000] * 5
    assert max(nice) > min(nice)


def test_a_worker_killed_by_hand_is_told_and_replaced(workers: QueryWorkers) -> None:
    for one in processes():
        os.kill(one, signal.SIGKILL)
    assert counted(workers) == 1000  # idle ones are missed by nobody
    idle = worked()
    with ThreadPoolExecutor() as threads:
        hostile = threads.submit(ask, workers, HOSTILE)
        wait_for_work(idle)
        for one in processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        with pytest.raises(QueryTimeout, match=r"ended \(exit code -9\)"):
            hostile.result()
    assert counted(workers) == 1000


def test_a_query_that_takes_too_much_memory_ends_alone(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    limits = Limits(60, 500)
    workers = QueryWorkers(store, tmp_path / "copies", limits, 400 * 2**20)
    greedy = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"
    try:
        with pytest.raises(QueryTimeout, match="more than 400 MB of memory"):
            ask(workers, greedy)
        assert counted(workers) == 1000
    finally:
        workers.close()


def test_a_query_sees_what_was_loaded_before_it(
    workers: QueryWorkers, store: EmbeddedStore, folder: Path
) -> None:
    for count in (3, 4, 1000):
        store.put_graphs(facts(count))
        assert counted(workers) == count
    assert len(list((folder / "copies").iterdir())) == 1


def test_a_query_in_work_keeps_the_state_it_began_with(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    copies = Snapshots(store, tmp_path / "copies")
    with copies.held() as first:
        store.put_graphs(facts(7))
        with copies.held() as second:
            sizes = [len(ox.Store.read_only(str(one.path))) for one in (first, second)]
            assert first.path.exists()
        assert second.path.exists()
    store.put_graphs(facts(1000))
    assert sizes[0] - sizes[1] == 1000 - 7
    assert [one.name for one in (tmp_path / "copies").iterdir()] == [second.path.name]
    copies.close()
    assert not (tmp_path / "copies").exists()
    with pytest.raises(StoreUnavailable, match="stopping"), copies.held():
        pass


def test_who_waits_for_the_index_holds_no_place(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    workers = QueryWorkers(store, tmp_path / "copies", Limits(8), MEMORY_BYTES)
    near = (
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#> "
        "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> SELECT * "
        '{ ?g geo:asWKT ?w FILTER(geof:sfWithin(?w, "POINT(1 1)"^^geo:wktLiteral)) }'
    )
    try:
        assert counted(workers) == 1000
        with ThreadPoolExecutor(9) as threads:
            with store._index.changing([]):  # as while it is made
                late = [threads.submit(ask, workers, near) for _ in range(8)]
                for _ in range(3):
                    assert counted(workers) == 1000
                assert not any(one.done() for one in late)
            assert all(b'"bindings":[]' in one.result().content for one in late)
    finally:
        workers.close()


@pytest.mark.parametrize("regime", ["simple", "rdfs"])
def test_a_copy_is_made_while_somebody_keeps_the_store_from_changing(
    store: EmbeddedStore, tmp_path: Path, regime: Regime
) -> None:
    # Who keeps it so may be waiting for the very copies.
    store.make_ready(regime, 60)
    copies = Snapshots(store, tmp_path / "copies")

    def state() -> tuple[int, bool]:
        with copies.held(regime) as copy:
            return copy.state, copy.certain

    with ThreadPoolExecutor() as threads, store.unchanged(0):
        assert threads.submit(state).result(30) == (store.state, True)
    store.put_graphs(facts(7))
    try:
        stale = state()
    finally:
        store.put_graphs(facts(1000))
        copies.close()
    assert stale[1] is (regime == "simple")


class LoadingStore(EmbeddedStore):
    """Something is loaded each time that a query was prepared, but for the last."""

    loads = 0

    def prepare(
        self, text: str, regime: Regime = "simple", wait_s: float | None = None
    ) -> Prepared:
        held = self.graphs()[GRAPH]
        if self.loads:
            self.loads -= 1
            loader = threading.Thread(target=self.put_graphs, args=(facts(held + 1),))
            loader.start()
            if self.loads:
                loader.join()
        return Prepared(text.replace("HELD", str(held)), indexed=True)


def test_what_the_index_said_and_what_is_asked_are_of_one_state(
    tmp_path: Path,
) -> None:
    # The second load of the test waits until the second copy is made.
    store = LoadingStore(tmp_path / "store")
    store.put_graphs(facts(10))
    workers = QueryWorkers(store, tmp_path / "copies", Limits(60), MEMORY_BYTES)
    query = "SELECT (COUNT(*) AS ?n) (HELD AS ?m) { ?s <https://kb.example/p> ?o }"
    try:
        store.loads = 2
        written = ask(workers, query, "text/csv")
        assert written.content == b"n,m\r\n11,11\r\n"
    finally:
        workers.close()
        store.close()


def test_nothing_is_left_when_the_service_stops(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    (tmp_path / "copies" / "1").mkdir(parents=True)  # left by a crash
    (tmp_path / "copies" / "1" / "CURRENT").write_text("half")
    before = processes()
    workers = QueryWorkers(store, tmp_path / "copies", Limits(60), MEMORY_BYTES)
    assert counted(workers) == 1000
    idle = worked()
    with ThreadPoolExecutor() as threads:
        hostile = threads.submit(ask, workers, HOSTILE)
        wait_for_work(idle)
        workers.close()
        with pytest.raises(StoreUnavailable, match="the service is stopping"):
            hostile.result()
    assert processes() == before
    assert not (tmp_path / "copies").exists()
    with pytest.raises(StoreUnavailable):
        ask(workers, COUNT)
    assert not (tmp_path / "copies").exists()
