"""Why a call is made anew: what differs from the last one of the same film, shot and tool."""

from collections.abc import Iterator, Sequence
from typing import Any

from filmeto_core.call import CheckedCall, derived_seed
from filmeto_core.journal.models import Call
from filmeto_core.plan.models import Change
from filmeto_core.plan.wording import change_text, seconds_text, shown
from filmeto_core.types import ToolType

FIRST = ("text", "prompt", "motion")  # the fields that people edit, told before the others
INPUTS = {
    ToolType.IMAGE2VIDEO: ("still",),
    ToolType.IMAGE2IMAGE: ("still",),
    ToolType.SPEAK2VIDEO: ("voice", "portrait"),
}
LENGTHS = (
    "duration_s",
    "cues",
    "arc",
    "start_s",
    "words",
    "phonemes",
)  # what follows from how long narrations are


def changes(
    last: Call,
    checked: CheckedCall,
    digests: Sequence[str | None],
    *,
    own_seed: bool,
    unsure: bool = False,
) -> tuple[Change, ...]:
    """What differs from the last call.

    Args:
        digests: Of the inputs; None for one that is still to be made.
        own_seed: Whether a seed is asked for; one that follows from all else is no change.
        unsure: Whether lengths are estimates, and so tell nothing.
    """
    found = [*_plugin(last, checked), *_take(last, checked)]
    other_plugin = last.plugin != checked.plugin.name
    found += _parameters(last, checked, other_plugin, own_seed, LENGTHS if unsure else ())
    found += _inputs(last, checked, digests)
    return tuple(found)


def _plugin(last: Call, checked: CheckedCall) -> Iterator[Change]:
    plugin = checked.plugin
    if last.plugin != plugin.name:
        yield Change(field="plugin", before=last.plugin, after=plugin.name)
    elif last.plugin_version != plugin.version:
        yield Change(field="version", before=last.plugin_version, after=plugin.version)
    elif last.fingerprint and last.fingerprint != plugin.fingerprint():
        yield Change(field="fingerprint", before=last.fingerprint, after=plugin.fingerprint())


def _take(last: Call, checked: CheckedCall) -> Iterator[Change]:
    if last.take != checked.take:
        yield Change(field="take", before=last.take, after=checked.take)


def _parameters(
    last: Call,
    checked: CheckedCall,
    other_plugin: bool,
    own_seed: bool,
    left_out: Sequence[str],
) -> Iterator[Change]:
    old, new = last.parameters, checked.parameters
    names = [name for name in dict.fromkeys((*FIRST, *old, *new)) if name in old or name in new]
    for name in names:
        before, after = old.get(name), new.get(name)
        if before == after or name in left_out:
            continue
        if other_plugin and (name not in old or name not in new):
            continue  # each plugin has defaults of its own
        if name == "seed":
            if _derived(last):
                before = None
            if not own_seed:
                after = None
            if before == after:
                continue
        yield Change(field=name, before=before, after=after)


def _derived(last: Call) -> bool:
    """Whether the last call's seed followed from all else that it was asked."""
    seed = last.parameters.get("seed")
    return seed == derived_seed(ToolType(last.tool), last.parameters, last.take)


def _inputs(last: Call, checked: CheckedCall, digests: Sequence[str | None]) -> Iterator[Change]:
    for i, digest in enumerate(digests):
        before = last.resources[i] if i < len(last.resources) else None
        if before != digest:
            names = INPUTS.get(checked.tool, ())
            field = names[i] if i < len(names) else f"input {i + 1}"
            yield Change(field=field, before=before, after=digest)


def in_words(found: Sequence[Change], plugin: str) -> str:
    """The changes as people read them, the telling ones first."""
    told = {change.field: change for change in found}
    size = {"width", "height"} <= told.keys()
    words = []
    for field, change in told.items():
        if field == "height" and size:
            continue
        if field == "width" and size:
            sides = (change, told["height"])
            before, after = (
                "x".join(map(shown, side)) for side in zip(*map(_ends, sides), strict=True)
            )
            words.append(f"size {before} to {after}")
        else:
            words.append(_one(field, change, plugin))
    return "; ".join(words)


def _ends(change: Change) -> tuple[Any, Any]:
    return change.before, change.after


def _one(field: str, change: Change, plugin: str) -> str:
    if field == "version":
        return f"{plugin} {change.before or '?'} to {change.after}"
    if field == "fingerprint":
        return f"{plugin}'s files changed"
    if field in ("still", "voice", "portrait") or field.startswith("input "):
        return f"its {field} is made anew" if change.after is None else f"another {field}"
    return change_text(field, change.before, change.after)


def length_text(tool: ToolType, parameters: dict[str, Any]) -> str:
    """How long a call's result must be, where that is only estimated yet."""
    length = parameters.get("duration_s")
    about = f", about {seconds_text(length)}" if isinstance(length, int | float) else ""
    whose = "the film is" if tool is ToolType.TEXT2MUSIC else "its narration needs"
    return f"as long as {whose}{about}"
