"""`filmeto chaos STORYBOARD`: films killed at random moments, and what came of them."""

import argparse
import json
import sys
from pathlib import Path

from filmeto_core.chaos.blows import VICTIMS
from filmeto_core.chaos.chaos import Chaos
from filmeto_core.chaos.report import Report
from filmeto_core.chaos.scene import Asked
from filmeto_core.chaos.spending import allow, price_of_film
from filmeto_core.cli.interrupt import leave, on_interrupt
from filmeto_core.errors import ValidationError, did_you_mean
from filmeto_core.film_board import film_stem, open_board
from filmeto_core.money import Money
from filmeto_core.out_folder import keep_others_out, out_folder
from filmeto_core.tasks.runtime import service


def chaos(options: argparse.Namespace) -> int:
    """Kill films, and tell whether all held."""
    victims, films = _victims(options.victims), 1 + (1 if options.film else options.runs)
    board = open_board(service(), options.storyboard, profile=options.profile)
    allow(price_of_film(board), films, _spend(options.spend))
    out = out_folder(Path(options.out or f"out/chaos-{film_stem(options.storyboard)}")).absolute()
    keep_others_out(out)
    run = Chaos(
        Asked(Path(options.storyboard).absolute(), out, options.profile),
        seed=options.seed,
        victims=victims,
        side_by_side=options.jobs,
        say=lambda line: sys.stderr.write(f"{line}\n"),
        again=_without_film(["filmeto", *sys.argv[1:]]),
    )
    on_interrupt(lambda: leave("the same command goes on from here", run.stop))
    report = run.run(options.runs, options.film)
    _tell(report, options.json)
    return 0 if report.held else 1


def _spend(text: str | None) -> Money | None:
    try:
        return None if text is None else Money.read(text)
    except ValueError as error:
        raise ValidationError(f"--spend: {error}", field="spend", value=text) from None


def _victims(text: str) -> list[str]:
    victims = [name.strip() for name in text.split(",") if name.strip()]
    for name in victims:
        if name not in VICTIMS:
            raise ValidationError(
                f'--victims: there is no "{name}".{did_you_mean(name, list(VICTIMS))}',
                hint=f"Victims: {', '.join(VICTIMS)}.",
                field="victims",
                value=name,
            )
    if not victims:
        raise ValidationError("--victims names nobody.", field="victims", value=text)
    return [name for name in VICTIMS if name in victims]


def _tell(report: Report, as_json: bool) -> None:
    if as_json:
        films = [made.model_dump(mode="json") for made in report.films]
        text = json.dumps({**report.totals(), "each": films}, ensure_ascii=False, indent=2)
    else:
        text = "\n".join(report.lines())
    sys.stdout.write(f"{text}\n")


def _without_film(words: list[str]) -> list[str]:
    kept, skip = [], False
    for word in words:
        if skip or word.startswith("--film"):
            skip = word == "--film"
            continue
        kept.append(word)
    return kept
