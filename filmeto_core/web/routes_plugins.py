"""The plugins as another filmeto needs to know them: whole manifests, fingerprints, what they lack."""

import asyncio
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import Field

from filmeto_core.plugin_host.manifest import Problem
from filmeto_core.plugin_host.needs import missing
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.remote.home import served_home_id
from filmeto_core.types import Model
from filmeto_core.web.access import Reader
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.event_log import encoded

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
    plugins: list[ServedPlugin]
    problems: list[dict[str, Any]] = Field(
        description="What is wrong with others: file, line, field, reason, fatal of each"
    )


@router.get("/manifests", response_model=ServedPlugins, responses={304: {"description": "As told"}})
async def manifests(
    _caller: Reader,
    desk: AtDesk,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """Every plugin with its whole manifest and its fingerprint; 304 where nothing changed."""
    told = await asyncio.to_thread(_told, desk)
    etag = f'"{hashlib.sha256(told).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if if_none_match and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(told, headers=headers, media_type="application/json")


def _told(desk: Desk) -> bytes:
    registry = desk.service.registry
    found = [p for p in (registry.find(plugin.name) for plugin in registry.plugins) if p]
    return encoded(
        {
            "home": served_home_id(desk.service.settings),
            "plugins": [_plugin(plugin) for plugin in found],
            "problems": [_problem(problem) for problem in registry.problems],
        }
    )


def _plugin(plugin: Plugin) -> dict[str, Any]:
    return {
        "manifest": plugin.manifest.model_dump(mode="json"),
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
