"""`filmeto doctor`: a table of what is there and what is missing, with what to do."""

import argparse
import json
import sys

from filmeto_core.doctor import examine


def doctor(options: argparse.Namespace) -> int:
    """Exit code 1 if something is missing that films need."""
    findings = examine()
    failed = any(finding.state == "missing" for finding in findings)
    if options.json:
        told = [finding.to_dict() for finding in findings]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return int(failed)
    from rich.console import Console
    from rich.table import Table

    table = Table("", "what", "found", "what to do")
    colours = {"ok": "green", "note": "yellow", "missing": "red"}
    for finding in findings:
        state = f"[{colours[finding.state]}]{finding.state}[/]"
        table.add_row(state, finding.what, finding.found, finding.advice)
    Console().print(table)
    return int(failed)
