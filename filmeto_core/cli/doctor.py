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
    from rich.text import Text

    console = Console()
    colours = {"ok": "green", "note": "yellow", "missing": "red"}
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        line = Text(f"{finding.state:8}", style=colours[finding.state])
        line.append(f"{finding.what:{width}}  {finding.found}", style="default")
        console.print(line, soft_wrap=True)
        if finding.advice and finding.state != "ok":
            console.print(Text(f"{'':8}{'':{width}}  {finding.advice}"), soft_wrap=True)
    return int(failed)
