"""How far a label session is: counters, learning curve, model and facts."""

import html
from collections.abc import Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.label.form import STRATEGIES
from ui.label.learning_curve import LearningCurve

COUNTERS = {
    "positive": "✓ positive",
    "negative": "✕ negative",
    "skip": "○ skipped",
    "unlabelled": "unlabelled",
}
_STYLE = """
:host { color: var(--mui-palette-text-primary, #1b1b1b); }
:host { font: 14px/1.45 Roboto, system-ui, sans-serif; }
h2 { font-size: 17px; line-height: 1.3; margin: 8px 0 2px; overflow-wrap: anywhere; }
p { margin: 0 0 6px; color: var(--mui-palette-text-secondary, #5a5a5a); }
p { overflow-wrap: anywhere; }
p.trouble { color: var(--mui-palette-text-primary, #1b1b1b); }
p.trouble { border-left: 4px solid #E69F00; padding-left: 8px; }
ul { list-style: none; margin: 10px 0; padding: 0; display: grid; gap: 8px; }
ul { grid-template-columns: 1fr 1fr; }
li { border-radius: 6px; padding: 6px 10px; border-left: 5px solid var(--colour); }
li { background: var(--mui-palette-action-hover, #0000000a); }
li strong { display: block; font-size: 20px; line-height: 1.2; }
li.positive { --colour: #0072B2; } li.negative { --colour: #D55E00; }
li.skip { --colour: #667085; } li.unlabelled { --colour: transparent; }
"""


class LabelProgress(pn.viewable.Viewer):
    """The drawer of a running session."""

    paused = param.Event(doc="The user wants to stop for now.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        wide = {"sizing_mode": "stretch_width", "margin": (0, 14)}
        self._about = pn.pane.HTML("", stylesheets=[_STYLE], **wide)
        self._counters = pn.pane.HTML("", stylesheets=[_STYLE], **wide)
        self._status = pn.pane.HTML("", stylesheets=[_STYLE], **wide)
        self.curve = LearningCurve()
        self._pause = pmui.Button(
            label="Pause",
            variant="outlined",
            sizing_mode="stretch_width",
            margin=(8, 14),
        )
        self._pause.on_click(lambda _: self.param.trigger("paused"))

    def __panel__(self) -> pn.viewable.Viewable:
        """What is shown in the drawer."""
        return pn.Column(
            self._about,
            self._counters,
            self._status,
            self.curve,
            self._pause,
            sizing_mode="stretch_width",
        )

    def fill(self, state: Mapping[str, Any]) -> None:
        """Show the state of a session as the API gave it."""
        self._about.object = _about(state)
        self._counters.object = _counters(state["counters"])
        self._status.object = "".join(
            f"<p{' class=trouble' if trouble else ''}>{html.escape(text)}</p>"
            for text, trouble in status_of(state)
        )
        self.curve.fill(state["curve"])


def status_of(state: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """What the model and the facts are up to: a text each, and whether it is trouble.

    >>> state = {"model_version": 3, "pending": False, "problem": None}
    >>> status_of({**state, "published": {}})
    [('Model v3, next batch ready.', False)]
    """
    version = state["model_version"]
    model = f"Model v{version}" if version else "No model yet"
    if state["problem"] and not state["pending"]:
        told = [
            (f"{model}.", False),
            (f"The next batch could not be prepared: {state['problem']}", True),
        ]
    else:
        coming = (
            "preparing the next batch …" if state["pending"] else "next batch ready."
        )
        told = [(f"{model}, {coming}", False)]
    published = state["published"] or {}
    if published.get("problem"):
        told.append((f"Not yet facts of the base: {published['problem']}", True))
    elif published.get("at"):
        when = str(published["at"])[:16].replace("T", " ")
        told.append((f"Facts of the base since {when} UTC.", False))
    return told


def _about(state: Mapping[str, Any]) -> str:
    words = {value: name.lower() for name, value in STRATEGIES.items()}
    strategy = words.get(state["strategy"], state["strategy"])
    title, annotator = html.escape(state["title"]), html.escape(state["annotator"])
    return f"<h2>{title}</h2><p>{annotator} · patches: {html.escape(strategy)}</p>"


def _counters(counters: Mapping[str, int]) -> str:
    items = "".join(
        f'<li class="{name}" data-count="{int(counters[name])}">'
        f"<strong>{int(counters[name]):,}</strong>{word}</li>"
        for name, word in COUNTERS.items()
    )
    return f"<ul>{items}</ul>"
