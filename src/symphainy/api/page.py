"""The front end: one page, and assets whose names change with their content."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

WEB: Final = Path(__file__).parent.parent / "web"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<title>Symphainy: the page is not built</title>
<h1>The page is not built</h1>
<p>The server runs and its API under <code>/api/v1</code> works, but there is no page in this installation.</p>
<p>In a checkout, <code>make install</code> builds it.</p>
</html>
"""


class Page:
    """Serves `web` for every path that no operation has: a file as itself, and any other path, a view of the page, as
    `index.html`. Under /api/ there is nothing."""

    def __init__(self, web: Path = WEB) -> None:
        self._web = web
        self._names = frozenset(item.relative_to(web).as_posix() for item in web.rglob("*") if item.is_file())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"].lstrip("/")
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, "There is nothing under this path.")
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, "Pages are only read.", {"Allow": "GET, HEAD"})
        await self._answer(path)(scope, receive, send)

    def _answer(self, path: str) -> Response:
        if path in self._names and path != "index.html":
            hashed = path.startswith("assets/")
            return FileResponse(self._web / path, headers={"Cache-Control": IMMUTABLE if hashed else "no-cache"})
        if path.startswith("assets/"):
            raise HTTPException(404, "This asset is of another version of the page. Reload it.")
        if "index.html" not in self._names:
            return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
        return FileResponse(self._web / "index.html", headers={"Cache-Control": "no-store"})
