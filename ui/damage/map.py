"""The map of the Damage page: parcels by grade, images before and after."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import panel as pn

from ui.api_records import Result, Value
from ui.client import API
from ui.components.bundles import bundle_address
from ui.components.geo_map import GeoMap, opacity_slider, picture_of

MAP_HEIGHT = "div.frame { height: calc(100vh - 480px); min-height: 300px; }"

_TOOL = {"margin": (4, 14)}


class DamageMap(pn.viewable.Viewer):
    """A GeoMap with an opacity of the parcels.

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
        self.opacity = opacity_slider(self.map, "parcels", 0.9, width=220, **_TOOL)
        self._results: dict[str, Result] = {}

    def __panel__(self) -> pn.viewable.Viewable:
        """The map."""
        return self.map

    def offer(self, results: Sequence[Result]) -> None:
        """Know the images of the base; the newest are shown."""
        self._results = {one["iri"]: one for one in results}
        self.show_images("")

    def show_images(self, result: str) -> None:
        """Show the images of a result; empty for the newest."""
        newest = next(reversed(self._results.values()), None)
        shown = self._results.get(result, newest)
        if shown is None:
            return
        after = f"after {shown['endsAt'][:10]}"
        self.map.param.update(
            picture=picture_of(shown, "quicklookAfter"),
            before=picture_of(shown, "quicklookBefore"),
            captions=[f"before {shown['beginsAt'][:10]}", after],
        )

    def show_outlines(self, upload: str) -> None:
        """Show the parcels of a checked file, without grades."""
        self.map.param.update(
            levels=[],
            selected="",
            matching=False,
            units_url=f"{API[1:]}/damage/parcels/{upload}.geojson",
        )

    def show_report(
        self, report: str, result: Value, grades: Sequence[Mapping[str, Any]]
    ) -> None:
        """Show the parcels of a report by grade, over its images."""
        self.show_images(str(result))
        ranks = {one["name"]: rank for rank, one in enumerate(reversed(grades), -1)}
        self.map.param.update(
            levels=[
                {
                    "name": one["name"],
                    "label": one["label"],
                    "colour": one["colour"],
                    "order": None
                    if one["name"] == "notAssessed"
                    else ranks[one["name"]],
                }
                for one in grades
            ],
            note="Damage by affected share of a parcel",
            selected="",
            matching=False,
            units_url=f"{API[1:]}/damage/reports/{report}/parcels.geojson",
        )

    def emphasise(self, units: Collection[str] | None) -> None:
        """Fade all parcels but these; None: all are plain."""
        matched = sorted(units or ())
        self.map.param.update(matching=units is not None, matched=matched)
