"""The map of the Search page: which result, level of units and picture it shows."""

import urllib.parse
from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.client import API, Concept, Result
from ui.components.bundles import bundle_address
from ui.components.geo_map import GeoMap

LEVEL_SCHEME = "https://w3id.org/lucerna/scheme/change-level"
PICTURES = {"Image before": "quicklookBefore", "Image after": "quicklookAfter"}
AFTER = "Image after"


class SearchMap(pn.viewable.Viewer):
    """A GeoMap with what chooses its content.

    Attributes:
        map: The map itself.
    """

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self.map = GeoMap(  # type: ignore[no-untyped-call]
            bundle=bundle_address("geo_map.js"),
            sizing_mode="stretch_width",
            stylesheets=[MAP_HEIGHT],
            margin=(0, 10),
        )
        self._results: dict[str, Result] = {}
        self._result = pmui.Select(label="Change result", **_TOOL, width=400)
        self._level = pmui.Select(label="Units", **_TOOL, width=150)
        self._picture = pmui.RadioButtonGroup(
            options=list(PICTURES),
            value=AFTER,
            disabled=True,
            width=270,
            **_TOOL,
        )
        self._result.param.watch(self._offer_levels, "value")
        self._level.param.watch(self._show, "value")
        self._picture.param.watch(self._show, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """The tools above the map."""
        return pn.Column(
            pn.FlexBox(self._result, self._level, self._picture, align_items="center"),
            self.map,
            sizing_mode="stretch_width",
        )

    @property
    def result(self) -> str:
        """IRI of the result shown; empty where there is none."""
        return self._result.value or ""

    @property
    def simulated(self) -> bool:
        """Whether any result of the base rests on simulated images."""
        return any(one["simulated"] for one in self._results.values())

    def offer(self, results: Sequence[Result], concepts: Sequence[Concept]) -> None:
        """Fill the choices; the newest result is shown."""
        self.map.levels = [
            {
                "name": one["notation"],
                "label": one["label"],
                "colour": one["colour"],
                "order": one["order"],
            }
            for one in concepts
            if one["scheme"] == LEVEL_SCHEME
        ]
        self._results = {one["iri"]: one for one in results}
        options: dict[str, str] = {}
        for one in results:
            label = result_label(one)
            options[label if label not in options else one["iri"]] = one["iri"]
        newest = results[-1]["iri"] if results else None
        self._result.param.update(options=options, value=newest)

    def turn_to(self, result: str = "", level: str = "") -> None:
        """Change to this result and level of units, where the base has them."""
        if result in self._results:
            self._result.value = result
        if level in self._level.options.values():
            self._level.value = level

    def _offer_levels(self, event: param.parameterized.Event) -> None:
        """Offer the levels of units of the result; keep the one shown if it has it."""
        result = self._results[event.new]
        levels = {one.rpartition("/")[2]: one for one in result["unitLevels"]}
        options = {name.replace("-", " "): levels[name] for name in levels}
        shown = self._level.value
        if shown not in levels.values():
            shown = levels.get("parcel") or next(iter(levels.values()), None)
        if options != self._level.options:
            self._level.param.update(options=options, value=shown)
        self._picture.disabled = result["bounds3857"] is None
        self._show()

    def _show(self, *_: param.parameterized.Event) -> None:
        """Bring the map to what is chosen, in one step."""
        result, level = self._results.get(self.result), self._level.value
        if result is None:
            return
        about = urllib.parse.urlencode({"result": result["iri"]})
        units = urllib.parse.urlencode({"unit_level": level, "result": result["iri"]})
        self.map.param.update(
            units_url=f"{API[1:]}/units.geojson?{units}" if level else "",
            regions_url=f"{API[1:]}/regions.geojson?{about}",
            picture=_picture(result, self._picture.value),
        )


def _picture(result: Result, which: str) -> dict[str, Any]:
    name = result[PICTURES[which]]  # type: ignore[literal-required]
    if name is None or result["bounds3857"] is None:
        return {}
    address = f"{API[1:]}/quicklooks/{urllib.parse.quote(name)}"
    return {"url": address, "bounds": result["bounds3857"]}


def result_label(result: Result) -> str:
    """A result in words: method and days of its images.

    >>> result_label({"method": "spectral-angle", "beginsAt": "2017-04-19T10:56:21Z",
    ...               "endsAt": "2017-04-29T10:56:51Z"})
    'spectral angle, 2017-04-19 to 2017-04-29'
    """
    method = result["method"].replace("-", " ")
    return f"{method}, {result['beginsAt'][:10]} to {result['endsAt'][:10]}"


MAP_HEIGHT = "div.frame { height: calc(100vh - 470px); min-height: 280px; }"
_TOOL = {"size": "small", "margin": (8, 10)}
