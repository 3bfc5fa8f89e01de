"""GPUs, told of by a program that stands where nvidia-smi would."""

import asyncio
import os
import stat

import pytest

from filmeto_core.errors import PluginStartError
from filmeto_core.plugin_host.gpu import Device, Seat, choose_seat, find_devices

GIB = 1024**3
TWO = "0, GPU-aaa, NVIDIA A, 24576, 8000\n1, GPU-bbb, NVIDIA B, 16384, 16000\n"


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """A function: have nvidia-smi answer with a text, or fail."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def answers(text, code=0):
        program = folder / "nvidia-smi"
        (folder / "answer").write_text(text)
        program.write_text(f"#!/bin/sh\ncat {folder}/answer\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return answers


def device(index, free_gib, total_gib=24):
    return Device(index, f"GPU-{index}", "a card", total_gib * GIB, int(free_gib * GIB))


def test_devices_are_told_with_their_memory(nvidia_smi):
    nvidia_smi(TWO)
    first, second = find_devices()
    assert (first.index, first.uuid, first.name) == (0, "GPU-aaa", "NVIDIA A")
    assert (second.total_bytes, second.free_bytes) == (16 * GIB, 16000 * 1024**2)


@pytest.mark.parametrize(
    ("visible", "wanted"),
    [("1", ["GPU-bbb"]), ("GPU-aaa", ["GPU-aaa"]), ("", []), ("1,0", ["GPU-aaa", "GPU-bbb"])],
)
def test_devices_that_are_hidden_from_this_process_do_not_count(
    nvidia_smi, monkeypatch, visible, wanted
):
    nvidia_smi(TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert [d.uuid for d in find_devices()] == wanted


@pytest.mark.parametrize(("text", "code"), [("", 0), ("No devices were found\n", 6), (TWO, 9)])
def test_a_driver_that_fails_tells_of_no_devices(nvidia_smi, text, code):
    nvidia_smi(text, code)
    assert find_devices() == []


def test_the_device_with_the_most_free_memory_is_taken():
    devices = [device(0, 8), device(1, 20), device(2, 12)]
    assert choose_seat(devices, [], None).device.index == 1


def test_one_model_a_device_unless_two_are_known_to_fit():
    devices = [device(0, 20)]
    known, unknown = Seat(devices[0], 4 * GIB, pending=False), Seat(devices[0], None, pending=False)
    assert choose_seat(devices, [known], None) is None
    assert choose_seat(devices, [unknown], 4 * GIB) is None
    assert choose_seat(devices, [known], 12 * GIB).device.index == 0
    assert choose_seat(devices, [known], 22 * GIB) is None


def test_memory_that_a_starting_model_will_take_is_not_given_twice():
    devices = [device(0, 20)]
    loading = Seat(devices[0], 12 * GIB)
    assert choose_seat(devices, [loading], 10 * GIB) is None
    assert choose_seat(devices, [loading], 8 * GIB).device.index == 0


def test_calls_are_spread_over_devices_and_the_third_waits_for_one(studio, nvidia_smi, tmp_path):
    nvidia_smi(TWO)
    release = str(tmp_path / "release")

    async def go():
        async with asyncio.timeout(20):
            first = await studio.started("gpu_user", "holds", prompt=release)
            second = await studio.started("gpu_user", "holds", prompt=release)
            given = [told.message for told in studio.told if told.percent]
            told, heard = [], asyncio.Event()

            def hear(notification):
                told.append(notification)
                heard.set()

            third = asyncio.create_task(
                studio.manager.execute("gpu_user", studio.call(plugin="gpu_user"), hear)
            )
            await heard.wait()
            assert told[0].message == "waiting for a GPU"
            with open(release, "w"):
                pass
            for task in (first, second, third):
                await task
        return given

    assert asyncio.run(go()) == ["GPU-bbb", "GPU-aaa"]


def test_an_idle_model_gives_its_device_to_another_plugin(studio, nvidia_smi, folders, tmp_path):
    from filmeto_core.plugin_host.discovery import Registry, load_plugin

    nvidia_smi("0, GPU-aaa, NVIDIA A, 24576, 24000\n")
    other = tmp_path / "other_user"
    other.mkdir()
    for name in ("plugin.yaml", "main.py"):
        text = (folders / "gpu_user" / name).read_text()
        (other / name).write_text(text.replace("name: gpu_user", "name: other_user"))
    plugins = [load_plugin(folder)[0] for folder in (folders / "gpu_user", other)]
    studio.manager.registry = Registry(plugins)

    async def go():
        async with asyncio.timeout(20):
            await studio.run("gpu_user")
            answer = await studio.run("other_user")
        return answer, studio.manager.states()

    answer, states = asyncio.run(go())
    assert answer.outputs[0].path.read_text() == "GPU-aaa"
    assert states["gpu_user"]["pids"] == [] and states["other_user"]["state"] == "idle"


@pytest.mark.parametrize(
    ("need", "text", "wanted"),
    [
        ("true", "", "needs a GPU, and there is none here"),
        ("80GiB", TWO, "needs a GPU with 80 GiB, and the largest here has 24 GiB"),
    ],
)
def test_a_plugin_whose_gpu_is_not_there_fails_before_it_is_started(
    studio, nvidia_smi, folders, tmp_path, need, text, wanted
):
    from filmeto_core.plugin_host.discovery import Registry, load_plugin

    nvidia_smi(text)
    manifest = (folders / "gpu_user" / "plugin.yaml").read_text()
    (tmp_path / "plugin.yaml").write_text(manifest.replace("gpu: true", f"gpu: {need}"))
    (tmp_path / "main.py").write_text("")
    studio.manager.registry = Registry([load_plugin(tmp_path)[0]])

    async def go():
        await studio.run("gpu_user")

    with pytest.raises(PluginStartError, match=wanted) as failed:
        asyncio.run(go())
    assert not failed.value.retryable
    assert studio.manager.states()["gpu_user"]["state"] == "stopped"


def test_a_plugin_that_can_do_without_a_gpu_runs_where_there_is_none(
    studio, nvidia_smi, folders, tmp_path
):
    from filmeto_core.plugin_host.discovery import Registry, load_plugin

    nvidia_smi("")
    for name in ("plugin.yaml", "main.py"):
        text = (folders / "gpu_user" / name).read_text()
        (tmp_path / name).write_text(text.replace("gpu: true", "gpu: optional"))
    studio.manager.registry = Registry([load_plugin(tmp_path)[0]])

    async def go():
        return await studio.run("gpu_user")

    assert asyncio.run(go()).outputs[0].path.read_text() == "none"
