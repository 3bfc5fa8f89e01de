"""The seven tools as Prefect tasks; each wraps exactly one plugin call.

All are async, take and return `ResourceOutput` (or a path, a URL, a data URI), and take what the
chosen plugin's manifest names as keywords. Five keywords are ours in each of them:

    plugin      which plugin serves; by default the profile's
    profile     which profile chooses; by default "animatic"
    take        1, 2, ...: another take is another result
    priority    an integer, default 0: higher ones are served first
    timeout_s   the call's limit in seconds; by default the manifest's, else 300

Raises, each of them: ValidationError, PluginNotFoundError, ResourceProcessingError before a task
run is made; PluginExecutionError, ResourceFetchError, TimeoutError when the call failed.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import NotSet
from prefect.utilities.callables import get_call_parameters

from filmeto_core.errors import FilmetoError
from filmeto_core.tasks.cache_policy import ToolCallCache, computation_id
from filmeto_core.tasks.closed_arguments import ClosedTask
from filmeto_core.tasks.naming import call_run_name
from filmeto_core.tasks.tool_call import checked_now, perform
from filmeto_core.types import ResourceInput, ResourceOutput

Source = ResourceOutput | ResourceInput | str

FIRST_RETRY_S = 2  # then 4, 8, ...
MOST_RETRIES = 20  # of a call whose plugin is not known yet; the manifest says when it is enough
RETRY_JITTER = 0.5  # spreads the retries of calls that failed together over half as long again


class ToolTask(ClosedTask):
    """A Prefect task that checks its arguments before a run exists, and retries as its plugin says.

    `.with_options(retries=...)` overrides the manifest's `execution.max_retries`;
    `cache_policy=NO_CACHE` computes the call anew, `cache_expiration` one that is older.
    """

    own_retries = False
    anew = False  # apart from the policy, which Prefect drops where `persist_result` is False

    def with_options(self, **options: Any) -> "ToolTask":
        """As Task.with_options."""
        made = super().with_options(**options)
        made.__class__ = ToolTask  # Prefect makes a plain Task there, whatever self is
        made.own_retries = self.own_retries or "retries" in options
        policy = options.get("cache_policy", NotSet)
        made.anew = self.anew if policy is NotSet else policy == NO_CACHE
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return super(ToolTask, self._checked(args, kwargs)).__call__(*args, **kwargs)

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        """As Task.submit."""
        return super(ToolTask, self._checked(args, kwargs)).submit(*args, **kwargs)

    def _checked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "ToolTask":
        plain = {k: v for k, v in kwargs.items() if k not in ("return_state", "wait_for")}
        arguments = get_call_parameters(self.fn, args, plain)
        return self._retrying(checked_now(self.name, arguments))

    def map(self, *args: Any, **kwargs: Any) -> Any:
        """As Task.map; each call is checked when it runs."""
        return super(ToolTask, self._retrying(None)).map(*args, **kwargs)

    def _retrying(self, retries: int | None) -> "ToolTask":
        """This task with so many retries; None where only the call itself will know."""
        if self.own_retries or retries == 0:
            return self
        wanted = MOST_RETRIES if retries is None else retries
        made: dict[int, ToolTask] = self.__dict__.setdefault("_by_retries", {})
        if wanted not in made:  # making one takes a millisecond
            made[wanted] = self.with_options(retries=wanted)
            made[wanted].own_retries = False
        return made[wanted]


async def _retryable(task: Task, run: Any, state: Any) -> bool:
    error = getattr(state.data, "result", state.data)
    if not isinstance(error, FilmetoError) or not error.retryable:
        return False
    return getattr(task, "own_retries", True) or run.run_count <= (error.max_retries or 0)


def tool(signature: Callable[..., Any]) -> ToolTask:
    """The Prefect task of the tool that `signature` is named after."""

    @functools.wraps(signature)
    async def call(*args: Any, **kwargs: Any) -> ResourceOutput:
        arguments = get_call_parameters(signature, args, kwargs)
        run = TaskRunContext.get()
        return await perform(signature.__name__, arguments, computation_id(run.task_run.id))

    call.__signature__ = inspect.signature(signature)
    # No tags: Prefect asks its server for a concurrency slot of each tag before each run.
    return ToolTask(
        fn=call,
        name=signature.__name__,
        task_run_name=lambda: call_run_name(signature.__name__),
        cache_policy=ToolCallCache(),
        persist_result=True,
        result_serializer="json",
        retries=0,
        retry_delay_seconds=exponential_backoff(backoff_factor=FIRST_RETRY_S),
        retry_jitter_factor=RETRY_JITTER,
        retry_condition_fn=_retryable,
    )


@tool
async def text2image(
    prompt: str,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """A picture of what the prompt says.

    Usual parameters: negative_prompt, width, height (pixels), seed.
    """


@tool
async def image2image(
    image: Source,
    prompt: str,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """A picture changed as the prompt says.

    Usual parameters: strength (0 to 1), negative_prompt, seed.
    """


@tool
async def image2video(
    image: Source,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """A clip that moves over, or out of, a picture.

    Usual parameters: motion (push-in, pull-out, pan-left, pan-right, tilt-up, tilt-down, parallax,
    static), duration_s, fps (24, 23.976, "24000/1001"), width, height (pixels), prompt.
    """


@tool
async def text2video(
    prompt: str,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """A clip of what the prompt says.

    Usual parameters: negative_prompt, width, height (pixels), duration_s, fps, seed.
    """


@tool
async def speak2video(
    sound: Source,
    portrait: Source | None = None,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """A clip of somebody, of the portrait if there is one, who speaks what the sound says."""


@tool
async def text2speak(
    text: str,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """The text, spoken. The output's metadata has duration_s and, of some plugins, `words`.

    Usual parameters: language (BCP 47; by default told from the text), voice, speed (1 is normal).
    """


@tool
async def text2music(
    prompt: str,
    *,
    plugin: str | None = None,
    profile: str | None = None,
    take: int = 1,
    priority: int = 0,
    timeout_s: float | None = None,
    **parameters: Any,
) -> ResourceOutput:
    """Music as the prompt says.

    Usual parameters: duration_s, seed.
    """
