"""A tenant's own files in its tasks: those that a request names, and those that a result brings.

An input may name a file of this server's by the address that serves it: "/api/v1/resources/sha256:..."
alone, or behind the server's own name. It is read from the store, not over HTTP.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.journal.owned import Owned
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceInput, ResourceOutput, ResourceType, TaskResult
from filmeto_core.web.options import LOCAL_HOSTS, ServeOptions
from filmeto_core.web.task_models import TaskRequest

RESOURCES_URL = "/api/v1/resources/"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class OwnResources:
    """The files of the tenants of one server.

    Args:
        store: Where they lie.
        owned: Whose they are.
    """

    def __init__(self, store: Store, owned: Owned) -> None:
        self._store, self._owned = store, owned
        self._port: int | None = None
        self._hosts: frozenset[str] = frozenset()

    def serve_at(self, address: str, options: ServeOptions) -> None:
        """The server answers at this address; URLs of it are its own."""
        self._port = httpx.URL(address).port if address else None
        self._hosts = frozenset(host.partition(":")[0].lower() for host in options.allow_hosts)

    def note(self, tenant: str, result: TaskResult) -> None:
        """A task's outputs and inputs are its tenant's: left to be written, before its end is."""
        if result.status != "success":
            return
        self._owned.leave(tenant, _sizes(result.output_resources), "result")
        brought = result.metadata.get("resources") or ()
        found = [(digest, self._store.path_of(digest)) for digest in brought]
        sizes = [(digest, _size_bytes(path)) for digest, path in found if path is not None]
        self._owned.leave(tenant, sizes, "upload")

    def resolve(self, tenant: str, request: TaskRequest) -> TaskRequest:
        """The request with files of this server's as paths in its store.

        Raises:
            ResourceProcessingError: One of them is not the tenant's, or is gone.
        """
        named = {
            i: digest
            for i, resource in enumerate(request.resources)
            if resource.type is ResourceType.REMOTE_URL
            and (digest := self._digest_in(resource.data)) is not None
        }
        if not named:
            return request
        resources = list(request.resources)
        for i, digest in named.items():
            path = self._path(tenant, digest, f"resources[{i}]")
            told = {"type": ResourceType.LOCAL_PATH, "data": str(path)}
            resources[i] = ResourceInput(**{**dict(resources[i]), **told})
        return request.model_copy(update={"resources": resources})

    def _digest_in(self, text: str) -> str | None:
        """The digest that an address of ours ends with; None for anybody else's address."""
        try:
            url = httpx.URL(text.strip())
        except (httpx.InvalidURL, ValueError):
            return None  # it is told of where inputs are checked
        if url.host and not self._is_own(url):
            return None
        if not url.host and (url.scheme or not url.path.startswith("/")):
            return None
        rest = url.path.removeprefix(RESOURCES_URL)
        return rest if rest != url.path else None

    def _is_own(self, url: httpx.URL) -> bool:
        host = f"[{url.host}]" if ":" in url.host else url.host
        if host in LOCAL_HOSTS and self._port is not None:
            return (url.port or (443 if url.scheme == "https" else 80)) == self._port
        return host in self._hosts

    def _path(self, tenant: str, digest: str, field: str) -> Path:
        if not DIGEST.fullmatch(digest) or not self._owned.owns(tenant, digest):
            raise ResourceProcessingError(
                f"{field}: there is no resource {digest[:100]!r} of yours.",
                hint="Upload the file, or name one that GET /api/v1/resources lists.",
                field=field,
            )
        path = self._store.use(digest)
        if path is None:
            raise ResourceProcessingError(
                f"{field}: the file of {digest} is gone from the store.",
                hint="Upload it again, or have it made anew.",
                field=field,
            )
        return path


def _sizes(outputs: Iterable[ResourceOutput]) -> Iterator[tuple[str, int]]:
    for output in outputs:
        if output.digest:
            yield output.digest, output.size
        yield from _sizes(output.others)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # removed meanwhile
        return 0
