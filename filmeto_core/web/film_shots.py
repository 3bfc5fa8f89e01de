"""One shot of a film as it stands: what is asked for, what there is of it, and what it waits for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.film.storyboard_values import read_duration
from filmeto_core.film.timeline import Timeline
from filmeto_core.film_calls import look, speech, still
from filmeto_core.film_pins import full_digest
from filmeto_core.journal.models import Call
from filmeto_core.money import Money
from filmeto_core.service import FilmetoService
from filmeto_core.types import ToolType
from filmeto_core.web.film_live import LiveShot
from filmeto_core.web.film_models import FilmError, Part, ShotDetail
from filmeto_core.web.film_parts import FilmParts, file_url, part_name
from filmeto_core.web.film_store import FilmFolder

_OWN = {"image": "still", "clip": "clip", "voice_file": "voice"}


@dataclass(frozen=True)
class ShotTeller:
    """Tells of the shots of one film.

    Args:
        film: The film.
        parts: Tells of files.
        calls: By shot and tool, the last one that ended well.
        live: By id, what a run in hand has to tell.
        failed: By id, why it failed in the last run.
        service: Where pinned files lie, and who serves which tool.
    """

    film: FilmFolder
    parts: FilmParts
    calls: Mapping[tuple[str | None, str], Call]
    live: Mapping[str, LiveShot]
    failed: Mapping[str, FilmError]
    service: FilmetoService

    def tell(self, board: Storyboard, shot: Shot, timeline: Timeline | None) -> ShotDetail:
        """The shot."""
        parts = self._parts(board, shot)
        clip = timeline.by_shot.get(shot.id) if timeline else None
        return ShotDetail(
            id=shot.id,
            prompt=shot.prompt,
            kind=str(shot.kind),
            narration=shot.narration,
            line=shot.line,
            character=shot.character,
            look=shot.look.to_dict() if shot.look else None,
            mood=shot.mood,
            motion=str(shot.motion),
            duration_s=shot.duration_s,
            transition=shot.transition.to_dict(),
            take=board.take_of(shot),
            pinned={str(tool): digest for tool, digest in shot.pinned.items()},
            start_s=timeline.seconds(clip.start_frame) if clip else None,
            length_s=timeline.seconds(clip.frames) if clip else None,
            cost=total_cost(parts.values()),
            parts=parts,
            **self._stand(board, shot, parts),
        )

    def _parts(self, board: Storyboard, shot: Shot) -> dict[str, Part]:
        found: dict[str, Part | None] = {}
        looks = [ToolType.IMAGE2IMAGE] if board.look_of(shot) else []
        for tool in (ToolType.TEXT2SPEAK, ToolType.TEXT2IMAGE, *looks, shot.clip_tool):
            if tool in shot.pinned:
                found[part_name(tool)] = self._pinned(shot, tool)
            elif (shot.id, tool) in self.calls:
                found[part_name(tool)] = self.parts.of_call(self.calls[shot.id, tool])
        for field, name in _OWN.items():
            if path := getattr(shot, field):
                found[name] = own_part(self.parts, self.film, path, name, shot.id)
        if shot.sound:
            found["sound"] = own_part(self.parts, self.film, shot.sound.file, "sound", shot.id)
        return {name: part for name, part in found.items() if part is not None}

    def _pinned(self, shot: Shot, tool: ToolType) -> Part | None:
        digest = full_digest(self.service.store, shot.pinned[tool])
        part = self.parts.of_digest(digest, part_name(tool)) if digest else None
        return part and part.model_copy(update={"tool": str(tool), "pinned": True})

    def _stand(self, board: Storyboard, shot: Shot, parts: Mapping[str, Part]) -> dict[str, Any]:
        live = self.live.get(shot.id)
        if live is not None:
            names = ("state", "percent", "stage", "message", "error")
            return {name: getattr(live, name) for name in names}
        if self._is_made(board, shot, parts):
            return {"state": "done", "percent": 100.0}
        if shot.id in self.failed:
            error = self.failed[shot.id]
            return {"state": "failed", "message": error.message, "error": error}
        return {"state": "waiting"}

    def _is_made(self, board: Storyboard, shot: Shot, parts: Mapping[str, Part]) -> bool:
        """Whether what there is was asked for in these words; the plan knows it exactly."""
        spoken, drawn = speech(board, shot), still(self.service, board, shot)
        looks = look(self.service, board, shot)
        return (
            (bool(shot.clip) or "clip" in parts)
            and (not spoken or self._as_asked(board, shot, ToolType.TEXT2SPEAK, "text", spoken))
            and (not drawn or self._as_asked(board, shot, ToolType.TEXT2IMAGE, "prompt", drawn))
            and (not looks or self._as_asked(board, shot, ToolType.IMAGE2IMAGE, "prompt", looks))
            and (bool(shot.clip) or self._has_take(board, shot, shot.clip_tool))
        )

    def _as_asked(
        self, board: Storyboard, shot: Shot, tool: ToolType, name: str, asked: Mapping[str, Any]
    ) -> bool:
        if tool in shot.pinned:
            return True
        call = self.calls.get((shot.id, tool))
        same = call is not None and call.parameters.get(name) == asked[name]
        return same and self._has_take(board, shot, tool)

    def _has_take(self, board: Storyboard, shot: Shot, tool: ToolType) -> bool:
        call = self.calls.get((shot.id, tool))
        return tool in shot.pinned or (call is not None and call.take == board.take_of(shot))


def own_part(
    parts: FilmParts, film: FilmFolder, path: str | Path, name: str, shot_id: str | None = None
) -> Part | None:
    """A file of one's own: from the film's folder where it lies there, else its copy in `out`."""
    path = Path(path)
    if path.is_relative_to(film.refs):
        url = file_url(film, f"refs/{path.relative_to(film.refs)}")
        return parts.of_file(path, name, url)
    if not path.is_relative_to(film.out):
        path = _copy_of(film, path, name, shot_id)
    return path and parts.of_file(path, name, file_url(film, str(path.relative_to(film.out))))


def _copy_of(film: FilmFolder, path: Path, name: str, shot_id: str | None) -> Path | None:
    """What the last run laid beside the film, where it is as long as the file is now."""
    folder = film.out / "shots" / shot_id if shot_id else film.out
    try:
        size = path.stat().st_size
        copies = (copy for copy in folder.iterdir() if copy.stem == name)
        return next((copy for copy in copies if copy.stat().st_size == size), None)
    except OSError:
        return None


def plain_shot(shot_id: str, fields: Mapping[str, Any]) -> ShotDetail:
    """A shot of a storyboard with problems: what of it is as it should be."""
    told: dict[str, Any] = {
        name: fields[name]
        for name in ("prompt", "narration", "line", "character", "motion", "mood")
        if isinstance(fields.get(name), str)
    }
    if str(fields.get("take", "")).isdecimal():
        told["take"] = int(fields["take"])
    try:
        told["duration_s"] = read_duration(fields.get("duration_s", "auto"))
    except ValueError:
        pass
    transition = fields.get("transition")
    if isinstance(transition, str):
        told["transition"] = {"kind": transition}
    elif isinstance(transition, dict):
        told["transition"] = transition
    return ShotDetail(id=shot_id, **told)


def total_cost(parts: Any) -> str | None:
    """What parts cost together, such as "0.04 EUR"; None: nothing, as far as is known."""
    sums: dict[str, int] = {}
    for part in parts:
        if part.cost:
            money = Money.read(part.cost)
            sums[money.currency] = sums.get(money.currency, 0) + money.micros
    told = [str(Money.of_micros(micros, currency)) for currency, micros in sorted(sums.items())]
    return " + ".join(told) or None
