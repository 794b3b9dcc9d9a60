"""Pictures of the images behind a result, as PNG."""

from pathlib import Path

import pyoxigraph as ox
from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from kb_api.lookups import rows
from kb_api.store import Store


def router(store: Store, folder: Path) -> APIRouter:
    """`/quicklooks/{name}` over a store and the folder that holds the pictures."""
    routes = APIRouter(tags=["quicklooks"])

    @routes.get("/quicklooks/{name}", response_class=FileResponse)
    def quicklook(name: str) -> FileResponse:
        """One picture; only names that a result of the graph states are served."""
        path = folder / name
        known = bool(rows(store, "quicklook_of", picture=ox.Literal(name)))
        if path.parent != folder or not known or not path.is_file():
            raise HTTPException(404, f"no quicklook {name!r}; /api/v1/results has them")
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, media_type="image/png", headers=headers)

    return routes
