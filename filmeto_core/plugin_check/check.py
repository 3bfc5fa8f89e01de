"""The conformance kit: one plugin, really built, started and called, and all that was found.

Everything is bounded in time and nothing is left behind. What a plugin's environment, process,
wire, outputs and host are is the plugin host's; this asks and judges.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filmeto_core.errors import (
    FilmetoError,
    PluginEnvironmentError,
    ValidationError,
    did_you_mean,
)
from filmeto_core.plugin_check import process_checks
from filmeto_core.plugin_check.conversation import how_long
from filmeto_core.plugin_check.output_checks import digests
from filmeto_core.plugin_check.report import Check, Report
from filmeto_core.plugin_check.session import Session
from filmeto_core.plugin_check.tool_checks import STOP_GRACE_S, ToolChecks
from filmeto_core.plugin_check.workshop import work_folder, workshop
from filmeto_core.plugin_host import needs
from filmeto_core.plugin_host.discovery import Registry
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.plugin_host.parameters import check_value
from filmeto_core.plugin_host.plugin import Plugin, load_plugin
from filmeto_core.plugin_host.spawn import plugin_environment
from filmeto_core.settings import Settings

Say = Callable[[str], None]


def check_plugin(
    folder: Path,
    *,
    settings: Settings | None = None,
    timeout_s: float | None = None,
    parameters: Mapping[str, Any] | None = None,
    grant: Grant = NO_GRANT,
    heard: Callable[[Check], None] = lambda check: None,
    say: Say = lambda doing: None,
) -> Report:
    """Check the plugin in a folder.

    Args:
        folder: It holds a plugin.yaml.
        settings: Where environments lie, and limits; by default those of the environment.
        timeout_s: The most a call may take; by default what the manifest says, or the settings.
        parameters: Values by name, used instead of the manifest's defaults.
        grant: What the user allows it on top.
        heard: Gets each check as it is made.
        say: Gets a word on what is being done.

    Raises:
        ValidationError: `parameters` names one that no tool has, or a value that does not fit.
    """
    settings = settings or Settings()
    report = Report(folder.absolute(), folder.absolute().name, heard)
    plugin = _manifest(report, folder)
    if plugin is None:
        return report
    report.name = plugin.name
    _check_given(plugin, parameters or {})
    before = process_checks.look(plugin)
    absent = _needs(report, plugin, grant)
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        say("building its environment")
        cached = Environments(settings.environments_dir).python_of(plugin) is not None
        try:
            python = stack.enter_context(workshop(plugin, settings, say))
        except PluginEnvironmentError as error:
            report.add("environment", "failed", error.message, advice=error.hint)
            return report
        how = "was there" if cached else f"built in {how_long(time.monotonic() - started)}"
        report.add("environment", "ok", how)
        if absent:
            report.add("ready", "skipped", f"not started: {absent}")
            return report
        limit_s = timeout_s or plugin.manifest.execution.timeout or settings.task_timeout_s
        work = stack.enter_context(work_folder(plugin, settings))
        session = Session(plugin, python, settings, work, limit_s, parameters or {}, grant)
        stack.callback(session.end, 0)
        _run(report, session, settings, say)
    process_checks.check_folder(report, plugin, before)
    return report


def _run(report: Report, session: Session, settings: Settings, say: Say) -> None:
    say("starting it")
    if not process_checks.check_ready(report, session):
        process_checks.check_stdout(report, session.lines)
        return
    process_checks.check_protocol(report, session)
    process_checks.check_unknown_tool(report, session)
    tools = [ToolChecks(report, session, spec, say) for spec in session.plugin.manifest.tools]
    for tool in tools:
        tool.run()
    say("ending it")
    session.end(STOP_GRACE_S)
    able = [tool for tool in tools if tool.first]
    if able and not session.endings:  # killed for a fault; another process shows how it ends
        session.run(session.new_call(able[0].tool))
        session.end(STOP_GRACE_S)
    process_checks.check_end(report, session.endings, session.cooperative)
    process_checks.check_stdout(report, session.lines)
    _by_the_host(report, session, settings, able, say)


def _manifest(report: Report, folder: Path) -> Plugin | None:
    plugin, problems = load_plugin(folder)
    told = "; ".join(_short(str(p), report.folder) for p in problems)
    if plugin is None:
        report.add("manifest", "failed", told, advice="See docs/writing-a-plugin.md.")
    elif problems:
        report.add("manifest", "note", told)
    else:
        serves = ", ".join(tool.name for tool in plugin.manifest.tools)
        report.add("manifest", "ok", f"{plugin.name} {plugin.version} serves {serves}")
    return plugin


def _short(problem: str, folder: Path) -> str:
    return problem.replace(f"{folder}/", "").rstrip(".")


def _check_given(plugin: Plugin, given: Mapping[str, Any]) -> None:
    """Refuse values that no call could have, before anything is built."""
    specs = [spec for tool in plugin.manifest.tools for spec in tool.parameters]
    for name, value in given.items():
        taking = [spec for spec in specs if spec.name == name]
        if not taking:
            near = did_you_mean(name, [spec.name for spec in specs])
            raise ValidationError(
                f"no tool of {plugin.name} has a parameter {name!r}.{near}", field=name
            )
        for spec in taking:
            check_value(spec, value)


def _needs(report: Report, plugin: Plugin, grant: Grant) -> str:
    """What it says that it needs and this machine has not, in words; empty if all is there."""
    absent = needs.missing(plugin, {**plugin_environment(plugin, "", grant)})
    told = ", ".join(need.what for need in absent)
    if absent:
        report.add("needs", "skipped", told, advice=" ".join(need.advice for need in absent))
    elif needs.needs_something(plugin):
        report.add("needs", "ok", "all that it names is there")
    return told


def _by_the_host(
    report: Report, session: Session, settings: Settings, tools: list[ToolChecks], say: Say
) -> None:
    """Each tool once as filmeto calls it: the pool, the sandbox, the limits, a fresh process."""
    if report.of("stdout").state == "failed":  # it would wait for a message that never comes
        for tool in tools:
            tool.skip(("host",), "it breaks the wire")
        return
    if not tools:
        return
    manager = PluginManager(
        Registry([session.plugin]), settings, {session.plugin.name: session.grant}
    )
    try:
        for tool in tools:
            if not tool.made:
                tool.skip(("host",), "what it makes is wrong")
                continue
            say(f"{tool.tool.name}: a call by filmeto's own host")
            _host_call(tool, session, manager)
    finally:
        manager.close_sync()


def _host_call(tool: ToolChecks, session: Session, manager: PluginManager) -> None:
    call = session.new_call(tool.tool)
    try:
        answer = asyncio.run(manager.execute(session.plugin.name, call))
    except FilmetoError as error:
        tool.add("host", "failed", error.message, error.hint)
        return
    files = {"output_files": [str(output.path) for output in answer.outputs]}
    same = digests(files, session.plugin) == tool.made
    compared = tool.repeats
    if compared and not same:
        advice = "Draw chance from the seed alone, or say `deterministic: false`."
        tool.add("host", "failed", "in a new process the same call gave other bytes", advice)
    else:
        found = f"answered after {how_long(answer.execution_time_s)}"
        tool.add("host", "ok", found + (", the same bytes" if compared else ""))
