"""FilmetoApi from Python: listing, each way to give an input, errors, inside another application.

python examples/python_api.py
"""

import asyncio
import base64
import functools
import http.server
import tempfile
import threading
from pathlib import Path

from filmeto_core import (
    FilmetoApi,
    FilmetoError,
    FilmetoTask,
    ResourceInput,
    ResourceType,
    TaskResult,
    ToolType,
)
from filmeto_core.settings import Settings


async def finish(api: FilmetoApi, task: FilmetoTask) -> TaskResult:
    """Run a task, tell of its progress, hand back its result."""
    async for update in api.execute_task_stream(task):
        if isinstance(update, TaskResult):
            return update
        print(f"  {update.percent:5.1f} %  {update.type:9}  {update.message}")
    raise AssertionError("a stream ends with a result")


async def listing(api: FilmetoApi) -> None:
    print("tools:", ", ".join(f"{t['name']} ({t['display_name']})" for t in api.list_tools()))
    print("plugins:", ", ".join(f"{p['name']} {p['version']}" for p in api.list_plugins()))
    speakers = api.get_plugins_by_tool(ToolType.TEXT2SPEAK)
    print("speech:", ", ".join(p["name"] for p in speakers))


async def text_to_image(api: FilmetoApi) -> Path:
    task = FilmetoTask(
        tool_name=ToolType.TEXT2IMAGE,
        plugin_name="text2image_demo",
        parameters={"prompt": "a small boat at dawn", "width": 320, "height": 180, "steps": 5},
    )
    result = await finish(api, task)
    print("picture:", result.get_image_path(), f"in {result.execution_time:.2f} s")
    return Path(result.get_image_path())


async def each_way_to_give_an_input(api: FilmetoApi, picture: Path, url: str) -> None:
    ways = {
        "a path": ResourceInput(type=ResourceType.LOCAL_PATH, data=str(picture)),
        "base64": ResourceInput(
            type=ResourceType.BASE64,
            data=base64.b64encode(picture.read_bytes()).decode(),
            mime_type="image/png",
        ),
        "a URL": ResourceInput(type=ResourceType.REMOTE_URL, data=url),
    }
    for way, resource in ways.items():
        task = FilmetoTask(
            tool_name=ToolType.IMAGE2VIDEO,
            parameters={"motion": "pan-left", "duration_s": 0.5},
            resources=[resource],
        )
        result = await finish(api, task)
        print(f"clip from {way}:", result.get_video_path())


async def errors(api: FilmetoApi) -> None:
    wrong = FilmetoTask(
        tool_name=ToolType.TEXT2IMAGE,
        plugin_name="text2image_demo",
        parameters={"prompt": "a boat", "widht": 320},
    )
    print("asked first:", api.validate_task(wrong))
    try:
        await finish(api, wrong)
    except FilmetoError as error:
        print(f"raised: {error.code}: {error}")


async def inside_an_application(api: FilmetoApi) -> None:
    """Calls run side by side with whatever else the event loop does."""
    tasks = [
        FilmetoTask(
            tool_name=ToolType.TEXT2IMAGE,
            plugin_name="text2image_demo",
            parameters={"prompt": word, "width": 128, "height": 128, "steps": 2},
        )
        for word in ("dawn", "noon", "dusk")
    ]
    results = await asyncio.gather(*(finish(api, task) for task in tasks))
    print("three at once:", [result.status for result in results])


def serve(folder: Path) -> http.server.ThreadingHTTPServer:
    """The folder over HTTP on this machine alone, to have a URL to give."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


async def main() -> None:
    # Addresses of one's own network are refused unless the settings allow them.
    async with FilmetoApi(settings=Settings(allow_private_urls=True)) as api:
        await listing(api)
        picture = await text_to_image(api)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "boat.png").write_bytes(picture.read_bytes())
            server = serve(Path(folder))
            try:
                url = f"http://127.0.0.1:{server.server_port}/boat.png"
                await each_way_to_give_an_input(api, picture, url)
            finally:
                server.shutdown()
                server.server_close()
        await errors(api)
        await inside_an_application(api)


if __name__ == "__main__":
    asyncio.run(main())
