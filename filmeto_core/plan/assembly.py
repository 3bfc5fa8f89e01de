"""What a run would do to put the film together."""

import json
from collections.abc import Mapping
from pathlib import Path

from filmeto_core.assembly_key import ASSEMBLY, ASSEMBLY_VERSION, assembly_key
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film.timeline import Timeline
from filmeto_core.plan.models import PlannedCall
from filmeto_core.plan.parts import Part
from filmeto_core.service import FilmetoService

MAKER = "filmeto"  # no plugin


def plan_assembly(
    here: FilmetoService,
    board: Storyboard,
    folder: Path,
    timeline: Timeline,
    clips: Mapping[str, Part],
    voices: Mapping[str, Part],
    sounds: Mapping[str, Part],
    score: Part | None,
) -> PlannedCall:
    """The last row of a plan."""
    parts = [*clips.values(), *voices.values(), *sounds.values(), *([score] if score else [])]
    certain = all(part.certain for part in parts)
    key = None
    if all(part.output for part in parts):
        key = assembly_key(
            board,
            timeline,
            clips={shot: clip.digest for shot, clip in clips.items()},
            voices={shot: voice.output for shot, voice in voices.items()},
            sounds={shot: sound.digest for shot, sound in sounds.items()},
            score=score.digest if score else None,
        )
    found = here.calls.peek(key) if key else None
    record, whole = found or (None, False)
    row = {"tool": ASSEMBLY, "plugin": MAKER, "plugin_version": str(ASSEMBLY_VERSION)}
    row["key"] = key if certain else None
    if whole and certain:
        return PlannedCall(
            action="reuse", why="unchanged", seconds=0.0, digest=record.outputs[0].digest, **row
        )
    seconds, before = _last_time(folder, timeline.duration_s)
    why = "only if one of its parts comes out otherwise"
    if not whole:
        why = _why(clips, voices, score, before, gone=record is not None)
    return PlannedCall(action="compute", certain=not whole, why=why, seconds=seconds, **row)


def _why(
    clips: Mapping[str, Part],
    voices: Mapping[str, Part],
    score: Part | None,
    before: bool,
    gone: bool,
) -> str:
    if not before:
        return "first time"
    new = [
        _counted(sum(not clip.certain for clip in clips.values()), "clip"),
        _counted(sum(not voice.certain for voice in voices.values()), "voice"),
        "the score" if score and not score.certain else "",
    ]
    said = [part for part in new if part]
    if said:
        return f"made anew: {', '.join(said)}"
    return "file gone" if gone else "its shots, times or sound changed"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}" if count else ""


def _last_time(folder: Path, duration_s: float) -> tuple[float | None, bool]:
    """What it should take, by the film that lies in the folder; and whether one does."""
    try:
        told = json.loads((folder / "film.json").read_text(encoding="utf-8"))
        return told["film"]["seconds"] / told["duration_s"] * duration_s, True
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None, False
