"""The most that a plugin may take: reached for real, told with the limit, and the next call works."""

import asyncio
import os
import resource

import pytest

from filmeto_core.errors import PluginExecutionError, PluginOutOfMemory, PluginOutputError
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.limits import RESERVED_BYTES_PER_CORE
from filmeto_core.settings import Settings

MIB = 1024**2
RESERVED = RESERVED_BYTES_PER_CORE * os.cpu_count()


@pytest.fixture
def limited(studio, folders, tmp_path):
    """A function: the trespasser's manifest has these resources, and the settings these limits."""

    def limit(resources="{}", **settings):
        folder = tmp_path / "trespasser"
        folder.mkdir(exist_ok=True)
        for name in ("main.py", "plugin.yaml"):
            (folder / name).write_text((folders / "trespasser" / name).read_text())
        with open(folder / "plugin.yaml", "a") as manifest:
            manifest.write(f"resources: {resources}\n")
        manager = studio.manager
        manager.registry = Registry([load_plugin(folder)[0]])
        manager._settings = Settings(**{**manager._settings.model_dump(), **settings})

    return limit


def attempt(studio, how, count=0):
    """The answer of the trespasser."""
    return asyncio.run(studio.run("trespasser", how, prompt="-", count=count))


def limits(studio):
    """What the plugin sees of its limits: resource to (soft, hard)."""
    return attempt(studio, "limits").outputs[0].metadata


def refused(studio, how, count, error=PluginExecutionError):
    """The error of an attempt, after which the plugin works on."""
    with pytest.raises(error) as failed:
        attempt(studio, how, count)
    assert limits(studio)
    return failed.value


def test_by_default_files_and_their_size_are_limited_and_memory_is_not(studio):
    before = resource.getrlimit(resource.RLIMIT_DATA)
    seen = limits(studio)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    open_files = min(1024, most) if most != resource.RLIM_INFINITY else 1024
    assert seen["RLIMIT_NOFILE"] == [open_files, open_files]
    assert seen["RLIMIT_FSIZE"] == [8 * 1024**3] * 2
    assert seen["RLIMIT_CORE"] == [0, 0]
    assert seen["RLIMIT_DATA"] == list(before)


def test_the_manifest_goes_before_the_settings(studio, limited):
    limited("{memory: 1GiB, open_files: 64, output: 5MiB}", plugin_memory_bytes=2**40)
    seen = limits(studio)
    assert seen["RLIMIT_NOFILE"] == [64, 64]
    assert seen["RLIMIT_FSIZE"] == [5 * MIB] * 2
    assert seen["RLIMIT_DATA"] == [1024**3 + RESERVED] * 2


def test_the_settings_hold_where_the_manifest_says_nothing(studio, limited):
    limited(plugin_memory_bytes=2**31, plugin_open_files=99, max_output_bytes=7 * MIB)
    seen = limits(studio)
    assert (seen["RLIMIT_NOFILE"][0], seen["RLIMIT_DATA"][0]) == (99, 2**31 + RESERVED)
    assert seen["RLIMIT_FSIZE"][0] == 7 * MIB


def test_too_many_open_files_are_an_error_that_says_how_many_there_may_be(studio, limited):
    limited("{open_files: 64}")
    error = refused(studio, "open_many", 200)
    assert "Too many open files" in str(error)
    assert "it may hold 64 files open: raise resources.open_files" in str(error)


def test_too_large_a_file_is_an_error_that_says_how_large_it_may_be(studio, limited):
    limited("{output: 5MiB}")
    error = refused(studio, "fill", 6 * MIB)
    assert "File too large" in str(error)
    assert "may have 5 MiB at most: raise resources.output" in str(error)


def test_memory_that_the_kernel_refuses_is_told_with_what_there_may_be(studio, limited):
    limited("{memory: 200MiB}")
    error = refused(studio, "take", 400 * MIB + RESERVED, PluginOutOfMemory)
    assert error.details["limit_bytes"] == 200 * MIB


def test_a_plugin_of_a_gpu_maps_what_it_likes(studio, limited):
    limited("{memory: 1GiB, gpu: optional}")
    seen = limits(studio)
    assert seen["RLIMIT_DATA"] == list(resource.getrlimit(resource.RLIMIT_DATA))


def test_outputs_that_are_too_large_together_are_refused(studio, limited):
    limited("{output: 8KiB}", plugin_open_files=128)
    assert attempt(studio, "environment", 1).outputs
    error = refused(studio, "environment", 40, PluginOutputError)
    assert "may have 8 KiB" in str(error) and "resources.output" in str(error)


def test_too_many_outputs_are_refused(studio, limited):
    limited(max_output_files=3)
    assert len(attempt(studio, "environment", 3).outputs) == 3
    error = refused(studio, "environment", 4, PluginOutputError)
    assert "4 output files, and may leave 3" in str(error)
