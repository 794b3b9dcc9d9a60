"""The service in a process of its own, stopped while a query of a stranger runs."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from lucerna.wiring import make_knowledge_base

HOSTILE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def children(parent: int) -> set[int]:
    """The running processes that a process has started."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, of = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(of) == parent and state != "Z":
            found.add(int(entry.name))
    return found


def test_a_service_is_stopped_in_time_and_leaves_nothing(tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    make_knowledge_base(kb)
    command = [sys.executable, "-m", "lucerna", "serve", "--kb", str(kb), "--port", "0"]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service,
        ThreadPoolExecutor() as threads,
    ):
        try:
            assert service.stderr is not None
            found = re.search(r"http://\S+/", service.stderr.readline())
            assert found is not None
            asked = threads.submit(
                httpx.post, f"{found[0]}sparql", data={"query": HOSTILE}, timeout=60
            )
            deadline = time.monotonic() + 60
            while not (copies := list(kb.glob("snapshots/*"))):
                assert time.monotonic() < deadline
            workers = children(service.pid)
            assert (len(copies), bool(workers)) == (1, True)
            os.kill(service.pid, signal.SIGTERM)
            answer = asked.result()
            service.wait(30)
        finally:
            service.kill()
        said = service.stderr.read()
    assert answer.status_code == 503
    assert "the service is stopping" in answer.json()["detail"]
    assert "Traceback" not in said
    assert not (kb / "snapshots").exists()
    deadline = time.monotonic() + 10
    while any(map(runs, workers)):
        assert time.monotonic() < deadline


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2][1] != "Z"
    except OSError:
        return False
