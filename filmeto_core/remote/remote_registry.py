"""The plugins of a server, as the registry of this process: manifests and fingerprints as it tells them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filmeto_core.errors import PluginNotFoundError, did_you_mean, some_of
from filmeto_core.plugin_host.discovery import Plugin, Registry
from filmeto_core.plugin_host.large_digests import LargeDigests
from filmeto_core.plugin_host.manifest import Problem
from filmeto_core.plugin_host.manifest_model import Manifest
from filmeto_core.plugin_host.plugin import Served
from filmeto_core.plugin_host.sources import Sources
from filmeto_core.plugin_host.written import WorkTimes, Written
from filmeto_core.remote.transport import ANSWER_S, COME_AGAIN, Connection

LOOK_S = 1.0  # how long what the server told counts
LOOK_ANSWER_S = 5.0  # what a look may take: the caller's event loop waits for it
AWAY_S = 10.0  # and where it does not answer: its calls wait for it, and so is it asked less


class ToldSources(Sources):
    """The files of a plugin that lies elsewhere; of them only the fingerprint is known.

    Args:
        name: The plugin's.
        version: As the manifest has it.
        fingerprint: As the server tells it.
    """

    def __init__(self, name: str, version: str, fingerprint: str) -> None:
        folder = Path(name)
        super().__init__(
            folder, version, Written(folder, version, None), WorkTimes(), LargeDigests(folder, None)
        )
        self._fingerprint = fingerprint

    @property
    def names(self) -> tuple[str, ...]:
        """None that are known here."""
        return ()

    @property
    def looked_at(self) -> bool:
        """There is nothing to look at."""
        return True

    def look(self) -> None:
        """There is nothing to look at."""

    def changed(self) -> bool:
        """The server tells of another plugin then."""
        return False

    def worked(self) -> None:
        """What it wrote is the server's to see."""


class RemoteRegistry(Registry):
    """The plugins that a server has; asked for anew once a second at most, and told only if changed.

    Args:
        connection: To the server.

    Raises:
        ServerUnreachableError: It does not answer.
        FilmetoError: What it says is wrong.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._asking = threading.Lock()
        self._etag = ""
        self._next_look = 0.0
        self._told: dict[str, tuple[dict[str, Any], Plugin]] = {}
        self._wrong: tuple[Problem, ...] = ()
        self.home = ""  # what the server calls its data folder, as it lies there
        self.folder = ""  # and wherever it lies
        self.notes = False  # whether it notes calls in that folder's journal as they are named
        self._ask(ANSWER_S)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """All of them."""
        self._look()
        return tuple(plugin for _, plugin in self._told.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with those that the server cannot use, in its words."""
        self._look()
        return self._wrong

    def find(self, name: str) -> Plugin | None:
        """The plugin of that name, None where the server has none."""
        self._look()
        known = self._told.get(name)
        return known[1] if known else None

    @contextmanager
    def working(self, plugin: Plugin) -> Iterator[None]:
        """Nothing: the server's registry sees to what its plugins write."""
        yield

    def worked(self, plugin: Plugin, started: float, ended: float) -> None:
        """As `working`."""

    def _look(self) -> None:
        if time.monotonic() < self._next_look or not self._asking.acquire(blocking=False):
            return  # another thread is about to know
        try:
            self._ask(LOOK_ANSWER_S)
        except COME_AGAIN:
            self._next_look = time.monotonic() + AWAY_S  # what is known counts
        finally:
            self._asking.release()

    def _ask(self, timeout_s: float) -> None:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = self._connection.get("/plugins/manifests", headers=headers, timeout=timeout_s)
        self._next_look = time.monotonic() + LOOK_S
        if answer.status_code == 304:
            return
        told = answer.json()
        known, address = self._told, self._connection.address.text
        found: dict[str, tuple[dict[str, Any], Plugin]] = {}
        for one in told["plugins"]:
            name = one["manifest"]["name"]
            same = known.get(name)
            found[name] = same if same and same[0] == one else (one, _plugin(one, address))
        self._told, self.notes = found, told["notes"]
        self.home, self.folder = told["home"], told["folder"]
        self._wrong = tuple(Problem(**{**p, "file": Path(p["file"])}) for p in told["problems"])
        self._etag = answer.headers.get("ETag", "")

    def _not_found(self, name: str) -> PluginNotFoundError:
        names, address = sorted(self._told), self._connection.address.text
        return PluginNotFoundError(
            f"the server at {address} has no plugin {name!r}.{did_you_mean(str(name), names)}",
            hint=f"It has: {some_of(names, 20)}." if names else "It has none.",
            allowed=names,
        )


def _plugin(told: dict[str, Any], address: str) -> Plugin:
    manifest = Manifest.model_validate(told["manifest"])
    sources = ToldSources(manifest.name, manifest.version, told["fingerprint"])
    served = Served(address, tuple(told["missing"]))
    return Plugin(Path(manifest.name), manifest, told["source"], sources, served)
