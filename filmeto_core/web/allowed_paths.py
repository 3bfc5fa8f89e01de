"""Which files of the server's machine a caller may name: by path, in a task's inputs.

    --allow-path folders                    everybody
    the tenant's own films                  everybody, their own
    files of the store                      those that the tenant made or brought; this machine's own
                                            tenant those as well that nobody owns: the command line's
    all that its user can read              whoever comes over the Unix socket, who is that user

A path outside is refused by how it is written, before the disk is asked: the answer does not tell
what is there. Where it leads through links is judged, once more, when it is opened.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.journal.posted import Posted
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceInput, ResourceType
from filmeto_core.web.access import LOCAL_TENANT, Caller

_HEX_DIGITS = 64
_OWNERS = "SELECT tenant FROM owned WHERE digest = ?"


class AllowedPaths:
    """The paths that the callers of one server may name.

    Args:
        allowed: Folders and files that everybody may name.
        films_dir: A folder for each tenant's films.
        store: The server's.
        posted: Which files of it are whose.
    """

    def __init__(
        self, allowed: Sequence[Path], films_dir: Path, store: Store, posted: Posted
    ) -> None:
        self._allowed = [path for one in allowed for path in _both(one)]
        self._films_dir, self._posted = films_dir, posted
        self._store_folder = store.folder
        self._objects = _both(store.folder / "objects")

    def folders(
        self, caller: Caller, resources: Sequence[ResourceInput]
    ) -> tuple[Path, ...] | None:
        """The folders and files that these inputs may lie in; None: anywhere.

        Raises:
            ResourceProcessingError: One lies elsewhere, or is another tenant's.
        """
        if caller.is_on_machine:
            return None
        folders = [*self._allowed, *_both(self._films_dir / caller.tenant)]
        if caller.is_own:  # its film's calls take what an earlier one made, whoever asked for that
            folders.append(self._store_folder)
        files = []
        for i, resource in enumerate(resources):
            if resource.type is not ResourceType.LOCAL_PATH:
                continue
            path = _written(resource.data)
            if path is None or _is_in(path, folders):
                continue  # what is no path at all is told of where inputs are checked
            if not _is_in(path, self._objects) or not self._may_read(caller.tenant, path):
                raise _outside(resource.data, f"resources[{i}]")
            files.append(path)
        return (*folders, *files)

    def _may_read(self, tenant: str, path: Path) -> bool:
        """Whether a file of the store is open to a tenant."""
        digits = path.name.partition(".")[0]
        if len(digits) != _HEX_DIGITS:
            return False
        owners = {row["tenant"] for row in self._posted.rows(_OWNERS, (f"sha256:{digits}",))}
        return tenant in owners or (tenant == LOCAL_TENANT and not owners)


def _both(folder: Path) -> list[Path]:
    """A folder as it is written, and where it really is."""
    return list(dict.fromkeys((folder.absolute(), folder.resolve())))


def _written(text: str) -> Path | None:
    """The absolute path that a text names, links not followed; None where it names none."""
    try:
        return Path(os.path.abspath(Path(text).expanduser()))
    except (RuntimeError, ValueError):
        return None


def _is_in(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _outside(text: str, field: str) -> ResourceProcessingError:
    return ResourceProcessingError(
        f"{field}: {text!r:.200} is no file that you may name here.",
        hint="Upload it to /api/v1/resources; or have its folder served with --allow-path.",
        field=field,
    )
