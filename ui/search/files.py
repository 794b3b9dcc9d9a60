"""The answer as files: plain links to the API, or the rows that the session holds."""

import html
import io
from collections.abc import Mapping

import panel as pn
import panel_material_ui as pmui

from ui.api_records import Answer
from ui.search.asking import Asking
from ui.search.sparql_rows import csv_of

_STYLE = (
    "color: var(--mui-palette-primary-main, #0b5394); margin-right: 14px; "
    "font: 500 14px/1.5 Roboto, system-ui, sans-serif;"
)


class AnswerFiles(pn.viewable.Viewer):
    """What the whole answer can be taken away as."""

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._held: Answer | None = None
        self._links = pn.pane.HTML("", margin=(8, 10))
        self._csv = pmui.FileDownload(
            callback=self._rows,
            filename="answer.csv",
            label="CSV",
            size="small",
            visible=False,
            margin=(4, 2),
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """The links, or the button."""
        return pn.Row(self._links, self._csv, margin=0)

    def offer(self, asking: Asking, answer: Answer) -> None:
        """Offer the files of an answer, of which a page is given."""
        self._held = asking.whole()
        self._csv.visible = self._held is not None and answer["count"] > 0
        self._links.object = file_links(asking.links(answer), answer["count"])

    def clear(self) -> None:
        """Offer nothing."""
        self._held = None
        self._csv.visible = False
        self._links.object = ""

    def _rows(self) -> io.StringIO | None:
        return csv_of(self._held) if self._held else None


def file_links(links: Mapping[str, str], count: int) -> str:
    """A link for each kind of file; nothing where there are no rows."""
    if not count:
        return ""
    return "".join(
        f'<a style="{_STYLE}" href="{html.escape(address)}" download>{kind}</a>'
        for kind, address in links.items()
    )
