"""Damage reports from files: a raster that the base has not seen, frozen files."""

import hashlib
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds
from shapely.geometry import box, mapping

from imagery.errors import ImageryError
from imagery.scene_record import SceneRecord
from lucerna.damage.service import DamageService, make_report
from lucerna.wiring import KnowledgeBase
from lucerna.workers import Workers
from mining.change.record import ChangeRecord, write_record
from mining.damage.assessment import Event
from ontology.errors import KnowledgeError, QueryRejected

IRI_BASE = "https://kb.example/"
WEST, NORTH, SIDE = 700_000.0, 4_970_000.0, 60
FIRE = Event(
    "wildfire-2021-08-16",
    "wildfire",
    datetime(2021, 8, 16, 12, tzinfo=UTC),
    datetime(2021, 8, 23, 12, tzinfo=UTC),
)
FOOTPRINT = box(
    *transform_bounds("EPSG:32632", "OGC:CRS84", WEST, NORTH - 600, WEST + 600, NORTH)
)


def scene(name: str, day: datetime) -> SceneRecord:
    return SceneRecord(
        id=name,
        product_id=f"{name}_PRODUCT",
        sensor="sentinel-2-l2a",
        platform="sentinel-2a",
        level="L2A",
        begins=day,
        ends=day,
        footprint=FOOTPRINT,
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        simulated=True,
    )


def write(path: Path, values: np.ndarray) -> str:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=SIDE,
        height=SIDE,
        count=1,
        dtype="uint8",
        crs="EPSG:32632",
        transform=from_origin(WEST, NORTH, 10, 10),
    ) as out:
        out.write(values, 1)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Burnt in the western half, cloud in the south-eastern quarter."""
    folder = tmp_path_factory.mktemp("change")
    scores, quality = (np.zeros((SIDE, SIDE), np.uint8) for _ in range(2))
    scores[:, : SIDE // 2] = 90
    quality[SIDE // 2 :, SIDE // 2 :] = 1
    digest = write(folder / "fire.tif", scores)
    pictures = (folder / "fire-before.png", folder / "fire-after.png")
    for one in pictures:
        Image.new("RGB", (8, 8), (60, 90, 40)).save(one)
    made = datetime(2026, 1, 1, tzinfo=UTC)
    write_record(
        ChangeRecord(
            run="5f2c9e01aa34",
            parameters={"method": "rbr", "method_version": "1", "bands": ["NBR"]},
            clouds_known=True,
            before=scene("S2A_20210803", datetime(2021, 8, 3, 10, tzinfo=UTC)),
            after=scene("S2A_20210902", datetime(2021, 9, 2, 10, tzinfo=UTC)),
            started=made,
            ended=made.replace(minute=1),
            code_version="0.1.0",
            change=folder / "fire.tif",
            quality=folder / "fire-quality.tif",
            sha256=digest,
            quality_sha256=write(folder / "fire-quality.tif", quality),
            quicklooks=pictures,
            quicklook_bounds=transform_bounds(
                "EPSG:4326", "EPSG:3857", *FOOTPRINT.bounds
            ),
            resolution_m=10.0,
        )
    )
    return folder / "fire.tif"


def cells(path: Path, **extra: Any) -> Path:  # noqa: ANN401
    """Four cells of the raster, one a quarter, a little inside it."""
    features = []
    for number, (x, y) in enumerate([(0, 0), (300, 0), (0, 300), (300, 300)], start=1):
        west, north = WEST + x + 20, NORTH - y - 20
        bounds = (west, north - 260, west + 260, north)
        place = box(*transform_bounds("EPSG:32632", "OGC:CRS84", *bounds))
        properties = {"id": f"cell-{number}", **extra}
        features.append(
            {"type": "Feature", "geometry": mapping(place), "properties": properties}
        )
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_a_report_needs_no_more_than_parcels_and_a_raster(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    parcels = cells(tmp_path / "cells.geojson")
    made = make_report(
        base, parcels, FIRE, tmp_path / "out", iri_base=IRI_BASE, change=change
    )
    assert made.grades == {
        "destroyed": 2,
        "damaged": 0,
        "possibly damaged": 0,
        "no visible damage": 1,
        "not assessed": 1,
    }
    first = contents(tmp_path / "out")
    assert sorted(first) == list(made.files)
    told = json.loads(first["manifest.json"])
    digests = {one["role"]: one["sha256"] for one in told["inputs"]}
    assert digests["parcels"] == hashlib.sha256(parcels.read_bytes()).hexdigest()
    assert digests["change raster"] == hashlib.sha256(change.read_bytes()).hexdigest()
    before = hashlib.sha256(b"S2A_20210803").hexdigest()
    assert digests["product before"] == before
    features = json.loads(first["parcels.geojson"])["features"]
    keys = {one["properties"]["weather_key"] for one in features}
    assert keys == {"notApplicable"}

    triples = base.store.graphs()
    again = make_report(
        base, parcels, FIRE, tmp_path / "again", iri_base=IRI_BASE, change=change
    )
    assert (again.id, contents(tmp_path / "again")) == (made.id, first)
    assert base.store.graphs() == triples
    # The base knows the result now and chooses it by itself.
    chosen = make_report(base, parcels, FIRE, tmp_path / "third", iri_base=IRI_BASE)
    assert chosen.id == made.id


def test_other_inputs_give_another_report(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    ids = []
    for extra in ({}, {"crop": "forest"}):
        parcels = cells(tmp_path / "cells.geojson", **extra)
        out = tmp_path / str(len(ids))
        made = make_report(base, parcels, FIRE, out, iri_base=IRI_BASE, change=change)
        ids.append(made.id)
    assert len(set(ids)) == 2


def test_an_event_before_the_imagery_is_refused(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    parcels = cells(tmp_path / "cells.geojson")
    july = [datetime(2021, 7, day, tzinfo=UTC) for day in (1, 2)]
    early = Event("early", "wildfire", *july)
    for given, said in ((change, "before both images"), (None, "no images bracket")):
        with pytest.raises(ImageryError, match=said) as caught:
            make_report(
                base,
                parcels,
                early,
                tmp_path / "out",
                iri_base=IRI_BASE,
                change=given,
            )
        assert "2021-08-03" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_without_images_or_parcels_the_reason_is_told(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    parcels, out = cells(tmp_path / "cells.geojson"), tmp_path / "out"
    with pytest.raises(ImageryError, match="holds no change result"):
        make_report(base, parcels, FIRE, out, iri_base=IRI_BASE)
    told = json.loads(parcels.read_text("utf-8"))
    for one in told["features"]:
        one["geometry"] = None
    parcels.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ImageryError, match="none of its 4 rows is a parcel; row 1 has"):
        make_report(base, parcels, FIRE, out, iri_base=IRI_BASE, change=change)
    plague = Event("e", "plague", FIRE.begins, FIRE.ends)
    with pytest.raises(KnowledgeError, match="there is no peril 'plague'"):
        make_report(base, parcels, plague, out, iri_base=IRI_BASE, change=change)


def test_a_report_replaces_nothing_but_a_report(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    parcels = cells(out / "parcels.geojson")
    given, known = parcels.read_bytes(), base.store.graphs()

    def make(file: Path) -> None:
        make_report(base, file, FIRE, out, iri_base=IRI_BASE, change=change)

    with pytest.raises(ImageryError, match=r"parcels\.geojson would be overwritten by"):
        make(parcels)
    other = cells(tmp_path / "other.geojson")
    with pytest.raises(ImageryError, match=r"parcels\.geojson is of no report and"):
        make(other)
    assert contents(out) == {"parcels.geojson": given}
    assert base.store.graphs() == known
    parcels.unlink()
    make(other)
    first = contents(out)
    make(cells(tmp_path / "other.geojson", crop="forest"))
    assert contents(out).keys() == first.keys()
    assert contents(out) != first


@pytest.mark.parametrize("inside", ["", "reports/0123456789ab", "new/deep"])
def test_a_report_is_not_written_into_the_knowledge_base(
    base: KnowledgeBase, change: Path, tmp_path: Path, inside: str
) -> None:
    parcels = cells(tmp_path / "cells.geojson")
    (tmp_path / "link").symlink_to(base.folder)
    for out in (base.folder / inside, tmp_path / "link" / inside):
        with pytest.raises(ImageryError, match="lies in the knowledge base"):
            make_report(base, parcels, FIRE, out, iri_base=IRI_BASE, change=change)
    assert [one.name for one in base.folder.iterdir()] == ["store"]


def test_the_service_checks_and_refuses_in_one_line(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    content = cells(tmp_path / "cells.geojson").read_bytes()
    event = {"peril": "wildfire", "begins": "2021-08-16T12:00Z"}
    event["ends"] = "2021-08-23T12:00Z"
    with Workers(1) as workers:
        service = DamageService(base, workers, IRI_BASE)
        told = service.check("../../etc/cells.geojson", content)
        assert (told["name"], told["parcels"]) == (".._.._etc_cells.geojson", 4)
        assert service.check("../../etc/cells.geojson", content) == told
        outlines = service.outlines(told["upload"])
        assert outlines is not None
        assert len(json.loads(outlines)["features"]) == 4
        kept = [base.folder / "uploads" / str(told["upload"])]
        with pytest.raises(QueryRejected, match=r"cells\.gpkg: is no vector file"):
            service.check("cells.gpkg", b"id;crop")
        assert list((base.folder / "uploads").iterdir()) == kept
        with pytest.raises(QueryRejected, match="GeoJSON"):
            service.check("cells.exe", content)
        for wrong, said in (
            ({"begins": "soon"}, "begins='soon'"),
            ({"begins": "2021-08-16T12:00"}, "UTC"),
            ({"ends": "2021-08-01T12:00Z"}, "ends before it begins"),
            ({"ends": "9999-12-31T23:59Z"}, "in the year 9999; give"),
            ({"peril": "plague"}, "there is no peril 'plague'"),
            ({}, "holds no change result"),
        ):
            with pytest.raises(QueryRejected, match=said):
                service.start(told["upload"], {**event, **wrong}, None)
        with pytest.raises(QueryRejected, match="no upload"):
            service.start("f" * 12, event, None)
        assert service.state("f" * 12) is None
    assert not (tmp_path.parent / "etc").exists()


def test_uploads_that_no_report_names_are_removed_after_a_day(
    base: KnowledgeBase, change: Path, tmp_path: Path
) -> None:
    uploads = base.folder / "uploads"
    parcels = cells(tmp_path / "cells.geojson")
    make_report(base, parcels, FIRE, tmp_path / "out", iri_base=IRI_BASE, change=change)
    with Workers(1) as workers:
        service = DamageService(base, workers, IRI_BASE)
        used = service.check("cells.geojson", parcels.read_bytes())["upload"]
        other = service.check("other.geojson", parcels.read_bytes())["upload"]
        fresh = service.check("fresh.geojson", parcels.read_bytes())["upload"]
        (uploads / ".checking-lost").mkdir()
        (uploads / "progress").mkdir()
        for name in (used, other, ".checking-lost", "progress"):
            yesterday = time.time() - 25 * 3600
            os.utime(uploads / name, (yesterday, yesterday))
        DamageService(base, workers, IRI_BASE)
        assert {one.name for one in uploads.iterdir()} == {used, fresh, "progress"}
        with pytest.raises(QueryRejected, match="send the file again"):
            service.start(other, {}, None)
        again = service.check("other.geojson", parcels.read_bytes())["upload"]
        assert again == other
        yesterday = time.time() - 25 * 3600
        os.utime(uploads / other, (yesterday, yesterday))
        with pytest.raises(QueryRejected, match="begins="):
            service.start(other, {"peril": "wildfire"}, None)  # wanted, so kept on
        service.check("cells.geojson", parcels.read_bytes())
        assert (uploads / other / "parcels.geojson").is_file()
