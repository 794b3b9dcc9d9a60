"""The images and the compose files: checked by schema, each step run in a folder."""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from rdflib import Graph

from lucerna.settings import Settings
from lucerna.wiring import open_knowledge_base

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
SPEC = importlib.util.spec_from_file_location(
    "dockerfile_steps", Path(__file__).with_name("dockerfile_steps.py")
)
assert SPEC is not None
assert SPEC.loader is not None
steps = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(steps)
STAGES: dict[str, list[tuple[str, str]]] = steps.stages(DOCKER / "Dockerfile")
TARGETS = ("api", "worker", "triples")


def value_of(stage: str, kind: str) -> str:
    """The last value of an instruction in a stage."""
    return [value for one, value in STAGES[stage] if one == kind][-1]


def plain_yaml(name: str) -> str:
    """A compose file without the tags that only compose knows."""
    return (DOCKER / name).read_text("utf-8").replace(" !override", "")


def services(name: str) -> dict[str, Any]:
    found = yaml.safe_load(plain_yaml(name))["services"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", ["compose.yml", "compose.test.yml"])
def test_compose_files_follow_the_schema(name: str, tmp_path: Path) -> None:
    def check(text: str) -> int:
        (tmp_path / name).write_text(text)
        command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
        return subprocess.run([*command, tmp_path / name], check=False).returncode

    assert check(plain_yaml(name)) == 0
    assert check(plain_yaml(name).replace("ports:", "portes:")) == 1


def test_the_linter_of_dockerfiles_has_no_word_to_say() -> None:
    done = subprocess.run(
        [BIN / "hadolint", DOCKER / "Dockerfile"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_images_are_named_by_tag_run_without_root_and_hold_no_secret() -> None:
    outside = [of[0][1] for of in STAGES.values() if of[0][1] not in STAGES]
    outside += [
        one["image"] for one in services("compose.yml").values() if "image" in one
    ]
    assert len(outside) == 5
    assert all(re.fullmatch(r"\w+:[\w.-]*\d[\w.-]*", image) for image in outside)
    for target in TARGETS:
        assert value_of(target, "USER") == "10001"
    text = (DOCKER / "Dockerfile").read_text("utf-8") + plain_yaml("compose.yml")
    assert not re.search(r"(password|secret|token)\w*[:=] *[^\s${?]", text, re.I)


def test_services_wait_for_health_and_listen_on_loopback() -> None:
    of = services("compose.yml")
    assert set(of) == {"api", "worker", "database", "triples"}
    for name, one in of.items():
        image_checks = [
            kind for kind, _ in STAGES.get(name, []) if kind == "HEALTHCHECK"
        ]
        assert image_checks or "healthcheck" in one or name == "worker"
        for needed, how in one.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in of[needed]
        for port in one.get("ports", []):
            assert port.startswith("127.0.0.1:")
    assert "worker" in of["worker"]["profiles"]


def test_the_file_for_trials_changes_ports_and_volumes_only() -> None:
    whole, trial = services("compose.yml"), services("compose.test.yml")
    assert set(trial) == set(whole)
    for name, one in trial.items():
        assert set(one) <= {"ports", "volumes"}
        for port, other in zip(
            one.get("ports", []), whole[name].get("ports", []), strict=True
        ):
            assert port.split(":")[-1] == other.split(":")[-1]
        (volume,) = one["volumes"]
        place = volume.split(":")[1] if isinstance(volume, str) else volume["target"]
        assert place == whole[name]["volumes"][0].split(":")[1]


def test_the_example_of_an_environment_names_what_is_there() -> None:
    text = (DOCKER / "env.example").read_text("utf-8")
    named = set(re.findall(r"^#?(\w+)=", text, re.M))
    assert named == set(re.findall(r"\$\{(\w+)", plain_yaml("compose.yml")))
    assert "\nPOSTGRES_PASSWORD=\n" in text
    known = {f"LUCERNA_{one.upper()}" for one in Settings.model_fields}
    passed = set(services("compose.yml")["api"]["environment"])
    assert named - {"POSTGRES_PASSWORD"} <= known
    assert passed <= known


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401
    """Every stage of the Dockerfile, run in folders."""
    builder = steps.Builder(ROOT, tmp_path_factory.mktemp("images"))
    for name, of in STAGES.items():
        builder.build(name, of)
    return builder


def test_every_step_runs(built: Any) -> None:  # noqa: ANN401
    kinds = [kind for of in STAGES.values() for kind, _ in of]
    assert built.counts["run"] == kinds.count("RUN") - 3
    assert built.counts == {"run": 9, "copied": kinds.count("COPY"), "checked": 3}
    (wheel,) = (built.roots["wheel"] / "wheel").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "ui/assets/geo_map.js" in names
    assert "ontology/modules/region.ttl" in names


def test_the_service_holds_no_tensorflow_and_lacks_nothing_else(built: Any) -> None:  # noqa: ANN401
    lists = built.roots["lists"] / "lists"
    worker, api = steps.listed(lists / "worker.txt"), steps.listed(lists / "api.txt")
    assert {"keras", "h5py", "protobuf"} <= set(worker) - set(api)
    assert "pytest" not in worker
    python = built.roots["api"] / "python" / "bin" / "python"
    check = [sys.executable, "-m", "pip", "--python", str(python), "check"]
    said = subprocess.run(check, capture_output=True, text=True, check=False).stdout
    lacking = {re.split(r"requires |, which", line)[1] for line in said.splitlines()}
    assert lacking, "Lucerna itself asks for TensorFlow"
    assert lacking <= {"tensorflow", "tensorflow-cpu"}
    names = "('tensorflow', 'keras')"
    find = f"import importlib.util as u; print([u.find_spec(n) for n in {names}])"
    done = subprocess.run(
        [python, "-c", find], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[None, None]\n"


def test_the_service_answers_and_its_facts_go_into_the_sparql_server(
    built: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    """By each target's own command and health check, and by the documented commands."""
    facts = Graph().parse(ROOT / "tests" / "small_base.ttl")
    with open_knowledge_base(built.roots["api"] / "kb") as base:
        held = facts.serialize(format="nt", encoding="utf-8")
        base.put_graphs({"https://lucerna.example/graph/small": ("small", held)})
    with started(built, "api", 8600) as api, started(built, "triples", 7878) as copy:
        with httpx.Client(base_url=api, timeout=60) as client:
            assert client.get("/api/v1/health").json()["ok"] is True
            page = client.get("/search")
            assert page.status_code == 200
            assert "Lucerna" in page.text
        assert parcels(f"{api}/sparql") == 12
        assert parcels(f"{copy}/query") == 0
        commands = documented("/store?default")
        for there, here in (("8600", api), ("7878", copy)):
            assert f"http://127.0.0.1:{there}/" in commands
            commands = commands.replace(f"http://127.0.0.1:{there}", here)
        told = 'set -eu; curl() { command curl --silent --show-error --fail "$@"; }\n'
        subprocess.run(["sh", "-c", told + commands], cwd=tmp_path, check=True)
        assert parcels(f"{copy}/query") == 12
        assert values(facts) <= values(Graph().parse(tmp_path / "facts.nt"))


def values(graph: Graph) -> set[tuple[object, ...]]:
    """Triples by value: the store writes the decimal 0.0 as 0."""
    return {tuple(one.toPython() for one in triple) for triple in graph}


def parcels(endpoint: str) -> int:
    """How many parcels a SPARQL endpoint knows."""
    query = (
        "SELECT (COUNT(?one) AS ?n) { ?one a <https://w3id.org/lucerna/ont#Parcel> }"
    )
    json_results = {"Accept": "application/sparql-results+json"}
    answer = httpx.get(
        endpoint, params={"query": query}, headers=json_results, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["results"]["bindings"][0]["n"]["value"])


def documented(part: str) -> str:
    """The one block of commands in docs/operations.md that holds a text."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (block,) = [
        one
        for one in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        if part in one
    ]
    assert isinstance(block, str)
    return block


@contextmanager
def started(built: Any, target: str, port: int) -> Iterator[str]:  # noqa: ANN401
    """A target's own command on a free port, healthy by its own check; its address."""
    root, free = built.roots[target], free_port()
    binaries = root / "python" / "bin"

    def here(text: str) -> str:
        """A word of the image as it is in folders, on loopback and the free port."""
        return re.sub(
            "^/kb$", str(root / "kb"), re.sub(r"^[\d.]+(?=:\d)", "127.0.0.1", text)
        ).replace(f":{port}", f":{free}")

    command = services("compose.yml")[target].get("command")
    command = command or json.loads(value_of(target, "CMD"))
    words = [here(one) for one in json.loads(value_of(target, "ENTRYPOINT")) + command]
    env = {k: v for k, v in os.environ.items() if not k.startswith("LUCERNA_")}
    env |= settings_of(target) | {"PATH": f"{binaries}:{env['PATH']}"}
    if target == "api":
        env |= {"LUCERNA_KB": str(root / "kb"), "LUCERNA_HOST": "127.0.0.1"}
        env |= {"LUCERNA_PORT": str(free)}
    check = json.loads(here(value_of(target, "HEALTHCHECK").partition("CMD ")[2]))
    assert f":{free}/" in " ".join(check)
    with (root / "said.txt").open("w+b") as said:
        process = subprocess.Popen(
            [binaries / words[0], *words[1:]],
            cwd=root / "work", env=env, stdout=said, stderr=said,
        )  # fmt: skip
        try:
            until = time.monotonic() + 120
            while subprocess.run(check, env=env, capture_output=True).returncode:
                ended = process.poll() is not None or time.monotonic() > until
                assert not ended, (root / "said.txt").read_text("utf-8")
            yield f"http://127.0.0.1:{free}"
        finally:
            os.kill(process.pid, signal.SIGINT)
            process.wait(60)


def settings_of(target: str) -> dict[str, str]:
    """Variables that the image of a target sets."""
    stage, told = target, dict[str, str]()
    while stage in STAGES:
        pairs = [value.split() for kind, value in STAGES[stage] if kind == "ENV"]
        told = dict(one.split("=") for of in pairs for one in of) | told
        stage = STAGES[stage][0][1]
    return told


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
