"""What the tests of films over HTTP share: a server with the quick plugins, films, and real calls of them."""

import uuid
from pathlib import Path

import httpx

from filmeto_core.place import Place
from filmeto_core.service import Reuse
from filmeto_core.types import FilmetoTask
from filmeto_core.web.film_models import RunDetail

PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
"""
BOARD = """\
# The quay, second version
title: The Quay
size: 64x64
fps: 8
profile: quick
music: calm
shots:
  # we open wide
  - id: wide
    prompt: a quay at dawn
    narration: hello there

  # then close
  - id: close
    prompt: a boat
    duration_s: 2
"""
FILMS = "/api/v1/films"


class Films:
    """Films of one server, made and looked at by a client.

    Args:
        served: The server.
        client: Whoever asks.
    """

    def __init__(self, served, client: httpx.Client) -> None:
        self.served, self.client = served, client
        self.service = served.desk.service

    def make(self, storyboard=BOARD, **more) -> str:
        """A film's address."""
        answer = self.client.post(FILMS, json={"storyboard": storyboard, **more})
        assert answer.status_code == 201, answer.text
        return f"{FILMS}/{answer.json()['id']}"

    def folder(self, film: str, tenant: str = "local") -> Path:
        """Where it lies."""
        return self.service.settings.films_dir / tenant / film.rsplit("/", 1)[-1]

    def detail(self, film: str) -> dict:
        """The film as it stands."""
        answer = self.client.get(film)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def text(self, film: str) -> str:
        """Its storyboard."""
        return self.client.get(f"{film}/storyboard").text

    def run(self, film: str, tenant: str = "local"):
        """The journal's begin of a run of the film; `end_run` ends it."""
        out = str(self.folder(film, tenant) / "out")
        return self.service.journal.begin_run("film", "storyboard", film=out)

    def call(
        self,
        film: str,
        run: str,
        shot: str | None,
        tool: str,
        take: int = 1,
        tenant="local",
        **asked,
    ) -> str:
        """Have a tool really called for a shot; the digest of what it made."""
        resources = asked.pop("resources", [])
        task = FilmetoTask(
            tool_name=tool,
            plugin_name="quick",
            task_id=str(uuid.uuid4()),
            parameters=asked,
            resources=resources,
            metadata={"take": take},
        )
        place = Place(run_id=run, film=str(self.folder(film, tenant) / "out"), shot=shot)

        async def work():
            checked = self.service.check(task)
            return await self.service.call(checked, lambda _: None, Reuse.ALWAYS, place=place)

        done = self.served.on_loop(work())
        self.service.journal.flush()
        return done.record.outputs[0].digest

    def clip(self, film: str, run: str, shot: str, still: str, take: int = 1) -> str:
        """Have a shot's clip really made of its still."""
        path = str(self.service.store.path_of(still))
        given = [{"type": "local_path", "data": path}]
        sized = {"width": 64, "height": 64, "fps": "8", "duration_s": 2.0}
        return self.call(film, run, shot, "image2video", take, resources=given, **sized)


class Runs:
    """Stands in for who runs films."""

    def __init__(self, error=None) -> None:
        self.started, self.error, self.shots = [], error, {}
        self.in_hand: RunDetail | None = None

    async def stop(self, _grace_s):
        """The server ends."""

    def run_of(self, _film_id):
        return self.in_hand

    def shots_of(self, _film_id):
        return self.shots

    async def start(self, caller, film_id, request):
        if self.error:
            raise self.error
        self.started.append((caller.tenant, film_id, request))
        self.in_hand = RunDetail(state="queued")
        return self.in_hand
