"""Calls that go well: what a plugin sees, what its caller gets, how long processes live."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from filmeto_core.errors import (
    PluginExecutionError,
    PluginNotFoundError,
    ValidationError,
)
from filmeto_core.media import probe

BOTH_WAYS = True


def test_a_call_brings_its_output_its_metadata_and_every_notification(studio):
    async def go():
        return await studio.run("echo", count=20)

    answer = asyncio.run(go())
    (output,) = answer.outputs
    assert output.path.read_text() == "a lighthouse"
    assert (output.mime_type, output.type) == ("text/plain", "text")
    assert [told.data["i"] for told in studio.told] == list(range(20))
    assert [told.percent for told in studio.told] == [5.0 * i for i in range(20)]
    assert answer.execution_time_s > 0


def test_main_py_sees_what_python_main_py_in_its_own_folder_would(studio, folders, tmp_path):
    async def go():
        return await studio.run("echo")

    seen = asyncio.run(go()).outputs[0].metadata["seen"]
    script = tmp_path / "main.py"
    script.write_text("import sys, os; print([os.getcwd(), sys.argv, sys.path[0], __file__])")
    bare = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    own = bare.stdout.replace(str(tmp_path), str(folders / "echo")).strip()
    assert str([seen["cwd"], seen["argv"], seen["path0"], seen["file"]]) == own
    assert seen["name"] == "__main__"
    assert seen["main"] == str(folders / "echo" / "main.py")


def test_a_plugin_sees_no_variable_that_is_not_allowed_and_gains_no_privileges(studio, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")

    async def go():
        return await studio.run("echo")

    seen = asyncio.run(go()).outputs[0].metadata["seen"]
    assert "AWS_SECRET_ACCESS_KEY" not in seen["environ"]
    assert "PYTHONDONTWRITEBYTECODE" not in seen["environ"]
    assert seen["pythonpath"].endswith("plugin_sdk")
    if sys.platform == "linux":
        assert seen["no_new_privs"]


def test_inputs_reach_the_tool_as_local_files(studio):
    told = {"type": "local_path", "data": "a.png", "mime_type": "image/png", "metadata": {"w": 1}}

    async def go():
        return await studio.run("echo", resources=[told], processed_resources=["/store/a.png"])

    seen = asyncio.run(go()).outputs[0].metadata["seen"]
    wanted = {
        "path": "/store/a.png",
        "type": "image",
        "mime_type": "image/png",
        "metadata": {"w": 1},
    }
    assert seen["inputs"] == [wanted]


def test_a_plugin_stays_warm_between_calls_and_is_idle(studio):
    async def go():
        first = await studio.run("echo")
        second = await studio.run("echo")
        return first, second, studio.manager.states()["echo"]

    first, second, state = asyncio.run(go())
    pid = first.outputs[0].metadata["seen"]["pid"]
    assert second.outputs[0].metadata["seen"]["pid"] == pid
    assert (state["state"], state["pids"]) == ("idle", [pid])


def test_an_unused_plugin_is_stopped_after_its_idle_timeout(studio):
    async def go():
        await studio.run("pair")
        assert studio.manager.states()["pair"]["state"] == "idle"
        async with asyncio.timeout(4):
            while studio.manager.states()["pair"]["pids"]:
                await asyncio.sleep(0.01)

    asyncio.run(go())


def test_stray_prints_go_to_stderr_and_input_is_empty(studio):
    async def go():
        return await studio.run("echo", "print")

    assert asyncio.run(go()).outputs


def test_a_tools_own_error_is_told_as_it_stands(studio):
    async def go():
        with pytest.raises(PluginExecutionError) as failed:
            await studio.run("echo", "fail", task_id="t-9")
        after = await studio.run("echo")
        return failed.value, after

    error, after = asyncio.run(go())
    assert type(error) is PluginExecutionError
    assert (error.message, error.retryable) == ("the studio is busy", True)
    assert error.details["plugin_code"] == "busy"
    assert error.details["plugin_details"] == {"queue": 3}
    where = {"plugin": "echo", "tool": "text2image", "task_id": "t-9"}
    assert where.items() <= error.details.items()
    assert after.outputs


def test_an_exception_in_a_tool_is_not_retried_and_shows_its_traceback(studio):
    async def go():
        with pytest.raises(PluginExecutionError, match="ValueError: wrong colour") as failed:
            await studio.run("echo", "raise")
        return failed.value

    error = asyncio.run(go())
    assert not error.retryable
    assert "main.py" in error.details["stderr"]


def test_sys_exit_in_a_tool_is_an_error_and_not_a_crash(studio):
    async def go():
        with pytest.raises(PluginExecutionError, match="SystemExit: 3"):
            await studio.run("echo", "exit")
        return studio.manager.states()["echo"]["state"]

    assert asyncio.run(go()) == "idle"


def test_what_is_no_json_does_not_lose_a_message(studio):
    async def go():
        return await studio.run("echo", "nan")

    assert asyncio.run(go()).outputs
    assert studio.told[0].percent == 0
    assert studio.told[0].data == {"value": None, "set": [1]}


def test_a_plugin_of_the_seed_design_runs_unchanged(studio, folders):
    async def go():
        return await studio.run("seed_style", task_id="abc")

    answer = asyncio.run(go())
    assert answer.outputs[0].path == folders / "seed_style" / "outputs" / "abc.png"
    assert probe(answer.outputs[0].path).mime_type == "image/png"
    assert [told.percent for told in studio.told] == [0, 50, 100, 100, 100]
    assert [told.type for told in studio.told][-1] == "completed"


def test_a_seed_plugins_relative_paths_start_in_its_folder_and_its_errors_are_results(studio):
    async def go():
        answer = await studio.run("seed_style", prompt="relative")
        with pytest.raises(PluginExecutionError, match="no such picture"):
            await studio.run("seed_style", prompt="refuse")
        return answer

    assert asyncio.run(go()).outputs[0].path.is_absolute()


def test_two_calls_at_once_run_in_two_processes(studio):
    async def go():
        one = studio.run("pair", "right", task_id="left")
        other = studio.run("pair", "left", task_id="right")
        async with asyncio.timeout(5):
            await asyncio.gather(one, other)
        return studio.manager.states()["pair"]

    assert len(asyncio.run(go())["pids"]) == 2


def test_a_serial_plugin_takes_waiting_calls_by_priority_and_then_in_order(studio):
    async def go():
        order = []

        async def call(name, priority):
            await studio.manager.execute(
                "echo", studio.call(task_id=name, metadata={"priority": priority})
            )
            order.append(name)

        first = await studio.started("echo", "wait")
        waiting = [
            asyncio.create_task(call(name, priority))
            for name, priority in [("low", -1), ("a", 0), ("b", 0), ("high", 5)]
        ]
        async with asyncio.timeout(5):
            while studio.manager.states()["echo"]["waiting"] < 4:
                await asyncio.sleep(0.005)
        first.cancel()
        await asyncio.gather(*waiting)
        return order

    assert asyncio.run(go()) == ["high", "a", "b", "low"]


def test_calls_come_from_many_threads_and_loops_at_once(studio):
    wrong = []

    def caller(number):
        async def go():
            for turn in range(5):
                told = []
                call = studio.call(prompt=f"{number}/{turn}", task_id=f"t-{number}-{turn}", count=5)
                answer = await studio.manager.execute("echo", call, told.append)
                threads.add(threading.get_ident())
                if answer.outputs[0].path.read_text() != f"{number}/{turn}" or len(told) != 5:
                    wrong.append((number, turn, told))

        asyncio.run(go())

    threads = set()
    callers = [threading.Thread(target=caller, args=(n,)) for n in range(6)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join(20)
    assert wrong == []
    assert len(threads) == 6


def test_notifications_arrive_on_the_callers_thread(studio):
    async def go():
        threads = []
        await studio.manager.execute(
            "echo", studio.call(count=3), lambda told: threads.append(threading.get_ident())
        )
        return threads

    assert set(asyncio.run(go())) == {threading.get_ident()}


def test_an_exception_of_the_callers_callback_ends_the_call(studio):
    async def go():
        def refuse(told):
            raise LookupError("no more")

        with pytest.raises(LookupError):
            await studio.manager.execute("echo", studio.call("wait"), refuse)
        return await studio.run("echo")

    assert asyncio.run(go()).outputs


def test_a_cancelled_call_stops_itself_and_its_process_stays_warm(studio):
    async def go():
        task = await studio.started("echo", "wait")
        pids = studio.manager.states()["echo"]["pids"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        answer = await studio.run("echo")
        return pids, answer.outputs[0].metadata["seen"]["pid"]

    pids, after = asyncio.run(go())
    assert pids == [after]


def test_closing_the_manager_cancels_what_runs_and_it_may_be_used_again(studio):
    async def go():
        task = await studio.started("echo", "wait")
        await studio.manager.close()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await studio.run("echo")

    assert asyncio.run(go()).outputs


@pytest.mark.parametrize("task_id", ["../up", "a/b", "", ".hidden", "a\n", "x" * 129, "ü"])
def test_a_task_id_that_could_leave_its_folder_never_reaches_a_plugin(studio, task_id):
    call = studio.call()
    wrong = type(call)(task_id, "text2image", {}, call.output_dir)

    async def go():
        with pytest.raises(ValidationError, match="task_id"):
            await studio.manager.execute("echo", wrong)

    asyncio.run(go())
    assert studio.manager.states()["echo"]["state"] == "stopped"


def test_a_wrong_name_says_which_was_meant_and_a_wrong_tool_what_there_is(studio):
    async def go():
        with pytest.raises(PluginNotFoundError, match='Did you mean "echo"'):
            await studio.run("ecko")
        call = studio.call()
        music = type(call)("t", "text2music", {}, call.output_dir)
        with pytest.raises(PluginNotFoundError, match="serves text2image"):
            await studio.manager.execute("echo", music)

    asyncio.run(go())


def test_prepare_builds_the_environment_and_starts_nothing(studio):
    async def go():
        await studio.manager.prepare("echo")
        return studio.manager.states()["echo"]

    assert asyncio.run(go())["pids"] == []


HOST = """
import asyncio, sys
from pathlib import Path
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

home, folder = map(Path, sys.argv[1:])

def tell(told):
    if "pid" in told.data:
        print(told.data["pid"], flush=True)

async def main():
    manager = PluginManager(Registry([load_plugin(folder)[0]]), Settings(home=home))
    out = manager.output_parent("grandchild")
    call = PluginCall("t", "text2image", {"prompt": "a", "how": "", "count": 0}, out)
    await manager.execute("grandchild", call, tell)
    print("over", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_host_that_is_killed_takes_its_plugins_and_their_children_with_it(
    home, folders, tmp_path, processes_of, processes_left, portable
):
    argv = [sys.executable, "-c", HOST, home, folders / "grandchild"]
    env = {**os.environ, "HOME": str(tmp_path), "FILMETO_PORTABLE": str(portable)}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env, text=True) as host:
        in_group, apart = int(host.stdout.readline()), int(host.stdout.readline())
        assert host.stdout.readline() == "over\n"
        for pid in (in_group, apart):
            assert pid in processes_of()
        host.kill()
    assert processes_left() == []


def test_a_program_that_ends_without_closing_its_host_ends_its_plugins(
    home, folders, tmp_path, processes_of, portable
):
    code = HOST.replace('print("over", flush=True)', "return").replace("grandchild", "echo")
    argv = [sys.executable, "-c", code, home, folders / "echo"]
    env = {**os.environ, "HOME": str(tmp_path), "FILMETO_PORTABLE": str(portable)}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=20)
    said = [line for line in done.stderr.splitlines() if "cannot sandbox" not in line]
    assert (done.returncode, said) == (0, [])
    assert processes_of() == []
