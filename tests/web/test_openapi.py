"""The OpenAPI document: readable, whole, with examples that go by it and work when they are sent."""

import jsonschema
import pytest
from serving import read_stream
from test_tasks import wait_until

from filmeto_core.web.openapi import TAGS
from filmeto_core.web.openapi_examples import TASK_ID


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


@pytest.fixture
def operations(document):
    """(method, path, operation) of each."""
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def validated(value, schema, document):
    """The value goes by the schema, whose references are the document's."""
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def test_every_operation_has_a_readable_id_a_summary_a_tag_and_who_may_call(operations):
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(set(ids)) == len(ids)
    for _, path, operation in operations:
        assert operation["operationId"].islower() and "api_v1" not in operation["operationId"]
        assert operation["summary"] and operation["summary"][-1] != "."
        assert set(operation["tags"]) <= set(TAGS), path
        assert "security" in operation


def test_every_operation_tells_its_problems_in_the_one_shape(operations, document):
    for _, path, operation in operations:
        answers = operation["responses"]
        assert {"400", "403", "429", "500", "503"} <= set(answers), path
        assert ("404" in answers) == ("{" in path or "requestBody" in operation), path
        for status in answers:
            if status >= "400" and "$ref" in answers[status]:
                told = document["components"]["responses"][status]
                assert list(told["content"]) == ["application/problem+json"]


def test_every_example_goes_by_its_schema(operations, document):
    contents = []
    for _, path, operation in operations:
        contents.append((path, operation.get("requestBody", {}).get("content", {})))
        for answer in operation["responses"].values():
            contents.append((path, answer.get("content", {})))
    for answer in document["components"]["responses"].values():
        contents.append(("problem", answer["content"]))
    seen = 0
    for path, content in contents:
        for media_type, told in content.items():
            if not media_type.endswith("json"):
                continue
            values = [told["example"]] if "example" in told else []
            values += [example["value"] for example in told.get("examples", {}).values()]
            assert values, f"{path}: no example of {media_type}"
            for value in values:
                validated(value, told["schema"], document)
                seen += 1
    assert seen > len(operations)


def test_parameters_that_may_be_left_out_cannot_be_null(operations):
    for _, path, operation in operations:
        for parameter in operation.get("parameters", ()):
            assert {"type": "null"} not in parameter["schema"].get("anyOf", ()), path
            assert parameter["in"] != "path" or "example" in parameter


def test_the_examples_for_tasks_work_when_they_are_sent(client, document):
    content = document["paths"]["/api/v1/tasks"]["post"]["requestBody"]["content"]
    picture = content["application/json"]["examples"]["picture"]["value"]
    picture = {**picture, "plugin_name": "quick"}  # one that needs nothing of this machine
    task_id = client.post("/api/v1/tasks", json=picture).json()["task_id"]
    told = read_stream(client, "GET", f"/api/v1/tasks/{task_id}/events")
    assert told[-1][1]["_type"] == "result"
    for path in ("/api/v1/tasks/{task_id}", "/api/v1/plugins/by-tool/{tool_name}"):
        (parameter,) = document["paths"][path]["get"]["parameters"]
        sent = {TASK_ID: task_id}.get(parameter["example"], parameter["example"])
        name = parameter["name"]
        assert client.get(path.replace(f"{{{name}}}", sent)).status_code == 200


def test_a_wrong_method_is_told_all_that_the_path_has(client):
    answer = client.delete("/api/v1/tasks")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_the_document_is_made_once(client, served):
    wait_until(lambda: client.get("/openapi.json").status_code == 200)
    first = client.get("/openapi.json").text
    assert client.get("/openapi.json").text == first


def test_the_examples_for_films_work_when_they_are_sent(client, document):
    told = {
        operation["operationId"]: (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    film_id = ""
    for name in (
        *("create_film", "list_films", "film", "edit_film", "order", "edit_shot", "create_shot"),
        *("put_storyboard", "storyboard", "takes", "film_runs", "delete_shot", "delete_film"),
    ):
        method, path, operation = told[name]
        path = path.replace("{film_id}", film_id).replace("{shot_id}", "lighthouse")
        sent = {}
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            (example, *_) = content["examples"].values()
            is_json = media_type.endswith("json")
            sent = {"json" if is_json else "content": example["value"]}
            sent["headers"] = {"Content-Type": media_type}
        answer = client.request(method, path, **sent)
        assert answer.is_success, f"{name}: {answer.text}"
        film_id = film_id or answer.json()["id"]
