"""Scenes and patches go in and come out the same, in both databases."""

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from shapely.geometry import box
from sqlalchemy import text

from imagery.errors import ImageryError
from mining.catalogue.catalogue import Catalogue, DescribedPatch, set_of
from mining.catalogue.patches import Patch

NAMES = ("B04-mean", "B08-mean", "B08-std")
FIRST = "S2A_T30TYQ-64-0-0"


def test_a_patch_comes_out_as_it_went_in(catalogue: Catalogue) -> None:
    (patch,) = catalogue.patches([FIRST])
    assert patch == Patch(
        FIRST, "S2A_T30TYQ", 0, 0, 64, box(0, 45, 0.01, 45.01), 1.0, 0.25
    )
    assert catalogue.thumbnail(FIRST) == b"\x89PNG\r\n\x1a\n" + FIRST.encode()


def test_unknown_patches_are_left_out(catalogue: Catalogue) -> None:
    assert catalogue.patches(["no-such"]) == ()
    assert catalogue.thumbnail("no-such") is None


def test_vectors_are_kept_to_the_last_bit(catalogue: Catalogue) -> None:
    expected = np.random.default_rng(5).normal(4.0, 1.0, (20, 3)).astype(np.float32)
    ids, vectors = catalogue.vectors(set_of(NAMES))
    assert len(ids) == 100
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors[ids.index("S2A_T30TYQ-64-0-7")], expected[7])
    assert catalogue.names(set_of(NAMES)) == NAMES


def test_patches_of_other_numbers_do_not_mix(catalogue: Catalogue) -> None:
    (patch,) = catalogue.patches([FIRST])
    other = DescribedPatch(
        dataclasses.replace(patch, id="other"), np.zeros(2, np.float32), b"png"
    )
    catalogue.put_patches(("VV-mean", "VH-mean"), [other])
    radar = set_of(("VV-mean", "VH-mean"))
    assert catalogue.descriptor_sets() == {set_of(NAMES): 100, radar: 1}
    assert catalogue.vectors(radar)[0] == ("other",)


def test_what_is_there_stays_when_it_comes_again(catalogue: Catalogue) -> None:
    (patch,) = catalogue.patches([FIRST])
    again = DescribedPatch(patch, np.zeros(3, np.float32), b"another picture")
    catalogue.put_patches(NAMES, [again])
    assert catalogue.thumbnail(FIRST) != b"another picture"
    assert catalogue.descriptor_sets() == {set_of(NAMES): 100}


def test_the_record_of_a_scene_comes_back(catalogue: Catalogue) -> None:
    (scene,) = catalogue.scenes()
    assert scene.product_id == "S2A_T30TYQ_N0204"
    assert scene.begins == datetime(2017, 4, 19, 11, 0, 21, tzinfo=UTC)
    assert scene.footprint.equals(box(0, 44, 1, 45))
    assert catalogue.has_cut(scene.id, 64)
    assert not catalogue.has_cut(scene.id, 120)


def test_other_pixels_of_a_scene_are_refused(catalogue: Catalogue) -> None:
    (scene,) = catalogue.scenes()
    catalogue.put_scene(scene)
    with pytest.raises(ImageryError, match="other pixels of S2A_T30TYQ already"):
        catalogue.put_scene(dataclasses.replace(scene, sha256="cd" * 32))


def test_a_transaction_that_fails_leaves_nothing(catalogue: Catalogue) -> None:
    def fail() -> None:
        with catalogue.writing() as session:
            session.execute(text("DELETE FROM cut"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert catalogue.has_cut("S2A_T30TYQ", 64)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_keeps_a_log_ahead_and_foreign_keys(catalogue: Catalogue) -> None:
    with catalogue.reading() as session:
        asked = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert asked == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


@pytest.mark.parametrize("url", ["mysql://localhost/x", "oracle://localhost/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ImageryError, match="give a URL that begins with sqlite"):
        Catalogue(url)
