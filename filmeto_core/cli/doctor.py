"""`filmeto doctor`: a table of what is there and what is missing, with what to do; or a profile,
tried."""

import argparse
import asyncio
import json
import sys

from filmeto_core.doctor import examine
from filmeto_core.errors import ValidationError
from filmeto_core.money import Money
from filmeto_core.profile_trial import Trial, all_served, try_profile
from filmeto_core.profiles import ANY_LANGUAGE
from filmeto_core.readiness import chosen
from filmeto_core.service import FilmetoService

COLOURS = {"ok": "green", "note": "yellow", "missing": "red", "failed": "red", "skipped": "yellow"}


def doctor(options: argparse.Namespace) -> int:
    """Exit code 1 if something is missing that films need, or a tool of the profile has nobody."""
    if options.profile is not None:
        return _try(options)
    if options.spend is not None:
        raise ValidationError(
            "--spend: only a profile that is tried costs; add --profile.", field="spend"
        )
    findings = examine()
    failed = any(finding.state == "missing" for finding in findings)
    if options.json:
        told = [finding.to_dict() for finding in findings]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return int(failed)
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        _line(finding.state, finding.what, finding.found, finding.advice, width)
    return int(failed)


def _line(state: str, what: str, found: str, advice: str, width: int) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    line = Text(f"{state:8}", style=COLOURS[state])
    line.append(f"{what:{width}}  {found}", style="default")
    console.print(line, soft_wrap=True)
    if advice and state != "ok":
        console.print(Text(f"{'':8}{'':{width}}  {advice}"), soft_wrap=True)


def _try(options: argparse.Namespace) -> int:
    """Each plugin of a profile, as it is tried."""
    spend = _money(options.spend)
    service = FilmetoService()
    profile = service.project.profile(options.profile)
    names = [f"{tool} {name}" for tool in profile.tools for name in chosen(service, profile.name)]
    width = max(map(len, names), default=0) + len(" (en)")
    trials: list[Trial] = []

    async def run() -> None:
        try:
            async for trial in try_profile(service, profile.name, spend):
                trials.append(trial)
                language = "" if trial.language == ANY_LANGUAGE else f" ({trial.language})"
                what = f"{trial.tool} {trial.plugin}{language}"
                if not options.json:
                    _line(trial.state, what, trial.found, trial.advice, width)
        finally:
            await service.close()

    asyncio.run(run())
    if options.json:
        told = [trial.to_dict() for trial in trials]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return int(not all_served(trials))


def _money(text: str | None) -> Money | None:
    try:
        return None if text is None else Money.read(text)
    except ValueError as error:
        raise ValidationError(f"--spend: {error}", field="spend", value=text) from None
