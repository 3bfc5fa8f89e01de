"""How a plugin's processes live: restarts, the circuit, pings, a plugin that changed meanwhile."""

import asyncio
import os
import shutil
import signal

import pytest

from filmeto_core.errors import (
    PluginCrashed,
    PluginEnvironmentError,
    PluginExecutionError,
    PluginNotFoundError,
    PluginUnavailable,
)
from filmeto_core.plugin_host import breaker, turns, worker
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

WAIT_S = 20  # of a test that hangs; none waits


@pytest.fixture
def quick(monkeypatch):
    """Pauses and the open circuit last a tenth of their time."""
    monkeypatch.setattr(breaker, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(breaker, "FIRST_OPEN_S", 1.0)


class Edited:
    """A copy of the echo plugin that is edited while it is served."""

    def __init__(self, folders, folder):
        shutil.copytree(folders / "echo", folder)
        self.folder = folder
        self.registry = Registry([load_plugin(folder)[0]])

    def edit(self, name, old, new):
        """Change a file."""
        path = self.folder / name
        path.write_text(path.read_text().replace(old, new))


@pytest.fixture
def edited(studio, folders, tmp_path):
    """The studio over one plugin that can be edited."""
    made = Edited(folders, tmp_path / "echo")
    studio.manager.registry = made.registry
    return made


def pids(studio, name="echo"):
    return studio.manager.states()[name]["pids"]


def test_five_deaths_in_a_row_make_calls_fail_at_once_until_a_probe_works(studio, quick):
    async def go():
        async with asyncio.timeout(WAIT_S):
            for _ in range(breaker.DEATHS):
                with pytest.raises(PluginCrashed):
                    await studio.run("crash_on", "crash")
            with pytest.raises(PluginUnavailable, match="5 times in a row") as failed:
                await studio.run("crash_on")
            assert studio.manager.states()["crash_on"]["state"] == "unavailable"
            await asyncio.sleep(failed.value.details["retry_after_s"])
            probe = await studio.run("crash_on")
            assert (await studio.run("crash_on")).outputs
        return failed.value, probe

    error, probe = asyncio.run(go())
    assert probe.outputs
    assert error.details["until"] and error.details["deaths"] == 5
    assert error.details["plugin"] == "crash_on" and error.details["task_id"]


def test_calls_that_waited_for_a_turn_fail_at_once_as_well(studio, quick):
    async def go():
        async with asyncio.timeout(WAIT_S):
            calls = [studio.run("crash_on", "crash") for _ in range(9)]
            return await asyncio.gather(*calls, return_exceptions=True)

    kinds = [type(error) for error in asyncio.run(go())]
    assert kinds.count(PluginCrashed) == breaker.DEATHS
    assert kinds.count(PluginUnavailable) == 9 - breaker.DEATHS


def test_a_tools_own_errors_never_open_the_circuit(studio):
    async def go():
        for _ in range(breaker.DEATHS + 2):
            with pytest.raises(PluginExecutionError, match="wrong colour"):
                await studio.run("echo", "raise")

    asyncio.run(go())
    assert studio.manager.states()["echo"]["state"] == "idle"


def test_what_the_caller_ended_is_no_death(studio, quick):
    async def go():
        async with asyncio.timeout(WAIT_S):
            for _ in range(breaker.DEATHS + 1):
                task = await studio.started("raw", "waits")
                task.cancel()
                await asyncio.wait([task])
            return await studio.run("raw")

    assert asyncio.run(go()).outputs


def test_an_idle_plugin_that_does_not_answer_a_ping_is_replaced(studio, monkeypatch):
    monkeypatch.setattr(worker, "PONG_WAIT_S", 0.1)
    first = studio.manager
    settings = Settings(home=first._settings.home, ping_interval_s=0.05, stop_grace_s=0.5)
    studio.manager = PluginManager(first.registry, settings)

    async def go():
        async with asyncio.timeout(WAIT_S):
            await studio.run("echo")
            (pid,) = pids(studio)
            await asyncio.sleep(0.3)
            assert pids(studio) == [pid], "one that answers stays"
            os.kill(pid, signal.SIGSTOP)
            while pids(studio):
                await asyncio.sleep(0.01)
            assert (await studio.run("echo")).outputs

    asyncio.run(go())
    studio.manager.close_sync()
    studio.manager = first


def test_a_changed_plugin_gets_a_fresh_process_at_the_next_call(studio, edited):
    async def go():
        await studio.run("echo")
        (before,) = pids(studio)
        edited.edit("main.py", 'file.write(call.parameters["prompt"])', 'file.write("new")')
        answer = await studio.run("echo")
        return before, answer.outputs[0].path.read_text(), pids(studio)

    before, text, after = asyncio.run(go())
    assert text == "new"
    assert before not in after and len(after) == 1


def test_the_old_process_finishes_what_it_runs_and_then_ends(studio, edited, alive):
    async def go():
        async with asyncio.timeout(WAIT_S):
            running = await studio.started("echo", "wait until", prompt=str(edited.folder / "go"))
            (old,) = pids(studio)
            edited.edit("plugin.yaml", "1.0.0", "1.0.1\nexecution: {concurrency: 2}")
            assert (await studio.run("echo")).outputs
            assert old in pids(studio)
            (edited.folder / "go").write_text("")
            answer = await running
            while alive(old):
                await asyncio.sleep(0.01)
        return answer

    assert asyncio.run(go()).outputs


def test_a_plugin_that_was_mended_is_tried_at_once_though_its_circuit_was_open(studio, edited):
    async def go():
        async with asyncio.timeout(WAIT_S):
            good = (edited.folder / "main.py").read_text()
            edited.edit("main.py", good, "raise SystemExit(3)")
            for _ in range(breaker.DEATHS):
                with pytest.raises(PluginExecutionError):
                    await studio.run("echo")
            with pytest.raises(PluginUnavailable):
                await studio.run("echo")
            edited.edit("main.py", "raise SystemExit(3)", good)
            return await studio.run("echo")

    assert asyncio.run(go()).outputs


def test_the_idle_process_of_a_plugin_that_was_removed_ends(studio, edited):
    first = studio.manager
    settings = Settings(home=first._settings.home, ping_interval_s=0.05, stop_grace_s=0.5)
    studio.manager = PluginManager(edited.registry, settings)

    async def go():
        async with asyncio.timeout(WAIT_S):
            await studio.run("echo")
            pool = studio.manager._pools["echo"]
            shutil.rmtree(edited.folder)
            while pool.workers:
                await asyncio.sleep(0.01)
            with pytest.raises(PluginNotFoundError):
                await studio.run("echo")

    asyncio.run(go())
    studio.manager.close_sync()
    studio.manager = first


def test_a_cancelled_plugin_that_ignores_sigterm_is_gone_when_its_caller_goes_on(studio):
    async def go():
        task = await studio.started("raw", "ignores all")
        (pid,) = pids(studio, "raw")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return os.path.exists(f"/proc/{pid}/environ")

    assert asyncio.run(go()) is False


def test_a_call_that_waited_while_the_requirements_changed_runs_with_the_new_ones(studio, edited):
    async def go():
        async with asyncio.timeout(WAIT_S):
            running = await studio.started("echo", "wait until", prompt=str(edited.folder / "go"))
            waiting = asyncio.create_task(studio.run("echo"))
            await asyncio.sleep(0)
            missing = "requirements: {packages: [./missing-1.0-py3-none-any.whl]}"
            edited.edit("plugin.yaml", "1.0.0", f"1.0.1\n{missing}")
            changed = asyncio.create_task(studio.run("echo"))
            await asyncio.sleep(0)
            (edited.folder / "go").write_text("")
            assert (await running).outputs
            return await asyncio.gather(waiting, changed, return_exceptions=True)

    waited, changed = asyncio.run(go())
    assert isinstance(changed, PluginEnvironmentError)
    assert isinstance(waited, PluginEnvironmentError)


def test_a_call_that_waits_says_how_many_go_before_it_as_they_go(studio, monkeypatch):
    monkeypatch.setattr(turns, "TELL_EVERY_S", 0.02)

    async def go():
        async with asyncio.timeout(WAIT_S):
            gates = [studio.tmp_path / str(n) for n in range(2)]
            running = [await studio.started("echo", "wait until", prompt=str(gates[0]))]
            second = studio.manager.execute("echo", studio.call("wait until", prompt=str(gates[1])))
            running.append(asyncio.create_task(second))
            await asyncio.sleep(0)
            told, heard = [], asyncio.Event()

            def hear(notification):
                told.append((notification.message, notification.data))
                heard.set()

            last = asyncio.create_task(studio.manager.execute("echo", studio.call(), hear))
            for gate in gates:
                await heard.wait()
                heard.clear()
                gate.touch()
            await asyncio.gather(*running, last)
        return told

    queued = {"stage": "queued"}
    assert asyncio.run(go()) == [
        ("waiting for its turn, 1 before it", queued),
        ("waiting for its turn, it is the next", queued),
        ("its turn has come", {}),
    ]
