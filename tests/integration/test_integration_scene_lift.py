"""What the lift of a scene says of units, against rasterio and numpy alone."""

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pyoxigraph as ox
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.features import geometry_mask
from rasterio.transform import Affine

from etl.pipelines import detect_change, lift
from etl.scene_lift import lift_scene
from etl.territory import Territory
from imagery.errors import GridMismatch, ImageryError, UnreadableProduct
from imagery.scene import open_scene
from imagery.stac import describe_raster, parse_datetime
from imagery.synthetic import Sample
from lucerna.facts import lift_facts
from lucerna.lifting import lift_raster
from lucerna.wiring import KnowledgeBase
from mining.units import Unit

BASE = "https://kb.example/"

Sink = Callable[[], AbstractContextManager[KnowledgeBase]]
CLEAR, CLOUDY = (4, 5, 6, 7, 11), (3, 8, 9, 10)
COLUMNS = {
    "CoverageObservation": "validPixels cloudyPixels totalPixels",
    "IndexObservation": "mean p10 p50 p90 lowVegetationHa observedHa",
}


def told(base: KnowledgeBase, kind: str) -> dict[str, list[float]]:
    """Identifier of the unit to the numbers of its only observation of a kind."""
    names = COLUMNS[kind].split()
    triples = " ; ".join(f"luc:{name} ?{name}" for name in names)
    rows = base.store.query(
        f"""PREFIX luc: <https://w3id.org/lucerna/ont#>
        PREFIX sosa: <http://www.w3.org/ns/sosa/>
        PREFIX tsn: <http://purl.org/net/tsn#>
        SELECT * {{ ?o a luc:{kind} ; sosa:hasFeatureOfInterest ?u ; {triples} .
        ?u tsn:hasIdentifier ?id }}"""
    )
    assert isinstance(rows, ox.QuerySolutions)
    found = [
        (row["id"].value, [float(row[one].value) for one in names]) for row in rows
    ]
    assert len(dict(found)) == len(found), "a unit is observed twice"
    return dict(found)


def plane(product: Path, name: str) -> tuple[NDArray[np.float64], Affine]:
    """A band of a SAFE folder as stored, and its transform."""
    (path,) = product.rglob(f"IMG_DATA/*/*_{name}.jp2")
    with rasterio.open(path) as opened:
        return opened.read(1).astype(np.float64), opened.transform


def inside(unit: Unit, shape: tuple[int, int], transform: Affine) -> NDArray[np.bool_]:
    to_utm = Transformer.from_crs("OGC:CRS84", "EPSG:32630", always_xy=True)
    moved = shapely.transform(unit.geometry, to_utm.transform, interleaved=False)
    mask: NDArray[np.bool_] = ~geometry_mask([moved], shape, transform)
    return mask


def test_a_product_tells_coverage_and_ndvi_of_each_unit(
    sample: Sample, communes: tuple[Territory, ...], base: KnowledgeBase, sink: Sink
) -> None:
    lifted = lift_scene(sample.after, communes, sink, iri_base=BASE)
    (territory,) = communes
    assert lifted.units == {territory.name: len(territory.units)}
    assert (lifted.indexed, lifted.clouds_known) == (len(territory.units), True)
    red, transform = plane(sample.after, "B04_10m")
    near = plane(sample.after, "B08_10m")[0]
    scl = np.kron(plane(sample.after, "SCL_20m")[0], np.ones((2, 2)))
    value = (near - red) / (near + red)
    clear = np.isin(scl, CLEAR)
    assert np.isin(scl, CLOUDY).any()
    coverage, index = told(base, "CoverageObservation"), told(base, "IndexObservation")
    assert set(coverage) == set(index) == {one.id for one in territory.units}
    for unit in territory.units:
        within = inside(unit, red.shape, transform)
        seen = within & clear
        counts = [seen.sum(), (within & np.isin(scl, CLOUDY)).sum(), within.sum()]
        assert coverage[unit.id] == counts
        quantiles = np.percentile(value[seen], [10, 50, 90])
        expected = [value[seen].mean(), *quantiles]
        assert index[unit.id][:4] == pytest.approx(expected, abs=2e-4)
        low_ha, observed_ha = index[unit.id][4:]
        assert observed_ha == pytest.approx(seen.sum() / 100, rel=2e-3)
        share = (np.round(value[seen], 4) < 0.3).mean()
        assert low_ha / observed_ha == pytest.approx(share, abs=2e-3)
    again = lift_scene(sample.after, communes, sink, iri_base=BASE)
    assert again.loaded.changed == ()


def test_a_change_raster_tells_the_coverage_of_both_its_scenes(
    sample: Sample, communes: tuple[Territory, ...], sink: Sink, change: Path
) -> None:
    """The pair has the grid of its scenes: their own lifts find nothing new."""
    with rasterio.open(change.with_name("angle-quality.tif")) as quality:
        assert quality.descriptions == ("both", "before", "after")
        both, before, after = quality.read()
    assert (np.maximum(before, after) <= both).all()
    assert (both[both == 1] == np.maximum(before, after)[both == 1]).all()
    lifted = lift(change, communes, sink, iri_base=BASE)
    assert "coverage" not in lift_facts(lifted)
    loaded = lifted.loaded
    graphs = [one for one in loaded.triples if "/graph/coverage/" in one]
    assert len(graphs) == 2
    for product in (sample.before, sample.after):
        own = lift_scene(product, communes, sink, iri_base=BASE).loaded
        assert [one for one in own.changed if "/coverage/" in one] == []


def test_a_raster_without_quality_by_date_says_that_coverage_is_lacking(
    communes: tuple[Territory, ...], sink: Sink, change: Path, tmp_path: Path
) -> None:
    """As `change` made them once: one band of quality, of the pair."""
    shutil.copytree(change.parent, tmp_path / "old")
    old = tmp_path / "old" / change.name
    quality, record = old.with_name("angle-quality.tif"), old.with_suffix(".json")
    with rasterio.open(quality) as raster:
        profile, joint = raster.profile, raster.read(1)
    with rasterio.open(quality, "w", **profile | {"count": 1}) as raster:
        raster.write(joint, 1)
    item = json.loads(record.read_text("utf-8"))
    asset = item["assets"]["quality"]
    digest = hashlib.sha256(quality.read_bytes()).hexdigest()
    asset["file:checksum"] = "1220" + digest
    asset["bands"] = [{}]
    record.write_text(json.dumps(item), "utf-8")
    lifted = lift(old, communes, sink, iri_base=BASE)
    assert [one for one in lifted.loaded.triples if "/graph/coverage/" in one] == []
    assert "lucerna change" in lift_facts(lifted)["coverage"]


def test_a_scene_that_reaches_beyond_the_pair_is_left_to_its_own_lift(
    sample: Sample, base: KnowledgeBase, tmp_path: Path, sink: Sink
) -> None:
    """The earlier image has the west only: units that the later shows whole wait."""
    halves = []
    for product, columns, day in (
        (sample.before, 300, "2017-04-19"),
        (sample.after, 600, "2017-04-29"),
    ):
        path = tmp_path / f"{day}.tif"
        bands = [plane(product, f"{name}_10m") for name in ("B02", "B03", "B04", "B08")]
        transform = bands[0][1]
        with rasterio.open(
            path, "w", driver="GTiff", width=columns, height=600, count=4,
            dtype="uint16", crs="EPSG:32630", transform=transform, nodata=0,
        ) as target:  # fmt: skip
            for number, (values, _) in enumerate(bands, start=1):
                target.write(values[:600, :columns].astype("uint16"), number)
        begins, ends = parse_datetime(day)
        describe_raster(
            path, sensor="sentinel-2-l2a", begins=begins, ends=ends,
            bands=["B02", "B03", "B04", "B08"],
        )  # fmt: skip
        halves.append(path)
    change = tmp_path / "change.tif"
    detect_change(*halves, change, method="cva")
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    units = tuple(
        Unit(name, "parcel", name, shapely.transform(
            shapely.box(
                transform.c + 10 * left, transform.f - 2000,
                transform.c + 10 * right, transform.f - 1000,
            ),
            to_crs84.transform, interleaved=False,
        ))
        for name, left, right in (("west", 100, 200), ("across", 250, 350))
    )  # fmt: skip
    lift(change, [Territory("boxes", units)], sink, iri_base=BASE)
    seen = base.store.query(
        """PREFIX luc: <https://w3id.org/lucerna/ont#>
        SELECT ?scene ?o ?total ?share ?known { ?o luc:ofScene ?scene ;
        luc:totalPixels ?total ; luc:coveredShare ?share ; luc:cloudsKnown ?known }
        ORDER BY ?o"""
    )
    assert isinstance(seen, ox.QuerySolutions)
    rows = [
        (row["o"].value.rsplit("/", 1)[1], row["total"].value, row["known"].value)
        for row in seen
    ]
    # across: half of it in the earlier scene; the later one shows more than the pair
    assert sorted(rows) == [
        ("across@undated", "5000", "false"),
        ("west@undated", "10000", "false"),
        ("west@undated", "10000", "false"),
    ]
    later = open_scene(halves[1]).id
    lift_scene(halves[1], [Territory("boxes", units)], sink, iri_base=BASE)
    lift(change, [Territory("boxes", units)], sink, iri_base=BASE)
    graph = base.get_graph(f"{BASE}graph/coverage/{later}/boxes").decode()
    assert "across@undated>" in graph
    # valid and total pixels of both units, whole
    assert graph.count('"10000"') == 4


def test_radar_has_coverage_and_no_ndvi(
    sample: Sample, communes: tuple[Territory, ...], base: KnowledgeBase, sink: Sink
) -> None:
    radar = sample.before.parent / "radar_before.tif"
    lifted = lift_scene(radar, communes, sink, iri_base=BASE)
    assert (lifted.indexed, lifted.clouds_known) == (None, True)
    assert len(told(base, "CoverageObservation")) == len(communes[0].units)
    assert told(base, "IndexObservation") == {}


def test_what_is_no_scene_or_meets_no_unit_is_refused(
    sample: Sample, communes: tuple[Territory, ...], sink: Sink
) -> None:
    given = {"iri_base": BASE, "weather": None, "progress": None}
    with pytest.raises(UnreadableProduct, match="described as context"):
        lift_raster(sample.land_cover, communes, sink, land_cover=None, **given)
    with pytest.raises(ImageryError, match="is a scene: it is lifted without --land-c"):
        lift_raster(sample.after, communes, sink, land_cover=sample.land_cover, **given)
    away = Unit("1", "unit", "1", shapely.box(10, 50, 10.1, 50.1))
    with pytest.raises(GridMismatch, match="no unit of away meets"):
        lift_scene(sample.after, [Territory("away", (away,))], sink, iri_base=BASE)
