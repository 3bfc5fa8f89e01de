"""The checks of a plugin's process: ready, its protocol, odd requests, its end, what it leaves."""

import contextlib
import os
import re
import time

from filmeto_core.errors import ValidationError
from filmeto_core.plugin_check.conversation import Ending, Heard, how_long
from filmeto_core.plugin_check.report import Report
from filmeto_core.plugin_check.session import Session, Trace
from filmeto_core.plugin_host.plugin import Plugin

PING_S = 3.0
ODD_S = 10.0  # for the answer to a tool that is not there
IGNORED = ("outputs", "__pycache__")
NO_TOOL, NO_METHOD = "no_such_tool", "no_such_method"


def check_ready(report: Report, session: Session) -> bool:
    """Whether it gets ready within startup.timeout."""
    try:
        heard, seconds = session.ready()
    except OSError as error:
        report.add("ready", "failed", f"its process could not be started: {error}")
        return False
    if heard is None:
        advice = "filmeto_plugin.run() says `ready`; a slow model belongs into load()."
        report.add("ready", "failed", session.why_not_ready(), advice=advice)
        session.end(0)
        return False
    limit_s = session.plugin.manifest.startup.timeout
    report.add("ready", "ok", f"after {how_long(seconds)}, of {limit_s:g} s allowed")
    return True


def check_protocol(report: Report, session: Session) -> None:
    """Which protocol it speaks, and whether it answers while idle."""
    heard, _ = session.ready()
    version = heard.params.get("protocol_version")
    talk = session.talk
    talk.request(NO_METHOD, {})
    since = len(talk.lines)
    asked = {name: talk.request(name, {}) for name in ("ping", "get_info")}
    end = time.monotonic() + PING_S
    silent = [
        name
        for name, number in asked.items()
        if talk.answer(number, end - time.monotonic(), since) is None
    ]
    if talk.ended:
        found = f"of a ping, get_info, or an unknown request: {session.how_it_ended()}"
        report.add("protocol", "failed", found, advice="Answer with an error, or not at all.")
    elif silent:
        found = f"does not answer {' and '.join(silent)}"
        report.add("protocol", "note", found, advice="filmeto may take it for hung while idle.")
    elif version is None:
        found = "a loop of its own, without protocol_version (the seed design)"
        advice = "It is not asked to cancel while it works; it is killed."
        report.add("protocol", "note", found, advice=advice)
    else:
        report.add("protocol", "ok", f"version {version}")


def check_unknown_tool(report: Report, session: Session) -> None:
    """A call for a tool that it does not have costs at most that call."""
    try:
        call = session.new_call(session.plugin.manifest.tools[0])
    except ValidationError as error:  # told of that tool's parameters, too
        report.add("unknown tool", "skipped", error.message)
        return
    trace = session.run(call, NO_TOOL, min(ODD_S, session.timeout_s))
    state, found, advice = _unknown(trace, session)
    report.add("unknown tool", state, found, advice=advice)


def _unknown(trace: Trace, session: Session) -> tuple:
    cooperative = session.cooperative
    if trace.ended:
        return "failed", trace.why, "Answer with status error, and go on."
    if trace.late:
        return ("failed" if cooperative else "note"), trace.why, "Answer with status error."
    if trace.result is not None:
        return "note", f"answered success to a call of {NO_TOOL!r}", "filmeto never sends one."
    return "ok", "answered with an error", ""


def check_stdout(report: Report, lines: list[Heard]) -> None:
    """Text amid the messages is kept as log lines; text that breaks a message loses it."""
    broken = [h for h in lines if h.source == "wire" and h.broken]
    noise = [h for h in lines if h.source == "wire" and h.message is None and not h.broken]
    if broken:
        found = f"{_lines(len(broken))} break the wire: {_shown(broken[0].text)}"
        report.add("stdout", "failed", found, advice="Print to stderr; end each line.")
    elif noise:
        found = f"{_lines(len(noise))} of text amid the messages: {_shown(noise[0].text)}"
        report.add("stdout", "note", found, advice="They go to the log; stderr is their place.")
    else:
        report.add("stdout", "ok", "messages alone")


def check_end(report: Report, endings: list[Ending], cooperative: bool) -> None:
    """It ends with its stdin, and leaves no process behind.

    Args:
        endings: How its processes ended that had worked, and were let end.
        cooperative: Whether it speaks our protocol.
    """
    if not endings:
        for name in ("end", "processes"):
            report.add(name, "skipped", "no process of it that had worked was left to end")
        return
    stayed = next((ending for ending in endings if not ending.by_itself), None)
    if stayed is not None:
        found = f"ran on for {how_long(stayed.took_s)} after the end of its stdin"
        state = "failed" if cooperative else "note"
        report.add("end", state, found, advice="Read on until the end, then end.")
        report.add("processes", "skipped", "it did not end by itself")
        return
    took_s = max(ending.took_s for ending in endings)
    report.add("end", "ok", f"ended {how_long(took_s)} after its stdin")
    left = {pid: command for ending in endings for pid, command in ending.left.items()}
    if left:
        pid, command = next(iter(left.items()))
        found = f"{len(left)} left running: {pid} {_shown(_base(command))}"
        report.add("processes", "failed", found, advice="End what it starts; filmeto kills it.")
    else:
        report.add("processes", "ok", "none left")


def look(plugin: Plugin) -> dict[str, tuple[int, int]]:
    """Size and time of each file in the plugin's folder; no outputs, byte code, dot files."""
    found = {}
    for under, folders, names in os.walk(plugin.folder):
        folders[:] = [f for f in folders if f not in IGNORED and not f.startswith(".")]
        for name in names:
            path = os.path.join(under, name)
            if name.startswith(".") or name.endswith(".pyc"):
                continue
            with contextlib.suppress(OSError):
                stat = os.stat(path)
                found[os.path.relpath(path, plugin.folder)] = (stat.st_size, stat.st_mtime_ns)
    return found


def check_folder(report: Report, plugin: Plugin, before: dict[str, tuple[int, int]]) -> None:
    """It writes nothing into its own folder but outputs/ and dot folders."""
    after = look(plugin)
    new = [name for name in after if name not in before]
    changed = [name for name in before if after.get(name) != before[name]]
    advice = "Write to call.output_dir, or into a dot folder such as .cache/."
    if new or changed:
        what = [f"left {', '.join(new[:3])}"] if new else []
        what += [f"changed {', '.join(changed[:3])}"] if changed else []
        report.add("folder", "failed", f"{' and '.join(what)} in its own folder", advice=advice)
    else:
        report.add("folder", "ok", "nothing written beside outputs/")


def _base(command: str) -> str:
    program, space, rest = command.partition(" ")
    return f"{os.path.basename(program)}{space}{rest}"


def _lines(count: int) -> str:
    return f"{count} line{'s' if count > 1 else ''}"


def _shown(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= 60 else text[:57] + "..."
