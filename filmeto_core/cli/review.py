"""`filmeto review`: which films wait for the review of their stills, and what becomes of them."""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from filmeto_core.errors import ValidationError
from filmeto_core.out_folder import short
from filmeto_core.review.answers import told_answer
from filmeto_core.review.models import APPROVE, CHANGE, ReviewedShot
from filmeto_core.run_marks import tell_of_killed
from filmeto_core.settings import current_settings
from filmeto_core.tasks.waiting_runs import (
    ID_DIGITS,
    WaitingRun,
    answer_run,
    waiting_run,
    waiting_runs,
)

PROMPT_COLUMNS = 88  # a line of a prompt


def review(options: argparse.Namespace) -> None:
    """Tell what waits, or answer one."""
    tell_of_killed(current_settings().runs_dir)  # a run whose process is gone waits for nobody
    value = _answer(options)
    if value is None:
        found = [waiting_run(options.run)] if options.run else waiting_runs()
        _tell(found, options.json)
        return
    run = waiting_run(options.run)
    answer = answer_run(run, value)
    sys.stderr.write(
        f"{run.asking.title}: {told_answer(answer)}\n{_goes_on(run, answer.decision)}\n"
    )


def _answer(options: argparse.Namespace) -> dict[str, Any] | None:
    """What the options answer; None where they ask nothing but to be told."""
    if not (options.approve or options.prompt or options.take):
        return None
    return {
        "decision": APPROVE if options.approve else CHANGE,
        "prompts": dict(map(_prompt, options.prompt)),
        "other_takes": list(dict.fromkeys(options.take)),
    }


def _prompt(given: str) -> tuple[str, str]:
    shot, equals, text = given.partition("=")
    if not equals or not shot.strip():
        raise ValidationError(
            f'--prompt: "{given}" names no shot.',
            hint='Such as --prompt dawn="a lighthouse at dusk".',
            field="prompt",
            value=given,
        )
    return shot.strip(), text


def _goes_on(run: WaitingRun, decision: str) -> str:
    if run.suspended:
        return f"A worker goes on with it: {run.url}"
    if decision == APPROVE:
        return "The run goes on."
    return "The run goes on, and asks again when they are made: `filmeto review`"


def _tell(runs: list[WaitingRun], as_json: bool) -> None:
    if as_json:
        told = [run.to_dict() | {"url": run.url} for run in runs]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return
    for run in runs:
        sys.stdout.write("\n".join(_lines(run)) + "\n\n")
    if runs:
        name = f" {runs[0].id[:ID_DIGITS]}" if len(runs) > 1 else ""
        shot = next((s.id for s in runs[0].asking.shots if s.made), runs[0].asking.shots[0].id)
        sys.stderr.write(
            f"To go on:       filmeto review{name} --approve\n"
            f'Another prompt: filmeto review{name} --prompt {shot}="…"\n'
            f"Another take:   filmeto review{name} --take {shot}\n"
        )
    else:
        sys.stderr.write("no film waits for a review\n")


def _lines(run: WaitingRun) -> Iterator[str]:
    asking = run.asking
    yield f"{asking.title}  ({run.id[:ID_DIGITS]}, since {_when(asking.since)})"
    yield f"  stills: {short(asking.sheet)}"
    yield f"  in the Prefect UI: {run.url}"
    if asking.told:
        yield from textwrap.wrap(
            asking.told, PROMPT_COLUMNS, initial_indent="  ", subsequent_indent="  "
        )
    width = max(len(shot.id) for shot in asking.shots)
    for shot in asking.shots:
        yield from _shot_lines(shot, width)


def _shot_lines(shot: ReviewedShot, width: int) -> Iterator[str]:
    words = [f"take {shot.take}"] if shot.take > 1 else []
    words += [] if shot.new else ["approved"] if shot.still else ["has no still"]
    marks = f"({', '.join(words)}) " if words else ""
    text = marks + (shot.prompt or ("" if shot.made or not shot.still else "a picture of its own"))
    lines = textwrap.wrap(text, PROMPT_COLUMNS - width) or [""]
    for i, line in enumerate(lines):
        yield f"    {shot.id if i == 0 else '':<{width}}  {line}".rstrip()


def _when(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}"
