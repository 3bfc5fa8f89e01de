"""`filmeto plugins check DIR-OR-NAME`: what the conformance kit found, as a table or as JSON."""

import argparse
import json
import sys

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from filmeto_core.cli.interrupt import on_interrupt, unwind
from filmeto_core.cli.param_values import values_for
from filmeto_core.errors import EXIT_INTERRUPTED, ValidationError
from filmeto_core.plugin_check.check import check_plugin
from filmeto_core.plugin_check.report import Check, Report
from filmeto_core.plugin_check.target import find_folder
from filmeto_core.plugin_host.grants import NO_GRANT
from filmeto_core.plugin_host.plugin import load_plugin
from filmeto_core.profiles import find_project

CALLS_OF_A_TOOL = 7  # each may cost

_MARKS = {
    "ok": ("ok", "green"),
    "note": ("note", "yellow"),
    "failed": ("FAILED", "bold red"),
    "skipped": ("skipped", "dim"),
}


def check(options: argparse.Namespace) -> int:
    """Exit code 1 if a check failed."""
    from filmeto_core.tasks.runtime import local_service

    if options.timeout is not None and options.timeout <= 0:
        raise ValidationError(f"--timeout: expected seconds above 0, got {options.timeout:g}.")
    folder = find_folder(options.plugin, lambda: local_service().registry)
    plugin, _ = load_plugin(folder)
    if plugin is not None and plugin.manifest.is_remote and not options.spend:
        raise ValidationError(
            f"{plugin.name}: its calls are jobs at a provider, and the check makes up to "
            f"{CALLS_OF_A_TOOL} of each tool.",
            hint="If they may cost what they cost, add --spend.",
            field="spend",
        )
    grants = find_project().grants
    given = values_for(plugin, options.param) if plugin else {}
    on_interrupt(unwind)
    try:
        with Console(stderr=True).status("") as status:
            report = check_plugin(
                folder,
                timeout_s=options.timeout,
                parameters=given,
                grant=grants.get(plugin.name, NO_GRANT) if plugin else NO_GRANT,
                say=lambda doing: status.update(Text(doing)),
            )
    except KeyboardInterrupt:
        sys.stderr.write("\nfilmeto: stopped.\n")
        return EXIT_INTERRUPTED
    if options.json:
        sys.stdout.write(json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(report)
    return int(bool(report.failures))


def _show(report: Report) -> None:
    console = Console()
    if not console.is_terminal:
        _show_plainly(report)
        return
    console.print(Text(report.name, style="bold"), Text(str(report.folder), style="dim"))
    console.print()
    table = Table.grid(Column(width=7), Column(no_wrap=True), Column(ratio=1), padding=(0, 1))
    tool = ""
    width = max(len(check.name) for check in report.checks) + 2
    for found in sorted(report.checks, key=lambda check: bool(check.tool)):
        if found.tool != tool:
            tool = found.tool
            table.add_row("", Text(tool, style="bold"), "")
        table.add_row(*_row(found, width))
    console.print(table)
    console.print()
    console.print(_verdict(report))


def _show_plainly(report: Report) -> None:
    """A line a check, whole, for logs and programs such as grep."""
    width = max(len(check.id) for check in report.checks)
    for found in report.checks:
        advice = f" {found.advice}" if found.advice and found.state != "ok" else ""
        advice = advice.rstrip().replace("\n", f"\n{'':{width + 10}}")
        said = found.found if found.found[-1:] in ".!?" else f"{found.found}."
        sys.stdout.write(f"{_MARKS[found.state][0]:8}{found.id:{width}}  {said}{advice}\n")
    sys.stdout.write(f"{_verdict(report)}\n")


def _row(found: Check, width: int) -> tuple[Text, Text, object]:
    word, style = _MARKS[found.state]
    indent = "  " if found.tool else ""
    said = Text(found.found)
    if found.advice and found.state != "ok":
        said.append(f"\n{found.advice}", style="dim")
    return Text(word, style=style), Text(f"{indent}{found.name}".ljust(width)), Padding(said, 0)


def _verdict(report: Report) -> Text:
    counts = report.to_dict()["counts"]
    told = [f"{counts['ok']} ok"]
    told += [f"{counts[s]} {word}" for s, word in _WORDS.items() if counts[s]]
    verdict, style = ("does not pass", "bold red") if report.failures else ("passes", "bold green")
    return Text.assemble((f"{report.name} {verdict}", style), f": {', '.join(told)}.")


_WORDS = {"note": "noted", "failed": "failed", "skipped": "skipped"}
