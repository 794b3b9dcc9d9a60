"""The pages and where they stand in the service."""

from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from panel_material_ui.template.base import Page

from ui.client import ApiClient
from ui.search_page import SearchPage
from ui.serving import serve_pages

ASSETS = Path(__file__).parent / "assets"
_ON_BLUE = {"backgroundColor": "#0B5394", "color": "#FFFFFF"}
_BAR = {"MuiAppBar": {"styleOverrides": {"root": _ON_BLUE}}}
LIGHT = {"palette": {"primary": {"main": "#0B5394"}}, "components": _BAR}
DARK = {"palette": {"primary": {"main": "#6FA8DC"}}, "components": _BAR}
HOME = "/search"
IN_PROCESS = "in-process"
"""Host name of the pages' calls to the API of their own process."""


def mount_ui(app: FastAPI) -> None:
    """Add the pages to the app whose API they speak, in the same process.

    Args:
        app: Answers `/api/v1`; gets `/`, `/search`, `/assets` and Panel's files.
    """
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = ApiClient(
        httpx.AsyncClient(transport=transport, base_url=f"http://{IN_PROCESS}")
    )

    def search() -> Page:
        return create_search(client)

    @app.get("/", include_in_schema=False)
    def home() -> RedirectResponse:
        return RedirectResponse(HOME.removeprefix("/"))

    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")
    serve_pages(app, {HOME: search})


def create_search(client: ApiClient) -> Page:
    """The Search page of one visit."""
    page = SearchPage(client)
    page.start()
    return Page(
        title="Lucerna",
        header=page.header(),
        sidebar=page.sidebar(),
        main=page.main(),
        sidebar_width=330,
        theme_config={"light": LIGHT, "dark": DARK},
    )
