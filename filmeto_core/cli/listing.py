"""`filmeto tools`, `filmeto plugins list`, `filmeto plugins show NAME`."""

import argparse
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from filmeto_core.plugin_host.discovery import Plugin
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
    table = Table("tool", "what", "plugins", f"profile {profile.name}")
    for row in rows:
        plugins = ", ".join(row["plugins"]) or "none installed"
        table.add_row(row["name"], row["display_name"], plugins, _choices(row["profile"]))
    Console().print(table)


def plugins(options: argparse.Namespace) -> None:
    """Every plugin, and every folder that looks like one but is wrong."""
    registry = service().registry
    if options.json:
        problems = [str(problem) for problem in registry.problems]
        _json({"plugins": [_told(p) for p in registry.plugins], "problems": problems})
        return
    table = Table("plugin", "version", "tools", "description")
    for plugin in registry.plugins:
        manifest = plugin.manifest
        names = ", ".join(spec.name for spec in manifest.tools)
        table.add_row(manifest.name, manifest.version, names, manifest.description)
    Console().print(table)
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
    console.print(f"[bold]{found.name}[/bold] {told['version']}  {told['description']}")
    console.print(
        f"author {told['author'] or '-'}, engine {told['engine'] or '-'}", highlight=False
    )
    console.print(f"folder {told['folder']}", highlight=False, soft_wrap=True)
    for tool in told["tools"]:
        table = Table("parameter", "type", "default", "allowed", "what", title=tool["name"])
        for parameter in tool["parameters"]:
            default = "required" if parameter["required"] else _shown(parameter["default"])
            table.add_row(
                parameter["name"],
                parameter["type"],
                default,
                _allowed(parameter),
                parameter["description"],
            )
        console.print(table)


def _told(plugin: Plugin) -> dict[str, Any]:
    manifest = plugin.manifest
    return {
        "name": manifest.name,
        "version": manifest.version,
        "description": manifest.description,
        "author": manifest.author,
        "engine": manifest.engine,
        "folder": str(plugin.folder),
        "tools": [
            {
                "name": str(spec.name),
                "description": spec.description,
                "parameters": [p.model_dump(mode="json") for p in spec.parameters],
            }
            for spec in manifest.tools
        ],
    }


def _choices(by_language: dict[str, list[str]]) -> str:
    shown = []
    for language, names in by_language.items():
        prefix = "" if language == ANY_LANGUAGE else f"{language}: "
        shown.append(prefix + ", else ".join(names))
    return "; ".join(shown) or "-"


def _allowed(parameter: dict[str, Any]) -> str:
    if parameter["choices"]:
        return ", ".join(map(str, parameter["choices"]))
    low, high = parameter["min"], parameter["max"]
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"


def _shown(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
