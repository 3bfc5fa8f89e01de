"""The API's documentation to read and to try: Swagger UI over the server's own OpenAPI document.

Its files are shipped with filmeto (docs_ui/, with their licence); nothing comes from elsewhere, and
nothing that is not a file of this origin is run.
"""

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from filmeto_core.web.problems import not_found

router = APIRouter()

FOLDER = Path(__file__).parent / "docs_ui"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "docs.js": "text/javascript",
    "docs.css": "text/css",
    "LICENSE.txt": "text/plain",
    "NOTICE.txt": "text/plain",
    "swagger-ui-bundle.js.LICENSE.txt": "text/plain",
}


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The page."""
    return _file(request, "index.html", "text/html")


@router.get("/docs/{name}", include_in_schema=False)
async def docs_file(request: Request, name: str) -> Response:
    """One of the page's files."""
    if name not in FILES:
        raise not_found("file", name)
    return _file(request, name, FILES[name])


def _file(request: Request, name: str, media_type: str) -> Response:
    """A file, unless the browser has it as it is; it asks each time, so an upgrade is seen."""
    path = FOLDER / name
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-cache"}
    answer = FileResponse(path, headers=headers, media_type=media_type, stat_result=path.stat())
    if answer.headers["etag"] in request.headers.get("if-none-match", ""):
        kept = {name: answer.headers[name] for name in ("etag", "cache-control")}
        return Response(status_code=304, headers=kept)
    return answer
