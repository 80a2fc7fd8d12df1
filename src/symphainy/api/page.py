"""The front end: one page, and assets whose names change with their content."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.exceptions import HTTPException

WEB: Final = Path(__file__).parent.parent / "web"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
NOT_BUILT: Final = (
    "The page is not built. Run `make install` in the checkout; the API under /api/v1 works without it.\n"
)


def page_router(web: Path = WEB) -> APIRouter:
    """Serves `web`; every path that is not a file is a view of the page. Under /api/ nothing is."""
    router = APIRouter(include_in_schema=False)
    names = (
        {path.relative_to(web).as_posix() for path in web.rglob("*") if path.is_file()} if web.is_dir() else set[str]()
    )

    @router.get("/{path:path}")
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            raise HTTPException(404, "There is nothing under this path.")
        if path in names and path != "index.html":
            hashed = path.startswith("assets/")
            return FileResponse(web / path, headers={"Cache-Control": IMMUTABLE if hashed else "no-cache"})
        if path.startswith("assets/"):
            raise HTTPException(404, "This asset is of another version of the page. Reload it.")
        if "index.html" not in names:
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(web / "index.html", headers={"Cache-Control": "no-store"})

    return router
