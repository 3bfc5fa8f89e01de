"""Progress and results in the Prefect UI, written off the calls' path.

An artifact is one request to the API, 20 to 50 ms, and blocks while the server is away. So a call
only leaves its latest word in a table; a thread writes what changed, twice a second at most, and
nothing that goes wrong there reaches the call.
"""

import atexit
import base64
import io
import logging
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.context import TaskRunContext

from filmeto_core.call import CheckedCall
from filmeto_core.film.reader import reader_of
from filmeto_core.results import Done
from filmeto_core.tasks.runtime import current_place, links
from filmeto_core.types import ResourceOutput

logger = logging.getLogger(__name__)

INTERVAL_S = 0.5  # an artifact is updated at most twice a second
LONG_CALL_S = 1.0  # a shorter call has no progress artifact: it would cost more than it tells
MOST_WAITING = 500  # calls can be quicker than the API; what waits longest is then not shown
FLUSH_S = 5.0  # the longest that the end of a run waits for its artifacts
THUMBNAIL_PX = 480
SHEET_PX = 1200  # a contact sheet is read
THUMBNAIL_QUALITY = 70
CELL_CHARACTERS = 300  # of a parameter's value; a long one would push the rest out of sight


@dataclass
class Artifact:
    """One artifact: what it should say, what the server has."""

    key: str
    kind: str
    task_run_id: UUID | None
    flow_run_id: UUID | None
    data: Any = None
    id: UUID | None = None
    description: str = ""
    pause_s: float = 0.0  # between two writings, where INTERVAL_S is too often
    due: float = 0.0  # on the monotonic clock


class ArtifactWriter:
    """A daemon thread that writes artifacts; the latest word of each wins."""

    def __init__(self) -> None:
        self._changed: dict[int, Artifact] = {}
        self._condition = threading.Condition()
        self._hurry = threading.Event()
        self._busy = False
        self._thread: threading.Thread | None = None

    def put(self, artifact: Artifact, data: Any) -> None:
        """Leave the artifact's latest word; costs the caller microseconds."""
        with self._condition:
            artifact.data = data
            self._changed[id(artifact)] = artifact
            if len(self._changed) > MOST_WAITING:
                del self._changed[next(iter(self._changed))]
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._write_for_ever, name="filmeto-artifacts", daemon=True
                )
                self._thread.start()
            self._condition.notify_all()

    def flush(self, timeout_s: float = FLUSH_S) -> bool:
        """Wait until all is written, at most `timeout_s`; whether it was."""
        self._hurry.set()
        try:
            with self._condition:
                return self._condition.wait_for(
                    lambda: not self._changed and not self._busy, timeout_s
                )
        finally:
            self._hurry.clear()

    def _write_for_ever(self) -> None:
        with get_client(sync_client=True) as client:
            while True:
                with self._condition:
                    self._condition.wait_for(lambda: self._changed)
                # A burst of updates, or a whole short call, is written once.
                self._hurry.wait(INTERVAL_S)
                with self._condition:
                    waiting = self._take(time.monotonic())
                    self._busy = True
                for artifact in waiting:
                    self._write(client, artifact)
                    artifact.due = time.monotonic() + artifact.pause_s
                with self._condition:
                    self._busy = False
                    self._condition.notify_all()

    def _take(self, now: float) -> list[Artifact]:
        """Those that are to be written now."""
        hurried = self._hurry.is_set()
        due = {name: one for name, one in self._changed.items() if hurried or one.due <= now}
        self._changed = {n: one for n, one in self._changed.items() if n not in due}
        return list(due.values())

    def _write(self, client: Any, artifact: Artifact) -> None:
        try:
            data = artifact.data() if callable(artifact.data) else artifact.data
            if data is None:  # there is nothing to be shown
                return
            # By plain requests: Prefect's own calls also emit an event each, which the end of a
            # process would wait for.
            if artifact.id is None:
                made = ArtifactCreate(
                    key=artifact.key,
                    type=artifact.kind,
                    data=data,
                    description=artifact.description or None,
                    flow_run_id=artifact.flow_run_id,
                    task_run_id=artifact.task_run_id,
                )
                body = made.model_dump(mode="json", exclude_unset=True)
                answer = client.request("POST", "/artifacts/", json=body)
                artifact.id = UUID(answer.json()["id"])
            else:
                body = {"data": data, "description": artifact.description or None}
                client.request("PATCH", f"/artifacts/{artifact.id}", json=body)
        except Exception:  # the edge of the thread: a run never fails for what it shows
            logger.debug("artifact %s was not written", artifact.key, exc_info=True)


_writer = ArtifactWriter()
put = _writer.put


@atexit.register
def flush_artifacts(timeout_s: float = FLUSH_S) -> bool:
    """Wait until the artifacts of this process are written, at most `timeout_s` seconds."""
    return _writer.flush(timeout_s)


def key_of(name: str) -> str:
    """The name as a key may be written: small letters, digits and dashes alone."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class CallArtifacts:
    """The two artifacts of a call: its progress, and what it made.

    Args:
        name: The task run's.
        flow_run_id: None: they are shown with the task run alone, since a film has hundreds.
    """

    def __init__(self, name: str, task_run_id: UUID, flow_run_id: UUID | None) -> None:
        self._name, self._shown_name = key_of(name) or "call", name
        self._ids = (task_run_id, flow_run_id)
        self._progress = Artifact(f"{self._name}-progress", "progress", *self._ids)
        self._started, self._shown = time.monotonic(), False

    @classmethod
    def of_run(cls, run: TaskRunContext) -> "CallArtifacts":
        """Those of a task run."""
        flow_run_id = None if current_place().film else run.task_run.flow_run_id
        return cls(run.task_run.name, run.task_run.id, flow_run_id)

    def progress(self, percent: float, message: str) -> None:
        """The call's latest percentage, once it lasts long enough for somebody to look."""
        if time.monotonic() - self._started >= LONG_CALL_S:
            self._shown = True
            self._progress.description = f"{self._shown_name}: {message}".rstrip(": ")
            put(self._progress, percent)

    def finished(self, checked: CheckedCall, done: Done) -> None:
        """What the call made, with a picture of it."""
        if self._shown:
            self._progress.description = f"{self._shown_name}: done"
            put(self._progress, 100.0)
        took = "from the cache" if done.cached else f"{done.record.seconds:.1f} s"
        about = f"{self._shown_name} by {done.record.plugin}, {took}"
        result = Artifact(self._name, "markdown", *self._ids, description=about)
        put(result, lambda: call_markdown(checked, done))


def call_markdown(checked: CheckedCall, done: Done) -> str:
    """The artifact's text: what it made, then tool, plugin, parameters, seconds, cached."""
    record = done.record
    shown = "\n\n".join(_shown(output, links().of(output.digest)) for output in record.outputs)
    rows = [
        ("tool", record.tool),
        ("plugin", f"{record.plugin} {record.plugin_version}"),
        ("seconds", f"{record.seconds:.2f}"),
        ("cached", "yes" if done.cached else "no"),
        *((f"`{name}`", _told(value)) for name, value in record.parameters.items()),
    ]
    lines = [f"| {name} | {_cell(value)} |" for name, value in rows]
    return "\n".join([shown, "", "| | |", "|---|---|", *lines])


def show_stills(flow_run_id: UUID, text: str) -> None:
    """Leave what a review asks, with its contact sheet, as an artifact of the run."""
    put(Artifact("review", "markdown", None, flow_run_id), text)


def _told(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")[:CELL_CHARACTERS]


def _shown(output: ResourceOutput, link: str | None = None) -> str:
    """A picture of it where there is one, what it is, where it opens, and its file.

    Args:
        link: Its address at a server; a browser opens no file: link.
    """
    told = output.metadata
    facts = [output.mime_type]
    if told.get("width") and told.get("height"):
        facts.append(f"{told['width']}x{told['height']}")
    if told.get("duration_s"):
        facts.append(f"{told['duration_s']:.2f} s")
    lines = [", ".join(facts), *([f"[Open it]({link})"] if link else []), f"`{output.path}`"]
    picture = {"image": str, "video": first_frame}.get(output.type)
    if picture:
        lines.insert(0, f"![{output.type}]({thumbnail_uri(picture(output.path))})")
    return "\n\n".join(lines)


def first_frame(path: str) -> io.BytesIO:
    """A clip's first frame, as a PNG file in memory."""
    import av  # here: a process that makes no clip does not load it

    png = io.BytesIO()
    with av.open(path, format=reader_of(Path(path))) as clip:
        next(clip.decode(video=0)).to_image().save(png, "PNG", compress_level=1)
    png.seek(0)
    return png


def thumbnail_uri(picture: str | io.BytesIO, longest_px: int = THUMBNAIL_PX) -> str:
    """A data: URI of the picture, small enough for the Prefect database (some 20 KB)."""
    from PIL import Image  # here: a process that makes no picture does not load it

    with Image.open(picture) as image:
        image.thumbnail((longest_px, longest_px))
        small = io.BytesIO()
        image.convert("RGB").save(small, "JPEG", quality=THUMBNAIL_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(small.getvalue()).decode()
