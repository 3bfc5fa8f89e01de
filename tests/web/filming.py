"""Films of the quick plugins for the tests of their runs: two shots, 64 by 64, one of them at a gate."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import yaml
from serving import events

PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
"""
LONG_S = 60.0  # for a whole film: its process imports Prefect first
Told = tuple[str, dict]


def write_film(home: Path, board: dict, tenant: str = "local") -> str:
    """A film's folder; its id."""
    film_id = f"film-{uuid.uuid4().hex[:8]}"
    folder = home / "films" / tenant / film_id
    folder.mkdir(parents=True)
    (folder / "storyboard.yaml").write_text(yaml.safe_dump(board))
    about = {"title": board["title"], "created_at": "2026-01-01T00:00:00+00:00"}
    (folder / "about.json").write_bytes(orjson.dumps(about))
    return film_id


def board(gate: Path | None = None, **last: str) -> dict:
    """A film of two shots; the second one waits until the gate's file is there.

    Args:
        last: Fields of the second shot.
    """
    at_gate = f"a boat gate:{gate} at night" if gate else "a boat"
    shots = [
        {"id": "dawn", "prompt": "a lamp", "duration_s": 1},
        {"id": "night", "duration_s": 1, "prompt": at_gate, **last},
    ]
    film = {"title": "Quick", "size": "64x64", "fps": 8, "profile": "quick"}
    return {**film, "shots": shots}


@contextmanager
def following(
    client: httpx.Client, film_id: str, last_event_id: str | None = None
) -> Iterator[Iterator[Told]]:
    """The film's events from one on, for as long as this lasts."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    path = f"/api/v1/films/{film_id}/events"
    with client.stream("GET", path, headers=headers, timeout=LONG_S) as answer:
        assert answer.status_code == 200, answer.read()
        yield (event for event in events(answer.iter_lines()) if event[0])


def until(told: Iterator[Told], wanted: Callable[[dict], bool]) -> list[Told]:
    """The events up to the first that is wanted, with it."""
    seen = []
    for event in told:
        seen.append(event)
        if wanted(event[1]):
            return seen
    raise AssertionError(f"the stream ended after {[e['_type'] for _, e in seen]}")


def ended(event: dict) -> bool:
    """Whether the event is a run's last but one: how it ended."""
    return event["_type"] == "run" and event["state"] in ("done", "failed", "cancelled")


def at_gate(event: dict) -> bool:
    """Whether the second shot waits at its gate."""
    return event["_type"] == "shot" and event["id"] == "night" and event["percent"] > 10


def watch_until(client, film_id, wanted, last_event_id=None) -> list[Told]:
    """The film's events from one on, up to the first that is wanted."""
    with following(client, film_id, last_event_id) as told:
        return until(told, wanted)


def wait_until(true: Callable[[], object], timeout_s: float = 20.0) -> None:
    """Look again and again, until it is so."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not become so"
        time.sleep(0.02)


def descendants(pid: int) -> set[int]:
    """The process, and all under it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if told[0] != "Z":
            parents[int(stat.parent.name)] = int(told[1])
    found = {pid} & parents.keys()
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def gone(pids: set[int]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(descendants(pid) for pid in pids)
