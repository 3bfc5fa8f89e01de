"""The plugins as another filmeto needs them: whole manifests, fingerprints, environments built."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import Field

from filmeto_core.errors import FilmetoError
from filmeto_core.plugin_host.manifest import Problem
from filmeto_core.plugin_host.needs import missing
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.pricing import told_pricing
from filmeto_core.remote.home import folder_id, home_id, name_home
from filmeto_core.types import Model
from filmeto_core.web.access import Reader, Runner
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.event_log import Event, encoded, made_event
from filmeto_core.web.event_stream import EventStream
from filmeto_core.web.remote_calls import names_its_own
from filmeto_core.web.task_events import error_event

router = APIRouter(prefix="/api/v1/plugins", tags=["system"])


class ServedPlugin(Model):
    """A plugin."""

    manifest: dict[str, Any] = Field(description="Its plugin.yaml, checked, defaults filled in")
    fingerprint: str = Field(description="sha256 over what determines its results")
    source: str = Field(description="Where it was found: bundled, user, project, FILMETO_PLUGINS")
    missing: list[dict[str, str]] = Field(
        description="What it needs and lacks here: kind, name, what, advice of each"
    )


class ServedPlugins(Model):
    """All plugins."""

    home: str = Field(description="The name of the server's data folder, for who shares it")
    folder: str = Field(description="The same, wherever that folder lies: for who has it elsewhere")
    notes: bool = Field(
        description="Whether the caller's calls are noted in that folder's journal as it names them"
    )
    plugins: list[ServedPlugin]
    problems: list[dict[str, Any]] = Field(
        description="What is wrong with others: file, line, field, reason, fatal of each"
    )


@router.get("/manifests", response_model=ServedPlugins, responses={304: {"description": "As told"}})
async def manifests(
    caller: Reader,
    desk: AtDesk,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """Every plugin with its whole manifest and its fingerprint; 304 where nothing changed."""
    told = await asyncio.to_thread(_told, desk, names_its_own(caller))
    etag = f'"{hashlib.sha256(told).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if if_none_match and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(told, headers=headers, media_type="application/json")


@router.post("/{plugin_name}/prepare", response_class=EventStream)
async def prepare(plugin_name: str, _caller: Runner, desk: AtDesk) -> EventStream:
    """Build a plugin's environment, if it is not there: what happens, then a result or an error."""
    plugin = await asyncio.to_thread(desk.service.registry.get, plugin_name)
    return EventStream(_preparing(desk, plugin.name))


async def _preparing(desk: Desk, name: str) -> AsyncIterator[list[Event]]:
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    work = asyncio.ensure_future(desk.service.plugins.prepare(name, lines.put_nowait))
    work.add_done_callback(lambda _: lines.put_nowait(None))
    heartbeat_s, number = desk.service.settings.serve_heartbeat_s, 0

    def event(data: dict[str, Any]) -> list[Event]:
        return [made_event((desk.events.epoch, number), encoded(data))]

    try:
        while True:
            try:
                line = await asyncio.wait_for(lines.get(), heartbeat_s)
            except TimeoutError:
                yield []
                continue
            if line is None:
                break
            number += 1
            yield event({"_type": "progress", "message": line})
        number += 1
        try:
            await work
        except FilmetoError as error:
            yield event(error_event(error))
        else:
            yield event({"_type": "result", "plugin": name})
    finally:
        work.cancel()


def _told(desk: Desk, notes: bool) -> bytes:
    registry, settings = desk.service.registry, desk.service.settings
    name_home(settings)
    found = [p for p in (registry.find(plugin.name) for plugin in registry.plugins) if p]
    return encoded(
        {
            "home": home_id(settings),
            "folder": folder_id(settings),
            "notes": notes,
            "plugins": [_plugin(plugin) for plugin in found],
            "problems": [_problem(problem) for problem in registry.problems],
        }
    )


def _plugin(plugin: Plugin) -> dict[str, Any]:
    manifest = plugin.manifest.model_dump(mode="json")
    prices = told_pricing(plugin.manifest.pricing)  # a variable that is set here is not set there
    if prices is not None:
        manifest["pricing"] = prices
    return {
        "manifest": manifest,
        "fingerprint": plugin.fingerprint(),
        "source": plugin.source,
        "missing": [need.to_dict() for need in missing(plugin)],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    """Without the folders that lead to it, which are nobody's business elsewhere."""
    return {
        "file": f"{problem.file.parent.name}/{problem.file.name}",
        "line": problem.line,
        "field": problem.field,
        "reason": problem.reason,
        "fatal": problem.fatal,
    }
