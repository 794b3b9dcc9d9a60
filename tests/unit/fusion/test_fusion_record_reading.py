"""A damaged record is one line, and hides no other model."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fusion.record_reading import read_record
from fusion.registry import find_model, list_models, load_model
from imagery.errors import UnreadableProduct


@pytest.fixture
def copied(models: Path, tmp_path: Path) -> Path:
    """A copy of the version that may be damaged."""
    home = tmp_path / "fields" / "1"
    home.mkdir(parents=True)
    for one in (models / "fields" / "1").iterdir():
        (home / one.name).write_bytes(one.read_bytes())
    return home


def test_a_changed_file_or_record_is_refused(copied: Path) -> None:
    folder = copied.parent.parent
    record = json.loads((copied / "record.json").read_text())
    altered = record | {"sha256": "0" * 64}
    (copied / "record.json").write_text(json.dumps(altered))
    with pytest.raises(UnreadableProduct, match="the SHA-256 differs"):
        load_model(folder, "fields")
    (copied / "model.skops").unlink()
    with pytest.raises(UnreadableProduct, match="no model file"):
        load_model(folder, "fields")


def test_a_version_under_another_name_is_refused(copied: Path) -> None:
    copied.rename(copied.parent / "7")
    with pytest.raises(UnreadableProduct, match="is of fields@1"):
        find_model(copied.parent.parent, "fields")


DAMAGED: list[dict[str, object]] = [
    {"sha256": "no digest"},
    {"sha256": 3},
    {"samples_sha256": None},
    {"version": "1"},
    {"version": True},
    {"name": "../elsewhere"},
    {"name": None},
    {"kind": ["x"]},
    {"seed": 10**30},
    {"seed": -1},
    {"seed": 0.5},
    {"code_version": 1},
    {"scheme": 3},
    {"samples_name": []},
    {"model_file": "../../../etc/passwd"},
    {"model_file": ""},
    {"sample_counts": None},
    {"sample_counts": {"used": {}}},
    {"sample_counts": {"used": {"crop": "64"}, "left_out": {}}},
    {"sample_counts": {"used": {"crop": 64}, "left_out": {"cloud": -1}}},
    {"accuracy": 3},
    {"accuracy": None},
    {"accuracy": {"both": {}}},
    {"accuracy": {"both": {
        "samples": 9, "overall": 1.5, "macro_f1": 1, "kappa": 1, "f1": {}}}},
    {"accuracy": {"both": {
        "samples": 9, "overall": float("nan"), "macro_f1": 1, "kappa": 1, "f1": {}}}},
    {"accuracy": {"both": {
        "samples": 9, "overall": 1, "macro_f1": 1, "kappa": 1, "f1": {"crop": "1"}}}},
    {"accuracy": {"smell": {
        "samples": 9, "overall": 1, "macro_f1": 1, "kappa": 1, "f1": {}}}},
    {"parameters": None},
    {"parameters": ["trees"]},
    {"parameters": {"trees": "100"}},
    {"parameters": {"trees": 10**400}},
    {"parameters": {"class_column": 3}},
    {"parameters": {"held_out": float("inf")}},
    {"parameters": {"held_out": 10**400}},
    {"classes": []},
    {"classes": [{"value": 0, "name": "a"}, {"value": 70000, "name": "b"}]},
    {"classes": [{"value": 1, "name": "a"}, {"value": 1, "name": "b"}]},
    {"classes": [{"value": 1, "name": "a"}, {"value": 2, "name": 3}]},
    {"feature_set": {"optical_bands": [], "polarisations": [], "context_px": 3}},
    {"feature_set": {"optical_bands": "B", "polarisations": [], "context_px": 3}},
    {"feature_set": {"optical_bands": [3], "polarisations": [], "context_px": 3}},
    {"feature_set": {"optical_bands": ["B"], "polarisations": [], "context_px": 3.0}},
    {"feature_set": None},
    {"scenes": 3},
    {"more": 1},
    {"created": "yesterday"},
    {"created": 3},
    {"created": "0001-01-01T00:00:00+14:00"},
]  # fmt: skip


@pytest.mark.parametrize("change", DAMAGED, ids=lambda one: str(one)[:60])
def test_damaged_records(
    copied: Path, change: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    record = json.loads((copied / "record.json").read_text())
    read_record(copied)
    (copied / "record.json").write_text(json.dumps(record | change))
    with pytest.raises(UnreadableProduct, match="record of a model is damaged") as told:
        find_model(copied.parent.parent, "fields")
    assert "\n" not in str(told.value)
    assert list_models(copied.parent.parent) == []
    assert caplog.messages == [str(told.value)]


@pytest.mark.parametrize(
    "change",
    [
        {"product_id": 3},
        {"sensor": None},
        {"simulated": "no"},
        {"relative_orbit": "one"},
        {"footprint": {"type": "Polygon"}},
        {"footprint": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}},
        {"footprint": [1]},
        {"ends": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_damaged_scenes_of_a_record(copied: Path, change: dict[str, object]) -> None:
    record = json.loads((copied / "record.json").read_text())
    record["scenes"][0] |= change
    (copied / "record.json").write_text(json.dumps(record))
    with pytest.raises(UnreadableProduct, match="record of a model is damaged") as told:
        read_record(copied)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_records_that_are_none(copied: Path, content: bytes) -> None:
    (copied / "record.json").write_bytes(content)
    with pytest.raises(UnreadableProduct, match="record of a model is damaged"):
        read_record(copied)
    (copied / "record.json").unlink()
    (copied / "record.json").mkdir()
    with pytest.raises(UnreadableProduct, match="record of a model is damaged"):
        read_record(copied)


def test_one_bad_record_hides_no_other(
    copied: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = copied.parent.parent
    bad = copied.parent / "2"
    bad.mkdir()
    record = json.loads((copied / "record.json").read_text())
    damaged = record | {"version": 2, "sample_counts": None}
    (bad / "record.json").write_text(json.dumps(damaged))
    assert [one.version for one in list_models(folder)] == [1]
    (told,) = caplog.records
    assert told.levelno == logging.WARNING
    assert f"damaged: {bad / 'record.json'}" in told.getMessage()


def test_the_command_lists_the_good_and_tells_the_bad(
    copied: Path, tmp_path: Path
) -> None:
    home = tmp_path / "kb" / "models"
    home.mkdir(parents=True)
    copied.parent.rename(home / "fields")
    (home / "bad" / "1").mkdir(parents=True)
    (home / "bad" / "1" / "record.json").write_text('{"accuracy": 3}')
    done = subprocess.run(
        [sys.executable, "-m", "lucerna", "models", "list", "--json", "--kb",
         str(tmp_path / "kb")],
        capture_output=True, text=True, check=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert [one["model"] for one in json.loads(done.stdout)] == ["fields"]
    (line,) = done.stderr.splitlines()
    assert line.startswith("WARNING fusion.registry: the record of a model is damaged")
