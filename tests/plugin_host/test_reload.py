"""The living registry: what a developer changes is seen at once, what a plugin writes is no change."""

import asyncio
import json
import multiprocessing
import os
import shutil
import threading
import time

import pytest

from filmeto_core.errors import PluginNotFoundError
from filmeto_core.plugin_host import fingerprint
from filmeto_core.plugin_host.discovery import (
    Registry,
    discover,
    load_plugin,
    one_look,
    one_look_a_turn,
)
from filmeto_core.settings import Settings


@pytest.fixture
def place(tmp_path):
    """A folder of plugins."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    return folder


@pytest.fixture
def found(tmp_path, place):
    """Discovers anew, as another process would."""
    return lambda *more: discover(Settings(home=tmp_path / "home", plugins=str(place)), more)


def make(place, name="brush", version="1.0", parameters="[]"):
    """A plugin folder that passes the check, with code and a data file."""
    folder = place / name
    folder.mkdir(parents=True)
    manifest = f"name: {name}\nversion: '{version}'\ntool_type: text2image\n"
    (folder / "plugin.yaml").write_text(manifest + f"parameters: {parameters}\n")
    (folder / "main.py").write_text("import ink\n")
    (folder / "ink.py").write_text("COLOUR = 'black'\n")
    (folder / "palette.json").write_text('{"sea": "blue"}')
    return folder


def test_an_unchanged_plugin_stays_the_same_object(place, found):
    make(place)
    registry = found()
    first = registry.get("brush")
    assert registry.get("brush") is first
    assert first in registry.plugins and first in registry.serving("text2image")


def test_what_is_decided_in_one_moment_looks_once_and_a_turn_later_again(place, found):
    folder, registry = make(place), found()

    def change():
        with open(folder / "ink.py", "a") as file:
            file.write("\n")

    async def turns():
        with one_look_a_turn():
            before = registry.get("brush")
            change()
            assert registry.get("brush") is before
            await asyncio.sleep(0)
            after = registry.get("brush")
            assert after is not before
            change()
            assert await asyncio.to_thread(registry.get, "brush") is not after

    asyncio.run(turns())
    with one_look():
        before = registry.get("brush")
        change()
        assert registry.get("brush") is before
    assert registry.get("brush") is not before


@pytest.mark.parametrize("name", ["main.py", "ink.py", "palette.json", "plugin.yaml"])
def test_a_changed_file_is_seen_at_the_next_look(place, found, name):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    was = before.fingerprint()
    with open(folder / name, "a") as file:
        file.write("\n")
    after = registry.get("brush")
    assert after is not before
    assert after.fingerprint() != was == before.fingerprint()
    assert registry.get("brush") is after


def test_a_change_is_seen_though_nobody_had_asked_for_the_plugin_before(place, found):
    folder = make(place)
    registry = found()
    manifest = folder / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("1.0", "1.1"))
    assert registry.get("brush").version == "1.1"
    manifest.write_text(manifest.read_text().replace("1.1", "1.2"))
    assert [p.version for p in registry.plugins if p.name == "brush"] == ["1.2"]


def test_a_file_of_the_same_size_moved_into_place_is_a_change(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    (folder / "new").write_text("COLOUR = 'white'\n")
    os.utime(folder / "new", ns=(0, (folder / "ink.py").stat().st_mtime_ns))
    os.replace(folder / "new", folder / "ink.py")
    assert registry.get("brush") is not before


def test_new_and_deleted_sources_are_changes(place, found):
    folder = make(place)
    registry = found()
    seen = [registry.get("brush")]
    (folder / "oils").mkdir()
    (folder / "oils" / "linseed.py").write_text("")
    seen.append(registry.get("brush"))
    (folder / "oils" / "poppy.py").write_text("")
    seen.append(registry.get("brush"))
    shutil.rmtree(folder / "oils")
    seen.append(registry.get("brush"))
    assert len(set(map(id, seen))) == 4
    assert seen[0].fingerprint() == seen[3].fingerprint()


def test_a_touch_is_no_change(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    for name in ("plugin.yaml", "main.py", "palette.json"):
        os.utime(folder / name)
        (folder / name).chmod(0o755)
    assert registry.get("brush") is before
    assert registry.plugins[0] is before


def test_what_the_host_and_editors_leave_is_no_change(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    (folder / "outputs").mkdir()
    (folder / "outputs" / "a.png").write_text("")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "ink.cpython-311.pyc").write_text("")
    (folder / ".main.py.swp").write_text("")
    (folder / "main.py~").write_text("")
    (folder / "brush.log").write_text("")
    shutil.copytree(folder / "outputs", folder / "venv")
    (folder / "venv" / "pyvenv.cfg").write_text("")
    assert registry.get("brush") is before


def test_a_new_folder_is_seen_and_a_removed_one_is_gone(place, found):
    registry = found()
    with pytest.raises(PluginNotFoundError, match="no plugin 'brush'"):
        registry.get("brush")
    folder = make(place)
    assert registry.get("brush").folder == folder
    make(place, "pen")
    assert {"brush", "pen"} <= {p.name for p in registry.plugins}
    shutil.rmtree(folder)
    with pytest.raises(PluginNotFoundError, match="no plugin 'brush'.*pen"):
        registry.get("brush")
    assert registry.get("pen")


def test_a_folder_whose_manifest_comes_later_is_seen(place, found):
    folder = make(place)
    text = (folder / "plugin.yaml").read_text()
    (folder / "plugin.yaml").unlink()
    registry = found()
    assert not [p for p in registry.problems if "brush" in str(p.file)]
    (folder / "plugin.yaml").write_text(text)
    assert registry.get("brush")


def test_a_place_that_comes_later_is_searched(place, found):
    place.rmdir()
    registry = found()
    assert "not there" in str(registry.problems[0])
    make(place)
    assert registry.get("brush") and not registry.problems


def test_a_manifest_that_breaks_says_why_and_where_until_it_is_mended(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    text = (folder / "plugin.yaml").read_text()
    (folder / "plugin.yaml").write_text(text + "execution: {timeout: soon}\n")
    for _ in range(2):
        with pytest.raises(PluginNotFoundError, match=r"plugin\.yaml:5: execution\.timeout"):
            registry.get("brush")
    assert any(p.fatal for p in registry.problems)
    (folder / "plugin.yaml").write_text(text)
    after = registry.get("brush")
    assert after is not before and after.fingerprint() == before.fingerprint()
    assert not registry.problems


def test_a_program_that_went_and_came_back_is_told(place, found):
    folder = make(place)
    registry = found()
    assert registry.get("brush")
    (folder / "main.py").unlink()
    with pytest.raises(PluginNotFoundError, match="program is missing"):
        registry.get("brush")
    (folder / "main.py").write_text("")
    assert registry.get("brush")


def test_a_broken_plugin_is_known_by_the_name_it_had(place, found):
    folder = make(place)
    folder.rename(place / "folder")
    registry = found()
    assert registry.get("brush")
    (place / "folder" / "plugin.yaml").write_text("name: [\n")
    with pytest.raises(PluginNotFoundError, match="could not be loaded.*valid YAML"):
        registry.get("brush")


def test_a_renamed_plugin_is_found_under_its_new_name_alone(place, found):
    folder = make(place)
    registry = found()
    assert registry.get("brush")
    manifest = folder / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("name: brush", "name: quill"))
    with pytest.raises(PluginNotFoundError, match="no plugin 'brush'"):
        registry.get("brush")
    assert registry.get("quill").folder == folder


def test_shadowing_comes_and_goes_while_it_runs(place, found, tmp_path):
    later = make(tmp_path / "project")
    registry = found(tmp_path / "project")
    assert registry.get("brush").folder == later and not registry.problems
    earlier = make(place)
    assert registry.get("brush").folder == earlier
    assert f"shadowed by the one in {earlier}" in str(registry.problems[0])
    shutil.rmtree(earlier)
    assert registry.get("brush").folder == later and not registry.problems


def test_a_registry_of_given_plugins_is_alive_as_well(place):
    folder = make(place)
    registry = Registry([load_plugin(folder)[0]])
    before = registry.get("brush")
    (folder / "ink.py").write_text("COLOUR = 'red'\n")
    assert registry.get("brush") is not before
    shutil.rmtree(folder)
    with pytest.raises(PluginNotFoundError):
        registry.get("brush")


def test_what_a_plugin_writes_while_it_works_is_no_change_now_or_after_a_restart(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    was = before.fingerprint()
    with registry.working(before):
        (folder / "state.json").write_text("1")
        assert registry.get("brush") is before
        (folder / "palette.json").write_text("{}")
        (folder / "codecs").mkdir()
        (folder / "codecs" / "generated.py").write_text("")
    assert registry.get("brush") is before
    assert found().get("brush").fingerprint() == was
    (folder / "state.json").write_text("2")  # a thread of it, between two calls
    assert registry.get("brush") is before
    assert found().get("brush").fingerprint() == was


def test_what_the_last_call_of_a_process_wrote_is_remembered_without_another_look(place, found):
    folder = make(place)
    first = found()
    plugin = first.get("brush")
    started = time.time()
    (folder / "state.json").write_text("1")
    (folder / "palette.json").write_text("{}")
    first.worked(plugin, started, time.time())
    del first
    assert found().get("brush").fingerprint() == plugin.fingerprint()


def test_a_file_that_a_plugin_removes_while_it_works_still_counts(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    with registry.working(before):
        (folder / "palette.json").unlink()
    assert registry.get("brush") is before
    assert found().get("brush").fingerprint() == before.fingerprint()


@pytest.mark.parametrize("name", ["main.py", "ink.py", "plugin.yaml", "requirements.txt"])
def test_an_edit_of_a_source_is_a_change_also_while_a_call_runs(place, found, name):
    folder = make(place)
    (folder / "requirements.txt").write_text("# none\n")
    registry = found()
    before = registry.get("brush")
    with registry.working(before), open(folder / name, "a") as file:
        file.write("\n# a note\n")
    after = registry.get("brush")
    assert after is not before and after.fingerprint() != before.fingerprint()


def test_new_code_that_comes_with_an_edit_while_a_call_runs_is_the_developers(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    with registry.working(before):
        (folder / "chalk.py").write_text("HARD = 1\n")
        (folder / "main.py").write_text("import ink, chalk\n")
    after = registry.get("brush")
    assert after.fingerprint() != before.fingerprint()
    (folder / "chalk.py").write_text("HARD = 2\n")
    assert registry.get("brush").fingerprint() != after.fingerprint()


def test_new_code_of_a_call_that_changes_again_is_source_like_any_other(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    with registry.working(before):
        (folder / "chalk.py").write_text("HARD = 1\n")
    assert registry.get("brush") is before
    (folder / "chalk.py").write_text("HARD = 2\n")
    assert registry.get("brush").fingerprint() != before.fingerprint()


def test_a_shipped_file_that_changes_again_without_a_call_is_the_developers(
    place, found, monkeypatch
):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    with registry.working(before):
        (folder / "palette.json").write_text("{}")
    assert registry.get("brush") is before
    wait_past_the_call(monkeypatch)
    (folder / "palette.json").write_text('{"sea": "green"}')
    after = registry.get("brush")
    assert after is not before and after.fingerprint() != before.fingerprint()


def test_a_data_file_that_comes_without_a_call_is_a_change(place, found, monkeypatch):
    folder = make(place)
    registry = found()
    with registry.working(registry.get("brush")):
        pass
    before = registry.get("brush")
    wait_past_the_call(monkeypatch)
    (folder / "lora.json").write_text("{}")
    assert registry.get("brush").fingerprint() != before.fingerprint()


def test_calls_that_changed_nothing_do_not_make_the_time_between_them_one_of_work(
    place, found, monkeypatch
):
    folder = make(place)
    registry = found()
    monkeypatch.setattr("filmeto_core.plugin_host.written.WHOLE_SECONDS_TICK_NS", 0)
    wait_past_the_call(monkeypatch)
    for _ in range(100):
        with registry.working(registry.get("brush")):
            pass
    before = registry.get("brush")
    (folder / "palette.json").unlink()
    assert registry.get("brush").fingerprint() != before.fingerprint()


def test_a_new_version_starts_afresh(place, found):
    folder = make(place)
    registry = found()
    before = registry.get("brush")
    with registry.working(before):
        (folder / "state.json").write_text("1")
    manifest = folder / "plugin.yaml"
    text = manifest.read_text()
    manifest.write_text(text.replace("1.0", "1.1"))
    assert "state.json" in registry.get("brush").files
    manifest.write_text(text)
    assert registry.get("brush").fingerprint() == before.fingerprint()


def test_what_was_written_lies_in_one_small_file(place, found, tmp_path):
    folder = make(place)
    registry = found()
    with registry.working(registry.get("brush")):
        (folder / "state.json").write_text("1")
        (folder / "palette.json").write_text("{}")
    (record,) = (tmp_path / "home" / "cache" / "written").glob("*.json")
    told = json.loads(record.read_text())
    assert told["folder"] == str(folder) and told["version"] == "1.0"
    assert told["files"]["state.json"] is None and len(told["files"]["palette.json"]) == 64


def test_a_damaged_record_is_as_none(place, found, tmp_path):
    folder = make(place)
    registry = found()
    with registry.working(registry.get("brush")):
        (folder / "state.json").write_text("1")
    (record,) = (tmp_path / "home" / "cache" / "written").glob("*.json")
    record.write_text('{"files": [')
    assert found().get("brush").fingerprint()


def _work(home, place, begun, go_on):
    registry = discover(Settings(home=home, plugins=str(place)))
    with registry.working(registry.get("brush")):
        (place / "brush" / "state.json").write_text("1")
        begun.set()
        go_on.wait(10)


def test_what_a_plugin_writes_for_another_process_is_no_change_either(place, found, tmp_path):
    make(place)
    registry = found()
    before = registry.get("brush")
    was = before.fingerprint()
    spawn = multiprocessing.get_context("spawn")
    begun, go_on = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_work, args=(tmp_path / "home", place, begun, go_on))
    other.start()
    try:
        assert begun.wait(20)
        assert registry.get("brush") is before  # while the other one's call runs
        with registry.working(before):
            assert registry.get("brush") is before
    finally:
        go_on.set()
        other.join(20)
    assert registry.get("brush") is before
    assert found().get("brush").fingerprint() == was


def test_large_files_are_read_once_and_not_at_each_start(place, found, monkeypatch):
    monkeypatch.setattr("filmeto_core.plugin_host.large_digests.LARGE_BYTES", 4000)
    folder = make(place)
    (folder / "weights.bin").write_bytes(b"w" * 5000)
    monkeypatch.setattr("filmeto_core.plugin_host.sources.READ_AT_ONCE_BYTES", 4000)
    first = found().get("brush").fingerprint()
    read = []

    def note(path):
        read.append(os.path.basename(path))
        return fingerprint.content_of(path)

    def start():
        monkeypatch.setattr(fingerprint, "_known", {})  # as in a new process
        read.clear()
        return found().get("brush").fingerprint()

    monkeypatch.setattr("filmeto_core.plugin_host.sources.content_of", note)
    assert start() == first and "ink.py" in read and "weights.bin" not in read
    (folder / "weights.bin").write_bytes(b"v" * 5000)
    assert start() != first and "weights.bin" in read
    (folder / "weights.bin").write_bytes(b"w" * 5000)
    assert start() == first and "weights.bin" in read


def test_threads_that_ask_while_a_file_changes_see_old_or_new(place, found):
    folder = make(place)
    registry, seen, errors = found(), set(), []
    over = threading.Event()

    def ask():
        try:
            while not over.is_set():
                seen.add(registry.get("brush").fingerprint())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(20):
        (folder / "new").write_text(f"COLOUR = {i}\n")
        os.replace(folder / "new", folder / "ink.py")
    over.set()
    for thread in threads:
        thread.join(5)
    assert errors == []
    assert registry.get("brush").fingerprint() == found().get("brush").fingerprint()


def wait_past_the_call(monkeypatch):
    """Let the ticks of the file system's clock after a call be over, without waiting."""
    monkeypatch.setattr("filmeto_core.plugin_host.written.TICK_NS", 0)
    time.sleep(0.005)
