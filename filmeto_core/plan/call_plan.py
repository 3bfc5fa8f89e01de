"""What a run would do for one call of a film: look it up as the call itself will, and say why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from filmeto_core import film_calls
from filmeto_core.call import CheckedCall, check_call
from filmeto_core.errors import FilmetoError
from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.journal.models import Call, Job
from filmeto_core.plan.expectations import Expectations
from filmeto_core.plan.models import Action, PlannedCall
from filmeto_core.plan.open_jobs import OpenJobs
from filmeto_core.plan.parts import Part
from filmeto_core.plan.reasons import changes, in_words, length_text
from filmeto_core.refreshing import fresh_since
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.incoming import digest_of
from filmeto_core.service import FilmetoService
from filmeto_core.standing_in import stands_in_for
from filmeto_core.tool_arguments import INPUTS, REFERENCES, as_task
from filmeto_core.types import ToolType


@dataclass(frozen=True)
class Wanted:
    """A call as the recipe asks for it.

    Args:
        shot: None for what belongs to the film as a whole.
        offer: Its parameters.
        inputs: What it is made of.
        unsure: Whether its length is an estimate.
    """

    shot: Shot | None
    tool: ToolType
    offer: Mapping[str, Any]
    inputs: Sequence[Part] = ()
    unsure: bool = False


@dataclass(frozen=True)
class _Call:
    """A call, checked, with what is known of its past."""

    wanted: Wanted
    checked: CheckedCall
    own_seed: bool
    digests: Sequence[str | None]
    key: str | None
    record: CallRecord | None = field(repr=False)
    whole: bool

    @property
    def there(self) -> CallRecord | None:
        """The record, if its files are right."""
        return self.record if self.whole else None

    @property
    def name(self) -> tuple[str | None, str]:
        """What the call is called in the film: by its shot and tool."""
        shot = self.wanted.shot
        return (shot.id if shot else None, str(self.wanted.tool))

    @property
    def certain(self) -> bool:
        """Whether the key is the one that the run will have."""
        return not self.wanted.unsure and all(part.certain for part in self.wanted.inputs)


class CallPlans:
    """Plans the calls of one film, one by one.

    Args:
        here: The service, its plugins as they are now.
        board: The film.
        film: Its folder, absolute, as text.
        refresh: Shots that are made anew.
    """

    def __init__(
        self, here: FilmetoService, board: Storyboard, film: str, refresh: Collection[str]
    ) -> None:
        self._here, self._board, self._refresh = here, board, refresh
        self._profile = here.project.profile(board.profile)
        self._film, self._last_keys = film, here.journal.last_keys(film)
        self._fresh_since = fresh_since(here.journal, film, refresh)
        self._jobs = OpenJobs(here.journal)
        self._expect = Expectations(here.journal)

    def plan(self, wanted: Wanted) -> tuple[PlannedCall, Part]:
        """What would be done for the call, and what it gives."""
        try:
            call = self._checked(wanted)
        except FilmetoError as error:
            return self._impossible(wanted, error), Part(None, certain=False)
        if call.there is not None and call.certain and not self._to_refresh(call):
            return self._reused(call), Part(call.there.outputs[0])
        again = Part(call.record.outputs[0] if call.record else None, certain=False)
        return self._made(call), again

    def _checked(self, wanted: Wanted) -> _Call:
        names = INPUTS.get(wanted.tool, ())
        files = {
            name: part.output.path if part.output else f"to be made: {name}"
            for name, part in zip(names, wanted.inputs, strict=False)
        }
        arguments = film_calls.arguments(
            self._here, self._board, wanted.shot, wanted.tool, {**files, **wanted.offer}
        )
        task = as_task(wanted.tool, arguments, "planned")
        checked = check_call(task, self._here.registry, self._profile, self._here.unusable)
        digests = [part.digest for part in wanted.inputs]
        digests += [digest_of(Path(file)) for file in arguments.get(REFERENCES) or ()]
        key = self._here.key(checked, digests) if all(digests) else None
        found = self._here.calls.peek(key) if key else None
        record, whole = found or (None, False)
        return _Call(wanted, checked, "seed" in arguments, digests, key, record, whole)

    def _to_refresh(self, call: _Call) -> bool:
        if call.wanted.shot is None or call.wanted.shot.id not in self._refresh:
            return False
        return call.there is None or call.there.created_at < self._fresh_since

    def _reused(self, call: _Call) -> PlannedCall:
        same = self._last_keys.get(call.name) == call.key
        why = "unchanged" if same else f"made before, on {call.there.created_at:%d %b %Y}"
        instead = stands_in_for(call.there)
        if instead is not None:
            why = f"made by {call.there.plugin}, since {instead['for']} failed: {instead['why']}"
        return self._row(call, "reuse", why, seconds=0.0, digest=call.there.outputs[0].digest)

    def _made(self, call: _Call) -> PlannedCall:
        refreshed = self._to_refresh(call)
        job = self._jobs.of(call.key)
        if job is not None:  # a refresh collects it as well
            return self._out_at_provider(call, job)
        refused = self._here.calls.get_failure(call.key) if call.key and not refreshed else None
        if refused is not None:
            why = f"refused before: {_sentence(refused)}; --refresh SHOT makes it again"
            return self._row(call, "refused", why, certain=call.certain)
        last, seconds = self._last.get(call.name), self._expect.seconds(call.checked)
        cost, priced = self._expect.cost(call.checked)
        expected = {"seconds": seconds, "cost": cost, "priced": priced}
        if refreshed:
            return self._row(call, "compute", "--refresh", **expected)
        if call.there is not None:
            return self._row(call, "compute", _only_if(call), certain=False, **expected)
        if last is None and not call.wanted.unsure:
            why = "file gone" if call.record else "first time"
            return self._row(call, "compute", why, **expected)
        found = ()
        if last is not None:
            found = changes(
                last,
                call.checked,
                call.digests,
                own_seed=call.own_seed,
                unsure=call.wanted.unsure,
            )
        why = self._why(call, last is not None, in_words(found, call.checked.plugin.name))
        certain = bool(found) or not call.wanted.unsure or last is None
        return self._row(call, "compute", why, certain=certain, changes=found, **expected)

    def _why(self, call: _Call, seen: bool, differs: str) -> str:
        if call.wanted.unsure:
            length = length_text(call.wanted.tool, call.checked.parameters)
            return f"{differs or ('' if seen else 'first time')}; {length}".removeprefix("; ")
        if call.record is not None:
            return "file gone"
        return differs or "not in the cache any more"

    def _out_at_provider(self, call: _Call, job: Job) -> PlannedCall:
        action, why = self._jobs.what_becomes_of(job, call.checked.plugin.manifest)
        return self._row(call, action, why, certain=call.certain, seconds=None)

    def _impossible(self, wanted: Wanted, error: FilmetoError) -> PlannedCall:
        """A call that fails before it starts, such as for a score that is longer than any may be."""
        return PlannedCall(
            shot=wanted.shot.id if wanted.shot else None,
            tool=str(wanted.tool),
            plugin=str(error.details.get("plugin", "")),
            action="refused",
            certain=not wanted.unsure,
            why=error.message,
        )

    @cached_property
    def _last(self) -> dict[tuple[str | None, str], Call]:
        """Read when the first call turns out to be made anew."""
        return self._here.journal.last_calls(self._film)

    def _row(self, call: _Call, action: Action, why: str, **more: Any) -> PlannedCall:
        (shot, tool), plugin = call.name, call.checked.plugin
        return PlannedCall(
            shot=shot,
            tool=tool,
            plugin=plugin.name,
            plugin_version=plugin.version,
            action=action,
            why=why,
            key=call.key if call.certain else None,
            **more,
        )


def _only_if(call: _Call) -> str:
    """Why a call that is there may be made anew all the same."""
    if call.wanted.unsure:
        whose = "the film's length" if call.wanted.shot is None else "its narration's length"
        return f"only if {whose} changes"
    return "only if its still comes out otherwise"


def _sentence(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or "it said no more").strip().rstrip(".")
