"""Uploads of parcels that are kept."""

from pathlib import Path
from typing import Any

import pytest

from lucerna.damage import upload_files
from lucerna.damage.upload_files import keep_upload
from ontology.errors import StoreUnavailable


def check(path: Path) -> tuple[dict[str, Any], bytes]:
    return {"name": path.name}, b"{}"


def test_uploads_have_room_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_files, "MOST_BYTES", 3 * 2**20)
    content = bytes(2**20 - 1000)
    for label in ("a.geojson", "b.geojson"):
        keep_upload(tmp_path, label, content, check)
    kept = sorted(one.name for one in tmp_path.iterdir())
    assert len(kept) == 2
    with pytest.raises(StoreUnavailable, match=r"c.geojson: .* 3 MB are kept"):
        keep_upload(tmp_path, "c.geojson", content + bytes(5000), check)
    assert sorted(one.name for one in tmp_path.iterdir()) == kept
