"""Real plugin folders, a manager over them, and the check that a test leaves nothing behind."""

import asyncio
import gc
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import pytest
import traces

from filmeto_core.plugin_host import watch
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

WAIT_S = 20  # of a test that hangs; none waits
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
        self.temporary = tmp_path / "tmp"
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
        call = self.call(how, plugin=plugin, **rest)
        return await self.manager.execute(plugin, call, self.told.append)

    def pids(self, plugin):
        """Its processes."""
        return self.manager.states()[plugin]["pids"]

    def look(self):
        """What is there of this test: descriptors, threads, processes, temporary files."""
        gc.collect()
        traces.eventually(_asking)
        return traces.Traces.look(self.tmp_path, [self.temporary])

    async def settled(self):
        """As `look`, once the watch over plugins holds nothing open for its own look."""
        while (looks := self.manager._watch) is not None and looks.looking:
            await asyncio.sleep(0.005)
        return self.look()

    async def nothing_beyond(self, before, equal=False):
        """Wait until nothing is there that was not there before; `equal`: and nothing is gone."""

        def more():
            now = self.look()
            return now.beyond(before) or (before.beyond(now) if equal else {})

        assert await asyncio.to_thread(traces.eventually, more) == {}
        named = {pid for state in self.manager.states().values() for pid in state["pids"]}
        assert set(traces.processes_of(self.tmp_path)) <= named, "a stray process"

    def fails_then_works(self, plugin, how, error, good="", **rest):
        """The error of a call; nothing of it is left, and the next call to the plugin succeeds."""

        async def go():
            async with asyncio.timeout(WAIT_S):
                await self.run(plugin, good)
                before = await self.settled()
                with pytest.raises(error) as failed:
                    await self.run(plugin, how, **rest)
                told = self.told
                await self.nothing_beyond(before)
                assert (await self.run(plugin, good)).outputs
                await self.nothing_beyond(before, equal=True)
                self.told = told
            return failed.value

        return asyncio.run(go())

    def starts_badly_then_well(self, plugin, error, **rest):
        """As `fails_then_works`, for a plugin that works from the moment its HOME says so."""

        async def go():
            async with asyncio.timeout(WAIT_S):
                await self.run("echo")
                before = await self.settled()
                with pytest.raises(error) as failed:
                    await self.run(plugin, **rest)
                await self.nothing_beyond(before, equal=True)
                (self.tmp_path / "healed").touch()
                assert (await self.run(plugin)).outputs
            return failed.value

        return asyncio.run(go())

    def works(self, plugin, how, **rest):
        """The answer of a call, which leaves nothing; the next one succeeds."""

        async def go():
            async with asyncio.timeout(WAIT_S):
                await self.run(plugin)
                before = await self.settled()
                answer = await self.run(plugin, how, **rest)
                told = self.told
                await self.nothing_beyond(before)
                assert (await self.run(plugin)).outputs
                await self.nothing_beyond(before, equal=True)
                self.told = told
            return answer

        return asyncio.run(go())

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
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED, timeout=20)
        waiting.cancel()
        return task


def _asking():
    """Whether a program is being asked what plugins take, as the portable host does with `ps`."""
    return [t for t in threading.enumerate() if t.name.endswith("(_drain)")]


@pytest.fixture
def studio(home, folders, tmp_path, monkeypatch, portable):
    """A Studio; after the test no process, descriptor or thread of it is left."""
    monkeypatch.setenv("HOME", str(tmp_path))  # by it its processes are known
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.1)  # `settled` waits for a look
    names = sorted(os.listdir(folders))
    registry = Registry(load_plugin(folders / name)[0] for name in names)
    own_home = tmp_path / "filmeto"
    own_home.mkdir()
    (home / "environments").mkdir(exist_ok=True)
    (own_home / "environments").symlink_to(home / "environments", target_is_directory=True)
    limits = {"stop_grace_s": 0.5, "max_line_bytes": 24 * 1024**2}
    settings = Settings(home=own_home, concurrency=4, portable=portable, **limits)
    made = Studio(PluginManager(registry, settings), tmp_path)
    before = made.look()
    yield made
    made.manager.close_sync()
    assert traces.eventually(lambda: made.look().beyond(before)) == {}
    assert made.look().pooled <= before.pooled
    assert traces.eventually(lambda: traces.processes_of(tmp_path)) == []


@pytest.fixture
def processes_of(tmp_path):
    """A function: the processes that this test's plugins left so far."""
    return lambda: traces.processes_of(tmp_path)


@pytest.fixture
def processes_left(tmp_path):
    """A function: those of them that do not end, though they were given the time."""
    return lambda: traces.eventually(lambda: traces.processes_of(tmp_path))


@pytest.fixture
def alive():
    """A function: whether a process is there and no zombie."""
    return _alive


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
