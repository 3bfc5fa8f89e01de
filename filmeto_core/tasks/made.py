"""What came of each tool call of a film: the assets of film.json, and readable copies of files."""

import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field

from filmeto_core.errors import some_of
from filmeto_core.journal.call_notes import Noted
from filmeto_core.money import Money
from filmeto_core.resources.durable import out_errors
from filmeto_core.tasks.runtime import CallEvent, current_place, publish, service
from filmeto_core.tasks.tool_call import computed_here
from filmeto_core.types import Model, ResourceOutput


class Asset(Model):
    """One tool call's result, as film.json tells of it."""

    shot: str | None = Field(description="None for what belongs to the film as a whole")
    tool: str
    plugin: str
    plugin_version: str
    digest: str | None = Field(description="sha256:HEX of the file")
    path: str = Field(description="Absolute, in the store")
    mime_type: str
    parameters: dict[str, Any] = Field(description="As the plugin got them, defaults filled in")
    resources: list[str] = Field(description="Digests of its inputs, in order")
    cached: bool = Field(description="Whether it was there already")
    seconds: float = Field(description="What computing it took, whenever that was")
    cost: Money | None = Field(None, description="What it cost, whenever that was; None: nothing")
    attempts: int = Field(1, description="How often it was begun until it worked")
    stands_in: dict[str, Any] | None = Field(
        None, description="For which plugin it was made by this one, and why: for, why, code"
    )
    pinned: bool = Field(False, description="Whether the storyboard keeps this very file")

    @classmethod
    def of(cls, output: ResourceOutput, shot: str | None) -> "Asset":
        """The asset that a tool task returned."""
        call = output.metadata["call"]
        return cls(
            shot=shot,
            tool=call["tool"],
            plugin=call["plugin"],
            plugin_version=call["plugin_version"],
            digest=output.digest,
            path=output.path,
            mime_type=output.mime_type,
            parameters=call["parameters"],
            resources=call["resources"],
            cached=not computed_here(call["id"]),
            seconds=call["seconds"],
            cost=call.get("cost"),
            attempts=call.get("attempts", 1),
            stands_in=call.get("stands_in"),
        )

    @classmethod
    def of_pin(cls, output: ResourceOutput, shot: str, tool: str) -> "Asset":
        """The asset that a shot keeps; what made it is not asked again."""
        return cls(
            shot=shot,
            tool=tool,
            plugin="",
            plugin_version="",
            digest=output.digest,
            path=output.path,
            mime_type=output.mime_type,
            parameters={},
            resources=[],
            cached=True,
            seconds=0.0,
            pinned=True,
        )


def note_reused(output: ResourceOutput, shot: str | None) -> None:
    """Note a call whose result Prefect had, so that its task never ran."""
    call, place = output.metadata["call"], current_place()
    if "key" not in call:  # kept by an older filmeto
        return
    noted = Noted(
        id=str(uuid.uuid4()),
        key=call["key"],
        tool=call["tool"],
        plugin=call["plugin"],
        plugin_version=call["plugin_version"],
        fingerprint=call["fingerprint"],
        parameters=call["parameters"],
        resources=call["resources"],
        take=call.get("take", 1),
        run_id=place.run_id,
        film=place.film,
        shot=shot,
    )
    cost = Money.read(call["cost"]) if call.get("cost") else None
    service().journal.reused(noted, call["seconds"], cost, [output.digest or ""])


def tell_reused(asset: Asset) -> None:
    """Tell those who watch of a call that Prefect had, so that its task never ran."""
    publish(
        CallEvent(
            call_id=asset.digest or "",
            shot=asset.shot,
            tool=asset.tool,
            plugin=asset.plugin,
            kind="done",
            percent=100.0,
            cached=True,
            seconds=asset.seconds,
        )
    )


def stand_in_notes(assets: Iterable[Asset]) -> list[str]:
    """Who made what in place of whom, and why: a line for each reason."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for asset in assets:
        if asset.stands_in:
            reason = (asset.plugin, asset.stands_in["for"], asset.stands_in["why"])
            told.setdefault(reason, []).append(f"{asset.shot or 'the film'} · {asset.tool}")
    return [
        f"{plugin} made {some_of(calls)}, since {first} failed: {why.rstrip('.')}. "
        f"--refresh SHOT asks {first} again"
        for (plugin, first, why), calls in told.items()
    ]


def readable_copy(source: Path, target: Path) -> None:
    """Copy a file of the store to where people look; what is there and the same is left alone.

    The copy appears whole or not at all, and is the user's to change.
    """
    if _same(source, target):
        return
    whole = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    with out_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, whole)
            stat = source.stat()
            os.utime(whole, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            os.replace(whole, target)
        finally:
            whole.unlink(missing_ok=True)


def _same(source: Path, target: Path) -> bool:
    """Whether the target is this file's copy: size and time of change tell, as for rsync."""
    try:
        theirs = target.stat()
    except OSError:
        return False
    ours = source.stat()
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)
