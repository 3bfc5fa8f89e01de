"""The OpenAPI document, whole: what FastAPI cannot tell of the routes is told here for all of them.

Every operation gets a summary from its docstring, an example of what is sent and of each answer, and
every answer that it can give: the problems of the error table, with their headers.

Source: OpenAPI Specification 3.1.
"""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from filmeto_core.web.openapi_answers import HEADERS, problem_answers, statuses_of
from filmeto_core.web.openapi_examples import (
    PATH_EXAMPLES,
    REQUESTS,
    STORYBOARD,
    STREAM,
    example_of,
)
from filmeto_core.web.problems import Problem

Json = dict[str, Any]

TAGS = {
    "system": "The server itself: what it is, whether it works, what it serves.",
    "tasks": "One call of one tool: posted, followed by its events, cancelled.",
    "resources": "Files: uploaded, downloaded whole or in ranges.",
    "films": "Films made of a storyboard: edited, planned, run, watched, directed shot by shot.",
    "uploads": "Large files in pieces, by the tus protocol: an upload goes on where it broke off.",
    "session": "A browser's session, where the server asks for keys.",
    "webhooks": "Where the end of a task is told.",
}
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of `filmeto keys add`. On the server's own machine none is needed.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key, for programs that cannot send Authorization.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "filmeto_session",
        "description": "A browser's session; what changes anything needs X-CSRF-Token as well.",
    },
}
EVENT = {
    "title": "Event",
    "description": "One of the stream's Server-Sent Events; between them come comments.",
    "type": "object",
    "required": ["id", "data"],
    "properties": {
        "id": {
            "type": "string",
            "pattern": r"^\d+-\d+$",
            "description": "Send it as Last-Event-ID to go on after it",
        },
        "event": {"type": "string", "const": "message"},
        "data": {
            "type": "string",
            "description": "One line of JSON; its `_type` tells what it is",
            "contentMediaType": "application/json",
            "contentSchema": {
                "type": "object",
                "required": ["_type"],
                "properties": {"_type": {"type": "string"}},
            },
        },
    },
}
OPEN_PATHS = ("/", "/api/v1/health", "/api/v1/session")  # nobody asks for a key there


def operation_name(route: APIRoute) -> str:
    """An operation's id: the name of the function that serves it."""
    return route.name


def documents(app: FastAPI, asks_for_keys: bool) -> Callable[[], Json]:
    """What takes the place of `app.openapi`: the whole document, made once.

    Args:
        asks_for_keys: Whether who comes over the network needs one.
    """
    made: list[Json] = []

    def document() -> Json:
        if not made:
            made.append(_document(app, asks_for_keys))
        return made[0]

    return document


def _document(app: FastAPI, asks_for_keys: bool) -> Json:
    told = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    parts = told.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):  # ours are problems
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["responses"] = problem_answers()
    parts["headers"] = HEADERS
    parts["securitySchemes"] = SECURITY
    used = set()
    for path, method, operation in _operations(told):
        used.update(operation.get("tags", ()))
        _describe(operation)
        _secure(path, operation, asks_for_keys)
        _parameters(operation)
        _request(operation, schemas)
        _answers(path, method, operation, schemas)
    told["tags"] = [{"name": n, "description": d} for n, d in TAGS.items() if n in used]
    return told


def _operations(told: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _describe(operation: Json) -> None:
    """A summary is the docstring's first sentence, rather than the function's name."""
    text = operation.get("description", "").strip()
    if text:
        operation["summary"] = text.split("\n\n")[0].replace("\n", " ").rstrip(".")
        operation["description"] = text


def _secure(path: str, operation: Json, asks_for_keys: bool) -> None:
    operation["security"] = [{name: []} for name in SECURITY]
    if not asks_for_keys:
        operation["security"].append({})  # OpenAPI's way to say that none of them is needed
    if path in OPEN_PATHS:
        operation["security"] = []


def _parameters(operation: Json) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _sendable(parameter["schema"])
        if parameter["name"] == "Tus-Resumable":
            parameter["schema"] = {"type": "string", "const": "1.0.0"}  # another is refused
        if parameter["in"] == "path":
            parameter.setdefault("example", PATH_EXAMPLES.get(parameter["name"], "1"))


def _sendable(schema: Json) -> Json:
    """A header or a query can be left out, but it cannot be null."""
    kept = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(kept) != 1:
        return schema
    return {**{k: v for k, v in schema.items() if k != "anyOf"}, **kept[0]}


def _request(operation: Json, schemas: Json) -> None:
    examples = REQUESTS.get(operation["operationId"])
    body = operation.get("requestBody", {})
    for media_type, content in body.get("content", {}).items():
        if media_type.endswith("/yaml"):  # any text is kept, none as well, with its problems
            content["schema"], body["required"] = {"description": "A storyboard"}, False
        if examples is not None:
            content.setdefault("examples", examples)
        elif "example" not in content and "examples" not in content and "schema" in content:
            content["example"] = example_of(content["schema"], schemas)


def _answers(path: str, method: str, operation: Json, schemas: Json) -> None:
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    for status, answer in answers.items():
        if answer.get("description") in ("Successful Response", None):
            answer["description"] = _DONE.get(status, "Done.")
        answer.setdefault("headers", {})["X-Request-ID"] = {
            "$ref": "#/components/headers/RequestId"
        }
        for media_type, content in answer.get("content", {}).items():
            _example(media_type, content, schemas)
    for status in statuses_of(path, method, operation, is_open=path in OPEN_PATHS):
        answers.setdefault(status, {"$ref": f"#/components/responses/{status}"})


_DONE = {"200": "Done.", "201": "It was made.", "202": "It was taken on.", "204": "Done."}


def _example(media_type: str, content: Json, schemas: Json) -> None:
    if "example" in content or "examples" in content:
        return
    if media_type == "text/yaml":  # a reader of the document may read it as what it says
        content |= {"schema": {"description": "A storyboard"}, "example": STORYBOARD}
    elif media_type == "text/event-stream":
        content["schema"] = EVENT
        content["example"] = STREAM
    elif media_type == "application/json":
        content["example"] = example_of(content.get("schema", {}), schemas)
