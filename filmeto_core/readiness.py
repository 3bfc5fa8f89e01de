"""Environments built before the first call, and who stands in for a plugin that has none."""

import asyncio
import functools
from collections.abc import Callable, Iterable, Sequence

from filmeto_core.errors import (
    FilmetoError,
    PluginEnvironmentError,
    PluginNotFoundError,
    PluginStartError,
)
from filmeto_core.plugin_host.needs import require
from filmeto_core.service import FilmetoService
from filmeto_core.types import FilmetoTask

Say = Callable[[str, str], None]


async def make_ready(
    service: FilmetoService,
    tasks: Iterable[FilmetoTask],
    say: Say = lambda _plugin, _line: None,
    ended: Callable[[str], None] = lambda _plugin: None,
) -> list[str]:
    """Build the environments of the plugins that serve these tasks, side by side.

    Where one cannot be built, or something that it needs is absent, and the profile names another
    plugin, that one serves from now on.

    Args:
        say: Gets a plugin's name and a line for people.
        ended: Gets the name of each plugin that was looked at, once it is ready or has failed.

    Returns:
        Who stands in for whom, and why: lines for people.

    Raises:
        PluginEnvironmentError: One cannot be built, and nothing stands in for it.
        PluginStartError: Something that one needs is absent, and nothing stands in for it.
    """
    wanted, notes = list(tasks), []
    while True:
        names = _serving(service, wanted)
        failed = await build_all(service, names, say, ended, required=True)
        service.unusable.update(failed)
        after = _serving(service, wanted)
        for name, error in failed.items():
            if name in after:
                raise error
            instead = ", ".join(sorted(set(after) - set(names))) or "another plugin"
            notes.append(f"{instead} serves instead of {name}: {error.message}")
        if not failed:
            return notes


def _serving(service: FilmetoService, tasks: Sequence[FilmetoTask]) -> list[str]:
    """Those that work on this machine: those of a work queue are made ready where they work."""
    found = [service.serving_for(task) for task in tasks]
    placed = service.elsewhere is not None
    return sorted({one.plugin.name for one in found if not (placed and one.queue)})


async def build_all(
    service: FilmetoService,
    names: Sequence[str],
    say: Say = lambda _plugin, _line: None,
    ended: Callable[[str], None] = lambda _plugin: None,
    required: bool = False,
) -> dict[str, FilmetoError]:
    """Build the environments of these plugins side by side; one that fails stops no other.

    Args:
        say, ended: As for `make_ready`.
        required: Whether what a plugin needs of the machine (a GPU, a variable, a program) has to
            be there as well.

    Returns:
        Why the environments that are not there could not be built, by plugin.
    """

    async def build(name: str) -> FilmetoError | None:
        try:
            if required:
                await asyncio.to_thread(require, service.registry.get(name))
            await service.plugins.prepare(name, functools.partial(say, name))
        except (PluginEnvironmentError, PluginStartError, PluginNotFoundError) as error:
            return error
        finally:
            ended(name)
        return None

    errors = await asyncio.gather(*map(build, names))
    return {name: e for name, e in zip(names, errors, strict=True) if e is not None}


def chosen(service: FilmetoService, profile: str | None = None) -> list[str]:
    """The installed plugins that a profile names, alternatives as well, in the order of its tools."""
    named = [
        name
        for by_language in service.project.profile(profile).tools.values()
        for choice in by_language.values()
        for name in choice.plugins
    ]
    return [name for name in dict.fromkeys(named) if service.registry.find(name) is not None]
