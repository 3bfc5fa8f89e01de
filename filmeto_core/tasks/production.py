"""A film in the making: its storyboard, its shots' work side by side, and what came of each call.

It knows how a film is run, not what it is made of: that is the flow's (flows/film.py).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from filmeto_core.errors import FilmetoError, FilmFailedError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.readiness import make_ready
from filmeto_core.resources.inputs import prepare, resource_input
from filmeto_core.tasks.board import film_stem, open_board
from filmeto_core.tasks.made import Asset, readable_copy
from filmeto_core.tasks.preflight import calls_of
from filmeto_core.tasks.runtime import CallEvent, making, noting, publish, service
from filmeto_core.tasks.tools import ToolTask
from filmeto_core.types import FilmetoTask, ResourceOutput, ToolType

logger = logging.getLogger(__name__)

T = TypeVar("T")

FILE_NAMES = {
    ToolType.TEXT2IMAGE: "still",
    ToolType.IMAGE2VIDEO: "clip",
    ToolType.TEXT2SPEAK: "voice",
    ToolType.TEXT2MUSIC: "score",
}
# What the storyboard calls the files of one's own that are laid beside the film under these names.
OWN_FIELDS = {"still": "image", "voice": "voice_file", "sound": "sound.file", "score": "music.file"}
READING_SPEED_CPS = 15.0  # what a narration takes, where it could not be spoken
SHORTEST_VOICE_S = 1.0


class Production:
    """One film being made; `open_production` makes it.

    Args:
        board: The storyboard, checked.
        out: The folder for the film and its parts, absolute.
        refresh: Shots that are made anew whatever is there.
    """

    def __init__(self, board: Storyboard, out: Path, refresh: frozenset[str] = frozenset()) -> None:
        self.board, self.out, self.refresh = board, out, refresh
        self.assets: list[Asset] = []
        self.notes: list[str] = []
        self._failed: dict[str | None, FilmetoError] = {}

    async def make_ready(self) -> None:
        """Build the environments that the film's plugins need, before the first call.

        Raises:
            PluginEnvironmentError: One cannot be built, and nothing stands in for it.
        """
        tasks = [task for _, task in calls_of(self.board)]
        tools = {service().plugin_for(task).name: str(task.tool_name) for task in tasks}

        def tell(plugin: str, kind: str, line: str = "") -> None:
            event = {"call_id": plugin, "shot": None, "tool": tools.get(plugin, "")}
            told = {"plugin": plugin, "kind": kind, "stage": "environment", "message": line}
            publish(CallEvent(**event, **told))

        self.notes += await make_ready(
            service(),
            tasks,
            lambda plugin, line: tell(plugin, "progress", line),
            lambda plugin: tell(plugin, "done"),
        )

    def each(
        self,
        make: Callable[..., Awaitable[T]],
        *after: Mapping[str, Awaitable[Any]],
        **also: Any,
    ) -> dict[str, "asyncio.Task[T | None]"]:
        """Start `make(production, shot, *parts, **also)` for every shot at once.

        Args:
            make: Makes one shot's part; None where the shot has none.
            after: Earlier parts by shot; each is waited for and handed on.
            also: Handed on as it is.

        Returns:
            By shot, what is being made. A part that fails ends as None, nothing later is made of
            that shot, and `finish` raises for it; the other shots go on.
        """
        return {
            shot.id: asyncio.create_task(self._one(shot, make, [p[shot.id] for p in after], also))
            for shot in self.board.shots
        }

    def once(self, make: Callable[..., Awaitable[T]], **also: Any) -> "asyncio.Task[T | None]":
        """Start `make(production, **also)`, for the film as a whole."""
        return asyncio.create_task(self._one(None, make, [], also))

    async def gather(self, parts: Mapping[str, Awaitable[T | None]]) -> dict[str, T]:
        """The parts that were made, by shot; shots without one are left out."""
        made = await asyncio.gather(*parts.values())
        return {shot: part for shot, part in zip(parts, made, strict=True) if part is not None}

    async def _one(
        self,
        shot: Shot | None,
        make: Callable[..., Awaitable[T]],
        before: Sequence[Awaitable[Any]],
        also: Mapping[str, Any],
    ) -> T | None:
        parts = await asyncio.gather(*before)
        name = shot.id if shot else None
        if name in self._failed:
            return None
        with making(name):
            try:
                return await make(self, *([shot] if shot else []), *parts, **also)
            except FilmetoError as error:
                self._failed[name] = error.with_details(shot=name)
                logger.error("%s", error)
                return None
            except Exception as error:  # the edge of a shot: a fault of ours costs it alone
                logger.exception("%s", name or "the film")
                self._failed[name] = FilmetoError(
                    f"unexpected {type(error).__name__}: {error}",
                    hint="Report this as a bug of filmeto; the run's log has the traceback.",
                    shot=name,
                )
                return None

    def finish(self) -> None:
        """Raise for what failed, once nothing more can be done.

        Raises:
            FilmFailedError: Names each shot, why it failed, and what to do.
        """
        if not self._failed:
            return
        reasons = "\n".join(f"  {error}" for error in self._failed.values())
        shots = len(self.board.shots)
        failed = len([name for name in self._failed if name])
        what = f"{failed} of {shots} shots failed" if failed else "the score failed"
        raise FilmFailedError(
            f"{what}:\n{reasons}\n",
            hint="All other work is kept; once this is mended, run the same command again.",
            shots={name or "score": error.to_dict() for name, error in self._failed.items()},
            retryable=all(error.retryable for error in self._failed.values()),
        )

    async def call(self, tool: ToolTask, shot: Shot | None, *arguments: Any, **offer: Any) -> Any:
        """Call a tool for a shot, or for the film: plugin, take, seed come from the storyboard.

        Args:
            offer: Parameters; None, and what the serving plugin does not know, is left out.
        """
        kind = ToolType(tool.name)
        task = tool.with_options(refresh_cache=True) if self._refreshed(shot) else tool
        options = self._known(kind, {**self._routing(kind, shot), **offer}, arguments)
        with noting() as ran:
            output = await task(*arguments, **options)
        asset = Asset.of(output, shot.id if shot else None)
        self.assets.append(asset)
        if not ran:
            _tell_reused(asset)
        await asyncio.to_thread(self.keep_copy, output, shot, FILE_NAMES.get(kind, kind.makes))
        return output

    async def own(
        self, path: str | Path | None, kind: str, shot: Shot | None, name: str
    ) -> ResourceOutput | None:
        """One's own file, checked and kept in the store; None where there is none."""
        if path is None:
            return None
        here = service()
        kept = await prepare(
            resource_input(path),
            store=here.store,
            settings=here.settings,
            field=OWN_FIELDS.get(name, name),
            kinds={kind},
        )
        output = ResourceOutput(
            type=kept.info.kind,
            path=str(kept.path),
            mime_type=kept.info.mime_type,
            size=kept.path.stat().st_size,
            metadata={"digest": kept.digest, "duration_s": kept.info.duration_s},
        )
        await asyncio.to_thread(self.keep_copy, output, shot, name)
        return output

    def keep_copy(self, output: ResourceOutput, shot: Shot | None, name: str) -> None:
        """Lay a copy of a part beside the film, under a readable name."""
        folder = self.out / "shots" / shot.id if shot else self.out
        readable_copy(Path(output.path), folder / (name + Path(output.path).suffix))

    def durations_s(self, parts: Mapping[str, ResourceOutput]) -> dict[str, float]:
        """How long the parts last, by shot."""
        return {
            shot: part.metadata["duration_s"]
            for shot, part in parts.items()
            if part.metadata.get("duration_s")
        }

    def voice_durations_s(self, voices: Mapping[str, ResourceOutput]) -> dict[str, float]:
        """How long the narrations last; guessed where one failed, so that other shots go on."""
        guessed = {
            shot.id: max(SHORTEST_VOICE_S, len(shot.narration or "") / READING_SPEED_CPS)
            for shot in self.board.shots
            if shot.narration or shot.voice_file
        }
        return guessed | self.durations_s(voices)

    def _refreshed(self, shot: Shot | None) -> bool:
        return shot is not None and shot.id in self.refresh

    def _routing(self, tool: ToolType, shot: Shot | None) -> dict[str, Any]:
        board = self.board
        return {
            "profile": board.profile,
            "plugin": shot.plugin.get(tool) if shot else None,
            "take": board.take_of(shot) if shot else board.take,
            "seed": board.seed_of(shot) if shot else board.seed,
        }

    def _known(
        self, tool: ToolType, options: dict[str, Any], arguments: Sequence[Any]
    ) -> dict[str, Any]:
        text = arguments[0] if tool is ToolType.TEXT2SPEAK else ""
        task = FilmetoTask(
            tool_name=tool,
            plugin_name=options["plugin"],
            parameters={"text": text, "language": options.get("language")},
            metadata={"profile": options["profile"]},
        )
        names = {*service().parameter_names(task), "profile", "plugin", "take"}
        return {k: v for k, v in options.items() if v is not None and k in names}


def _tell_reused(asset: Asset) -> None:
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


def open_production(
    storyboard: Path | str | Mapping[str, Any],
    *,
    out: Path | str | None = None,
    profile: str | None = None,
    shots: Sequence[str] | None = None,
    draft: bool = False,
    refresh: Sequence[str] | None = None,
) -> Production:
    """A production of this storyboard, checked whole before anything starts.

    Args:
        storyboard: Its file, or its fields.
        out: The folder for the film and its parts; by default out/STEM.
        profile: Instead of the storyboard's own.
        shots: These alone.
        draft: At half the size.
        refresh: Shots that are made anew whatever is there.

    Raises:
        StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: Something
            is wrong.
    """
    board = open_board(storyboard, profile=profile, shots=shots, draft=draft, refresh=refresh)
    folder = Path(out) if out else Path("out") / film_stem(storyboard)
    return Production(board, folder.absolute(), frozenset(refresh or ()))
