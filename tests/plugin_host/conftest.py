"""Real plugin folders, a manager over them, and the check that a test leaves nothing behind."""

import asyncio
import gc
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

FOLDERS = Path(__file__).parents[1] / "plugins"


def pytest_generate_tests(metafunc):
    """A module that says BOTH_WAYS runs with what Linux alone has, and without it."""
    if getattr(metafunc.module, "BOTH_WAYS", False) and "portable" in metafunc.fixturenames:
        ways = [False, True] if sys.platform == "linux" else [True]
        ids = ["portable" if way else "linux" for way in ways]
        metafunc.parametrize("portable", ways, ids=ids, indirect=True)


@pytest.fixture
def portable(request):
    """Whether the host goes without what Linux alone has."""
    return getattr(request, "param", False)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A FILMETO_HOME whose environments are built once."""
    return tmp_path_factory.mktemp("host-home")


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A copy of tests/plugins, which plugins may write into."""
    copy = tmp_path_factory.mktemp("host-plugins") / "plugins"
    shutil.copytree(FOLDERS, copy, ignore=shutil.ignore_patterns("__pycache__", "outputs"))
    return copy


class Studio:
    """A manager over test plugins, and short ways to call them."""

    def __init__(self, manager: PluginManager, tmp_path: Path) -> None:
        self.manager, self.tmp_path = manager, tmp_path
        self.told = []
        self.calls = 0

    def call(self, how="", *, plugin="echo", prompt="a lighthouse", task_id=None, count=0, **rest):
        """A PluginCall with a fresh output folder, where the plugin may write."""
        self.calls += 1
        task_id = task_id or f"task-{self.calls}"
        folder = self.manager.output_parent(plugin) / task_id
        folder.mkdir(exist_ok=True)
        parameters = {"prompt": prompt, "how": how, "count": count}
        return PluginCall(task_id, "text2image", parameters, folder, **rest)

    async def run(self, plugin, how="", **rest):
        """Execute a call; what it tells is in `told`."""
        self.told = []
        return await self.manager.execute(
            plugin, self.call(how, plugin=plugin, **rest), self.told.append
        )

    async def started(self, plugin, how, **rest):
        """A task whose call has told something, so that it runs in the plugin."""
        heard = asyncio.Event()

        def hear(told):
            self.told.append(told)
            if told.percent > 0:
                heard.set()

        call = self.call(how, plugin=plugin, **rest)
        task = asyncio.create_task(self.manager.execute(plugin, call, hear))
        waiting = asyncio.create_task(heard.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED, timeout=5)
        waiting.cancel()
        return task


@pytest.fixture
def studio(home, folders, tmp_path, monkeypatch, portable):
    """A Studio; after the test no process, descriptor or thread of it is left."""
    monkeypatch.setenv("HOME", str(tmp_path))  # by it its processes are known
    names = sorted(os.listdir(folders))
    registry = Registry(load_plugin(folders / name)[0] for name in names)
    own_home = tmp_path / "filmeto"
    own_home.mkdir()
    (home / "environments").mkdir(exist_ok=True)
    (own_home / "environments").symlink_to(home / "environments", target_is_directory=True)
    limits = {"stop_grace_s": 0.5, "max_line_bytes": 24 * 1024**2}
    settings = Settings(home=own_home, concurrency=4, portable=portable, **limits)
    before = (_descriptors(), set(threading.enumerate()))
    made = Studio(PluginManager(registry, settings), tmp_path)
    yield made
    made.manager.close_sync()
    gc.collect()
    assert _eventually_none(lambda: _processes_of(tmp_path)) == []
    assert list(Path(tempfile.gettempdir()).glob(f"filmeto-{os.getpid()}-*")) == []
    assert _descriptors() == before[0]
    assert set(threading.enumerate()) - before[1] == set()


@pytest.fixture
def processes_of(tmp_path):
    """A function: the processes that this test's plugins left so far."""
    return lambda: _processes_of(tmp_path)


@pytest.fixture
def alive():
    """A function: whether a process is there and no zombie."""
    return _alive


def _processes_of(home):
    """The processes whose HOME is this one."""
    if sys.platform != "linux":
        return []
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            environ = Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"HOME={home}".encode() in environ:
            found.append(int(name))
    return found


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _descriptors():
    return set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()


def _eventually_none(look):
    """What `look` still finds after at most 2 s."""
    end = time.monotonic() + 2
    while (found := look()) and time.monotonic() < end:
        time.sleep(0.01)
    return found
