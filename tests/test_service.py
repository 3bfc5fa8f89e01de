"""The one path to a tool: checked, computed once, retried, stored, cancelled; no Prefect."""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from filmeto_core.errors import (
    PluginNotFoundError,
    ResourceProcessingError,
    ValidationError,
)
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask, ProgressType, TaskResult
from filmeto_core.work_folder import clear_dead_work

PLUGINS = Path(__file__).resolve().parent / "plugins"


@pytest.fixture
def service(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    made = FilmetoService(Settings(), find_project())
    yield made
    made.plugins.close_sync()


@pytest.fixture
def ask(tmp_path):
    """A task for the counting plugin."""

    def task(prompt="a dot", plugin="flaky", metadata=None, **parameters):
        return FilmetoTask(
            tool_name="text2image",
            plugin_name=plugin,
            parameters={"prompt": prompt, "counter": str(tmp_path / "calls"), **parameters},
            metadata=metadata or {},
        )

    task.calls = lambda: len((tmp_path / "calls").read_text().split())
    return task


async def everything(service, task):
    return [update async for update in service.stream(task)]


def run(service, task):
    return asyncio.run(everything(service, task))


def test_a_stream_is_started_what_the_plugin_tells_completed_and_one_result(service, ask):
    updates = run(service, ask())
    result = updates.pop()
    assert isinstance(result, TaskResult) and result.status == "success"
    assert [u.type for u in updates] == [
        ProgressType.STARTED,
        ProgressType.PROGRESS,
        ProgressType.COMPLETED,
    ]
    assert [u.percent for u in updates] == [0, 30, 100]
    assert Path(result.get_image_path()).suffix == ".png"
    assert result.metadata["plugin"] == "flaky" and not result.metadata["cached"]


def test_a_call_computes_anew_unless_the_cache_is_asked_for(service, ask):
    run(service, ask())
    run(service, ask())
    assert ask.calls() == 2
    assert run(service, ask(metadata={"cache": True}))[-1].metadata["cached"]
    assert ask.calls() == 2


def test_a_stray_call_does_not_replace_a_kept_result(service, ask):
    first = run(service, ask())[-1].output_resources[0].metadata["calls"]
    run(service, ask())
    kept = run(service, ask(metadata={"cache": True}))[-1].output_resources[0]
    assert kept.metadata["calls"] == first == 1


def test_refreshing_replaces_it(service, ask):
    run(service, ask())

    async def refresh():
        return await service.call(service.check(ask()), lambda _: None, Reuse.REFRESH)

    assert asyncio.run(refresh()).record.outputs[0].metadata["calls"] == 2
    kept = run(service, ask(metadata={"cache": True}))[-1].output_resources[0]
    assert kept.metadata["calls"] == 2


def test_the_default_seed_depends_on_the_parameters_and_the_take(service, ask):
    def seed(task):
        return service.check(task).parameters["seed"]

    assert seed(ask()) == seed(ask())
    assert 0 <= seed(ask()) < 2**31
    others = [ask("a spot"), ask(wait_s=0.5), ask(metadata={"take": 2})]
    assert len({seed(ask()), *map(seed, others)}) == 4
    assert seed(ask(seed=5)) == 5


def test_retryable_errors_are_retried_as_the_manifest_says(service, ask, monkeypatch):
    monkeypatch.setattr("filmeto_core.retry_pause.FIRST_RETRY_S", 0.01)
    result = run(service, ask(fail_times=2))[-1]
    assert result.status == "success" and result.metadata["attempts"] == 3


def test_a_failure_is_one_result_that_says_what_and_whether_to_try_again(service, ask):
    updates = run(service, ask(fail_times=1, retryable=False))
    result = updates.pop()
    assert updates[-1].type == ProgressType.FAILED
    assert result.status == "error" and "busy, come back later" in result.error_message
    error = result.metadata["error"]
    assert error["code"] == "plugin_execution" and not error["retryable"]
    assert error["details"]["plugin_code"] == "busy"
    assert error["details"]["tool"] == "text2image" and error["details"]["plugin"] == "flaky"


def test_a_failure_leaves_nothing_behind(service, ask):
    run(service, ask(fail_times=1, retryable=False))
    assert list(service.settings.calls_dir.glob("*/*")) == []
    assert not list((service.store.folder / "objects").rglob("*.png"))
    run(service, ask())
    assert ask.calls() == 2


def test_a_reader_that_leaves_cancels_the_call(service, ask):
    async def leave():
        stream = service.stream(ask(wait_s=30))
        async for update in stream:
            if update.type is ProgressType.PROGRESS:
                break
        await stream.aclose()

    asyncio.run(asyncio.wait_for(leave(), 20))
    assert list(service.settings.calls_dir.glob("*/*")) == []


@pytest.mark.parametrize(
    ("fields", "kind", "said"),
    [
        ({"tool_name": "text2imag"}, ValidationError, "text2imag"),
        ({"plugin_name": "flakey"}, PluginNotFoundError, 'Did you mean "flaky"'),
        ({"plugin_name": "score"}, ValidationError, "does not serve text2image"),
        ({"parameters": {"prompt": " "}}, ValidationError, "parameters.prompt"),
        ({"parameters": {"prompt": "x"}}, ValidationError, "counter"),
        ({"metadata": {"take": "two"}}, ValidationError, "take"),
        ({"metadata": {"profile": "none"}}, ValidationError, 'no profile "none"'),
        ({"task_id": "../x"}, ValidationError, "task_id"),
        ({"timeout": 0}, ValidationError, "timeout"),
        (
            {"resources": [{"type": "local_path", "data": "nowhere.png"}]},
            ResourceProcessingError,
            "nowhere.png",
        ),
    ],
)
def test_what_is_wrong_is_said_before_work_starts(service, ask, fields, kind, said):
    task = ask().model_copy(update={})
    wrong = FilmetoTask.from_dict({**task.to_dict(), **fields})
    with pytest.raises(kind, match=said):
        run(service, wrong)
    assert not service.settings.work_dir.exists() or not any(service.settings.work_dir.iterdir())


def test_a_tool_that_nothing_serves_says_what_to_do(home):
    Path("filmeto.yaml").write_text("profiles: {animatic: {text2video: nobody}}")
    service = FilmetoService(Settings(), find_project())
    task = FilmetoTask(tool_name="text2video", parameters={"prompt": "x"})
    with pytest.raises(PluginNotFoundError, match="FILMETO_PLUGINS"):
        service.check(task)


def test_the_language_of_the_text_chooses_the_voice(service):
    def plugin(text, **more):
        task = FilmetoTask(tool_name="text2speak", parameters={"text": text, **more})
        return service.check(task).plugin.name

    assert plugin("Every morning.") == "piper"
    assert plugin("清晨") == "espeak"
    assert plugin("Jeden Morgen.", language="de") == "espeak"


def test_work_folders_of_dead_processes_are_cleared(tmp_path):
    dead, own = tmp_path / "4194304-abc", tmp_path / f"{os.getpid()}-abc"
    for folder in (dead, own):
        folder.mkdir()
        (folder / "half").write_text("x")
    clear_dead_work(tmp_path)
    assert not dead.exists() and own.exists()


@pytest.fixture
def editable(home, tmp_path, monkeypatch):
    """A service, and the folder of the counting plugin, which may be edited."""
    folder = tmp_path / "plugins" / "flaky"
    shutil.copytree(PLUGINS / "flaky", folder)
    monkeypatch.setenv("FILMETO_PLUGINS", str(folder.parent))
    made = FilmetoService(Settings(), find_project())
    yield made, folder
    made.plugins.close_sync()


def test_a_changed_manifest_is_what_the_next_call_is_checked_against(editable, ask):
    service, folder = editable
    service.check(ask())
    manifest = folder / "plugin.yaml"
    text = manifest.read_text()
    manifest.write_text(text.replace("name: prompt", "name: words"))
    with pytest.raises(ValidationError, match="prompt"):
        service.check(ask())
    manifest.write_text(text)
    service.check(ask())


def test_a_plugin_that_was_edited_while_its_call_ran_keeps_no_result_of_it(editable, ask):
    service, folder = editable

    async def edit_while_it_runs():
        updates = []
        async for update in service.stream(ask(metadata={"cache": True})):
            updates.append(update)
            if getattr(update, "percent", 0) == 30:
                with open(folder / "main.py", "a") as file:
                    file.write("# a note\n")
        return updates

    assert asyncio.run(edit_while_it_runs())[-1].status == "success"
    assert not run(service, ask(metadata={"cache": True}))[-1].metadata["cached"]
    assert run(service, ask(metadata={"cache": True}))[-1].metadata["cached"]
    assert ask.calls() == 2


def test_what_a_plugin_writes_into_its_own_folder_costs_no_result_and_no_process(editable, ask):
    service, folder = editable
    main = folder / "main.py"
    keeps = 'open("state.json", "w").write(str(calls))\n    open("plugin.db", "a").write("x")\n'
    main.write_text(
        main.read_text().replace("    call.progress(30,", f"    {keeps}    call.progress(30,")
    )
    run(service, ask(metadata={"cache": True}))
    (pid,) = service.plugins.states()["flaky"]["pids"]
    run(service, ask())
    assert service.plugins.states()["flaky"]["pids"] == [pid]
    assert (folder / "state.json").read_text() == "2"
    again = FilmetoService(Settings(), find_project())  # as after a restart
    assert run(again, ask(metadata={"cache": True}))[-1].metadata["cached"]
    again.plugins.close_sync()
    assert ask.calls() == 2


def test_what_a_plugin_saves_as_it_is_stopped_costs_no_result(editable, ask):
    service, folder = editable
    main = folder / "main.py"
    saves = 'import atexit\n\natexit.register(lambda: open("learnt.json", "w").write("1"))\n'
    text = main.read_text()
    main.write_text(
        text.replace('if __name__ == "__main__":', f"{saves}\nif __name__ == '__main__':")
    )
    run(service, ask(metadata={"cache": True}))
    service.plugins.close_sync()
    assert (folder / "learnt.json").exists()
    again = FilmetoService(Settings(), find_project())
    assert run(again, ask(metadata={"cache": True}))[-1].metadata["cached"]
    again.plugins.close_sync()


def test_a_journal_that_is_busy_or_broken_holds_up_no_call_that_costs_nothing(service, ask):
    """What is noted of it is written off its path; whatever becomes of that, the call works."""
    run(service, ask())
    service.journal.flush()
    with closing(sqlite3.connect(service.journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run(service, ask("another dot"))[-1].status == "success"
        other.execute("ROLLBACK")
    assert service.journal.flush()
    assert len(service.journal.history("flaky", "text2image")) == 2
    service.journal.close()
    service.journal.path.write_bytes(b"rubbish" * 1000)
    assert run(service, ask("a third dot"))[-1].status == "success"
