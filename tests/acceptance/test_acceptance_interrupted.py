"""Ctrl-C at any moment: exit code 130, one line, nothing half-written, nothing lost."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from acceptance_service import served
from acceptance_walk import COMMAND, IRI_BASE, Walk, lucerna, plain_environment, told

Digests = Callable[[Path], dict[str, str]]
Mark = Callable[[], bool]
SAID = "interrupted; nothing half-written was kept"
LONGEST_S = 120.0


def interrupted(arguments: list[object], cwd: Path, mark: Mark) -> bool:
    """Run a command and press Ctrl-C when the mark is seen; whether it was in time.

    A command that was done before must have worked.
    """
    process = subprocess.Popen(
        [str(COMMAND), *(str(one) for one in arguments)],
        cwd=cwd,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + LONGEST_S
    while process.poll() is None and not mark() and time.monotonic() < deadline:
        time.sleep(0.002)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=LONGEST_S)
    if process.returncode == 0:
        return False
    assert process.returncode == 130, err
    assert err.splitlines() == [SAID]
    return True


def written(folder: Path, pattern: str) -> Mark:
    """Whether a path of that pattern, below a folder, is there."""
    return lambda: next(folder.rglob(pattern), None) is not None


def leftovers(folder: Path) -> list[str]:
    """Files and folders that only a running command has."""
    return [str(one) for one in folder.rglob(".*")]


NAMES = {"out.tif", "out.json", "out-quality.tif", "out-before.png", "out-after.png"}
MARKS = [".*.part", "*-before.png", "out.tif"]


@pytest.mark.parametrize("pattern", MARKS)
def test_change(walk: Walk, tmp_path: Path, digests: Digests, pattern: str) -> None:
    arguments = ["change", *walk.scenes, "-o", "out.tif", "--method", "cva"]
    in_time = interrupted(arguments, tmp_path, written(tmp_path, pattern))
    assert leftovers(tmp_path) == []
    assert set(digests(tmp_path)) in (set(), NAMES), "all of it or nothing"
    assert in_time or pattern == "out.tif"
    if pattern == MARKS[-1]:
        facts = told(lucerna(*arguments, "--json", cwd=tmp_path))
        assert facts["run"] == walk.changed["cva"]["run"]


@pytest.mark.parametrize("pattern", ["*.SAFE", "radar_after.tif"])
def test_sample(tmp_path: Path, pattern: str, sample_seed: int) -> None:
    arguments = ["sample", "made", "--seed", sample_seed]
    assert interrupted(arguments, tmp_path, written(tmp_path, pattern))
    assert list(tmp_path.iterdir()) == []


def facts(kb: Path) -> list[str]:
    """Each named graph of a base with its number of facts and the length of all."""
    asked = """SELECT ?g (COUNT(*) AS ?n)
        (SUM(STRLEN(CONCAT(STR(?s), STR(?p), STR(?o)))) AS ?letters)
        { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"""
    done = lucerna("sparql", asked, "--kb", kb, "--format", "csv", cwd=kb.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]


def lifted_facts(kb: Path) -> list[str]:
    """The same of the graphs that no new base has of itself."""
    return [one for one in facts(kb) if one.startswith(IRI_BASE)]


TRIES = 3
"""A lift writes for a moment only; Ctrl-C must come in time in one of so many."""


@pytest.mark.parametrize("pattern", ["store", "*.log"])
def test_lift_into_a_new_base(walk: Walk, tmp_path: Path, pattern: str) -> None:
    units = ["--units", walk.sample / "parcels.geojson"]
    arguments = ["lift", walk.raster("cva"), *units, "--kb", "kb"]
    kb = tmp_path / "kb"
    for _ in range(TRIES):
        shutil.rmtree(kb, ignore_errors=True)
        if in_time := interrupted(arguments, tmp_path, written(tmp_path, pattern)):
            break
    assert in_time, "too late each time"
    assert [one for one in leftovers(tmp_path) if ".lucerna" in one] == []
    kept = lifted_facts(kb) if (kb / "store").is_dir() else []
    lifted = told(lucerna(*arguments, "--json", cwd=tmp_path))
    assert lifted["regions"] == walk.changed["cva"]["regions"]
    assert kept in ([], lifted_facts(kb)), "whole or not at all"


def test_lift_into_a_base_keeps_what_is_in_it(walk: Walk, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    units = ["--units", walk.sample / "communes.geojson"]
    arguments = ["lift", walk.raster("cva"), *units, "--kb", kb]
    for _ in range(TRIES):
        shutil.rmtree(kb, ignore_errors=True)
        shutil.copytree(walk.kb, kb)
        held = facts(kb)
        (kb / "store" / "LOCK").unlink(missing_ok=True)
        if in_time := interrupted(arguments, tmp_path, written(kb, "LOCK")):
            break
    assert in_time, "too late each time"
    after = facts(kb)
    told(lucerna(*arguments, "--json", cwd=tmp_path))
    whole = facts(kb)
    assert whole != held, "the lift has something to change"
    assert after in (held, whole), "whole or not at all"


def test_a_service_that_is_ended_lets_the_base_go(walk: Walk, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    shutil.copytree(walk.kb, kb)
    with served(kb) as client:
        assert client.get("/health").json()["ok"] is True
    done = lucerna("ask", "image_pairs", "--kb", kb, "--json", cwd=tmp_path)
    assert len(told(done)) == 2


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def test_a_query_that_does_not_end_is_cut_off(walk: Walk, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    shutil.copytree(walk.kb, kb)
    arguments: list[object] = ["sparql", ENDLESS, "--kb", kb]
    (kb / "store" / "LOCK").unlink(missing_ok=True)
    assert interrupted(arguments, tmp_path, written(kb, "LOCK"))


def test_a_service_with_such_a_query_can_be_ended(walk: Walk, tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    shutil.copytree(walk.kb, kb)
    with served(kb) as client, pytest.raises(httpx.ReadTimeout):
        client.post("../../sparql", data={"query": ENDLESS}, timeout=2)
    done = lucerna("ask", "image_pairs", "--kb", kb, "--json", cwd=tmp_path)
    assert len(told(done)) == 2


def test_version() -> None:
    done = lucerna("--version", cwd=Path.cwd())
    assert done.returncode == 0
    assert done.stdout.startswith("lucerna 0.")
