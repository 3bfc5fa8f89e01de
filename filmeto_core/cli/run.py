"""`filmeto run TOOL`: one tool call, as a Prefect task or directly, its outputs readable files."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

from filmeto_core.cli.interrupt import leave, on_interrupt
from filmeto_core.cli.param_values import read_value, written_pairs
from filmeto_core.cli.watch import PlainWatch
from filmeto_core.errors import FilmetoError
from filmeto_core.out_folder import data_folder, out_folder
from filmeto_core.place import Place
from filmeto_core.resources.inputs import resource_input
from filmeto_core.tasks.made import note_reused, readable_copy
from filmeto_core.tasks.runtime import (
    close_service,
    current_place,
    noting,
    placed,
    service,
    watching,
)
from filmeto_core.types import FilmetoTask, ResourceOutput, TaskResult

NAME_LENGTH = 48


def run(options: argparse.Namespace) -> int:
    """Call the tool; the outputs' paths go to stdout."""
    started = time.monotonic()
    task = _task(options)
    service().check(task)
    data_folder(service().settings.home.expanduser().absolute())
    folder = out_folder(Path(options.out or Path("out") / options.tool))
    with _noted(options):
        outputs = _directly(task) if options.direct else _as_flow(task)
    for path in _keep(outputs, folder, _name(task)):
        sys.stdout.write(f"{path}\n")
    sys.stderr.write(f"done in {time.monotonic() - started:.1f} s\n")
    return 0


def _task(options: argparse.Namespace) -> FilmetoTask:
    metadata = {"take": options.take, **({"profile": options.profile} if options.profile else {})}
    bare = FilmetoTask(
        tool_name=options.tool,
        plugin_name=options.plugin,
        parameters={},
        resources=[resource_input(i) for i in options.input],
        timeout=options.timeout,
        metadata=metadata,
    )
    written = written_pairs(options.param)
    types = service().parameter_types(bare.model_copy(update={"parameters": written}))
    read = {k: read_value(k, v, types.get(k, "string")) for k, v in written.items()}
    return bare.model_copy(update={"parameters": read})


@contextmanager
def _noted(options: argparse.Namespace) -> Iterator[None]:
    """A run of its own in the journal."""
    journal, ended = service().journal, "cancelled"  # an interruption leaves without a word
    given = {"plugin": options.plugin, "param": options.param, "input": options.input}
    told = {name: value for name, value in given.items() if value}
    run_id = journal.begin_run("tool", options.tool, profile=options.profile, options=told)
    why = None
    try:
        with placed(Place(run_id)):
            yield
        ended = "done"
    except FilmetoError as error:
        ended, why = "failed", error.message
        raise
    finally:
        service().journal.end_run(run_id, ended, why)


def _as_flow(task: FilmetoTask) -> list[ResourceOutput]:
    from filmeto_core.cli.flow_run import load_flow, run_flow
    from filmeto_core.prefect_server import ensure_server, quiet_console

    ensure_server(lambda line: sys.stderr.write(f"filmeto: {line}\n"))
    quiet_console()
    flow = load_flow("tool.py", "tool")
    watch = PlainWatch()
    asked = {
        "name": str(task.tool_name),
        "inputs": [resource.to_dict() for resource in task.resources],
        "parameters": task.parameters,
        "plugin": task.plugin_name,
        "profile": task.metadata.get("profile"),
        "take": task.metadata["take"],
        "timeout_s": task.timeout,
    }
    with watching(watch), noting() as ran:
        first = run_flow(flow, asked, watch, "run the same command again.")
    if not ran:  # Prefect had the result, so that no task ran and told of it
        note_reused(first, None)
        sys.stderr.write(f"{task.tool_name}: from the cache\n")
    return [first, *first.others]


def _directly(task: FilmetoTask) -> list[ResourceOutput]:
    on_interrupt(lambda: leave("run the same command again.", close_service))
    try:
        result = asyncio.run(_stream(task))
    finally:
        service().close_sync()
    if result.status == "error":
        raise FilmetoError.from_dict(result.metadata["error"])
    return result.output_resources


async def _stream(task: FilmetoTask) -> TaskResult:
    terminal = sys.stderr.isatty()
    async with aclosing(service().stream(task, current_place())) as updates:
        async for update in updates:
            if isinstance(update, TaskResult):
                return update
            if terminal:
                sys.stderr.write(f"\r\x1b[K{update.percent:3.0f} % {update.message[:60]}")
                if update.percent >= 100:
                    sys.stderr.write("\r\x1b[K")
    raise FilmetoError("the call ended without a result.", hint="Report this as a bug.")


def _keep(outputs: list[ResourceOutput], folder: Path, name: str) -> list[Path]:
    kept = []
    for i, output in enumerate(outputs):
        number = f"-{i + 1}" if i else ""
        target = _free(folder, name + number, Path(output.path))
        readable_copy(Path(output.path), target)
        kept.append(target)
    return kept


def _free(folder: Path, name: str, source: Path) -> Path:
    """A name in the folder that is free, or holds this very file."""
    for n in range(1, 10_000):
        target = folder / f"{name}{f' ({n})' if n > 1 else ''}{source.suffix}"
        if not target.exists() or _equal(target, source):
            return target
    raise FilmetoError(f"{folder} holds too many files called {name}.", hint="Give another --out.")


def _equal(target: Path, source: Path) -> bool:
    if target.stat().st_size != source.stat().st_size:
        return False
    return target.read_bytes() == source.read_bytes()


def _name(task: FilmetoTask) -> str:
    said = task.parameters.get("prompt") or task.parameters.get("text") or str(task.tool_name)
    words = "".join(c if c.isalnum() else " " for c in said).split()
    name = "-".join(words).lower()[:NAME_LENGTH].strip("-")
    return name or str(task.tool_name)
