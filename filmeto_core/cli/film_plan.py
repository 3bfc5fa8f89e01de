"""`filmeto film --plan`: each call of the film, what would happen to it, why, and what it costs."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filmeto_core.cli.columns import TABLE_ROWS, aligned
from filmeto_core.plan.models import Plan, PlannedCall
from filmeto_core.plan.planner import plan_film
from filmeto_core.plan.totals import in_one_line
from filmeto_core.plan.wording import seconds_text
from filmeto_core.tasks.runtime import service

FILM = "film"  # the row of what belongs to no shot
STYLES = {"reuse": "dim", "pinned": "dim", "unknown": "red", "refused": "red", "resume": "cyan"}
HEADINGS = ("shot", "tool", "plugin", "what", "time", "cost", "why")


def show_plan(
    storyboard: Path | str, out: str | None, wanted: dict[str, Any], as_json: bool
) -> int:
    """Plan the film and show it; nothing is started."""
    plan = plan_film(service(), storyboard, out=out, **wanted)
    if as_json:
        sys.stdout.write(json.dumps(plan.to_dict(), ensure_ascii=False, indent=2) + "\n")
        return 0
    rows = [_cells(call) for call in (*plan.calls, plan.assembly)]
    paid = any(cells[5] for cells in rows)
    if sys.stdout.isatty() and len(rows) <= TABLE_ROWS:
        _table(plan, rows, paid)
    else:
        sys.stdout.writelines(_lines(rows, paid))
    for note in plan.notes:
        sys.stderr.write(f"note: {note}\n")
    sys.stdout.write(f"{in_one_line(plan.totals)}\n")
    return 0


def _cells(call: PlannedCall) -> tuple[str, ...]:
    what = call.action if call.certain else f"{call.action}?"
    return (call.shot or FILM, call.tool, call.plugin, what, _time(call), _cost(call), call.why)


def _time(call: PlannedCall) -> str:
    if not call.works:
        return ""
    return "?" if call.seconds is None else seconds_text(call.seconds)


def _cost(call: PlannedCall) -> str:
    if not call.works or (call.cost is None and call.priced):
        return ""
    return "?" if call.cost is None else str(call.cost)


def _lines(rows: list[tuple[str, ...]], paid: bool) -> Iterator[str]:
    shown = [HEADINGS, *rows]
    return aligned(shown if paid else [(*row[:5], row[6]) for row in shown])


def _table(plan: Plan, rows: list[tuple[str, ...]], paid: bool) -> None:
    from rich.console import Console
    from rich.table import Column
    from rich.text import Text

    from filmeto_core.cli.listing import listing_table

    columns = [Column(name, no_wrap=name != "why") for name in HEADINGS]
    columns[0].overflow, columns[0].max_width = "ellipsis", 16
    columns[4].justify = columns[5].justify = "right"
    columns[6].ratio = 1
    kept = [i for i in range(len(columns)) if paid or HEADINGS[i] != "cost"]
    table = listing_table(*(columns[i] for i in kept))
    above = None
    for call, cells in zip((*plan.calls, plan.assembly), rows, strict=True):
        style = STYLES.get(call.action, "")
        same = cells[0] == above
        above = cells[0]
        shown = ("" if same and i == 0 else cells[i] for i in kept)
        table.add_row(*(Text(cell) for cell in shown), style=style)
    Console().print(table)
