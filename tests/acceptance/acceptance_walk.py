"""The walk by the installed command: what it wrote, and how to ask it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METHODS = ("spectral-angle", "cva")
IRI_BASE = "https://lucerna.example/"
COMMAND = Path(sys.executable).parent / "lucerna"
LIMIT = 'ulimit -f "$0" && PYTHONDONTWRITEBYTECODE=1 exec "$@"'

Done = subprocess.CompletedProcess[str]


def lucerna(
    *arguments: object, cwd: Path, timeout: float = 240, most_blocks: int | None = None
) -> Done:
    """Run the installed command in a folder, without any setting of Lucerna.

    With `most_blocks` no file can grow beyond so many blocks of 512 bytes, and Python
    keeps no bytecode: it would keep it cut short.
    """
    limit = () if most_blocks is None else ("sh", "-c", LIMIT, str(most_blocks))
    return subprocess.run(
        [*limit, str(COMMAND), *(str(one) for one in arguments)],
        cwd=cwd,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def plain_environment() -> dict[str, str]:
    """The environment without variables of Lucerna and of Python."""
    unwanted = ("LUCERNA_", "PYTHON")
    return {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}


def told(done: Done) -> Any:  # noqa: ANN401
    """The JSON that a command printed, which must have worked without a word."""
    assert done.returncode == 0, f"{done.args}: {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Pair:
    """A written sample and its change rasters.

    Attributes:
        folder: Everything is in it, and commands run in it.
        sample: The written sample.
    """

    folder: Path

    @property
    def sample(self) -> Path:
        """Folder of the sample."""
        return self.folder / "sample"

    @property
    def scenes(self) -> Sequence[Path]:
        """Both SAFE folders, the earlier first."""
        return sorted(self.sample.glob("*.SAFE"), key=lambda one: one.name[11:26])

    def raster(self, method: str) -> Path:
        """The raster of scores of a method."""
        return self.folder / f"{method}.tif"

    def regions(self, method: str) -> Path:
        """The GeoJSON of regions of a method."""
        return self.folder / f"{method}.geojson"

    def write(self, seed: int, *options: str) -> None:
        """Write the sample."""
        done = lucerna("sample", self.sample, "--seed", seed, *options, cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def change(self, method: str) -> dict[str, Any]:
        """Run `lucerna change`; what it tells."""
        out = ["-o", self.raster(method), "--regions", self.regions(method)]
        arguments = [*self.scenes, *out, "--method", method, "--json"]
        facts: dict[str, Any] = told(lucerna("change", *arguments, cwd=self.folder))
        return facts


@dataclass(frozen=True)
class Walk(Pair):
    """The whole walk.

    Attributes:
        changed: Method to what `lucerna change --json` told.
        seed: Seed of the sample.
    """

    changed: dict[str, dict[str, Any]]
    seed: int

    @property
    def kb(self) -> Path:
        """The knowledge base."""
        return self.folder / "kb"

    def run(self, *arguments: object) -> Done:
        """Run the command on the knowledge base."""
        return lucerna(*arguments, "--kb", self.kb, cwd=self.folder)

    def lift(self, method: str) -> dict[str, Any]:
        """Run `lucerna lift` with parcels, communes, land cover and weather."""
        units = [self.sample / f"{one}.geojson" for one in ("parcels", "communes")]
        arguments = [part for one in units for part in ("--units", one)]
        arguments += ["--land-cover", self.sample / "land_cover.tif"]
        arguments += ["--weather", self.sample / "weather", "--json"]
        facts: dict[str, Any] = told(self.run("lift", self.raster(method), *arguments))
        return facts

    def ask(self, question: str, *values: str) -> list[dict[str, Any]]:
        """Rows of a question."""
        rows: list[dict[str, Any]] = told(self.run("ask", question, *values, "--json"))
        return rows

    def sparql(self, query: str) -> list[dict[str, str]]:
        """Rows of a query as texts, by the JSON format of SPARQL results."""
        rows = told(self.run("sparql", query, "--format", "json"))
        return [
            {name: cell["value"] for name, cell in row.items()}
            for row in rows["results"]["bindings"]
        ]
