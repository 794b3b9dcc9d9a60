"""The whole walk on the simulated sample, from products to printed answers."""

import sys
from pathlib import Path

from etl.pipelines import detect_change, lift
from imagery.errors import ImageryError
from imagery.synthetic import write_sample
from kb_api.answers import ask
from lucerna.asking import readable_columns
from lucerna.console import print_rows, progress_bar, say
from lucerna.facts import read_territories
from lucerna.wiring import open_knowledge_base, open_sink

METHODS = ("spectral-angle", "cva")
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("changed_units", {}),
    ("rank_units", {"kind": "clc:221"}),
    ("weather_before_change", {}),
)
SHOWN_ROWS = 8


def run_demo(folder: Path, *, seed: int, iri_base: str) -> None:
    """Sample, change by two methods, facts, and the answers of three questions.

    Args:
        folder: Gets `sample/`, `change/` and `kb/`; running again changes nothing.
        seed: Of the landscape.
        iri_base: Beginning of every minted IRI.

    Raises:
        ImageryError: The folder holds the demo of another seed.
    """
    marker = folder / "seed.txt"
    if marker.exists() and marker.read_text("utf-8").strip() != str(seed):
        raise ImageryError(
            f"{folder} holds the demo of seed {marker.read_text('utf-8').strip()}; "
            "choose another folder for another landscape"
        )
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"{seed}\n", encoding="utf-8")
    say(f"1/4 writing the simulated sample, seed {seed}")
    sample = write_sample(folder / "sample", seed=seed)
    rasters = []
    (folder / "change").mkdir(parents=True, exist_ok=True)
    for method in METHODS:
        say(f"2/4 comparing 19 and 29 April 2017 by {method}")
        out = folder / "change" / f"{method}.tif"
        with progress_bar(method) as progress:
            detect_change(
                sample.before, sample.after, out, method=method, progress=progress
            )
        rasters.append(out)
    territories = read_territories([sample.parcels, sample.communes])
    for raster in rasters:
        say(f"3/4 lifting {raster.name} into facts per parcel and commune")
        with progress_bar("lifting") as progress:
            lift(
                raster,
                territories,
                open_sink(folder / "kb"),
                iri_base=iri_base,
                land_cover=sample.land_cover,
                weather=sample.weather,
                progress=progress,
            )
    with open_knowledge_base(folder / "kb") as base:
        say("4/4 asking three questions; all data are simulated")
        for name, values in ASKED:
            answer = ask(base.store, name, values)
            told = " ".join(f"{key}={value}" for key, value in values.items())
            command = " ".join(f"lucerna ask {name} {told}".split())
            kb = folder / "kb"
            sys.stdout.write(f"\n{answer.question.title}\n$ {command} --kb {kb}\n")
            print_rows(readable_columns(answer), answer.rows[:SHOWN_ROWS])
            hidden = len(answer.rows) - SHOWN_ROWS
            if hidden > 0:
                sys.stdout.write(f"… and {hidden} rows more\n")
