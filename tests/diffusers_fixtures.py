"""Fixtures of the diffusers plugin's tests: one environment, tiny models, one running plugin.

The environment lies where filmeto would build it, so that it is built once for all tests; it is
linked to uv's cache and has no byte code yet, which saves most of the time that it takes.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from filmeto_core.plugin_host.environment import Needs, python_in
from filmeto_core.plugin_host.plugin import load_plugin
from filmeto_core.plugin_host.pythons import host_python

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "plugins" / "diffusers"
INSTALL_LIMIT_S = 900  # torch alone is hundreds of megabytes, or gigabytes with CUDA
MODELS_LIMIT_S = 600  # torch starts slowly on a busy machine, the first time most of all


@pytest.fixture(scope="session")
def diffusers_python(environments):
    """The interpreter of the plugin's environment; skips where torch cannot be installed."""
    target = environments / Needs.of(load_plugin(FOLDER)[0]).key(host_python())
    if not python_in(target).exists():
        uv = shutil.which(
            "uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        )
        wheels = [f"--find-links={place}" for place in os.environ.get("PIP_FIND_LINKS", "").split()]
        install = ["pip", "install", "-q", "--python", str(python_in(target)), *wheels]
        make = [uv, "venv", "-q", "--relocatable", "--python", sys.executable, str(target)]
        for argv in (make, [uv, *install, "-r", str(FOLDER / "requirements.txt")]):
            done = subprocess.run(argv, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
            if done.returncode != 0:
                shutil.rmtree(target, ignore_errors=True)
                pytest.skip(f"torch and diffusers cannot be installed here: {done.stderr[-500:]}")
    return python_in(target)


@pytest.fixture(scope="session")
def tiny_models(diffusers_python, tmp_path_factory):
    """A folder with the tiny models of tests/diffusers_models.py."""
    folder = tmp_path_factory.mktemp("models")
    argv = [str(diffusers_python), str(ROOT / "tests" / "diffusers_models.py"), str(folder)]
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=MODELS_LIMIT_S, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture
def diffusers_backend(tiny_models, monkeypatch):
    """The tiny models are those that the environment names."""
    monkeypatch.setenv("FILMETO_DIFFUSERS_MODEL", str(tiny_models / "picture"))
    monkeypatch.setenv("FILMETO_DIFFUSERS_VIDEO_MODEL", str(tiny_models / "clip"))
    monkeypatch.setenv("FILMETO_DIFFUSERS_DEVICE", "cpu")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # more of them wait for each other on a busy machine
