"""The deployments that a project has: those of deployments/prefect.yaml, and film/PROFILE for each of
its profiles.

That file is what `prefect deploy --all` reads too, so that both ways register the same.
"""

import copy
from collections.abc import Iterator
from typing import Any

import yaml

from filmeto_core.bundled import bundled
from filmeto_core.profiles import DEFAULT_PROFILE, Profile, Project

FILE = "prefect.yaml"
FILM = "filmeto_core.deployment.recipes.film"


def definitions(project: Project) -> Iterator[dict[str, Any]]:
    """One mapping for each deployment, in the words of prefect.yaml, `pull` included."""
    text = (bundled("deployments") / FILE).read_text(encoding="utf-8")
    whole = yaml.safe_load(text)
    for one in whole["deployments"]:
        one = {"pull": whole["pull"], **one}
        yield one
        if one["entrypoint"] == FILM:
            others = sorted(set(project.profiles) - {DEFAULT_PROFILE})
            yield from (_film(one, project.profiles[name]) for name in others)


def _film(one: dict[str, Any], profile: Profile) -> dict[str, Any]:
    made = copy.deepcopy(one)
    made["name"] = profile.name
    made["parameters"] = {**one["parameters"], "profile": profile.name}
    return made
