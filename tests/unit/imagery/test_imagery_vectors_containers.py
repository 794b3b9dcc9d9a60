"""Files that call themselves parcels and are something else."""

import json
import sqlite3
import threading
import zipfile
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from imagery.errors import InvalidUnits
from imagery.vectors.features import read_features


def written(path: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"id": ["a"]}, geometry=[shapely.box(0, 44, 1, 45)], crs="OGC:CRS84"
    )
    frame.to_file(path, layer="parcels")
    return path


def altered(package: Path, *statements: str) -> Path:
    """A GeoPackage after SQL statements; its triggers would call GDAL's functions."""
    with closing(sqlite3.connect(package)) as base, base:
        triggers = base.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in triggers.fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        for one in statements:
            base.execute(one)
    return package


@pytest.mark.parametrize("pointer", ["vrt", "geojson"])
def test_an_archive_cannot_point_at_other_files_of_the_machine(
    tmp_path: Path, pointer: str
) -> None:
    secret = written(tmp_path / "secret.geojson")
    content = {
        "vrt": '<OGRVRTDataSource><OGRVRTLayer name="secret">'
        f"<SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "geojson": secret.read_text(),
    }[pointer]
    sent = tmp_path / "sent.zip"
    with zipfile.ZipFile(sent, "w") as archive:
        archive.writestr("fields/sent.shp", content)
    with pytest.raises(InvalidUnits, match=r"sent\.zip: sent\.shp in it is no shap"):
        read_features(sent)


@pytest.mark.parametrize("place", ["collection", "geometry"])
def test_a_crs_behind_an_address_is_not_fetched(tmp_path: Path, place: str) -> None:
    told = json.loads(written(tmp_path / "plain.geojson").read_text())
    asked = threading.Event()

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/crs"
        holder = told if place == "collection" else told["features"][0]["geometry"]
        holder["crs"] = {"Type": "LINK", "properties": {"href": address}}
        path = tmp_path / "sent.geojson"
        path.write_text(json.dumps(told).replace("LINK", "\\u004cink"))
        with pytest.raises(InvalidUnits, match=r"sent\.geojson: gives its CRS as a li"):
            read_features(path)
        server.shutdown()
    assert not asked.is_set()


def test_a_property_named_type_is_no_link(tmp_path: Path) -> None:
    path = written(tmp_path / "sent.geojson")
    path.write_text(path.read_text().replace('"id":', '"type": "link", "id":'))
    assert list(read_features(path).frame["type"]) == ["link"]


def test_a_package_whose_rows_would_never_end_is_refused(tmp_path: Path) -> None:
    endless = (
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) "
        "SELECT max(x) FROM r"
    )
    package = altered(
        written(tmp_path / "sent.gpkg"),
        "ALTER TABLE parcels RENAME TO kept",
        f"CREATE VIEW parcels AS SELECT fid, geom, ({endless}) AS id FROM kept",
    )
    with pytest.raises(InvalidUnits, match=r"sent\.gpkg: holds the view 'parcels'; "):
        read_features(package)


def test_a_package_with_computed_columns_is_refused(tmp_path: Path) -> None:
    package = altered(
        written(tmp_path / "sent.gpkg"),
        "ALTER TABLE parcels ADD COLUMN crop AS (zeroblob(1000000000))",
    )
    with pytest.raises(InvalidUnits, match="the computed column 'crop'; export"):
        read_features(package)


def test_a_database_that_is_no_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sent.geojson"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE parcels (id)")
    with pytest.raises(InvalidUnits, match=r"sent\.geojson: is a database, no GeoP"):
        read_features(path)
    with pytest.raises(InvalidUnits, match=r"sent\.gpkg: cannot be read \(no such ta"):
        read_features(path.rename(tmp_path / "sent.gpkg"))


def test_a_plain_package_is_read_whatever_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "with % and ? and #"
    folder.mkdir()
    assert list(read_features(written(folder / "a.gpkg")).frame["id"]) == ["a"]


@pytest.mark.parametrize("inside", ["../../a", "/a", "..\\a"])
def test_an_archive_that_leads_out_of_itself_is_refused(
    tmp_path: Path, inside: str
) -> None:
    folder = tmp_path / "x" / "y"
    folder.mkdir(parents=True)
    sent = folder / "sent.zip"
    with zipfile.ZipFile(sent, "w") as archive:
        archive.writestr(f"{inside}.shp", b"\x00\x00\x27\x0a")
    with pytest.raises(InvalidUnits, match="which leads out of the archive; pack"):
        read_features(sent)
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["sent.zip"]


def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagery.vectors.containers.MAX_UNPACKED_BYTES", 2**20)
    sent = tmp_path / "sent.zip"
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\x00\x00\x27\x0a" + bytes(2**21))
    assert sent.stat().st_size < 2**14
    with pytest.raises(InvalidUnits, match="unpacks to more than 1 MB; split it"):
        read_features(sent)


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    sent = tmp_path / "sent.zip"
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\x00\x00\x27\x0a" + bytes(2**21))
    packed = bytearray(sent.read_bytes())
    size = (2**21 + 4).to_bytes(4, "little")
    assert packed.count(size) == 2
    sent.write_bytes(packed.replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(InvalidUnits, match="the archive cannot be read"):
        read_features(sent)


def test_an_archive_damaged_in_its_middle_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "parcels.shp")
    sent = tmp_path / "sent.zip"
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(tmp_path / f"parcels{suffix}", f"parcels{suffix}")
        place = archive.getinfo("parcels.prj").header_offset
    data = bytearray(sent.read_bytes())
    first = place + 30 + len("parcels.prj")
    data[first : first + 8] = b"\xff" * 8
    sent.write_bytes(data)
    with pytest.raises(InvalidUnits, match=r"sent\.zip: the archive cannot be read"):
        read_features(sent)
