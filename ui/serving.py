"""Panel pages inside a FastAPI app."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import panel as pn
from fastapi import FastAPI
from panel.io.fastapi import add_applications
from panel.viewable import Viewable

from ui.components.theme_keeper import COOKIE


def serve_pages(app: FastAPI, pages: Mapping[str, Callable[[], Viewable]]) -> None:
    """Mount pages at their paths; each visit calls the function of its path.

    Callbacks run on the event loop, in the order of what the visitor did: a day is
    known before the click on Search after it (Panel's own threads lose that order).
    What takes time in them, the REST API, is awaited. Of the request, only the cookie
    that names the theme gets into the token of the page, which any script could read.

    Args:
        app: Gets routes for the pages, their sockets and Panel's own files.
        pages: Path to plain function (Panel shows the repr of a partial).
    """
    pn.extension("tabulator", notifications=False)
    add_applications(
        cast("dict[str, Any]", dict(pages)),
        app=app,
        title="Lucerna",
        include_cookies=[COOKIE],
        include_headers=[],
    )
