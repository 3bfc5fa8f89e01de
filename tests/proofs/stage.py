"""Plugins and a service for the proofs: copies of test plugins, in folders of their own."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.prefect_server import ensure_server
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="filmeto-proof-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def prefect_server(home: Path) -> Iterator[None]:
    """A Prefect server that this process's children use, unless the environment names another."""
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    os.environ["PREFECT_HOME"] = str(home / "prefect")
    os.environ["PREFECT_API_URL"] = ensure_server(print)
    try:
        yield
    finally:
        stop = [sys.executable, "-m", "prefect", "server", "stop"]
        subprocess.run(stop, check=True, capture_output=True, timeout=60)


def copy_plugin(name: str, under: Path, copies: int = 1) -> list[str]:
    """Copies of a test plugin, each under a name of its own."""
    made = []
    for number in range(copies):
        copy = f"{name}_{number}"
        shutil.copytree(
            PLUGINS / name,
            under / copy,
            ignore=shutil.ignore_patterns("__pycache__", "outputs"),
        )
        manifest = under / copy / "plugin.yaml"
        manifest.write_text(re.sub(r"(?m)^name: .*$", f"name: {copy}", manifest.read_text()))
        made.append(copy)
    return made


def registry_of(plugins: Path) -> Registry:
    """The plugins below a folder, and no others."""
    return Registry(load_plugin(folder)[0] for folder in sorted(plugins.iterdir()))


def service_of(home: Path, plugins: Path, concurrency: int) -> FilmetoService:
    """A service over the plugins below a folder, and no others."""
    settings = Settings(home=home, concurrency=concurrency, stop_grace_s=0.5)
    return FilmetoService(settings, find_project(home), registry_of(plugins))


def journals(plugins: Path) -> list[dict]:
    """What the plugins noted, in the order of each one's journal."""
    lines = []
    for path in sorted(plugins.glob("*/outputs/journal.jsonl")):
        lines += path.read_text().splitlines()
    return [json.loads(line) for line in lines]
