"""A client of the web API with nothing but httpx: list the tools, make a picture, watch it grow.

    filmeto serve
    python examples/web_client.py "a lighthouse at dawn"

FILMETO_API_URL says where the server is, by default http://127.0.0.1:8000; FILMETO_API_KEY its key.
"""

import json
import os
import sys
from collections.abc import Iterator

import httpx


def events(answer: httpx.Response) -> Iterator[dict]:
    """The events of a stream: each is one line of JSON after "data: "."""
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def list_tools(client: httpx.Client) -> None:
    for tool in client.get("/api/v1/tools").raise_for_status().json():
        print(f"{tool['name']:12}  {', '.join(tool['plugins']) or 'no plugin'}")


def text2image(client: httpx.Client, prompt: str) -> dict:
    """Run the tool and tell of its progress; the result's fields."""
    task = {"tool_name": "text2image", "parameters": {"prompt": prompt}}
    with client.stream("POST", "/api/v1/tasks/execute", json=task) as answer:
        if answer.is_error:
            raise SystemExit(json.loads(answer.read())["detail"])
        for event in events(answer):
            if event["_type"] == "progress":
                print(f"{event['percent']:5.1f} %  {event['message']}")
            elif event["_type"] == "error":
                raise SystemExit(f"{event['code']}: {event['message']}")
            else:
                return event
    raise SystemExit("the connection was cut before the result came")


def main() -> None:
    key = os.environ.get("FILMETO_API_KEY")
    client = httpx.Client(
        base_url=os.environ.get("FILMETO_API_URL", "http://127.0.0.1:8000"),
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=httpx.Timeout(10, read=60),  # a silent stream carries a comment every 15 s
    )
    with client:
        list_tools(client)
        result = text2image(client, sys.argv[1] if len(sys.argv) > 1 else "a lighthouse at dawn")
        if result["status"] != "success":
            raise SystemExit(result["error_message"])
        for output in result["output_resources"]:
            picture = client.get(output["url"]).raise_for_status().content
            print(f"{output['path']}  {output['mime_type']}, {len(picture)} bytes over HTTP")


if __name__ == "__main__":
    try:
        main()
    except httpx.ConnectError as error:
        url = error.request.url
        raise SystemExit(f"{url} does not answer: start a server by `filmeto serve`") from None
