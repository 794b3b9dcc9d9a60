"""The walks on the sample with a real store: repeated, refused, interrupted."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal

from etl import graphs, pipelines
from etl.pipelines import detect_change, lift
from etl.territory import Territory
from etl.weather.reading import weather_files
from imagery.errors import GridMismatch, ImageryError, UnreadableProduct
from imagery.synthetic import Sample
from lucerna.vector_files import read_territories
from lucerna.wiring import KnowledgeBase
from mining.change.record import ChangeRecord, read_record
from mining.units import Unit
from ontology import LUC
from ontology.errors import InvalidGraph

BASE = "https://kb.example/"

Sink = Callable[[], AbstractContextManager[KnowledgeBase]]


def count(base: KnowledgeBase, pattern: str) -> int:
    rows = base.store.query(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    assert isinstance(rows, ox.QuerySolutions)
    return int(next(iter(rows))["n"].value)


def test_lifting_again_changes_nothing(
    change: Path,
    communes: tuple[Territory, ...],
    base: KnowledgeBase,
    sample: Sample,
    sink: Sink,
) -> None:
    options = {
        "land_cover": sample.land_cover,
        "weather": weather_files(sample.weather),
    }
    first = lift(change, communes, sink, iri_base=BASE, **options)
    dump = base.store.dump()
    again = lift(change, communes, sink, iri_base=BASE, **options)
    assert set(first.loaded.changed) == set(first.loaded.triples)
    assert again.loaded.changed == ()
    assert base.store.dump() == dump


def test_a_lift_without_context_replaces_the_facts(
    change: Path,
    communes: tuple[Territory, ...],
    base: KnowledgeBase,
    sample: Sample,
    sink: Sink,
) -> None:
    stratum = f"?s a <{LUC.ChangeStratum}>"
    lift(change, communes, sink, iri_base=BASE, land_cover=sample.land_cover)
    assert count(base, stratum) > len(communes[0].units)
    lift(change, communes, sink, iri_base=BASE)
    assert count(base, stratum) == 0
    assert count(base, f"?o a <{LUC.ChangeObservation}>") == len(communes[0].units)


def test_facts_that_break_a_shape_are_refused_whole(
    change: Path,
    communes: tuple[Territory, ...],
    base: KnowledgeBase,
    monkeypatch: pytest.MonkeyPatch,
    sink: Sink,
) -> None:
    lift(change, communes, sink, iri_base=BASE)
    dump = base.store.dump()
    sound = graphs.observation_graph

    def lossy(*args: object, **options: object) -> Graph:
        graph = sound(*args, **options)  # type: ignore[arg-type]
        node = next(graph.subjects(LUC.highHa))
        graph.set((node, LUC.highHa, Literal("999.0", datatype=None)))
        return graph

    monkeypatch.setattr(graphs, "observation_graph", lossy)
    with pytest.raises(InvalidGraph, match="nothing was loaded") as caught:
        lift(change, communes, sink, iri_base=BASE)
    assert "high in hectares" in caught.value.report
    assert base.store.dump() == dump


def test_units_off_the_raster_are_refused(
    change: Path, communes: tuple[Territory, ...], base: KnowledgeBase, sink: Sink
) -> None:
    import shapely

    dump = base.store.dump()
    moved = tuple(
        dataclasses.replace(one, geometry=shapely.affinity.translate(one.geometry, 20))
        for one in communes[0].units
    )
    with pytest.raises(GridMismatch, match="no unit of away meets"):
        lift(change, [Territory("away", moved)], sink, iri_base=BASE)
    assert base.store.dump() == dump


def test_a_territory_beside_the_raster_does_not_stop_the_others(
    change: Path, communes: tuple[Territory, ...], sink: Sink
) -> None:
    import shapely

    first = communes[0].units[0]
    far = Unit("far", "region", "far", shapely.affinity.translate(first.geometry, 20))
    lifted = lift(change, [*communes, Territory("away", (far,))], sink, iri_base=BASE)
    assert lifted.units == {"communes": len(communes[0].units), "away": 0}


def test_parts_stay_when_the_parts_alone_are_lifted_again(
    change: Path, base: KnowledgeBase, sample: Sample, sink: Sink
) -> None:
    both = read_territories([sample.parcels, sample.communes])
    lift(change, both, sink, iri_base=BASE)
    parts = count(base, f"?u <{LUC.partOf}> ?c")
    assert parts == len(both[0].units)
    lift(change, both[:1], sink, iri_base=BASE)
    assert count(base, f"?u <{LUC.partOf}> ?c") == parts


def test_another_place_under_the_same_name_is_refused(
    change: Path, communes: tuple[Territory, ...], base: KnowledgeBase, sink: Sink
) -> None:
    first, second = communes[0].units[:3], communes[0].units[3:]
    lift(change, [Territory("communes", first)], sink, iri_base=BASE)
    dump = base.store.dump()
    with pytest.raises(InvalidGraph, match="give this file another name"):
        lift(change, [Territory("communes", second)], sink, iri_base=BASE)
    assert base.store.dump() == dump


def test_the_same_identifiers_at_another_level_are_told_apart(
    change: Path, communes: tuple[Territory, ...], sink: Sink
) -> None:
    lift(change, communes, sink, iri_base=BASE)
    district = tuple(
        dataclasses.replace(one, level="district") for one in communes[0].units
    )
    with pytest.raises(InvalidGraph, match="use the same --unit-level"):
        lift(change, [Territory("communes", district)], sink, iri_base=BASE)


def test_the_same_units_under_another_name_are_refused(
    change: Path, communes: tuple[Territory, ...], base: KnowledgeBase, sink: Sink
) -> None:
    lift(change, communes, sink, iri_base=BASE)
    dump = base.store.dump()
    wider = tuple(
        dataclasses.replace(one, geometry=one.geometry.buffer(0.001))
        for one in communes[0].units
    )
    with pytest.raises(InvalidGraph, match="stands already in graph"):
        lift(change, [Territory("again", wider)], sink, iri_base=BASE)
    assert base.store.dump() == dump


def test_weather_adds_up_over_lifts(
    change: Path,
    communes: tuple[Territory, ...],
    base: KnowledgeBase,
    sample: Sample,
    tmp_path: Path,
    sink: Sink,
) -> None:
    (tmp_path / "w").mkdir()
    stations = (sample.weather / "stations.csv").read_text()
    (tmp_path / "w" / "stations.csv").write_text(stations)
    table = next(
        one for one in sorted(sample.weather.glob("*.csv")) if one.stem != "stations"
    )
    head, *rows = table.read_text().splitlines()
    half = tmp_path / "w" / "half.csv"
    nights = []
    for part in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
        half.write_text("\n".join([head, *part]))
        lift(
            change,
            communes,
            sink,
            iri_base=BASE,
            weather=weather_files(tmp_path / "w"),
        )
        nights.append(count(base, f"?n a <{LUC.StationNight}>"))
    assert nights[0] >= 5
    assert nights[1] >= 2 * nights[0] - 1


def test_the_same_pixels_read_otherwise_are_another_run(
    sample: Sample, tmp_path: Path
) -> None:
    from imagery.scene import open_scene
    from mining.change.record import run_identifier

    first, second = open_scene(sample.before), open_scene(sample.after)
    name, band = next(iter(second.bands.items()))
    other = dataclasses.replace(
        second, bands={**second.bands, name: dataclasses.replace(band, offset=-0.1)}
    )
    runs = {run_identifier({}, first, one, "1") for one in (second, other)}
    assert len(runs) == 2


def test_an_output_never_replaces_an_input(sample: Sample, tmp_path: Path) -> None:
    import shutil

    safe = tmp_path / "x-quality.tif"
    shutil.copytree(sample.before, safe)
    with pytest.raises(ImageryError, match="is an input; give the output another"):
        detect_change(safe, sample.after, tmp_path / "x.tif", method="cva")
    for name, more, told in (
        ("x.png", (), "name it .tif"),
        ("no/x.tif", (), "does not exist"),
        ("x.tif", ("no/r.geojson",), "does not exist"),
        ("x.tif", ("x.json",), "is an output already"),
        ("y.tif", ("x-quality.tif",), "is a folder"),
        ("x-quality.tif/y.tif", (), "is an input"),
    ):
        with pytest.raises(ImageryError, match=told):
            detect_change(
                safe,
                sample.after,
                tmp_path / name,
                method="cva",
                beside=[tmp_path / one for one in more],
            )
    assert [one.name for one in tmp_path.iterdir()] == ["x-quality.tif"]


def test_a_file_in_the_place_of_the_record_keeps_all_others(
    sample: Sample, tmp_path: Path
) -> None:
    held = {"prec.json": "keep", "prec-before.png": "keep too"}
    for name, text in held.items():
        (tmp_path / name).write_text(text)
    out = tmp_path / "prec.tif"
    with pytest.raises(ImageryError, match=r"prec\.json is no STAC item"):
        detect_change(sample.before, sample.after, out, method="cva")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == held


def test_a_record_cannot_bring_foreign_files(change: Path, tmp_path: Path) -> None:
    for one in change.parent.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    item = tmp_path / "angle.json"
    text = item.read_text()
    item.write_text(text.replace("./angle-before.png", "../../../etc/passwd"))
    record = read_record(tmp_path / "angle.tif")
    assert record.quicklooks[0] == tmp_path / "passwd"


def test_the_same_run_is_not_computed_again(change: Path, sample: Sample) -> None:
    before = {one: one.stat().st_mtime_ns for one in change.parent.iterdir()}
    held = detect_change(sample.before, sample.after, change, method="spectral-angle")
    after = {one: one.stat().st_mtime_ns for one in change.parent.iterdir()}
    assert after == before
    assert held == read_record(change)


def test_another_method_replaces_the_raster(sample: Sample, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"
    first = detect_change(sample.before, sample.after, out, method="spectral-angle")
    second = detect_change(sample.before, sample.after, out, method="cva")
    assert second.run != first.run
    assert second.sha256 != first.sha256
    assert read_record(out).parameters["method"] == "cva"


@pytest.mark.parametrize("stage", ["change_raster", "write_quicklook", "write_record"])
def test_an_interrupted_run_leaves_what_was_there(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    out = tmp_path / "out.tif"
    detect_change(sample.before, sample.after, out, method="cva")
    held = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipelines, stage, interrupt)
    with pytest.raises(KeyboardInterrupt):
        detect_change(sample.before, sample.after, out, method="spectral-angle")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == held


def test_a_changed_raster_is_not_lifted(
    change: Path, communes: tuple[Territory, ...], sink: Sink, tmp_path: Path
) -> None:
    for one in change.parent.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    (tmp_path / "angle.tif").write_bytes(change.read_bytes() + b" ")
    with pytest.raises(UnreadableProduct, match="has changed since"):
        lift(tmp_path / "angle.tif", communes, sink, iri_base=BASE)


@pytest.mark.parametrize(
    ("swap", "told"), [(True, "is not earlier than"), (False, "hold the same pixels")]
)
def test_what_is_no_pair(sample: Sample, tmp_path: Path, swap: bool, told: str) -> None:
    second = sample.before if swap else sample.after
    with pytest.raises(ImageryError, match=told):
        detect_change(sample.after, second, tmp_path / "x.tif", method="cva")
    assert list(tmp_path.iterdir()) == []


def test_the_record_reads_back_as_it_was_written(change: Path) -> None:
    record = read_record(change)
    assert isinstance(record, ChangeRecord)
    assert record.before.simulated
    assert record.before.begins < record.after.begins
    assert record.parameters["full"] == 0.561
    assert record.resolution_m == pytest.approx(10, abs=0.02)


def test_facts_tell_what_they_were_made_from(
    change: Path,
    communes: tuple[Territory, ...],
    base: KnowledgeBase,
    sample: Sample,
    sink: Sink,
) -> None:
    lift(change, communes, sink, iri_base=BASE, land_cover=sample.land_cover)
    rows = base.store.query(
        "PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?used { "
        "GRAPH ?facts { ?facts prov:wasGeneratedBy ?lift . ?lift prov:used ?used } }"
    )
    assert isinstance(rows, ox.QuerySolutions)
    used = {row["used"].value.removeprefix(BASE).split("/")[0] for row in rows}
    assert used == {"result", "graph", "context"}
