"""A plugin's folder, read: its manifest and its files. Which folders there are is `discovery`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filmeto_core.plugin_host.large_digests import LargeDigests
from filmeto_core.plugin_host.manifest import MANIFEST_NAME, Problem, read_manifest
from filmeto_core.plugin_host.manifest_model import Manifest, Source
from filmeto_core.plugin_host.sources import Sources
from filmeto_core.plugin_host.written import WorkTimes, Written

MAIN_NAME = "main.py"
REQUIREMENTS_NAME = "requirements.txt"


@dataclass(frozen=True)
class Served:
    """Where a plugin is that another filmeto serves.

    Args:
        address: That server's.
        missing: What the plugin needs there and lacks: kind, name, what, advice of each.
    """

    address: str
    missing: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Plugin:
    """A plugin that can be started, as it was when its folder was read.

    Where the registry gives another object for the same name, the plugin has changed.

    Args:
        folder: Absolute.
        manifest: Its checked plugin.yaml.
        source: Where it was found.
        sources: Its files.
        served: Who serves it, where that is a server; the folder is not on this machine then.
    """

    folder: Path
    manifest: Manifest
    source: Source
    sources: Sources = field(repr=False)
    served: Served | None = None

    @property
    def name(self) -> str:
        """The name that calls use."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Its version, as the manifest has it."""
        return self.manifest.version

    @property
    def files(self) -> tuple[str, ...]:
        """Its own files, relative to the folder."""
        return self.sources.names

    @property
    def requirements_file(self) -> Path | None:
        """Its requirements.txt, if it has one."""
        path = self.folder / REQUIREMENTS_NAME
        return path if path.is_file() else None

    def fingerprint(self) -> str:
        """sha256 (hex) over what determines its results; what it wrote itself does not count."""
        return self.sources.fingerprint()

    def to_dict(self) -> dict[str, object]:
        """The fields that listings show."""
        manifest = self.manifest
        return {
            "name": manifest.name,
            "version": manifest.version,
            "description": manifest.description,
            "author": manifest.author,
            "engine": manifest.engine,
            "tool_type": str(manifest.tools[0].name),
            "tools": [tool.model_dump(mode="json") for tool in manifest.tools],
        }


def load_plugin(
    folder: Path,
    source: Source = "user",
    written_dir: Path | None = None,
    times: WorkTimes | None = None,
    read: Callable[[Path], tuple[Manifest | None, list[Problem]]] = read_manifest,
) -> tuple[Plugin | None, list[Problem]]:
    """The plugin in a folder, None if it cannot be used, and all that is wrong with it.

    Args:
        folder: Which holds a plugin.yaml and a main.py.
        source: Where it was found.
        written_dir: Where it is remembered what plugins wrote themselves; None: nowhere.
        times: When it works; by default it has not worked yet.
        read: Reads its manifest.
    """
    folder = folder.absolute()
    manifest, problems = read(folder / MANIFEST_NAME)
    if manifest is None:
        return None, problems
    if not (folder / MAIN_NAME).is_file():
        problems.append(Problem(folder / MAIN_NAME, None, "", "the plugin's program is missing"))
        return None, problems
    written = Written(folder, manifest.version, written_dir)
    large = LargeDigests(folder, written_dir)
    sources = Sources(folder, manifest.version, written, times or WorkTimes(), large)
    return Plugin(folder, manifest, source, sources), problems
