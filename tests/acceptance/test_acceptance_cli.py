"""The command itself: quick, documented, and alone in its names."""

import re
import subprocess
import sys
import time
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from acceptance_walk import COMMAND, lucerna, plain_environment

ROOT = Path(__file__).parents[2]
VERBS = (
    "demo", "sample", "serve", "info", "describe", "change", "lift", "ask", "sparql",
    "train", "classify", "models", "patches", "report", "evaluate", "load",
    "backup", "restore", "reindex", "stats",
)  # fmt: skip
PACKAGES = (
    "lucerna", "ui", "kb_api", "etl", "mining", "fusion", "imagery", "ontology",
)  # fmt: skip
HELP_LIMIT_S = 0.5

_PROBE = """
import contextlib, io, sys
from lucerna.cli import main
sys.argv = ["lucerna", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_help_is_quick(tmp_path: Path) -> None:
    def once() -> float:
        begun = time.perf_counter()
        done = lucerna("--help", cwd=tmp_path)
        assert done.returncode == 0
        return time.perf_counter() - begun

    best = min(once() for _ in range(5))
    assert best < HELP_LIMIT_S, f"{best:.2f} s"


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "typer" in loaded
    heavy = {"tensorflow", "keras", "rasterio", "panel", "rdflib", "pandas", "fastapi"}
    assert loaded & heavy == set()


def test_the_verbs_are_those_of_the_guide(tmp_path: Path) -> None:
    text = lucerna("--help", cwd=tmp_path).stdout
    listed = text.partition("Commands:")[2].splitlines()
    found = [
        line.split()[0] for line in listed if line.startswith("  ") and line[2:3] != " "
    ]
    assert sorted(found) == sorted(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_stands_in_the_readme(
    verb: str, tmp_path: Path
) -> None:
    done = lucerna(verb, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    usage, _, rest = done.stdout.partition("\n")
    assert usage.startswith(f"Usage: lucerna {verb}")
    told = rest.strip().splitlines()[0].strip()
    assert told[0].isupper(), "a sentence says what the verb does"
    assert told.endswith("."), "a sentence says what the verb does"
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(rf"`(lucerna )?{verb}\b|\$ lucerna {verb}\b", readme)
    assert shown, f"README.md shows neither `{verb}` nor `lucerna {verb}`"


def test_no_other_distribution_claims_our_names() -> None:
    claimed = packages_distributions()
    assert len(claimed) > 50, "the environment was read"
    ours = {"lucerna-eo"}
    others = {
        name: set(claimed[name]) - ours
        for name in PACKAGES
        if set(claimed.get(name, ())) - ours
    }
    assert others == {}


def test_python_m_is_the_same_command(tmp_path: Path) -> None:
    assert COMMAND.exists()
    done = subprocess.run(
        [sys.executable, "-m", "lucerna", "--help"],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    usage, _, rest = done.stdout.partition("\n")
    assert usage.startswith("Usage: python -m lucerna")
    assert rest == lucerna("--help", cwd=tmp_path).stdout.partition("\n")[2]
