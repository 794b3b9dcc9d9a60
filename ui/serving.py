"""Panel pages inside a FastAPI app."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import panel as pn
from fastapi import FastAPI
from panel.io.fastapi import add_applications
from panel.viewable import Viewable

from ui.components.theme_keeper import COOKIE

THREADS = 4


def serve_pages(app: FastAPI, pages: Mapping[str, Callable[[], Viewable]]) -> None:
    """Mount pages at their paths; each visit calls the function of its path.

    A slow callback of one visitor does not hold up another: callbacks run in threads.
    Of the request, only the cookie that names the theme gets into the token of the
    page, which any script could read.

    Args:
        app: Gets routes for the pages, their sockets and Panel's own files.
        pages: Path to plain function (Panel shows the repr of a partial).
    """
    pn.extension("tabulator", notifications=False)
    pn.config.nthreads = THREADS  # type: ignore[misc]
    add_applications(
        cast("dict[str, Any]", dict(pages)),
        app=app,
        title="Lucerna",
        include_cookies=[COOKIE],
        include_headers=[],
    )
