"""The files of a report, made from the graph: the same facts give the same bytes."""

import io
import zipfile
from collections.abc import Mapping

from kb_api.reports.facts import damage_report
from kb_api.reports.manifest import manifest
from kb_api.reports.page import render_html
from kb_api.reports.shapes import render_geojson
from kb_api.reports.tables import render_csv
from kb_api.store import Store

ARCHIVE = "report.zip"
MEDIA_TYPES = {
    "report.html": "text/html; charset=utf-8",
    "parcels.csv": "text/csv; charset=utf-8",
    "parcels.geojson": "application/geo+json",
    "manifest.json": "application/json",
    ARCHIVE: "application/zip",
}
"""The files of a report and what they are."""

_NO_TIME = (1980, 1, 1, 0, 0, 0)


def report_files(
    store: Store, iri: str, pictures: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The content of each of `MEDIA_TYPES`.

    Args:
        store: Where the facts are.
        iri: Of the report.
        pictures: PNG of the image `before` and `after`; either may be missing.

    Raises:
        QueryRejected: The graph has no such report.
    """
    facts = damage_report(store, iri)
    files = {
        "report.html": render_html(facts, pictures),
        "parcels.csv": render_csv(facts),
        "parcels.geojson": render_geojson(facts),
    }
    files["manifest.json"] = manifest(facts, files)
    return {**files, ARCHIVE: _packed(files, f"damage-report-{facts.id}")}


def _packed(files: Mapping[str, bytes], folder: str) -> bytes:
    """The files in one archive, without times, so that its bytes stay the same."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return whole.getvalue()
