"""`filmeto tools`, `filmeto plugins list`, `filmeto plugins show NAME`."""

import argparse
import json
import sys
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from filmeto_core.cli.columns import TABLE_ROWS, aligned
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.needs import missing
from filmeto_core.profiles import ANY_LANGUAGE, find_project
from filmeto_core.tasks.runtime import service
from filmeto_core.types import ToolType


def tools(options: argparse.Namespace) -> None:
    """The seven tools, who serves them, and whom the default profile chooses."""
    profile, registry = find_project().profile(), service().registry
    rows = [
        {
            "name": str(tool),
            "display_name": tool.display_name,
            "plugins": [p.name for p in registry.serving(tool)],
            "profile": {
                language: list(choice.plugins)
                for language, choice in profile.tools.get(tool, {}).items()
            },
        }
        for tool in ToolType
    ]
    if options.json:
        _json(rows)
        return
    chosen = Column(f"profile {profile.name}", ratio=1)
    table = listing_table(Column("tool", no_wrap=True), "plugins", chosen)
    for row in rows:
        plugins = ", ".join(row["plugins"]) or "none installed"
        table.add_row(row["name"], plugins, _choices(row["profile"]))
    Console().print(table)


def plugins(options: argparse.Namespace) -> None:
    """Every plugin, and every folder that looks like one but is wrong."""
    registry = service().registry
    if options.json:
        problems = [str(problem) for problem in registry.problems]
        _json({"plugins": [_told(p) for p in registry.plugins], "problems": problems})
        return
    rows = [
        (p.name, p.version, ", ".join(t.name for t in p.manifest.tools), p.manifest.description)
        for p in registry.plugins
    ]
    if len(rows) <= TABLE_ROWS:
        table = listing_table(
            Column("plugin", no_wrap=True), "version", "tools", Column("description", ratio=1)
        )
        for row in rows:
            table.add_row(*map(Text, row))
        Console().print(table)
    else:
        sys.stdout.writelines(aligned(rows))
    for plugin in registry.plugins:
        for need in missing(plugin):
            sys.stderr.write(f"missing for {plugin.name}: {need.what}. {need.advice}\n")
    for problem in registry.problems:
        sys.stderr.write(f"problem: {problem}\n")


def plugin(options: argparse.Namespace) -> None:
    """One plugin with its parameters."""
    found = service().registry.get(options.plugin)
    told = _told(found)
    if options.json:
        _json(told)
        return
    console = Console()
    console.print(Text(f"{found.name} {told['version']}", style="bold"))
    console.print(Text(told["description"]))
    console.print(Text(f"author {told['author'] or '-'}, engine {told['engine'] or '-'}"))
    console.print(Text(f"folder {told['folder']}"), soft_wrap=True)
    for need in told["missing"]:
        console.print(Text(f"missing {need['what']}. {need['advice']}", "red"), soft_wrap=True)
    for tool in told["tools"]:
        console.print()
        table = listing_table(
            Column("parameter", no_wrap=True), "type", "default", "what", title=tool["name"]
        )
        for parameter in tool["parameters"]:
            default = "required" if parameter["required"] else _shown(parameter["default"])
            allowed = _allowed(parameter)
            said = parameter["description"] + (f" ({allowed})" if allowed else "")
            cells = (parameter["name"], parameter["type"], default, said)
            table.add_row(*map(Text, cells))
        console.print(table)


def listing_table(*columns: Column | str, title: str | None = None) -> Table:
    """A table without a frame, that keeps every word at 80 columns."""
    return Table(
        *columns,
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        expand=True,
    )


def _told(plugin: Plugin) -> dict[str, Any]:
    absent = [need.to_dict() for need in missing(plugin)]
    return {**plugin.to_dict(), "folder": str(plugin.folder), "missing": absent}


def _choices(by_language: dict[str, list[str]]) -> str:
    shown = []
    for language, names in by_language.items():
        anyone = "others: " if len(by_language) > 1 else ""
        prefix = anyone if language == ANY_LANGUAGE else f"{language}: "
        shown.append(prefix + ", else ".join(names))
    return "; ".join(shown) or "-"


def _allowed(parameter: dict[str, Any]) -> str:
    if parameter["choices"]:
        return "one of " + ", ".join(map(str, parameter["choices"]))
    low, high = parameter["min"], parameter["max"]
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"{low:g} to {high:g}"


def _shown(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
