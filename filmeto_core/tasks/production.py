"""A film in the making: its storyboard, its shots' work side by side, and what came of each call.

It knows how a film is run, not what it is made of: that is the flow's (flows/film.py).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from filmeto_core import film_calls
from filmeto_core.deployment.alive import tell_alive
from filmeto_core.errors import BudgetError, FilmetoError, FilmFailedError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film_board import film_folder, film_stem, open_board, read_budget
from filmeto_core.film_calls import arguments, voice_durations_s
from filmeto_core.film_pins import full_digest, pinned_output
from filmeto_core.film_preflight import calls_of, check_budget
from filmeto_core.joined_clip import continuing_picture, joined
from filmeto_core.money import Money
from filmeto_core.out_folder import out_folder
from filmeto_core.plan.planner import plan_board
from filmeto_core.plugin_host.discovery import one_look_a_turn
from filmeto_core.readiness import make_ready
from filmeto_core.resources.inputs import prepare, resource_input
from filmeto_core.review.ledger import Ledger
from filmeto_core.tasks.film_budget import stopped_by
from filmeto_core.tasks.film_run import FilmRun, settle_collected
from filmeto_core.tasks.film_story import FilmStory
from filmeto_core.tasks.made import Asset, note_reused, readable_copy, stand_in_notes, tell_reused
from filmeto_core.tasks.placed import require_shared_stores
from filmeto_core.tasks.runtime import (
    CallEvent,
    flush_shared,
    keeping,
    making,
    noting,
    placed,
    publish,
    service,
)
from filmeto_core.tasks.tools import ToolTask
from filmeto_core.tool_arguments import positional
from filmeto_core.types import ResourceOutput, ToolType

logger = logging.getLogger(__name__)

T = TypeVar("T")

REPORT = "film.json"
FILE_NAMES = {
    ToolType.TEXT2IMAGE: "still",
    ToolType.IMAGE2IMAGE: "look",
    ToolType.IMAGE2VIDEO: "clip",
    ToolType.TEXT2VIDEO: "clip",
    ToolType.SPEAK2VIDEO: "clip",
    ToolType.TEXT2SPEAK: "voice",
    ToolType.TEXT2MUSIC: "score",
}
# What the storyboard calls the files of one's own that are laid beside the film under these names.
OWN_FIELDS = {"still": "image", "voice": "voice_file", "sound": "sound.file", "score": "music.file"}


class Production:
    """One film being made; `open_production` makes it.

    Args:
        board: The storyboard, checked.
        out: The folder for the film and its parts, absolute.
        run: Its run in the journal.
        refresh: Shots that are made anew whatever is there.

    What is made of it is made inside `async with`: its run begins and ends there.
    """

    def __init__(
        self, board: Storyboard, out: Path, run: FilmRun, refresh: frozenset[str] = frozenset()
    ) -> None:
        self.board, self.out, self.run, self.refresh = board, out, run, refresh
        self.assets: list[Asset] = []
        self.copies: dict[Path, ResourceOutput] = {}
        self.notes: list[str] = []
        self.story = FilmStory(board, out, refresh, run.storyboard)
        self._failed: dict[str | None, FilmetoError] = {}
        self._left = ExitStack()

    async def __aenter__(self) -> "Production":
        tell_alive()
        here = service()
        here.hold()
        await asyncio.to_thread(settle_collected, here.journal, here.calls)
        await asyncio.to_thread(self._keep_pins)
        begun = await asyncio.to_thread(self.run.begin)
        for inside in (placed(begun), keeping(here), one_look_a_turn(), self.story.watching()):
            self._left.enter_context(inside)
        try:
            await self.story.begin()
            await self.make_ready()
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._left.close()
        self.run.end(error)
        await self.story.end(error)
        if not isinstance(error, asyncio.CancelledError):
            await flush_shared()

    async def make_ready(self) -> None:
        """Build the environments that the film's plugins need, before the first call.

        Raises:
            PluginEnvironmentError: One cannot be built, and nothing stands in for it.
        """
        tasks = [task for _, task in calls_of(service(), self.board)]
        tools = {service().plugin_for(task).name: str(task.tool_name) for task in tasks}

        def tell(plugin: str, kind: str, line: str = "") -> None:
            about = {"call_id": plugin, "shot": None, "tool": tools.get(plugin, "")}
            told = {"plugin": plugin, "kind": kind, "stage": "environment", "message": line}
            publish(CallEvent(**about, **told))

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
            shot.id: asyncio.create_task(self.one(shot, make, [p[shot.id] for p in after], also))
            for shot in self.board.shots
        }

    def once(self, make: Callable[..., Awaitable[T]], **also: Any) -> "asyncio.Task[T | None]":
        """Start `make(production, **also)`, for the film as a whole; not where a shot has failed.

        What the whole film needs would be made for another film then, and perhaps paid for.
        """
        if self._failed:
            return asyncio.create_task(_nothing())
        return asyncio.create_task(self.one(None, make, [], also))

    async def gather(self, parts: Mapping[str, Awaitable[T | None]]) -> dict[str, T]:
        """The parts that were made, by shot; shots without one are left out."""
        made = await asyncio.gather(*parts.values())
        return {shot: part for shot, part in zip(parts, made, strict=True) if part is not None}

    async def one(
        self,
        shot: Shot | None,
        make: Callable[..., Awaitable[T]],
        before: Sequence[Awaitable[Any]],
        also: Mapping[str, Any],
    ) -> T | None:
        """One shot's part, or the film's (None): made when those before it are there."""
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
        self._finish_at_budget()
        reasons = "\n".join(f"  {error}" for error in self._failed.values())
        failed = len([name for name in self._failed if name])
        what = f"{failed} of {len(self.board.shots)} shots failed" if failed else "the score failed"
        raise FilmFailedError(
            f"{what}:\n{reasons}\n",
            hint="All other work is kept; once this is mended, run the same command again.",
            shots={name or "score": error.to_dict() for name, error in self._failed.items()},
            retryable=all(error.retryable for error in self._failed.values()),
        )

    def _finish_at_budget(self) -> None:
        """Raise for a film that nothing but its budget stopped: what is missing, what it would cost."""
        errors = list(self._failed.values())
        if self.run.budget is None or not all(isinstance(e, BudgetError) for e in errors):
            return
        journal = service().journal
        journal.flush()
        plan = plan_board(service(), self.board, self.out, self.refresh)
        spent = journal.spent(self.run.film)
        shots = {name or "score": error.to_dict() for name, error in self._failed.items()}
        raise stopped_by(self.run.budget, spent, plan, errors, shots=shots)

    async def call(self, tool: ToolTask, shot: Shot | None, *given: Any, **offer: Any) -> Any:
        """Call a tool for a shot, or for the film: plugin, take, seed come from the storyboard.

        Args:
            given: The tool's arguments that need no name: a file, a text.
            offer: Parameters; None, and what the serving plugin does not know, is left out.
        """
        name = FILE_NAMES.get(ToolType(tool.name), ToolType(tool.name).makes)
        return await self._called(tool, shot, name, given, offer)

    async def continued(
        self, tool: ToolTask, shot: Shot, still: ResourceOutput, asked: Mapping[str, Any]
    ) -> ResourceOutput:
        """A clip made from a still; in several pieces that are joined, where the profile says so."""
        here, pieces = service(), film_calls.pieces(service(), self.board, shot, asked)
        if len(pieces) == 1:
            return await self.call(tool, shot, still, **asked)
        made: list[ResourceOutput] = []
        for i, piece in enumerate(pieces):
            if made:
                still = await asyncio.to_thread(continuing_picture, here.store, made[-1], shot.id)
            made.append(await self._called(tool, shot, f"clip-{i + 1}", (still,), piece))
        size = (self.board.width_px, self.board.height_px)
        frames = film_calls.frames_of(self.board, pieces)
        clip = await joined(here, made, frames, size, self.board.fps, shot.id)
        await asyncio.to_thread(self.keep_copy, clip, shot, "clip")
        return clip

    async def _called(
        self,
        tool: ToolTask,
        shot: Shot | None,
        name: str,
        given: Sequence[Any],
        offer: Mapping[str, Any],
    ) -> Any:
        """As `call`; the copy beside the film has this name."""
        kind = ToolType(tool.name)
        if shot is not None and kind in shot.pinned:
            return await self.pinned(kind, shot)
        task = tool.with_options(refresh_cache=True) if shot and shot.id in self.refresh else tool
        named = dict(zip(positional(kind), given, strict=False))
        options = arguments(service(), self.board, shot, kind, named | offer)
        with noting() as ran:
            output = await task(**options)
        asset = Asset.of(output, shot.id if shot else None)
        self.assets.append(asset)
        if not ran:
            tell_reused(asset)
            note_reused(output, shot.id if shot else None)
        await asyncio.to_thread(self.keep_copy, output, shot, name)
        return output

    def all_notes(self) -> list[str]:
        """What differs from what was asked: lines for people."""
        place = {shot.id: i for i, shot in enumerate(self.board.shots)}
        in_order = sorted(self.assets, key=lambda asset: place.get(asset.shot, len(place)))
        return [*self.notes, *stand_in_notes(in_order)]

    async def pinned(self, tool: ToolType, shot: Shot) -> ResourceOutput | None:
        """The file that the shot keeps for this tool, whatever is asked; None where it keeps none."""
        digest = shot.pinned.get(tool)
        if digest is None:
            return None
        output = await asyncio.to_thread(pinned_output, service().store, shot, tool)
        asset = Asset.of_pin(output, shot.id, str(tool))
        self.assets.append(asset)
        tell_reused(asset)
        await asyncio.to_thread(self.keep_copy, output, shot, FILE_NAMES.get(tool, tool.makes))
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

    def _keep_pins(self) -> None:
        store = service().store
        pins = [full_digest(store, p) for shot in self.board.shots for p in shot.pinned.values()]
        if pins:
            store.keep_film(self.out / REPORT, [pin for pin in pins if pin])

    def keep_copy(self, output: ResourceOutput, shot: Shot | None, name: str) -> None:
        """Lay a copy of a part beside the film, under a readable name."""
        folder = self.out / "shots" / shot.id if shot else self.out
        copy = folder / (name + Path(output.path).suffix)
        readable_copy(Path(output.path), copy)
        self.copies[copy] = output

    def durations_s(self, parts: Mapping[str, ResourceOutput]) -> dict[str, float]:
        """How long the parts last, by shot."""
        return {
            shot: part.metadata["duration_s"]
            for shot, part in parts.items()
            if part.metadata.get("duration_s")
        }

    def voice_durations_s(self, voices: Mapping[str, ResourceOutput]) -> dict[str, float]:
        """How long the narrations last; guessed where one failed, so that other shots go on."""
        return voice_durations_s(self.board, self.durations_s(voices))


async def _nothing() -> None:
    return None


def open_production(
    storyboard: Path | str | Mapping[str, Any],
    *,
    out: Path | str | None = None,
    profile: str | None = None,
    shots: Sequence[str] | None = None,
    draft: bool = False,
    refresh: Sequence[str] | None = None,
    budget: Money | str | float | None = None,
) -> Production:
    """A production of this storyboard, checked whole before anything starts.

    Args:
        storyboard: Its file, or its fields.
        out: The folder for the film and its parts; by default out/STEM.
        profile: Instead of the storyboard's own.
        shots: These alone.
        draft: At half the size.
        refresh: Shots that are made anew whatever is there.
        budget: The most that the film may cost in all its runs, such as "5.00 EUR".

    Raises:
        StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: Something
            is wrong.
    """
    here, stem = service(), film_stem(storyboard)
    board = open_board(here, storyboard, profile=profile, shots=shots, draft=draft, refresh=refresh)
    folder, most = out_folder(film_folder(storyboard, out)), read_budget(budget)
    board = Ledger(folder).edited(board)
    check_budget(here, board, most)
    require_shared_stores(here, board)
    given = {"shots": shots, "draft": draft, "refresh": refresh}
    run = FilmRun(
        here.journal,
        stem,
        str(folder),
        None if isinstance(storyboard, Mapping) else str(Path(storyboard).absolute()),
        board.profile,
        {name: value for name, value in given.items() if value},
        most,
    )
    return Production(board, folder, run, frozenset(refresh or ()))
