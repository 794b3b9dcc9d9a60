"""A backup is read with suspicion, and what a killed process left is in no way."""

import json
import os
from pathlib import Path

import pytest

from lucerna.backup import MANIFEST, restore
from ontology.errors import KnowledgeError

EMPTY = json.dumps({"format": 1, "graphs": 0, "triples": 0, "files": {}})


@pytest.mark.parametrize("manifest", ["[" * 100_000, '{"a":' * 100_000, "[]", "{}"])
def test_a_manifest_that_is_none_is_told_in_one_line(
    tmp_path: Path, manifest: str
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / MANIFEST).write_text(manifest)
    with pytest.raises(KnowledgeError, match=r"manifest\.json is damaged: .*another"):
        restore(folder, tmp_path / "kb")
    assert [one.name for one in tmp_path.iterdir()] == ["copy"]


def test_what_a_killed_process_of_the_same_id_left_is_in_no_way(tmp_path: Path) -> None:
    folder, left = tmp_path / "copy", tmp_path / f".kb.{os.getpid()}.part"
    folder.mkdir()
    left.mkdir()
    (folder / MANIFEST).write_text(EMPTY)
    assert restore(folder, tmp_path / "kb").files == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == [left.name, "copy", "kb"]
