"""The whole walk on the simulated sample, from products to printed answers."""

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from etl.land_cover.classifying import classify_scene, train_model
from etl.land_cover.lift import lift_classification
from etl.pipelines import detect_change, lift
from etl.territory import Territory
from etl.weather.reading import weather_files
from fusion.registry import list_models
from imagery.errors import ImageryError
from imagery.synthetic import Sample, write_sample
from kb_api.answers import ask
from lucerna.asking import readable_columns
from lucerna.console import print_rows, progress_bar, say
from lucerna.vector_files import read_territories
from lucerna.wiring import KnowledgeBase, open_knowledge_base, open_sink, publisher
from mining.damage.assessment import Event

METHODS = ("spectral-angle", "cva")
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("changed_units", {}),
    ("rank_units", {"kind": "clc:221"}),
    ("weather_before_change", {}),
    ("labelled_patches", {}),
)
SHOWN_ROWS = 5
MODEL = "land-cover"
PATCH_PX = 32
BATCHES = 3
FROST = Event(
    "frost-2017-04-27",
    "frost",
    datetime(2017, 4, 26, 18, tzinfo=UTC),
    datetime(2017, 4, 27, 8, tzinfo=UTC),
    "Frost of 27 April 2017 (simulated)",
)


@dataclass(frozen=True)
class Demo:
    """What the steps of the demo share.

    Attributes:
        folder: Gets `sample/`, `change/`, `classes/`, `report/` and `kb/`.
        sample: The written sample.
        territories: Its parcels and communes.
        iri_base: Beginning of every minted IRI.
        catalogue: SQLAlchemy URL of the patch catalogue.
    """

    folder: Path
    sample: Sample
    territories: tuple[Territory, ...]
    iri_base: str
    catalogue: str

    @property
    def kb(self) -> Path:
        """The knowledge base."""
        return self.folder / "kb"


def run_demo(folder: Path, *, seed: int, iri_base: str, catalogue: str) -> None:
    """Sample, change, classification, labels, damage report, and some answers.

    Args:
        folder: Where everything is written; running again changes nothing.
        seed: Of the landscape.
        iri_base: Beginning of every minted IRI.
        catalogue: SQLAlchemy URL of the patch catalogue.

    Raises:
        ImageryError: The folder holds the demo of another seed.
    """
    _check_seed(folder, seed)
    say(f"1/6 writing the simulated sample, seed {seed}")
    sample = write_sample(folder / "sample", seed=seed)
    territories = read_territories([sample.parcels, sample.communes])
    demo = Demo(folder, sample, territories, iri_base, catalogue)
    rasters = _compare(demo)
    _classify(demo)
    _lift(demo, rasters)
    _label(demo)
    _report(demo)
    say("6/6 asking; all data are simulated")
    with open_knowledge_base(demo.kb) as base:
        _answer(base, demo.kb)


def _check_seed(folder: Path, seed: int) -> None:
    marker = folder / "seed.txt"
    if marker.exists() and marker.read_text("utf-8").strip() != str(seed):
        raise ImageryError(
            f"{folder} holds the demo of seed {marker.read_text('utf-8').strip()}; "
            "choose another folder for another landscape"
        )
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"{seed}\n", encoding="utf-8")


def _compare(demo: Demo) -> list[Path]:
    rasters = []
    (demo.folder / "change").mkdir(exist_ok=True)
    for method in METHODS:
        say(f"2/6 comparing 19 and 29 April 2017 by {method}")
        out = demo.folder / "change" / f"{method}.tif"
        before, after = demo.sample.before, demo.sample.after
        with progress_bar(method) as progress:
            detect_change(before, after, out, method=method, progress=progress)
        rasters.append(out)
    return rasters


def _classify(demo: Demo) -> None:
    """Train once, classify the later scene with both sensors, lift the classes."""
    models, out = demo.kb / "models", demo.folder / "classes" / "classes.tif"
    if MODEL not in {run.name for run in list_models(models)}:
        say("3/6 training a land-cover model on labelled points, Sentinel-1 and -2")
        train_model(
            demo.sample.points,
            demo.sample.before,
            demo.sample.radar_before,
            name=MODEL,
            folder=models,
            kind="forest",
            class_column="class",
            scheme="clc",
            seed=0,
        )
    say("3/6 classifying land cover, and lifting it into facts")
    out.parent.mkdir(exist_ok=True)
    if not out.exists():
        with progress_bar("classifying") as progress:
            classify_scene(
                demo.sample.before,
                demo.sample.radar_before,
                out,
                model=f"{MODEL}@1",
                folder=models,
                progress=progress,
            )
    lift_classification(
        out, demo.territories, open_sink(demo.kb), iri_base=demo.iri_base
    )


def _lift(demo: Demo, rasters: Sequence[Path]) -> None:
    for raster in rasters:
        say(f"3/6 lifting {raster.name} into facts per parcel and commune")
        with progress_bar("lifting") as progress:
            lift(
                raster,
                demo.territories,
                open_sink(demo.kb),
                iri_base=demo.iri_base,
                land_cover=demo.sample.land_cover,
                weather=weather_files(demo.sample.weather),
                progress=progress,
            )


def _label(demo: Demo) -> None:
    """Cut patches and let a scripted annotator label three batches of them."""
    from lucerna.database import open_catalogue
    from lucerna.labelling.scripted_annotator import label_batches, shows_class
    from lucerna.labelling.service import LabelService
    from lucerna.workers import Workers
    from mining.catalogue.filling import add_scenes

    say("4/6 cutting patches; a scripted annotator labels vineyards")
    scenes = [demo.sample.before, demo.sample.after]
    with open_catalogue(demo.catalogue) as catalogue, progress_bar("cut") as progress:
        add_scenes(catalogue, scenes, size=PATCH_PX, progress=progress)
    rule = shows_class(demo.sample.land_cover, 221, least_share=0.5)
    with (
        open_knowledge_base(demo.kb) as base,
        Workers() as workers,
        contextlib.closing(
            LabelService(
                demo.catalogue, workers, publisher(base, demo.catalogue, demo.iri_base)
            )
        ) as service,
    ):
        category = service.add_category("Vineyard", "clc:221")["name"]
        session = service.open_session(category, "Scripted annotator", "diverse")
        done = session["iteration"] > BATCHES
        given = label_batches(
            service,
            session["session"],
            rule,
            batches=0 if done else BATCHES,
            settle=service.settle,
        )
        say(f"    {dict(given) or 'labelled before'}")


def _report(demo: Demo) -> None:
    from lucerna.damage.service import make_report

    say("5/6 reporting the frost damage of every parcel")
    with open_knowledge_base(demo.kb) as base:
        made = make_report(
            base,
            demo.sample.parcels,
            FROST,
            demo.folder / "report",
            iri_base=demo.iri_base,
        )
    say(f"    {demo.folder / 'report' / 'report.html'}: {dict(made.grades)}")


def _answer(base: KnowledgeBase, kb: Path) -> None:
    for name, values in ASKED:
        answer = ask(base.store, name, values)
        told = " ".join(f"{key}={value}" for key, value in values.items())
        command = " ".join(f"lucerna ask {name} {told}".split())
        sys.stdout.write(f"\n{answer.question.title}\n$ {command} --kb {kb}\n")
        print_rows(readable_columns(answer), answer.rows[:SHOWN_ROWS])
        hidden = len(answer.rows) - SHOWN_ROWS
        if hidden > 0:
            sys.stdout.write(f"… and {hidden} rows more\n")
