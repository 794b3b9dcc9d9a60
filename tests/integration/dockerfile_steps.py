"""Stages of a Dockerfile run in plain folders: a folder is the root of each stage."""

import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

from dockerfile_parse import DockerfileParser
from packaging.requirements import Requirement

# What only an image can run, told word by word; a step that differs is run, and fails.
SYSTEM_STEPS = (
    r"apt-get update && apt-get install --yes --no-install-recommends libexpat1"
    r" && rm -rf /var/lib/apt/lists/\*",
    r"useradd --uid 10001 --create-home lucerna"
    r" && install --directory --owner=lucerna /kb /work",
)
# The worker's half gigabyte: its list is compared with what the tests run in.
WORKER_STEP = (
    r"pip install --no-cache-dir --require-hashes --requirement /lists/worker\.txt"
)
_ABSOLUTE = re.compile(r"(?<![\w./:])/(?=(?:bundles|lists|source|wheel|kb|work)\b)")


def stages(dockerfile: Path) -> dict[str, list[tuple[str, str]]]:
    """Stage name to its instructions and their values; the base image is first."""
    found: dict[str, list[tuple[str, str]]] = {}
    parser = DockerfileParser(path=str(dockerfile), env_replace=False)
    for step in parser.structure:
        kind, value = step["instruction"], " ".join(step["value"].split())
        if kind == "COMMENT":
            continue
        if kind == "FROM":
            value, name = value.split(" AS ")
            found[name] = []
        found[name].append((kind, value))
    return found


class Builder:
    """Runs stages one after another.

    Attributes:
        roots: Stage name to the folder that stands for its `/`.
        counts: How many steps were run, copied, and checked without running.
    """

    def __init__(self, context: Path, folder: Path) -> None:
        self.context = context
        self.folder = folder
        self.roots: dict[str, Path] = {}
        self.counts = {"run": 0, "copied": 0, "checked": 0}

    def build(self, name: str, steps: list[tuple[str, str]]) -> None:
        """Run every COPY and RUN of a stage."""
        root = self.roots[name] = self.folder / name
        (root / "kb").mkdir(parents=True)
        environment = self._environment(root, steps[0][1])
        work = root / "work"
        for kind, value in steps[1:]:
            work.mkdir(exist_ok=True)
            if kind == "WORKDIR":
                work = root / value.lstrip("/")
            elif kind == "COPY":
                self._copy(value, root, work)
            elif kind == "RUN":
                self._run(value, root, work, environment)

    def _environment(self, root: Path, image: str) -> dict[str, str]:
        """Variables of a stage: its own Python, or the Node of the tests."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("LUCERNA_", "PYTHON", "PYTEST"))
        }
        binaries = Path(sys.executable).parent
        if not image.startswith("node:"):
            venv.create(root / "python", with_pip=False)
            binaries = root / "python" / "bin"
            pip = binaries / "pip"
            python = binaries / "python"
            pip.write_text(
                f'#!/bin/sh\nexec {sys.executable} -m pip --python {python} "$@"\n'
            )
            pip.chmod(0o755)
        kept["PATH"] = f"{binaries}:{kept['PATH']}"
        return {**kept, "PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def _copy(self, value: str, root: Path, work: Path) -> None:
        origin = self.context
        if stage := re.match(r"--from=(\w+) ", value):
            origin, value = self.roots[stage[1]], value[stage.end() :]
        *sources, target = value.split()
        place = root / target.lstrip("/") if target[0] == "/" else work / target
        for one in sources:
            if origin == self.context:
                self._assert_sent(one)
            source = origin / one.lstrip("/")
            if source.is_dir():
                shutil.copytree(
                    source, place, dirs_exist_ok=True, ignore=self._ignored(origin)
                )
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)
        self.counts["copied"] += 1

    def _assert_sent(self, source: str) -> None:
        sent = (self.context / ".dockerignore").read_text("utf-8").splitlines()
        parts = Path(source)
        assert any(f"!{one}" in sent for one in (parts, *parts.parents)), source

    def _ignored(self, origin: Path) -> "shutil._Ignore | None":
        """From the context come no bundles that a person has built."""
        built = shutil.ignore_patterns("__pycache__", "*.js", "*.css", ".built")
        plain = shutil.ignore_patterns("__pycache__")
        if origin != self.context:
            return None
        return lambda where, names: (built if where.endswith("assets") else plain)(
            where, names
        )

    def _run(self, value: str, root: Path, work: Path, env: dict[str, str]) -> None:
        if any(re.fullmatch(one, value) for one in SYSTEM_STEPS):
            self.counts["checked"] += 1
            return
        if re.fullmatch(WORKER_STEP, value):
            assert_installed(root / "lists" / "worker.txt")
            self.counts["checked"] += 1
            return
        # Of the image's layers no cache is kept; of a folder pip's may serve.
        command = _ABSOLUTE.sub(f"{root}/", value).replace(" --no-cache-dir", "")
        done = subprocess.run(
            ["/bin/sh", "-euc", command],
            cwd=work, env=env, capture_output=True, text=True, timeout=400,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        self.counts["run"] += 1


def assert_installed(requirements: Path) -> None:
    """Every entry that applies here is installed here in that version."""
    applying = listed(requirements)
    assert len(applying) > 100
    for name, pinned in applying.items():
        assert version(name) == pinned


def listed(requirements: Path) -> dict[str, str]:
    """Name to version of the entries that apply on this machine."""
    lines = re.findall(r"^[a-z0-9].*", requirements.read_text("utf-8"), re.M)
    parsed = [Requirement(line.rstrip("\\ ")) for line in lines]
    return {
        one.name: str(one.specifier).removeprefix("==")
        for one in parsed
        if one.marker is None or one.marker.evaluate()
    }
