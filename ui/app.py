"""The pages and where they stand in the service."""

import itertools
from collections.abc import Callable
from typing import Any, Protocol

import httpx
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from panel_material_ui.template.base import Page

from ui.client import ApiClient
from ui.components.bundles import ASSETS, bundle_address
from ui.components.screen import Screen
from ui.components.theme_keeper import ThemeKeeper, take_theme
from ui.damage.page import DamagePage
from ui.home_page import HomePage
from ui.label.page import LabelPage
from ui.search.page import SearchPage
from ui.serving import serve_pages

_ON_BLUE = {
    "backgroundColor": "#0B5394",
    "color": "#FFFFFF",
    # On a telephone the links and the notice of simulated data need the room.
    "@media (max-width: 640px)": {
        "& .MuiToolbar-root": {"paddingLeft": 8, "paddingRight": 8},
        "& .MuiIconButton-edgeStart": {"margin": 0},
        "& .MuiBox-root:has(> a > .title)": {"display": "none"},
    },
}
_BAR = {"MuiAppBar": {"styleOverrides": {"root": _ON_BLUE}}}
LIGHT = {
    "palette": {"primary": {"main": "#0B5394"}, "warning": {"main": "#B45309"}},
    "components": _BAR,
}
DARK = {"palette": {"primary": {"main": "#6FA8DC"}}, "components": _BAR}
_HEAD = """{{% extends "base.html" %}}
{{% block preamble %}}{{{{ super() }}}}<style>{early}</style>
<script src="{theme}"></script>{{% endblock %}}
"""
_EARLY = ":where(:root) { --mui-palette-background-default: #121212; }"
"""So that a dark page is dark before its scripts run; what they set wins."""
LOST = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="color-scheme" content="light dark"><title>Lucerna: no such page</title>
<body style="font: 17px/1.6 system-ui, sans-serif; margin: 3em">
<h1>There is no such page</h1><p>There are these:
<a href="./">Home</a>, <a href="search">Search</a>, <a href="label">Label</a>,
<a href="damage">Damage</a>.</p></body></html>"""
IN_PROCESS = "in-process"
"""Host name of the pages' calls to the API of their own process."""


class Visit(Protocol):
    """What a page needs: the state of one visit, and what stands where."""

    def header(self) -> list[Any]:
        """What stands in the app bar."""
        ...

    def sidebar(self) -> list[Any]:
        """What stands in the drawer; nothing: no drawer."""
        ...

    def main(self) -> list[Any]:
        """What stands beside the drawer."""
        ...

    def start(self) -> None:
        """Fill the page when it is loaded."""
        ...


PAGES: dict[str, Callable[[ApiClient], Visit]] = {
    "/": HomePage,
    "/search": SearchPage,
    "/label": LabelPage,
    "/damage": DamagePage,
}


def mount_ui(app: FastAPI) -> None:
    """Add the pages to the app whose API they speak, in the same process.

    Args:
        app: Answers `/api/v1`; gets the pages, `/assets` and Panel's files.
    """
    visits = itertools.count(1)

    def client() -> ApiClient:
        """Speaks for one visit, which is a client of its own to the API."""
        transport = httpx.ASGITransport(
            app, raise_app_exceptions=False, client=(f"visit {next(visits)}", 0)
        )
        return ApiClient(
            httpx.AsyncClient(transport=transport, base_url=f"http://{IN_PROCESS}")
        )

    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")
    serve_pages(app, {path: _opener(kind, client) for path, kind in PAGES.items()})
    app.add_api_route("/{page}", _lost, status_code=404, include_in_schema=False)


async def _lost() -> HTMLResponse:
    """What a mistyped address of a page leads to."""
    return HTMLResponse(LOST, 404)


def _opener(
    kind: Callable[[ApiClient], Visit], client: Callable[[], ApiClient]
) -> Callable[[], Page]:
    def open_page() -> Page:
        dark = take_theme()
        visit = kind(client())
        visit.start()
        screen = Screen()  # type: ignore[no-untyped-call]
        keeper = ThemeKeeper(dark=dark)  # type: ignore[no-untyped-call]
        page = Page(
            title="Lucerna",
            header=visit.header(),
            sidebar=visit.sidebar(),
            main=[*visit.main(), screen, keeper],
            sidebar_width=330,
            theme_config={"light": LIGHT, "dark": DARK},
            dark_theme=dark,
            template=_HEAD.format(
                early=_EARLY if dark else "", theme=bundle_address("theme.js")
            ),
        )
        screen.param.watch(lambda _: page.param.update(sidebar_open=False), "narrow")
        page.param.watch(lambda e: keeper.param.update(dark=e.new), "dark_theme")
        return page

    return open_page
