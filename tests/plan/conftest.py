"""What the tests of plans share: a studio of quick plugins, films made by the real flow, plans."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.plan.models import Plan, PlannedCall
from filmeto_core.plan.planner import plan_film
from filmeto_core.tasks.runtime import close_service, service

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
"""

Name = tuple[str | None, str]  # a shot and a tool


@dataclass(frozen=True)
class Studio:
    """Makes and plans one film, which goes to the folder out/film."""

    home: Path

    def board(self, shots: list[dict[str, Any]], **film: Any) -> dict[str, Any]:
        """A small film of the quick plugins."""
        told = {"title": "Quick", "size": "64x64", "fps": 8, "profile": "quick", "music": "calm"}
        return {**told, "shots": shots, **film}

    def make(self, board: dict[str, Any], **asked: Any) -> dict[Name, Any]:
        """The calls that the run computed, from its journal."""
        film = load_flow("film.py", "film")
        asyncio.run(film(board, out=Path("out/film"), **asked))
        return self.computed()

    def computed(self) -> dict[Name, Any]:
        """The calls of the last run that were computed."""
        journal = service().journal
        journal.flush()
        calls = journal.calls(journal.run("last").id)
        return {(call.shot, call.tool): call for call in calls if not call.cached}

    def plan(self, board: dict[str, Any], **asked: Any) -> Plan:
        """What a run would do."""
        service().journal.flush()
        return plan_film(service(), board, out="out/film", **asked)

    @staticmethod
    def working(plan: Plan) -> dict[Name, PlannedCall]:
        """The calls that the plan says will be made, for certain or perhaps."""
        return {(call.shot, call.tool): call for call in plan.calls if call.works}

    @staticmethod
    def why(plan: Plan, shot: str | None, tool: str) -> str:
        """What the plan says of a call."""
        (call,) = [call for call in plan.calls if (call.shot, call.tool) == (shot, tool)]
        return call.why


@pytest.fixture
def studio(home, monkeypatch, prefect_api):
    """A data folder, the quick plugins, and a profile that names them."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    Path("filmeto.yaml").write_text(PROFILES)
    yield Studio(home)
    close_service()
