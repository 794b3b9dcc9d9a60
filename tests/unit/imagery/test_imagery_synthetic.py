"""The simulated sample: true to format, to its truth and to its seed."""

import csv
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from defusedxml.ElementTree import parse
from numpy.typing import NDArray
from pyproj import Geod
from rasterio.features import rasterize
from scipy.ndimage import binary_dilation

from imagery.synthetic import Sample, write_sample

BANDS = {
    "B02": 10, "B03": 10, "B04": 10, "B05": 20, "B06": 20, "B07": 20, "B08": 10,
    "B8A": 20, "B11": 20, "B12": 20,
}  # fmt: skip
BEFORE = "S2A_MSIL2A_20170419T105621_N0204_R094_T30TYQ_20170419T110054"
AFTER = "S2A_MSIL2A_20170429T105651_N0205_R094_T30TYQ_20170429T110123"


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plane(path: Path) -> NDArray[np.float64]:
    with rasterio.open(path) as raster:
        values: NDArray[np.float64] = raster.read(1).astype(float)
        metres = raster.res[0]
    return values if metres == 10 else np.kron(values, np.ones((2, 2)))


def stack(safe: Path) -> NDArray[np.float64]:
    """(band, y, x) stored numbers at 10 m, read without our readers."""
    return np.stack(
        [plane(next(safe.glob(f"**/*_{name}_{m}m.jp2"))) for name, m in BANDS.items()]
    )


def spectral_angle(sample: Sample) -> NDArray[np.float64]:
    before, after = stack(sample.before), stack(sample.after)
    cosine = (before * after).sum(0) / np.sqrt((before**2).sum(0) * (after**2).sum(0))
    return np.arccos(np.clip(cosine, -1, 1))


def clear(sample: Sample) -> NDArray[np.bool_]:
    classes = plane(next(sample.after.glob("**/*_SCL_20m.jp2")))
    return np.isin(classes, [4, 5, 6])


def truth(sample: Sample, name: str) -> NDArray[np.float64]:
    return plane(sample.truth / name)


def test_the_same_seed_writes_the_same_bytes(
    sample: Sample, sample_seed: int, tmp_path: Path
) -> None:
    again = write_sample(tmp_path, sample_seed)
    first, second = digests(sample.folder), digests(again.folder)
    assert len(first) == 2 * 16 + 20
    assert first == second


def test_without_change_only_the_after_image_and_the_truth_differ(
    sample: Sample, sample_without_change: Sample
) -> None:
    one, other = digests(sample.folder), digests(sample_without_change.folder)
    assert one.keys() == other.keys()
    differing = {name.split("/")[0] for name in one if one[name] != other[name]}
    radar = {"radar_after.tif", "radar_after.json"}
    assert differing == {f"{AFTER}.SAFE", f"{AFTER}.json", "truth", *radar}
    assert not truth(sample_without_change, "change.tif").any()
    assert not truth(sample_without_change, "frost.tif").any()


def test_products_are_named_and_laid_out_as_real_ones(sample: Sample) -> None:
    for safe, name, sensing, granule in (
        (
            sample.before,
            BEFORE,
            "20170419T105621",
            "L2A_T30TYQ_A009529_20170419T110054",
        ),
        (sample.after, AFTER, "20170429T105651", "L2A_T30TYQ_A009672_20170429T110123"),
    ):
        assert safe.name == f"{name}.SAFE"
        images = {path.relative_to(safe).as_posix() for path in safe.rglob("*.jp2")}
        expected = {
            f"GRANULE/{granule}/IMG_DATA/R{metres}m/"
            f"T30TYQ_{sensing}_{band}_{metres}m.jp2"
            for band, metres in {**BANDS, "SCL": 20}.items()
        }
        assert images == expected
        root = parse(safe / "MTD_MSIL2A.xml").getroot()
        assert root is not None
        listed = {element.text for element in root.iter("IMAGE_FILE")}
        assert listed == {image.removesuffix(".jp2") for image in images}
        for xml in ("INSPIRE.xml", f"GRANULE/{granule}/MTD_TL.xml", "manifest.safe"):
            parse(safe / xml)


def test_images_are_lossless_jpeg_2000_on_the_tile_grid(sample: Sample) -> None:
    for band, metres in {**BANDS, "SCL": 20}.items():
        path = next(sample.before.glob(f"**/*_{band}_{metres}m.jp2"))
        with rasterio.open(path) as raster:
            assert raster.driver == "JP2OpenJPEG"
            assert raster.crs.to_epsg() == 32630
            assert raster.shape == (6000 // metres, 6000 // metres)
            assert tuple(raster.transform)[:6] == (
                metres, 0, 721_560, 0, -metres, 4_977_480
            )  # fmt: skip
            assert raster.dtypes[0] == ("uint8" if band == "SCL" else "uint16")
            structure = raster.tags(ns="IMAGE_STRUCTURE")
            assert structure["COMPRESSION_REVERSIBILITY"].startswith("LOSSLESS")
            assert raster.read(1).min() >= 1


def test_manifest_holds_true_checksums(sample: Sample) -> None:
    root = parse(sample.after / "manifest.safe").getroot()
    assert root is not None
    objects = list(root.iter("byteStream"))
    assert len(objects) == 15
    for item in objects:
        location, checksum = item.find("fileLocation"), item.findtext("checksum")
        assert location is not None
        data = (sample.after / location.get("href", "")).read_bytes()
        assert hashlib.md5(data, usedforsecurity=False).hexdigest() == checksum


def test_everything_is_marked_as_simulated(sample: Sample) -> None:
    for safe in (sample.before, sample.after):
        assert (safe / "SIMULATED").is_file()
        for name in ("MTD_MSIL2A.xml", "INSPIRE.xml", "manifest.safe"):
            assert "SIMULATED" in (safe / name).read_text(encoding="utf-8")
    for path in (sample.parcels, sample.communes):
        assert json.loads(path.read_text(encoding="utf-8"))["simulated"] is True
    item = json.loads(sample.land_cover.with_suffix(".json").read_text("utf-8"))
    assert item["properties"]["lucerna:simulated"] is True
    for raster in (sample.land_cover, *sample.truth.glob("*.tif")):
        with rasterio.open(raster) as opened:
            assert opened.tags()["SIMULATED"].startswith("SIMULATED")
    assert "simulated" in (sample.weather / "stations.csv").read_text("utf-8")
    assert "SIMULATED" in (sample.truth / "README.txt").read_text("utf-8")
    assert json.loads((sample.truth / "truth.json").read_text())["simulated"] is True


def test_frost_grows_with_its_strength_from_nothing(sample: Sample) -> None:
    angle, strength, seen = (
        spectral_angle(sample),
        truth(sample, "frost.tif"),
        clear(sample),
    )
    medians = [
        np.median(angle[seen & (strength > low) & (strength <= low + 0.1)])
        for low in np.arange(0.0, 0.9, 0.1)
    ]
    assert (np.diff(medians) > 0).all()
    assert medians[0] < 0.03
    strong = angle[seen & (strength > 0.9)]
    assert 0.35 < np.median(strong) < 0.6
    assert 1.0 >= strength.max() > 0.9
    assert np.corrcoef(angle[seen], strength[seen])[0, 1] > 0.9


def test_frost_lies_only_in_low_vineyards(sample: Sample) -> None:
    strength = truth(sample, "frost.tif")
    assert (plane(sample.land_cover)[strength > 0] == 221).all()
    assert 0.05 < (strength > 0).mean() < 0.25
    parcels = geopandas.read_file(sample.parcels)
    told = json.loads((sample.truth / "truth.json").read_text())["parcels"]
    vines = parcels[parcels.crop == "vineyard"]
    frozen = np.array([told[id_]["happened"] == "frost" for id_ in vines.id])
    assert frozen.sum() >= 20
    assert vines.altitude_m[frozen].median() < vines.altitude_m[~frozen].median() - 20


def test_pruning_and_mowing_change_less_than_full_frost(sample: Sample) -> None:
    angle, kind, seen = (
        spectral_angle(sample),
        truth(sample, "change.tif"),
        clear(sample),
    )
    assert set(np.unique(kind)) == {0, 1, 2, 3}
    pruned = np.median(angle[seen & (kind == 2)])
    assert 0.08 < pruned < 0.25
    mown = angle[(kind == 3) & seen]
    assert mown.size == 0 or np.median(mown) > 0.15
    land_cover = plane(sample.land_cover)
    assert (land_cover[kind == 2] == 221).all()
    assert (land_cover[kind == 3] == 231).all()


def test_elsewhere_little_changes(
    sample: Sample, sample_without_change: Sample
) -> None:
    still = spectral_angle(sample_without_change)[clear(sample_without_change)]
    assert np.percentile(still, 95) < 0.05
    assert np.percentile(still, 99.9) < 0.08
    near = binary_dilation(truth(sample, "change.tif") > 0, iterations=2)
    away = spectral_angle(sample)[clear(sample) & ~near]
    assert np.percentile(away, 99.9) < 0.08
    water = spectral_angle(sample)[clear(sample) & (plane(sample.land_cover) == 511)]
    assert np.percentile(water, 99) < 0.05


def test_clouds_hide_parcels_and_leave_no_trace_outside_their_class(
    sample: Sample,
) -> None:
    with rasterio.open(next(sample.after.glob("**/*_SCL_20m.jp2"))) as raster:
        classes, utm = raster.read(1), raster.crs
        transform = raster.transform @ raster.transform.scale(0.5)
    hidden = np.kron(np.isin(classes, [3, 8, 9]), np.ones((2, 2))).astype(bool)
    parcels = geopandas.read_file(sample.parcels).to_crs(utm)
    numbers = rasterize(
        zip(parcels.geometry, range(1, len(parcels) + 1), strict=True),
        out_shape=(600, 600),
        transform=transform,
    )
    total = np.bincount(numbers.ravel(), minlength=len(parcels) + 1)[1:]
    covered = np.bincount(numbers[hidden], minlength=len(parcels) + 1)[1:]
    share = covered[total > 0] / total[total > 0]
    assert (share > 0.9).sum() >= 1
    assert ((share > 0) & (share < 0.9)).sum() >= 1
    bright = stack(sample.after)[0] > 3500
    assert bright.any()
    assert not (bright & ~hidden).any()
    before = plane(next(sample.before.glob("**/*_SCL_20m.jp2")))
    assert set(np.unique(before)) == {4, 5, 6}
    root = parse(sample.after / "MTD_MSIL2A.xml").getroot()
    assert root is not None
    stated = float(root.findtext(".//Cloud_Coverage_Assessment") or "nan")
    assert stated == pytest.approx(100 * np.isin(classes, [8, 9, 10]).mean(), abs=1e-6)


def test_parcels_are_sound_and_inside_their_communes(sample: Sample) -> None:
    parcels = geopandas.read_file(sample.parcels)
    communes = geopandas.read_file(sample.communes).set_index("id")
    assert 150 <= len(parcels) <= 300
    assert list(parcels.columns) == [
        "id", "level", "name", "commune", "crop", "legal_ha", "altitude_m",
        "valid_from", "geometry",
    ]  # fmt: skip
    assert parcels.id.is_unique
    assert parcels.is_valid.all()
    assert set(parcels.crop) == {"vineyard", "meadow", "arable"}
    assert (parcels.crop == "vineyard").mean() > 0.5
    ground = Geod(ellps="WGS84")
    hectares = np.array(
        [
            abs(ground.geometry_area_perimeter(shape)[0]) / 1e4
            for shape in parcels.geometry
        ]
    )
    assert hectares.min() >= 0.079
    assert hectares.max() <= 6.0
    assert (hectares < 0.1).sum() >= 3
    np.testing.assert_allclose(parcels.legal_ha, hectares, rtol=0.05)
    owners = communes.geometry[parcels.commune]
    assert shapely.contains_properly(
        np.asarray(owners), np.asarray(parcels.geometry)
    ).all()
    tree = shapely.STRtree(parcels.geometry)
    assert tree.query(parcels.geometry, predicate="overlaps").size == 0


def test_communes_tile_the_image(sample: Sample) -> None:
    communes = geopandas.read_file(sample.communes)
    assert 5 <= len(communes) <= 7
    assert shapely.coverage_is_valid(np.asarray(communes.geometry))
    whole = shapely.union_all(np.asarray(communes.geometry))
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    area_m2 = communes.to_crs(32630).area.sum()
    assert area_m2 == pytest.approx(6000 * 6000, rel=1e-4)


def test_weather_of_the_frost_night(sample: Sample) -> None:
    with (sample.weather / "stations.csv").open(encoding="utf-8") as stream:
        stations = {row["station"]: row for row in csv.DictReader(stream)}
    assert set(stations) == {"SIM-LOW", "SIM-HIGH"}
    coldest = {}
    for name in stations:
        with (sample.weather / f"{name}.csv").open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        times = [datetime.fromisoformat(row["time"]) for row in rows]
        first = datetime(2017, 4, 15, tzinfo=UTC)
        assert times == [first + timedelta(hours=hour) for hour in range(16 * 24)]
        coldest[name] = min(
            (float(row["ground_temperature_c"]), row["time"]) for row in rows
        )
        assert min(float(row["rain_mm"]) for row in rows) == 0.0
        assert sum(float(row["rain_mm"]) for row in rows) > 0
    low, high = coldest["SIM-LOW"], coldest["SIM-HIGH"]
    assert low[0] == pytest.approx(-4.0, abs=0.6)
    assert low[0] + 1.5 < high[0] < 0
    for _, time in (low, high):
        assert "2017-04-27T03" <= time <= "2017-04-27T07"
    heights = {name: float(row["altitude_m"]) for name, row in stations.items()}
    assert heights["SIM-HIGH"] > heights["SIM-LOW"] + 40
