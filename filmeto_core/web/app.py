"""The FastAPI application of one server, put together from its parts."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from filmeto_core.errors import FilmetoError
from filmeto_core.web import (
    routes_docs,
    routes_film_files,
    routes_film_runs,
    routes_films,
    routes_metrics,
    routes_page,
    routes_plugin_states,
    routes_plugins,
    routes_resources,
    routes_session,
    routes_shots,
    routes_socket,
    routes_system,
    routes_takes,
    routes_tasks,
    routes_uploads,
    routes_validate,
    routes_webhooks,
)
from filmeto_core.web.desk import Desk
from filmeto_core.web.gate import Gate
from filmeto_core.web.observed import Observed
from filmeto_core.web.openapi import documents, operation_name
from filmeto_core.web.problems import on_bad_request, on_filmeto_error, on_http_error
from filmeto_core.web.routes_system import Welcome, version

ROUTERS = (
    routes_system.router,
    routes_plugins.router,
    routes_plugin_states.router,
    routes_validate.router,
    routes_tasks.router,
    routes_socket.router,
    routes_films.router,
    routes_shots.router,
    routes_takes.router,
    routes_film_runs.router,
    routes_film_files.router,
    routes_resources.router,
    routes_uploads.router,
    routes_webhooks.router,
    routes_session.router,
    routes_metrics.router,
    routes_docs.router,
    routes_page.router,
)
DESCRIPTION = "Tools, films and their events, served by warm plugins. See docs/serve.md."
_LED_TO_THE_PAGE = {307: {"description": "To the page, for a browser (Accept: text/html)"}}


def create_app(desk: Desk) -> FastAPI:
    """The application over an open desk; who makes it opens and closes the desk."""
    app = FastAPI(
        title="filmeto",
        version=version(),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=operation_name,
    )
    app.state.desk = desk
    options = desk.options
    app.openapi = documents(app, options.require_keys or not options.is_local)
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/", tags=["system"], response_model=Welcome, responses=_LED_TO_THE_PAGE)
    async def root(request: Request) -> Response:
        """The server's name and links; the page, to a browser."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/ui/")
        return Response(Welcome(version=version()).model_dump_json(), media_type="application/json")

    app.add_exception_handler(FilmetoError, on_filmeto_error)
    app.add_exception_handler(RequestValidationError, on_bad_request)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_middleware(Gate, desk=desk)
    app.add_middleware(Observed, desk=desk)  # the last that is added is the outermost
    return app
