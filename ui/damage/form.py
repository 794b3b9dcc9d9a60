"""The steps to a damage report: parcels, event and images, run, files."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import DamageChoices, Result, Value
from ui.client import API
from ui.components.parcel_upload import STYLE as UPLOAD_STYLE
from ui.components.parcel_upload import ParcelUpload
from ui.search.map import result_label

NEW_EVENT = ""
NEAREST = ""
USUAL_PERIL = "frost"
FILES = {
    "report.html": "Report",
    "parcels.csv": "CSV",
    "parcels.geojson": "GeoJSON",
    "manifest.json": "Manifest",
    "report.zip": "All (zip)",
}
_STYLE = """
:host { color: var(--mui-palette-text-primary, #1b1b1b); }
:host { font: 14px/1.45 Roboto, system-ui, sans-serif; }
h2 { font-size: 15.5px; line-height: 1.3; margin: 12px 0 2px; }
h2 b {
  display: inline-block; width: 22px; height: 22px; margin-right: 8px;
  border-radius: 50%; background: #0B5394; color: #ffffff; text-align: center;
  font: 600 13px/22px Roboto, sans-serif;
}
p { margin: 2px 0; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 6px 0; }
nav a {
  padding: 4px 11px; border-radius: 5px; text-decoration: none; font-weight: 500;
  color: var(--mui-palette-primary-main, #0b5394);
  border: 1px solid var(--mui-palette-primary-main, #0b5394);
}
nav a:hover { background: var(--mui-palette-action-hover, #eceff1); }
a { color: var(--mui-palette-primary-main, #0b5394); }
ul { margin: 4px 0; padding-left: 18px; }
"""


class DamageForm(pn.viewable.Viewer):
    """What a report is made of, in four steps.

    Attributes:
        upload: Sends the file of parcels.
    """

    asked = param.Event(doc="The user wants the report.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        wide = {"sizing_mode": "stretch_width", "size": "small", "margin": (7, 12)}
        self.upload = ParcelUpload(  # type: ignore[no-untyped-call]
            address=f"{API[1:]}/damage/parcels",
            accept=".geojson,.json,.gpkg,.zip",
            stylesheets=[UPLOAD_STYLE],
            sizing_mode="stretch_width",
            margin=(6, 12),
        )
        self._checked = _text("GeoJSON, GeoPackage or a zipped shapefile.")
        self._event = pmui.Select(label="Event", visible=False, **wide)
        self._peril = pmui.Select(label="Peril", **wide)
        self._begins = pmui.TextInput(
            label="From (UTC)", placeholder="2017-04-26 18:00", **wide
        )
        self._ends = pmui.TextInput(
            label="To (UTC)", placeholder="2017-04-28 08:00", **wide
        )
        self._title = pmui.TextInput(label="Title (optional)", max_length=200, **wide)
        self._images = pmui.Select(label="Images", **wide)
        self._run = pmui.Button(
            label="Make the report",
            color="primary",
            variant="contained",
            disabled=True,
            sizing_mode="stretch_width",
            margin=(6, 12),
        )
        self._bar = pmui.LinearProgress(
            variant="determinate",
            value=0,
            visible=False,
            sizing_mode="stretch_width",
            margin=(2, 12),
        )
        self._progress = _text("")
        self._files = _text("Not made yet.")
        self._earlier = _text("")
        self._events: dict[str, Mapping[str, str | None]] = {}
        self._run.on_click(lambda _: self.param.trigger("asked"))
        self._event.param.watch(self._fill_event, "value")
        self.upload.param.watch(self._uploaded, "count")

    def __panel__(self) -> pn.viewable.Viewable:
        """The steps as shown in the drawer."""
        return pn.Column(
            _step(1, "Parcels"),
            self.upload,
            self._checked,
            _step(2, "Event and images"),
            self._event,
            self._peril,
            self._begins,
            self._ends,
            self._title,
            self._images,
            _step(3, "Run"),
            self._run,
            self._bar,
            self._progress,
            _step(4, "Report"),
            self._files,
            self._earlier,
            sizing_mode="stretch_width",
        )

    def offer(
        self,
        choices: DamageChoices,
        results: Sequence[Result],
        reports: Sequence[Mapping[str, Value]],
    ) -> None:
        """Fill the choices with what the base holds."""
        self.upload.most_bytes = choices["maxUploadBytes"]
        perils = {one["label"]: one["name"] for one in choices["perils"]}
        # At once: between options and value the first peril would be chosen for a
        # moment, and could come back from the browser after the other.
        chosen = USUAL_PERIL if USUAL_PERIL in perils.values() else None
        self._peril.param.update(options=perils, value=chosen)
        images = {"Those nearest to the event": NEAREST}
        for one in results:
            label = result_label(one)
            images[label if label not in images else one["iri"]] = one["iri"]
        self._images.param.update(options=images, value=NEAREST)
        self._events = {str(one["event"]): one for one in choices["events"]}
        known = {"New event": NEW_EVENT}
        for iri, event in self._events.items():
            label = f"{event['title'] or event['peril']}, {str(event['begins'])[:10]}"
            known[label if label not in known else iri] = iri
        self._event.param.update(
            options=known, value=NEW_EVENT, visible=bool(self._events)
        )
        self._earlier.object = earlier_html(reports)

    def values(self) -> dict[str, str]:
        """What the report is asked with."""
        asked = {
            "upload": str(self.upload.answer.get("upload", "")),
            "peril": self._peril.value or "",
            "begins": utc(_typed(self._begins)),
            "ends": utc(_typed(self._ends)),
            "title": _typed(self._title).strip(),
        }
        return asked | ({"result": self._images.value} if self._images.value else {})

    @property
    def result(self) -> str:
        """IRI of the images chosen; empty for those nearest to the event."""
        return self._images.value or NEAREST

    def show_progress(self, done: int, parcels: int) -> None:
        """A report is being made."""
        self._run.disabled = True
        share = 0 if not parcels else round(100 * done / parcels)
        variant = "determinate" if 0 < share < 100 else "indeterminate"
        self._bar.param.update(visible=True, value=share, variant=variant)
        self._progress.object = f"<p role='status'>{done} of {parcels} parcels</p>"

    def show_files(self, report: str) -> None:
        """A report is done: its files can be fetched."""
        self.rest()
        links = " ".join(
            f'<a href="{API[1:]}/damage/reports/{report}/{name}"'
            f"{_opening(name)}>{label}</a>"
            for name, label in FILES.items()
        )
        self._files.object = f'<nav aria-label="Files of the report">{links}</nav>'

    def rest(self) -> None:
        """No report is being made."""
        self._bar.visible = False
        self._progress.object = ""
        self._run.disabled = not self.upload.answer.get("parcels")

    def _uploaded(self, _: param.parameterized.Event) -> None:
        told = self.upload.answer
        self._checked.object = checked_html(told) if told else ""
        self._run.disabled = not told.get("parcels")

    def _fill_event(self, event: param.parameterized.Event) -> None:
        """A known event fills the fields below it."""
        told = self._events.get(event.new)
        if told is None:
            return
        self._peril.value = told["peril"]
        for field, text in (
            (self._begins, str(told["begins"])[:16].replace("T", " ")),
            (self._ends, str(told["ends"])[:16].replace("T", " ")),
            (self._title, told["title"] or ""),
        ):
            field.param.update(value=text, value_input=text)


def utc(text: str | None) -> str:
    """A time as a person writes it, as ISO 8601 in UTC; what is none stays as it is.

    >>> utc("2017-04-26 18:00"), utc("2017-04-26"), utc("soon")
    ('2017-04-26T18:00Z', '2017-04-26T00:00Z', 'soon')
    """
    plain = (text or "").strip().removesuffix("UTC").strip().replace(" ", "T")
    digits = plain.replace("-", "").replace(":", "").replace("T", "")
    if not digits.isdecimal():
        return plain
    return f"{plain}T00:00Z" if "T" not in plain else f"{plain}Z"


def checked_html(told: Mapping[str, Any]) -> str:
    """What became of the rows of a file.

    >>> checked_html({"parcels": 1, "rows": 2, "left_out": 1, "problems": [1]})
    '<p role="status"><b>1 of 2 rows</b> is a parcel; 1 left out.</p>'
    """
    parcels, rows, left_out = told["parcels"], told["rows"], told["left_out"]
    other = len(told["problems"]) - left_out
    verb = "is a parcel" if parcels == 1 else "are parcels"
    parts = [f"{left_out} left out"] * bool(left_out)
    parts += [f"{other} repaired or renamed"] * bool(other)
    aside = f"; {', '.join(parts)}" if parts else ""
    return f'<p role="status"><b>{parcels} of {rows} rows</b> {verb}{aside}.</p>'


def earlier_html(reports: Sequence[Mapping[str, Value]]) -> str:
    """Links to the reports that the base holds, the newest ten."""
    if not reports:
        return ""
    items = "".join(
        f'<li><a href="damage?report={html.escape(str(one["id"]))}">'
        f"{html.escape(str(one['title'] or one['peril']))}</a>, "
        f"{str(one['begins'])[:10]}, {one['parcels']} parcels</li>"
        for one in reports[:10]
    )
    return f"<p>Reports of this base</p><ul>{items}</ul>"


def _typed(field: pmui.TextInput) -> str:
    """The text of a field, also what was typed and not yet left."""
    return field.value_input or field.value or ""


def _opening(name: str) -> str:
    return ' target="_blank"' if name == "report.html" else " download"


def _step(number: int, title: str) -> pn.pane.HTML:
    text = f"<h2><b>{number}</b>{title}</h2>"
    return pn.pane.HTML(text, stylesheets=[_STYLE], margin=(0, 12))


def _text(told: str) -> pn.pane.HTML:
    return pn.pane.HTML(
        told, stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(0, 12)
    )
