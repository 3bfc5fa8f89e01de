"""What a plugin may write to, for real: where it may not, nothing changes, and it is told what to add."""

import asyncio
import os
import resource
import shutil
import tempfile
from pathlib import Path

import pytest

from filmeto_core import plugin_sdk, process
from filmeto_core.errors import PluginCrashed, PluginExecutionError
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.grants import Grant
from filmeto_core.plugin_host.sandbox import wants_sandbox

pytestmark = pytest.mark.skipif(
    process.fence_version() == 0, reason="this kernel has no Landlock, or it is not switched on"
)


@pytest.fixture
def outside(tmp_path):
    """A folder of the user's with a file and a folder in it."""
    folder = tmp_path / "outside"
    (folder / "empty").mkdir(parents=True)
    (folder / "file.txt").write_text("the user's own")
    return folder


def attempt(studio, how, path="", **rest):
    """The metadata of what the trespasser tells."""
    answer = asyncio.run(studio.run("trespasser", how, prompt=str(path) or "-", **rest))
    return answer.outputs[0].metadata


def refused(studio, how, path="", error=PluginExecutionError, **rest):
    """The error of an attempt, after which the plugin works on."""
    with pytest.raises(error) as failed:
        attempt(studio, how, path, **rest)
    assert attempt(studio, "limits")
    return failed.value


@pytest.fixture
def granted(studio, monkeypatch):
    """A function: the trespasser has this grant from now on."""

    def grant(**fields):
        studio.manager._grants = {"trespasser": Grant(**fields)}

    return grant


CHANGES = [
    ("write", "file.txt"),
    ("append", "file.txt"),
    ("truncate", "file.txt"),
    ("remove", "file.txt"),
    ("rename", "file.txt"),
    ("child", "file.txt"),
    ("shell", "file.txt"),
    ("write", "new.txt"),
    ("mkdir", "new"),
    ("fifo", "new"),
    ("replace_by_link", "new"),
    ("rmdir", "empty"),
    ("child", "new.txt"),
]


@pytest.mark.parametrize(("how", "name"), CHANGES)
def test_nothing_outside_its_own_places_can_be_changed(studio, outside, how, name):
    if how == "truncate" and process.fence_version() < 3:
        pytest.skip("Landlock keeps nobody from truncating before its version 3")
    error = refused(studio, how, outside / name)
    assert "ermission denied" in f"{error.message} {error.details['stderr']}"
    assert (outside / "file.txt").read_text() == "the user's own"
    assert sorted(os.listdir(outside)) == ["empty", "file.txt"]
    exact = f"grants:\n  trespasser:\n    write: [{outside}]\n"
    assert (exact if how != "fifo" else "`grants:`") in str(error)  # mkfifo's names no path


def test_nothing_can_be_moved_out_of_its_own_places(studio, outside):
    with pytest.raises(PluginExecutionError):
        attempt(studio, "move_in", outside / "file.txt")
    assert (outside / "file.txt").read_text() == "the user's own"


def test_its_own_places_and_harmless_devices_are_open(studio, folders):
    parent = studio.manager.output_parent("trespasser")
    for how in ("write", "append", "truncate", "rename", "mkdir"):
        attempt(studio, how, parent / ("new" if how == "mkdir" else "a.txt"))
        attempt(studio, how, folders / "trespasser" / ("new" if how == "mkdir" else "a.txt"))
    attempt(studio, "remove", parent / "a.txt.moved")
    os.remove(folders / "trespasser" / "a.txt.moved")
    os.rmdir(folders / "trespasser" / "new")
    attempt(studio, "child", parent / "by-a-child.txt")
    for device in ("/dev/null", "/dev/zero"):
        attempt(studio, "device", device)


def test_a_file_moves_between_its_own_places(studio):
    if process.fence_version() < 2:
        pytest.skip("Landlock lets no file change its folder before its version 2")
    target = studio.manager.output_parent("trespasser") / "moved.txt"
    attempt(studio, "move_in", target)
    assert target.read_text() == "mine"


def test_reading_stays_free(studio, outside):
    attempt(studio, "read", outside / "file.txt")


def test_another_plugins_outputs_and_folder_are_closed(studio, folders):
    theirs = studio.manager.output_parent("echo")
    assert "filmeto's own" in str(refused(studio, "write", theirs / "a.txt"))
    refused(studio, "append", folders / "echo" / "main.py")
    assert list(theirs.iterdir()) == []


def test_the_store_the_models_and_the_sdk_are_closed(studio, tmp_path):
    for name in ("store", "models"):
        place = tmp_path / "filmeto" / name
        place.mkdir()
        assert "filmeto's own" in str(refused(studio, "write", place / "a.txt"))
    refused(studio, "write", Path(plugin_sdk.__file__).parent / "a.txt")


def test_other_processes_cannot_be_looked_into_or_signalled(studio):
    refused(studio, "memory_of", os.getpid())
    if os.getuid() != 0:  # root may read others' variables by a capability of its own
        refused(studio, "variables_of", os.getpid())
    if process.fence_version() < 6:
        pytest.skip("Landlock keeps no signals in before its version 6")
    with pytest.raises(PluginExecutionError, match="Operation not permitted"):
        attempt(studio, "end", os.getpid())


def test_the_sdk_is_compiled_once_though_no_sandboxed_plugin_may_write_there(
    studio, tmp_path, monkeypatch
):
    copy = tmp_path / "sdk"
    shutil.copytree(Path(plugin_sdk.__file__).parent, copy, ignore=lambda *_: {"__pycache__"})
    monkeypatch.setattr(plugin_sdk, "__file__", str(copy / "__init__.py"))
    attempt(studio, "limits")
    assert list((copy / "filmeto_plugin" / "__pycache__").glob("_loop.*.pyc"))
    refused(studio, "write", copy / "filmeto_plugin" / "__pycache__" / "evil.pyc")


def test_temporary_files_have_a_folder_that_goes_with_the_process(studio):
    made = attempt(studio, "temporary")
    folder = Path(made["folder"])
    assert folder.is_dir() and Path(made["temporary"]).is_relative_to(folder)
    assert folder.stat().st_mode & 0o077 == 0
    error = refused(studio, "write", tempfile.gettempdir() + "/filmeto-test-trespassed.txt")
    assert "TMPDIR" in str(error)
    studio.manager.close_sync()
    assert not folder.exists()


def test_shared_memory_is_closed_and_the_error_says_how_to_open_it(studio, granted):
    error = refused(studio, "semaphore")
    assert "write: [/dev/shm]" in str(error)
    studio.manager.close_sync()
    granted(write=(Path("/dev/shm"),))
    attempt(studio, "semaphore")


def test_a_grant_opens_what_it_names_and_no_more(studio, outside, granted):
    (outside / "inner").mkdir()
    granted(write=(outside / "inner", outside / "file.txt"))
    attempt(studio, "write", outside / "inner" / "a.txt")
    attempt(studio, "append", outside / "file.txt")
    error = refused(studio, "write", outside / "b.txt")
    places = f"{outside / 'inner'}, {outside / 'file.txt'}, {outside}"
    assert f"write: [{places}]" in str(error)


def test_what_the_hint_says_to_add_is_enough(studio, outside, granted):
    error = refused(studio, "write", outside / "empty" / "a.txt")
    place = str(error).split("write: [")[1].split("]")[0]
    studio.manager.close_sync()
    granted(write=(Path(place),))
    attempt(studio, "write", outside / "empty" / "a.txt")
    assert (outside / "empty" / "a.txt").read_text() == "trespassed"


def test_the_user_alone_can_do_away_with_the_sandbox(studio, outside, granted):
    granted(sandbox=False)
    attempt(studio, "write", outside / "file.txt")
    assert (outside / "file.txt").read_text() == "trespassed"


def test_a_crash_after_a_denial_says_what_to_add(studio, outside):
    error = refused(studio, "die", outside / "file.txt", PluginCrashed)
    assert f"write: [{outside}]" in str(error) and error.details["denied"]


def test_all_of_a_home_is_never_proposed(studio, tmp_path):
    error = refused(studio, "write", tmp_path / "notes.txt")  # HOME of this test
    assert f"make {tmp_path}/notes.txt and add" in str(error)
    assert f"write: [{tmp_path}/notes.txt]" in str(error)


def test_a_path_that_the_user_may_not_write_to_either_is_no_matter_of_grants(studio, tmp_path):
    if os.getuid() == 0:
        pytest.skip("root may write anywhere")
    assert "grants" not in str(refused(studio, "write", "/etc/filmeto-test"))


def test_a_variable_that_is_set_and_hidden_is_named(studio, granted, monkeypatch):
    monkeypatch.setenv("STUDIO_TOKEN", "secret")
    error = refused(studio, "variable", "STUDIO_TOKEN")
    assert "grants:\n  trespasser:\n    environment: [STUDIO_TOKEN]\n" in str(error)
    assert "grants" not in str(refused(studio, "variable", "NOBODYS_TOKEN"))
    studio.manager.close_sync()
    granted(environment=("STUDIO_TOKEN",))
    assert attempt(studio, "variable", "STUDIO_TOKEN") == {"value": "secret"}


@pytest.mark.parametrize(
    ("source", "manifest", "grant", "sandboxed"),
    [
        ("user", None, None, True),
        ("project", False, None, True),
        ("FILMETO_PLUGINS", None, False, False),
        ("bundled", None, None, False),
        ("bundled", True, None, True),
        ("bundled", True, False, False),
        ("bundled", None, True, True),
    ],
)
def test_who_is_sandboxed(tmp_path, source, manifest, grant, sandboxed):
    text = f"name: a\ntool_type: text2image\nsandbox: {str(manifest).lower()}\n"
    (tmp_path / "plugin.yaml").write_text(text.replace("sandbox: none\n", ""))
    (tmp_path / "main.py").write_text("")
    plugin, _ = load_plugin(tmp_path, source)
    assert wants_sandbox(plugin, Grant(sandbox=grant)) is sandboxed


def test_a_plugin_of_a_graphics_processor_has_the_model_caches_and_shared_memory(
    studio, folders, tmp_path, monkeypatch
):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hugging"))
    folder = tmp_path / "trespasser"
    folder.mkdir()
    for name in ("main.py", "plugin.yaml"):
        (folder / name).write_text((folders / "trespasser" / name).read_text())
    with open(folder / "plugin.yaml", "a") as manifest:
        manifest.write("resources: {gpu: optional}\n")
    studio.manager.registry = Registry([load_plugin(folder)[0]])
    for place in ("hugging", ".cache/torch", "filmeto/models"):
        attempt(studio, "write", tmp_path / place / "model.bin")
    attempt(studio, "semaphore")
    seen = attempt(studio, "environment")["environment"]
    assert seen["HF_HOME"] == str(tmp_path / "hugging")
    attempt(studio, "mkdir", seen["CUDA_CACHE_PATH"])
    assert attempt(studio, "limits")["RLIMIT_FSIZE"][0] == resource.RLIM_INFINITY
    refused(studio, "write", tmp_path / ".cache" / "other")
