"""What a plugin needs of the machine: told before anything is started."""

import os

import pytest

from filmeto_core.errors import PluginStartError
from filmeto_core.plugin_host import needs
from filmeto_core.plugin_host.discovery import load_plugin

GIB = 1024**3


@pytest.fixture
def plugin(tmp_path):
    """A plugin with further lines in its manifest."""

    def make(extra):
        folder = tmp_path / "brush"
        folder.mkdir(exist_ok=True)
        (folder / "plugin.yaml").write_text(f"name: brush\ntool_type: text2image\n{extra}\n")
        (folder / "main.py").write_text("raise SystemExit('never started')")
        return load_plugin(folder)[0]

    return make


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Puts programs on PATH, which has no others: machine(name="lines that it prints")."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(needs, "_known", None)

    def put(**programs):
        for name, says in programs.items():
            path = folder / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{says}\n")
            path.chmod(0o755)

    return put


def test_a_plugin_that_needs_nothing_misses_nothing(plugin, machine):
    assert needs.missing(plugin("")) == []
    assert not needs.needs_something(plugin("resources: {gpu: optional, memory: 1GiB}"))
    needs.require(plugin("resources: {gpu: optional}"))


def test_a_missing_program_is_named_with_what_to_do(plugin, machine):
    wants = plugin("requirements: {programs: [sox, ffmpeg]}")
    machine(sox="")
    (need,) = needs.missing(wants)
    assert (need.kind, need.name) == ("program", "ffmpeg")
    assert "ffmpeg is not on PATH" in need.what and "Install ffmpeg" in need.advice


def test_an_unset_or_empty_variable_is_missing(plugin, machine, monkeypatch):
    wants = plugin("requirements: {environment: [STUDIO_KEY]}")
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv("STUDIO_KEY", value)
        (need,) = needs.missing(wants)
        assert (need.kind, need.name) == ("variable", "STUDIO_KEY")
    monkeypatch.setenv("STUDIO_KEY", "secret")
    assert needs.missing(wants) == []
    assert needs.missing(wants, {"PATH": ""})[0].name == "STUDIO_KEY"


def test_all_that_is_missing_is_told_at_once(plugin, machine):
    wants = plugin("requirements: {programs: [sox], environment: [STUDIO_KEY]}")
    with pytest.raises(PluginStartError) as failed:
        needs.require(wants)
    error = failed.value
    assert "sox is not on PATH, and the variable STUDIO_KEY is not set" in error.message
    assert "Install sox" in error.hint and "Set STUDIO_KEY" in error.hint
    assert not error.retryable
    assert [need["kind"] for need in error.details["missing"]] == ["program", "variable"]


@pytest.mark.parametrize("driver", ["", "exit 9", "echo 'No devices were found'; exit 6"])
def test_without_a_gpu_a_plugin_that_needs_one_says_so(plugin, machine, driver):
    if driver:
        machine(nvidia_smi=driver)
    (need,) = needs.missing(plugin("resources: {gpu: true}"))
    assert need.kind == "gpu" and "none was found" in need.what


def test_a_gpu_is_found_by_its_driver_and_its_memory_counts(plugin, machine):
    machine(nvidia_smi="echo 'NVIDIA A, small, 8192'\necho 'NVIDIA B, 16384'")
    assert [d.memory_bytes for d in needs.gpus()] == [8 * GIB, 16 * GIB]
    assert needs.gpus()[0].name == "NVIDIA A, small"
    assert needs.missing(plugin("resources: {gpu: 12GiB}")) == []
    (need,) = needs.missing(plugin("resources: {gpu: 24GiB}"))
    assert "with 24 GiB, and the largest (NVIDIA B) has 16 GiB" in need.what


def test_a_hidden_gpu_is_none(plugin, machine, monkeypatch):
    machine(nvidia_smi="echo 'NVIDIA A, 8192'")
    wants = plugin("resources: {gpu: true}")
    assert needs.missing(wants) == []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "CUDA_VISIBLE_DEVICES hides" in needs.missing(wants)[0].what


def test_the_driver_is_asked_once_in_a_while(plugin, machine, tmp_path):
    machine(nvidia_smi=f"echo asked >> {tmp_path}/asked\necho 'NVIDIA A, 8192'")
    for _ in range(3):
        assert len(needs.gpus()) == 1
    assert (tmp_path / "asked").read_text().count("asked") == 1


def test_a_driver_that_hangs_costs_a_moment(plugin, machine, monkeypatch):
    monkeypatch.setattr(needs, "ASK_TIMEOUT_S", 0.2)
    machine(nvidia_smi="exec /bin/sleep 60")
    assert os.path.exists("/bin/sleep")
    assert needs.gpus() == []
