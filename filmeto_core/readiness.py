"""Environments built before the first call, and who stands in for a plugin that has none."""

import asyncio
import functools
from collections.abc import Callable, Iterable, Sequence

from filmeto_core.errors import PluginEnvironmentError
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

    Where one cannot be built and the profile names another plugin, that one serves from now on.

    Args:
        say: Gets a plugin's name and a line for people.
        ended: Gets the name of each plugin that was looked at, once it is ready or has failed.

    Returns:
        Who stands in for whom, and why: lines for people.

    Raises:
        PluginEnvironmentError: One cannot be built, and nothing stands in for it.
    """
    wanted, notes = list(tasks), []
    while True:
        names = _serving(service, wanted)
        failed = await _build(service, names, say, ended)
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
    return sorted({service.plugin_for(task).name for task in tasks})


async def _build(
    service: FilmetoService, names: Sequence[str], say: Say, ended: Callable[[str], None]
) -> dict[str, PluginEnvironmentError]:
    async def build(name: str) -> PluginEnvironmentError | None:
        try:
            await service.plugins.prepare(name, functools.partial(say, name))
        except PluginEnvironmentError as error:
            ended(name)
            return error
        ended(name)
        return None

    errors = await asyncio.gather(*map(build, names))
    return {name: e for name, e in zip(names, errors, strict=True) if e is not None}
