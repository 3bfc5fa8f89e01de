"""Writes a storyboard of a logline: a language model does, where one is configured, else templates."""

from collections.abc import Callable
from pathlib import Path

from filmeto_core.film.storyboard import read_storyboard
from filmeto_core.profiles import find_project
from filmeto_core.settings import Settings
from filmeto_core.write.request import Request, Written
from filmeto_core.write.storyboard_text import storyboard_text
from filmeto_core.write.template import write_from_templates


def write_storyboard(
    request: Request,
    settings: Settings,
    *,
    template: bool = False,
    seed: int | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> str:
    """The YAML text of a storyboard that `load_storyboard` takes.

    Args:
        request: What is wanted.
        settings: Whether there is a language model, and where.
        template: Ask no model.
        seed: For the model, where one was given.
        tell: Told what is done, and what is to be known of the result.

    Raises:
        ValidationError: A setting, the profile or the language is wrong.
        WritingError: A model wrote none.
        FilmetoError: The model's server cannot be asked.
    """
    project = find_project()
    if request.profile:
        project.profile(request.profile)
    asked = not template and (settings.writer_url or settings.writer_model)
    written = _asked(request, settings, seed, tell) if asked else write_from_templates(request)
    text = storyboard_text(written)
    read_storyboard(text.encode(), base=Path.cwd(), profiles=list(project.profiles))
    for note in written.notes:
        tell(note)
    return text


def _asked(
    request: Request, settings: Settings, seed: int | None, tell: Callable[[str], None]
) -> Written:
    # Here: its HTTP client takes longer to load than all the rest.
    from filmeto_core.write.model_writer import model_server, write_with_model

    return write_with_model(request, model_server(settings, tell), seed)
