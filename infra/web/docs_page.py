"""The page on which people read and try the API. Everything it loads comes from our own origin, and it is held to that.

FastAPI's own page loads its script from a public host: a browser on a closed network shows nothing, and any other
tells that host who reads. Use with `FastAPI(docs_url=None, redoc_url=None)`.
"""

from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Response

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; "  # the icons in Swagger UI's style sheet are data URLs
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_GUARDED: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

STATIC: Final[Mapping[str, str]] = {
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui/swagger-ui-bundle.js.LICENSE.txt": "text/plain; charset=utf-8",
    "swagger-ui/swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui/LICENSE.txt": "text/plain; charset=utf-8",
    "swagger-ui/NOTICE.txt": "text/plain; charset=utf-8",
}
"""What is served under `/static/`, and as what. Nothing else in the folder is."""

_PAGE: Final = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}/static/swagger-ui/swagger-ui.css">
<script src="{root}/static/swagger-ui/swagger-ui-bundle.js" defer></script>
<script src="{root}/static/docs.js" defer></script>
</head>
<body>
<main id="swagger-ui" data-openapi-url="{openapi_url}"></main>
<noscript>This page needs JavaScript. The document it shows is at <a href="{openapi_url}">{openapi_url}</a>.</noscript>
</body>
</html>
"""


def docs_routes(app_title: str, openapi_url: str, root: str = "") -> APIRouter:
    """`GET /docs` and the files it loads, `GET /static/...`; neither stands in the OpenAPI document.

    `openapi_url` is a path on this origin. `root` is the path under which the router is served, if it is not the top.
    Raises ValueError for an `openapi_url` of another origin, which the page's policy would not load.
    """
    if not openapi_url.startswith("/") or openapi_url.startswith("//"):
        raise ValueError("the OpenAPI document must be of our own origin")
    page = _PAGE.format(title=escape(app_title), openapi_url=escape(openapi_url), root=escape(root))
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> Response:
        return Response(page, media_type="text/html; charset=utf-8", headers=_GUARDED)

    @router.get("/static/{name:path}")
    async def static(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(status_code=404)
        headers = {**_GUARDED, "Cache-Control": "public, max-age=3600"}
        return Response(_content(name), media_type=STATIC[name], headers=headers)

    return router


@cache
def _content(name: str) -> bytes:
    return files("infra.web").joinpath("static", name).read_bytes()
