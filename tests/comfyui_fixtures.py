"""Fixtures of the comfyui plugin's tests: one server on loopback, one plugin, and others by wish."""

import pytest

from tests.comfyui_process import ComfyProcess
from tests.comfyui_wire import Plugin


@pytest.fixture(scope="session")
def comfy_server(tmp_path_factory):
    with ComfyProcess(tmp_path_factory.mktemp("comfyui")) as server:
        yield server


@pytest.fixture
def comfy(comfy_server):
    """The server without faults and without jobs."""
    if comfy_server.process.poll() is not None:
        comfy_server.start()
    comfy_server.calm()
    yield comfy_server
    if comfy_server.process.poll() is None:
        comfy_server.faults(hold=False)


@pytest.fixture
def comfyui_backend(comfy, monkeypatch):
    """The server is where the environment says that it is."""
    monkeypatch.setenv("COMFYUI_URL", comfy.url)


@pytest.fixture
def start_comfy(plugin_python, tmp_path, comfy):
    """`start_comfy(**environment)`: a plugin that is ended with the test."""
    running = []

    def started(**environment):
        folder = tmp_path / f"plugin-{len(running)}"
        folder.mkdir()
        environment = {"COMFYUI_URL": comfy.url, **environment}
        running.append(Plugin(plugin_python("comfyui"), folder, environment))
        return running[-1]

    yield started
    for plugin in running:
        plugin.close()


@pytest.fixture(scope="session")
def kept_comfy_plugin(plugin_python, tmp_path_factory, comfy_server):
    folder = tmp_path_factory.mktemp("plugin")
    plugin = Plugin(plugin_python("comfyui"), folder, {"COMFYUI_URL": comfy_server.url})
    yield plugin
    plugin.close()


@pytest.fixture
def comfy_plugin(kept_comfy_plugin, comfy):
    """One plugin for all tests that leave it as it was."""
    return kept_comfy_plugin
