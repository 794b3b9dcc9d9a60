"""The map of the Search page: which result, level of units and picture it shows."""

import urllib.parse
from collections.abc import Mapping, Sequence

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Answer, Concept, Result, Value
from ui.client import API
from ui.components.bundles import bundle_address
from ui.components.geo_map import GeoMap, opacity_slider, picture_of
from ui.search.asking import Asking, is_placed
from ui.search.telling import expand, share_of, speaks_of_units

LEVEL_SCHEME = "https://w3id.org/lucerna/scheme/change-level"
BEFORE, AFTER, BOTH = "Image before", "Image after", "Both, swipe"


class SearchMap(pn.viewable.Viewer):
    """A GeoMap with what chooses its content.

    Attributes:
        map: The map itself.
    """

    picture = param.String(AFTER, doc="Which picture is shown.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self.map = GeoMap(  # type: ignore[no-untyped-call]
            bundle=bundle_address("geo_map.js"),
            sizing_mode="stretch_width",
            stylesheets=[MAP_HEIGHT],
            margin=(0, 10),
        )
        self._results: dict[str, Result] = {}
        self._about_change = True
        self._first_level = ""
        self._result = pmui.Select(label="Change result", **_TOOL, width=330)
        self._level = pmui.Select(label="Units", **_TOOL, width=130)
        self._picture = pmui.RadioButtonGroup(
            options=[BEFORE, AFTER, BOTH],
            value=AFTER,
            disabled=True,
            width=350,
            **_TOOL,
        )
        self.opacity = opacity_slider(self.map, "units", 1.0, width=150, margin=(2, 14))
        self._result.param.watch(self._offer_levels, "value")
        self._level.param.watch(self._show, "value")
        self._picture.param.watch(self._show, "value")
        self._picture.param.watch(self._picture_chosen, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """The tools above the map."""
        return pn.Column(
            pn.FlexBox(self._result, self._level, self._picture, align_items="center"),
            self.map,
            sizing_mode="stretch_width",
            styles={"min-width": "0"},
        )

    @property
    def result(self) -> str:
        """IRI of the result shown; empty where there is none."""
        return self._result.value or ""

    @property
    def simulated(self) -> bool:
        """Whether any result of the base rests on simulated images."""
        return any(one["simulated"] for one in self._results.values())

    def offer(
        self,
        results: Sequence[Result],
        concepts: Sequence[Concept],
        result: str = "",
        level: str = "",
    ) -> None:
        """Fill the choices.

        Args:
            results: Of the base.
            concepts: Of the base; those of change levels make the legend.
            result: The one that is shown at first; else the newest.
            level: Of the units that are shown at first; else parcels.
        """
        self._first_level = level
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
        shown = result if result in self._results else newest
        self._result.param.update(options=options, value=shown)

    def show_answer(
        self,
        asking: Asking,
        answer: Answer,
        marks: Sequence[Mapping[str, Value]],
        values: Mapping[str, str],
    ) -> None:
        """Mark the units of an answer about change, or draw what another is about.

        Args:
            asking: What was asked.
            answer: A page of it.
            marks: Unit and result of all rows.
            values: Of the parameters of the question.
        """
        results = [one["result"] for one in marks if one.get("result")]
        changes = [str(one) for one in results if one in self._results]
        units = speaks_of_units(answer) and (bool(changes) or not results)
        placed = not units and is_placed(answer) and answer["count"]
        address = asking.shapes_url(answer) if placed else ""
        shapes = asking.shapes() if placed else {}
        self._about_change = not address and not shapes
        self.map.param.update(shapes_url=address, shapes=shapes)
        self._level.disabled = not self._about_change
        self._show()
        shown = self.result in changes or not changes
        level = expand(values.get("unit_level", "")) if units else ""
        self.turn_to("" if shown else changes[0], level)
        self.map.param.update(
            least_share=share_of(values.get("least", "") if units else ""),
            matching=units,
            matched=sorted({str(one["unit"]) for one in marks}) if units else [],
        )

    def show_picture(self, which: str) -> None:
        """Show this picture, where the result has pictures."""
        if which in self._picture.options and not self._picture.disabled:
            self._picture.value = which

    def turn_to(self, result: str = "", level: str = "") -> None:
        """Change to this result and level of units, where the base has them."""
        if result in self._results:
            self._result.value = result
        if level in self._level.values:
            self._level.value = level

    def _offer_levels(self, event: param.parameterized.Event) -> None:
        """Offer the levels of units of the result; keep the one shown if it has it."""
        result = self._results[event.new]
        levels = {one.rpartition("/")[2]: one for one in result["unitLevels"]}
        options = {name.replace("-", " "): levels[name] for name in levels}
        shown = self._level.value or self._first_level
        if shown not in levels.values():
            shown = levels.get("parcel") or next(iter(levels.values()), None)
        if options != self._level.options:
            self._level.param.update(options=options, value=shown)
        self._picture.disabled = result["bounds3857"] is None
        self._show()

    def _picture_chosen(self, event: param.parameterized.Event) -> None:
        self.picture = event.new

    def _show(self, *_: param.parameterized.Event) -> None:
        """Bring the map to what is chosen, in one step."""
        result, level = self._results.get(self.result), self._level.value
        if result is None:
            return
        about = urllib.parse.urlencode({"result": result["iri"]})
        units = urllib.parse.urlencode({"unit_level": level, "result": result["iri"]})
        changes = self._about_change
        both = self._picture.value == BOTH
        name = "quicklookBefore" if self._picture.value == BEFORE else "quicklookAfter"
        self.map.param.update(
            units_url=f"{API[1:]}/units.geojson?{units}" if level and changes else "",
            regions_url=f"{API[1:]}/regions.geojson?{about}" if changes else "",
            picture=picture_of(result, name),
            before=picture_of(result, "quicklookBefore") if both else {},
            captions=[
                f"before {result['beginsAt'][:10]}",
                f"after {result['endsAt'][:10]}",
            ],
        )


def result_label(result: Result) -> str:
    """A result in words: method and days of its images.

    >>> result_label({"method": "spectral-angle", "beginsAt": "2017-04-19T10:56:21Z",
    ...               "endsAt": "2017-04-29T10:56:51Z"})
    'spectral angle, 2017-04-19 to 2017-04-29'
    """
    method = result["method"].replace("-", " ")
    return f"{method}, {result['beginsAt'][:10]} to {result['endsAt'][:10]}"


def box_wkt(box: list[float]) -> str:
    """A box (west, south, east, north in CRS84) as WKT.

    >>> box_wkt([0, 44, 1, 45])
    'POLYGON((0 44, 1 44, 1 45, 0 45, 0 44))'
    """
    west, south, east, north = box
    corners = [(west, south), (east, south), (east, north), (west, north)]
    ring = ", ".join(f"{x:.9g} {y:.9g}" for x, y in [*corners, corners[0]])
    return f"POLYGON(({ring}))"


MAP_HEIGHT = "div.frame { height: calc(100vh - 490px); min-height: 320px; }"
_TOOL = {"size": "small", "margin": (8, 10)}
