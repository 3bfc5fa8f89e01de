"""What a film's process is asked for, on its stdin: one JSON object."""

from pathlib import Path
from typing import Any

from pydantic import Field

from filmeto_core.types import Model


class FilmOrder(Model):
    """A run of a film, as its process is asked for it."""

    storyboard: Path = Field(description="Its file, absolute")
    edits: Path | None = Field(None, description="The file that a review's edits go to")
    out: Path = Field(description="The film's folder, absolute")
    shots: list[str] | None = Field(None, description="These alone")
    draft: bool = False
    refresh: list[str] | None = Field(None, description="Shots that are made anew")
    budget: str | None = Field(None, description='The most that the film may cost, "5.00 EUR"')
    nice: int = Field(0, description="How far the process stands back behind its server")

    def flow_parameters(self) -> dict[str, Any]:
        """As flows/film.py takes them."""
        names = ("storyboard", "out", "shots", "draft", "refresh", "budget")
        return {name: getattr(self, name) for name in names}
