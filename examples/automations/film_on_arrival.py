"""Starts a film when a storyboard lands in a folder: an event for each, and an automation that runs it.

    python examples/automations/film_on_arrival.py FOLDER [DEPLOYMENT]

DEPLOYMENT is film/animatic, unless another is named. A storyboard counts once it has not changed for
two seconds and can be read whole; one with problems is told here and waits until it is mended. Each
version of a file starts one film, which goes to FOLDER/films/NAME. The automation is in the Prefect
UI, under Automations, where it can be switched off; the events are in its event feed.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

from filmeto_core.errors import StoryboardError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from prefect.automations import Automation  # noqa: E402
from prefect.client.orchestration import get_client  # noqa: E402
from prefect.events import emit_event  # noqa: E402
from prefect.events.actions import RunDeployment  # noqa: E402
from prefect.events.schemas.automations import EventTrigger, Posture  # noqa: E402

LANDED = "filmeto.storyboard.landed"
SETTLED_S = 2.0  # a file that somebody still writes changes sooner
LOOK_S = 1.0
SEEN = ".filmeto-seen.json"  # in the folder: digests of the versions that were told of


def react(deployment: str) -> None:
    """Have the deployment run for each event; made once, by the deployment's name."""
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(deployment)
    name = f"Film a storyboard that lands ({deployment})"
    parameters = {
        field: {"__prefect_kind": "jinja", "template": f"{{{{ event.payload.{field} }}}}"}
        for field in ("storyboard", "out")
    }
    trigger = EventTrigger(
        expect={LANDED},
        match={"prefect.resource.id": "filmeto.storyboard.*", "filmeto.deployment": deployment},
        posture=Posture.Reactive,
        threshold=1,
    )
    action = RunDeployment(source="selected", deployment_id=found.id, parameters=parameters)
    try:
        automation = Automation.read(name=name)
    except ValueError:
        Automation(name=name, trigger=trigger, actions=[action]).create()
    else:
        automation.trigger, automation.actions = trigger, [action]
        automation.update()


class Folder:
    """A folder in which storyboards land.

    Args:
        path: It.
        deployment: What its events are for.
    """

    def __init__(self, path: Path, deployment: str) -> None:
        self.path, self._deployment = path.absolute(), deployment
        self._waiting: dict[Path, tuple[tuple[int, int], float]] = {}
        self._told: dict[Path, str] = {}  # of a storyboard that cannot be made as it is: its digest
        seen = self.path / SEEN
        self._seen = set(json.loads(seen.read_text()) if seen.exists() else [])

    def look(self, now: float) -> list[Path]:
        """Tell of each storyboard that has landed since; those that were told of."""
        files = [one for end in ("*.yaml", "*.yml") for one in self.path.glob(end)]
        return [file for file in sorted(files) if self._settled(file, now) and self._tell(file)]

    def _settled(self, file: Path, now: float) -> bool:
        status = file.stat()
        version = (status.st_size, status.st_mtime_ns)
        known, since = self._waiting.get(file, (None, now))
        self._waiting[file] = (version, since if version == known else now)
        return version == known and now - since >= SETTLED_S

    def _tell(self, file: Path) -> bool:
        digest = hashlib.sha256(str(file).encode() + file.read_bytes()).hexdigest()
        if digest in self._seen or self._told.get(file) == digest:
            return False
        try:
            board = load_storyboard(file)
        except StoryboardError as error:
            self._told[file] = digest
            print(error, flush=True)
            return False
        emit_event(
            event=LANDED,
            resource={
                "prefect.resource.id": f"filmeto.storyboard.{file.stem}",
                "prefect.resource.name": board.title,
                "filmeto.deployment": self._deployment,
            },
            payload={"storyboard": str(file), "out": str(self.path / "films" / file.stem)},
        )
        self._seen.add(digest)
        (self.path / SEEN).write_text(json.dumps(sorted(self._seen)))
        print(f"{file.name}: {board.title}", flush=True)
        return True


def main(path: str, deployment: str = "film/animatic") -> None:
    """Watch the folder until Ctrl-C."""
    react(deployment)
    folder = Folder(Path(path), deployment)
    print(f"watching {folder.path}", flush=True)
    while True:
        folder.look(time.monotonic())
        time.sleep(LOOK_S)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
