"""A map without tile server: quicklooks; units, regions, shapes; one selected."""

import urllib.parse
from typing import Any

import panel_material_ui as pmui
import param
from panel.custom import JSComponent

from ui.api_records import Result
from ui.client import API


class GeoMap(JSComponent):
    """Units coloured by change level or grade over a quicklook, with regions outlined.

    A unit with the property `grade` has the colour of the level of that name; one with
    neither grade nor hectares is an outline. Shapes are what an answer is about where
    that is no unit with a level. A second, earlier picture lies left of a line that
    pointer and keys move. An area is drawn by pointer or keys.

    Features come to the browser by address, not through the session. For styles and
    tests the map's element carries data-ready, data-selected, data-units,
    data-regions, data-shapes, data-matched, data-picture, data-before, data-split,
    data-drawing, data-area, data-opacity (once changed), and data-view (centre x and y
    in EPSG:3857, metres a pixel).
    """

    bundle = param.String(doc="Address of the browser side.")
    units_url = param.String(doc="Address of the units as GeoJSON.")
    regions_url = param.String(doc="Address of the regions as GeoJSON.")
    shapes_url = param.String(doc="Address of the shapes of an answer as GeoJSON.")
    shapes = param.Dict({}, doc="Shapes that the session has, as GeoJSON.")
    picture = param.Dict({}, doc="url, and bounds (w, s, e, n in EPSG:3857 metres).")
    before = param.Dict({}, doc="The earlier picture, as `picture`; empty: none.")
    captions = param.List([], doc="What stands left and right of the line.")
    split = param.Number(
        39, bounds=(0, 100), doc="Percent of the map left of it; the legend is right."
    )
    opacity = param.Number(1.0, bounds=(0, 1), doc="Of the units.")
    note = param.String(doc="First line of the legend; empty: the share of a level.")
    levels = param.List([], item_type=dict, doc="name, label, colour, order each.")
    least_share = param.Number(0.3, doc="Share of a unit that makes its level, 0..1.")
    matching = param.Boolean(False, doc="Whether units not matched are faded.")
    matched = param.List([], doc="IRIs of the units in the answer.")
    selected = param.String(doc="IRI or identifier of the selected unit; empty: none.")
    drawing: Any = param.Selector(
        default="", objects=["", "box", "polygon"], doc="What is being drawn."
    )
    area = param.String(doc="The area drawn or asked about, WKT in CRS84.")
    extent = param.List([], doc="What is seen: west, south, east, north in CRS84.")
    trouble = param.String(doc="Why the data could not be loaded; empty: it was.")

    _esm = """
    export async function render({model, el}) {
      const address = new URL(model.bundle, document.baseURI).href;
      const { drawMap } = await import(address);
      drawMap({model, el});
    }
    """


def opacity_slider(map_: GeoMap, of: str, value: float, **tool: Any) -> Any:  # noqa: ANN401
    """A slider for how much of the pictures the units hide; the map follows it.

    Args:
        map_: Whose units.
        of: What the units are, in words.
        value: At first, 0 to 1.
        tool: Its margins.
    """
    slider = pmui.FloatSlider(
        label=f"Opacity of {of}", start=0, end=1, step=0.05, value=value, size="small",
        **tool,
    )  # fmt: skip
    slider.param.watch(lambda event: map_.param.update(opacity=event.new), "value")
    map_.opacity = value
    return slider


def picture_of(result: Result, which: str) -> dict[str, Any]:
    """A picture of a result for `picture` and `before`; empty where it has none.

    Args:
        result: Whose picture.
        which: `quicklookBefore` or `quicklookAfter`.
    """
    name = result[which]  # type: ignore[literal-required]
    if name is None or result["bounds3857"] is None:
        return {}
    address = f"{API[1:]}/quicklooks/{urllib.parse.quote(name)}"
    return {"url": address, "bounds": result["bounds3857"]}
