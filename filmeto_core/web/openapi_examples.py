"""Examples for the OpenAPI document: those that somebody thought of, and the rest from the schema."""

from typing import Any

Json = dict[str, Any]

TASK_ID = "6f1c2f0a-2c1e-4a55-9d3e-0b0f5f3f9a11"
DIGEST = "sha256:765ec58d8fc5043a8a7d05992b6021289a59961ad3e34acdc14ee490a4452824"
WHEN = "2026-03-01T12:00:00Z"

PATH_EXAMPLES = {
    "task_id": TASK_ID,
    "tool_name": "text2image",
    "film_id": "the-lighthouse-1a2b3c4d",
    "shot": "lighthouse",
    "shot_id": "lighthouse",
    "tool": "text2image",
    "digest": DIGEST,
    "path": "out/film.mp4",
    "call_id": "8d7e6f5a4b3c",
    "upload_id": "5e4d3c2b1a09",
}

_PICTURE = {"tool_name": "text2image", "parameters": {"prompt": "a lighthouse at dawn"}}
_TASKS = {
    "picture": {"summary": "A picture, by whatever the profile chooses", "value": _PICTURE},
    "voice": {
        "summary": "A voice",
        "value": {"tool_name": "text2speak", "parameters": {"text": "Every evening she climbs."}},
    },
}
STORYBOARD = """\
title: The lighthouse
shots:
  - id: lighthouse
    prompt: a lighthouse on a cliff at dawn
    narration: Every evening she climbs the tower.
"""
REQUESTS: dict[str, Json] = {
    "post_task": _TASKS,
    "execute_task": _TASKS,
    "create_film": {"storyboard": {"value": {"storyboard": STORYBOARD}}},
    "put_storyboard": {"storyboard": {"value": STORYBOARD}},
    "edit_film": {"title": {"value": {"title": "The lighthouse at night"}}},
    "create_shot": {"shot": {"value": {"id": "harbour", "prompt": "a harbour in the rain"}}},
    "edit_shot": {"take": {"value": {"take": 2}}},
    "order": {"order": {"value": {"shots": ["lighthouse"]}}},
    "pick": {"take": {"value": {"take": 1}}},
    "begin_session": {"key": {"value": {"key": "fk_of_filmeto_keys_add"}}},
    "review_film": {
        "approve": {"value": {"decision": "approve"}},
        "change": {"value": {"decision": "change", "other_takes": ["lighthouse"]}},
    },
    "run_film": {
        "whole": {"summary": "All of it", "value": {}},
        "draft": {"summary": "One shot, small", "value": {"shots": ["lighthouse"], "draft": True}},
    },
}

_STATUS = {
    "task_id": TASK_ID,
    "status": "running",
    "percent": 40.0,
    "message": "step 2 of 5",
    "tool_name": "text2image",
    "plugin_name": "sketch",
    "created_at": WHEN,
    "started_at": WHEN,
    "ended_at": None,
    "attempts": 1,
    "result": None,
    "error": None,
    "kind": "task",
    "film": None,
    "shot": None,
}
MODELS: dict[str, Json] = {
    "Accepted": {"task_id": TASK_ID, "status": "queued", "message": "The task was taken on."},
    "TaskStatus": _STATUS,
    "TaskPage": {"tasks": [_STATUS], "next_cursor": None},
    "TaskRequest": _PICTURE,
}

STREAM = f"""\
id: 1-1
data: {{"_type":"progress","task_id":"{TASK_ID}","type":"started","percent":0.0,"message":"started"}}

id: 1-2
data: {{"_type":"progress","task_id":"{TASK_ID}","type":"progress","percent":60.0,"message":"step 3"}}

: heartbeat

id: 1-3
data: {{"_type":"result","task_id":"{TASK_ID}","status":"success","output_files":["..."]}}

"""

_TEXTS = {"date-time": WHEN, "uuid": TASK_ID, "uri": "https://example.org/", "binary": ""}
_DEEP = 6  # levels of an example; below them optional parts are left out


def example_of(schema: Json, schemas: Json, depth: int = 0) -> Any:
    """A value that the schema takes.

    Args:
        schema: Of an OpenAPI document.
        schemas: The document's `components.schemas`.
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return MODELS.get(name) or example_of(schemas.get(name, {}), schemas, depth + 1)
    for known in ("example", "const", "default"):
        if known in schema:
            return schema[known]
    if schema.get("examples") or schema.get("enum"):
        return (schema.get("examples") or schema["enum"])[0]
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if options:
        return None if depth > _DEEP else example_of(options[0], schemas, depth + 1)
    return _of_type(schema, schemas, depth)


def _of_type(schema: Json, schemas: Json, depth: int) -> Any:
    kind = schema.get("type", "object")
    if kind == "object":
        required = schema.get("required", ())
        return {
            name: example_of(part, schemas, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or depth <= _DEEP
        }
    if kind == "array":
        item = schema.get("items")
        return [example_of(item, schemas, depth + 1)] if item and depth <= _DEEP else []
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return least if kind == "integer" else float(least)
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "text")
    return False if kind == "boolean" else None
