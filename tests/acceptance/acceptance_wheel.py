"""The wheel: built, installed in an environment of its own, and run there."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

from acceptance_walk import plain_environment

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "lucerna", "ui", "kb_api", "etl", "mining", "fusion", "imagery", "ontology",
)  # fmt: skip

_PLACES = """
import importlib, json, sys
modules = map(importlib.import_module, sys.argv[1:])
print(json.dumps({one.__name__: one.__file__ for one in modules}))
"""


@dataclass(frozen=True)
class Installed:
    """A wheel, and what it does in an environment of its own.

    Attributes:
        sources: Files of the packages in the checkout when the wheel was built.
        names: Files in the wheel.
        folder: The environment.
        places: Package to the file that it is imported from there.
        demo: `lucerna demo`, run there.
    """

    sources: list[str]
    names: list[str]
    folder: Path
    places: dict[str, str]
    demo: "subprocess.CompletedProcess[str]"


def install_wheel(folder: Path) -> Installed:
    """Build the wheel, install it in a new environment, run the demo.

    The environment takes the dependencies from this one through a `.pth` file. Such a
    file adds a folder and reads no `.pth` in it, so an editable install stays out.
    """
    wanted = ["--cached", "--others", "--exclude-standard", *PACKAGES]
    listed = _run(["git", "-C", str(ROOT), "ls-files", *wanted], folder).stdout
    sources = [one for one in listed.splitlines() if (ROOT / one).exists()]
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    _run([sys.executable, *build, str(ROOT)], folder)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    install = ["-m", "pip", "--python", str(python), "install", "--quiet"]
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check"]
    _run([sys.executable, *install, *offline, str(wheel)], folder)
    (site,) = environment.glob("lib/python3*/site-packages")
    held = sysconfig.get_paths()["purelib"]
    (site / "dependencies.pth").write_text(f"{held}\n", encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    places = json.loads(_run([str(python), "-c", _PLACES, *PACKAGES], folder).stdout)
    command = [str(environment / "bin" / "lucerna"), "demo", "demo", "--no-serve"]
    demo = _run(command, folder, check=False)
    return Installed(sources, names, environment, places, demo)


def _run(
    command: list[str], folder: Path, check: bool = True
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command,
        cwd=folder,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not check or done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
    return done
