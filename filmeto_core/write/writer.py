"""Writes a storyboard of a logline: a language model does, where one is configured, else templates."""

from collections.abc import Callable
from pathlib import Path

from filmeto_core.film.storyboard import read_storyboard
from filmeto_core.profiles import find_project
from filmeto_core.settings import Settings
from filmeto_core.write.model_writer import model_server, write_with_model
from filmeto_core.write.request import Request
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
    server = None if template else model_server(settings, tell)
    written = (
        write_from_templates(request) if server is None else write_with_model(request, server, seed)
    )
    text = storyboard_text(written)
    read_storyboard(text.encode(), base=Path.cwd(), profiles=list(project.profiles))
    for note in written.notes:
        tell(note)
    return text
