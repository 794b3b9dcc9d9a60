"""A map without tile server: a quicklook, units and regions on it, one selected."""

import functools
import hashlib
from pathlib import Path

import param
from panel.custom import JSComponent

BUNDLE = Path(__file__).parents[1] / "assets" / "geo_map.js"


@functools.cache
def bundle_address() -> str:
    """Where a page finds the bundle, relative to itself, with its version.

    Raises:
        FileNotFoundError: The bundles were not built.
    """
    if not BUNDLE.is_file():
        raise FileNotFoundError(f"{BUNDLE} is missing; build the bundles: make setup")
    digest = hashlib.sha256(BUNDLE.read_bytes()).hexdigest()[:12]
    return f"assets/{BUNDLE.name}?v={digest}"


class GeoMap(JSComponent):
    """Units coloured by change level over a quicklook, with regions outlined.

    Features come to the browser by address, not through the session. For styles and
    tests the map's element carries data-ready, data-selected, data-units,
    data-regions, data-matched, data-picture, and data-view (centre x and y in
    EPSG:3857, metres a pixel).
    """

    bundle = param.String(doc="Address of the browser side.")
    units_url = param.String(doc="Address of the units as GeoJSON.")
    regions_url = param.String(doc="Address of the regions as GeoJSON.")
    picture = param.Dict({}, doc="url, and bounds (w, s, e, n in EPSG:3857 metres).")
    levels = param.List([], item_type=dict, doc="name, label, colour, order each.")
    least_share = param.Number(0.3, doc="Share of a unit that makes its level, 0..1.")
    matching = param.Boolean(False, doc="Whether units not matched are faded.")
    matched = param.List([], doc="IRIs of the units in the answer.")
    selected = param.String(doc="IRI or identifier of the selected unit; empty: none.")
    drawing = param.Boolean(False, doc="Whether the pointer draws a box.")
    box = param.List([], doc="The box drawn: west, south, east, north in CRS84.")
    trouble = param.String(doc="Why the data could not be loaded; empty: it was.")

    _esm = """
    export async function render({model, el}) {
      const address = new URL(model.bundle, document.baseURI).href;
      const { drawMap } = await import(address);
      drawMap({model, el});
    }
    """
