"""The learning curve of a label session, streamed into one figure."""

from collections.abc import Mapping, Sequence
from typing import Any

import holoviews as hv
import panel as pn
from holoviews.streams import Pipe

Point = Mapping[str, float | None]

HEIGHT = 210
_BLUE = "#0072B2"
_FREE = {"framewise": True, "padding": (0.05, 0)}


class LearningCurve(pn.viewable.Viewer):
    """How good the model is thought to be, by the number of labels given.

    The figure is made once; points come through a stream, since replacing the
    object of its pane breaks the page.
    """

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        hv.extension("bokeh", logo=False)
        self._points: list[tuple[float, float]] = []
        self._pipe = Pipe(data=[])
        self._figure = pn.pane.HoloViews(
            hv.DynamicMap(_draw, streams=[self._pipe]),
            sizing_mode="stretch_width",
            height=HEIGHT,
            margin=(0, 4),
            linked_axes=False,
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """The figure."""
        return self._figure

    @property
    def points(self) -> list[tuple[float, float]]:
        """Labels given and estimate, 0 to 1, of each point shown."""
        return self._points

    def fill(self, curve: Sequence[Point]) -> None:
        """Show these points; those without an estimate are left out."""
        points = [
            (float(one["labels"] or 0), float(one["estimate"]))
            for one in curve
            if one["estimate"] is not None
        ]
        if points != self._points:
            self._points = points
            self._pipe.send(points)


def _draw(data: list[tuple[float, float]]) -> Any:  # noqa: ANN401
    """A line with a dot at each point."""
    axes = (
        hv.Dimension("labels", label="labels given", soft_range=(0, 24)),
        hv.Dimension("estimate", label="F1, cross-validated", range=(0, 1.03)),
    )
    line = hv.Curve(data, *axes).opts(color=_BLUE, line_width=2, **_FREE)
    dots = hv.Scatter(data, *axes).opts(color=_BLUE, size=7, **_FREE)
    return (line * dots).opts(
        hv.opts.Overlay(
            responsive=True,
            height=HEIGHT,
            toolbar=None,
            default_tools=[],
            show_grid=True,
        )
    )
