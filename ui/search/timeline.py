"""What happened at a unit, drawn over one time axis: weather, images, change, NDVI."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import holoviews as hv
import panel as pn

from ui.api_records import Timeline, Value

HEIGHT = 128
_DAY = datetime.timedelta(days=1)
_MARGIN = 0.04
"""Of the time spanned, left free at both ends."""

Span = tuple[datetime.datetime, datetime.datetime]
Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""What one figure draws: name of its part to the points of the part."""


class UnitTimeline(pn.viewable.Viewer):
    """A figure for each kind of fact that a unit has, all over the same days.

    Each unit gets panes of its own, since replacing the object of a pane breaks the
    page.
    """

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        hv.extension("bokeh", logo=False)
        self.shown: list[str] = []
        self._told = pn.pane.HTML(
            "", styles=_TOLD, sizing_mode="stretch_width", margin=0
        )
        self._figures = pn.Column(sizing_mode="stretch_width", margin=0)

    def __panel__(self) -> pn.viewable.Viewable:
        """The words, and the figures below each other."""
        return pn.Column(
            self._told, self._figures, sizing_mode="stretch_width", margin=0
        )

    def fill(self, told: Timeline) -> None:
        """Draw what a unit has; a figure without facts is not shown."""
        self._told.object = words_of(told)
        span = span_of(told)
        rows = figure_rows(told) if span else {}
        self.shown = [name for name, parts in rows.items() if any(parts.values())]
        self._figures.objects = [
            pn.pane.HoloViews(
                FIGURES[name](span, rows[name]),
                sizing_mode="stretch_width",
                height=HEIGHT,
                margin=0,
                linked_axes=False,
            )
            for name in self.shown
            if span
        ]


def figure_rows(told: Timeline) -> dict[str, Rows]:
    """The points of each figure, by its parts; times stand in the middle of a span."""
    weather = told["weather"]
    temperatures = {
        part: [(_middle(one), one[key]) for one in weather if _is_number(one[key])]
        for part, key in TEMPERATURES.items()
    }
    rain = [
        (_time(one["begins"]), 0.0, _time(one["ends"]), one["rainMm"])
        for one in weather
        if _is_number(one["rainMm"])
    ]
    change = [
        (_time(one["begins"]), share, _time(one["ends"]), share)
        for one in told["change"]
        if (share := _percent(one["highShare"])) is not None
    ]
    images = told["images"]
    clouds = [
        (_time(one["time"]), cloud)
        for one in images
        if (cloud := _percent(one["cloud"])) is not None
    ]
    plain = [(_time(one["time"]), 0.0) for one in images if one["cloud"] is None]
    green = told["vegetation"]
    return {
        "temperature": temperatures,
        "rain": {"rain": rain},
        "change": {"change": change, "cloud": clouds, "image": plain},
        "vegetation": {
            "mean": [(_time(one["time"]), one["mean"]) for one in green],
            "range": [
                (_time(one["time"]), one["p10"], _time(one["time"]), one["p90"])
                for one in green
            ],
        },
    }


def span_of(told: Timeline) -> Span | None:
    """The days that all figures span, with a little room; None: nothing is dated."""
    times = [
        _time(one[key])
        for part in (
            told["weather"],
            told["images"],
            told["change"],
            told["vegetation"],
        )
        for one in part
        for key in ("begins", "ends", "time")
        if one.get(key)
    ]
    if not times:
        return None
    first, last = min(times), max(times)
    room = max((last - first) * _MARGIN, _DAY)
    return first - room, last + room


def words_of(told: Timeline) -> str:
    """What the figures show, in words; for those who do not see them too."""
    kinds = [str(one["kind"]) for one in told["weather"]]
    counts = {
        **{kind: kinds.count(kind) for kind in ("night", "day", "month")},
        "image": len(told["images"]),
        "change interval": len(told["change"]),
        "NDVI observation": len(told["vegetation"]),
    }
    parts = [f"{n:,} {what}{'' if n == 1 else 's'}" for what, n in counts.items() if n]
    if not parts:
        return "Nothing dated is known of this unit."
    station = told["station"]
    near = ""
    if station and kinds:
        near = f" Weather of {station['name']}, {station['distanceKm']:g} km away."
    return f"{', '.join(parts)}.{near}".replace("<", "&lt;")


def _temperature(span: Span, rows: Rows) -> Any:  # noqa: ANN401
    value = hv.Dimension("celsius", label="°C")
    parts = [
        hv.Scatter(found, _axis(span), value, label=part).opts(
            color=_MARKS[part][0], marker=_MARKS[part][1], size=7
        )
        for part, found in rows.items()
        if found
    ]
    zero = hv.Curve([(one, 0.0) for one in span], _axis(span), value)
    return _figure([zero.opts(color="#888888", line_dash="dashed"), *parts])


def _rain(span: Span, rows: Rows) -> Any:  # noqa: ANN401
    box = _box(span, hv.Dimension("mm", label="rain, mm", soft_range=(0, 1)))
    bars = hv.Rectangles(rows["rain"], box)
    return _figure([bars.opts(color="#56B4E9", line_color="#0072B2")])


def _change(span: Span, rows: Rows) -> Any:  # noqa: ANN401
    value = hv.Dimension("percent", label="% of unit", range=(-8, 108))
    parts = []
    if rows["change"]:
        bars = hv.Segments(rows["change"], _box(span, value), label="high change")
        parts.append(bars.opts(color="#D55E00", line_width=6))
    if rows["cloud"]:
        cloud = hv.Scatter(rows["cloud"], _axis(span), value, label="cloud in image")
        parts.append(cloud.opts(color="#56B4E9", marker="triangle", size=11))
    if rows["image"]:
        image = hv.Scatter(rows["image"], _axis(span), value, label="cloud unknown")
        parts.append(image.opts(color="#009E73", marker="triangle", size=11))
    return _figure(parts)


def _vegetation(span: Span, rows: Rows) -> Any:  # noqa: ANN401
    value = hv.Dimension("ndvi", label="NDVI", soft_range=(0, 1))
    spread = hv.Segments(rows["range"], _box(span, value), label="p10 to p90")
    mean = hv.Scatter(rows["mean"], _axis(span), value, label="mean")
    return _figure(
        [
            spread.opts(color="#009E73", line_width=4, alpha=0.5),
            mean.opts(color="#009E73", size=9),
        ]
    )


FIGURES: dict[str, Callable[[Span, Rows], Any]] = {
    "temperature": _temperature,
    "rain": _rain,
    "change": _change,
    "vegetation": _vegetation,
}
"""What draws each figure, in their order."""

TEMPERATURES = {
    "air maximum": "airMaximumC",
    "air mean": "airMeanC",
    "air minimum": "airMinimumC",
    "ground minimum": "groundMinimumC",
}
_MARKS = {
    "air maximum": ("#D55E00", "circle"),
    "air mean": ("#E69F00", "square"),
    "air minimum": ("#2A8FD0", "diamond"),
    "ground minimum": ("#CC79A7", "inverted_triangle"),
}
_TOLD = {
    "font-size": "13px",
    "line-height": "1.45",
    "color": "var(--mui-palette-text-secondary)",
}


def _axis(span: Span) -> hv.Dimension:
    return hv.Dimension("time", label=" ", range=span)


def _box(span: Span, value: hv.Dimension) -> list[Any]:
    """The four dimensions of a rectangle or segment: begin, low; end, high."""
    time = _axis(span)
    return [time, value, time.clone("until"), value.clone("to")]


def _figure(parts: list[Any]) -> Any:  # noqa: ANN401
    """The parts over each other, with the looks that all figures share."""
    return hv.Overlay(parts).opts(
        responsive=True,
        height=HEIGHT,
        yticks=4,
        backend_opts={"plot.min_border_left": 56, "plot.min_border_right": 24},
        toolbar=None,
        default_tools=[],
        show_grid=True,
        fontsize={"labels": "9pt", "ticks": "8pt", "legend": "8pt"},
        xlabel="",
        legend_position="top",
        legend_opts={"padding": 0, "margin": 2, "orientation": "horizontal"},
        show_legend=len(parts) > 1,
    )


def _time(text: Value) -> datetime.datetime:
    """A moment, UTC, without its zone: what the figures take."""
    return datetime.datetime.fromisoformat(str(text)[:19])


def _middle(one: Mapping[str, Value]) -> datetime.datetime:
    begins, ends = _time(one["begins"]), _time(one["ends"])
    return begins + (ends - begins) / 2


def _percent(share: Value) -> float | None:
    return round(100 * share, 1) if isinstance(share, int | float) else None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
