"""The output check: which files are taken."""

import functools
import os

import pytest

from filmeto_core.errors import PluginOutputError, PluginProtocolError
from filmeto_core.plugin_host.calls import PluginOutput, read_outputs
from filmeto_core.plugin_host.outputs import check_outputs


def test_a_link_within_the_folders_is_taken_as_what_it_points_to(tmp_path):
    (tmp_path / "real.png").write_text("a")
    os.symlink("real.png", tmp_path / "link.png")
    (checked,) = check_outputs([PluginOutput(tmp_path / "link.png")], [tmp_path])
    assert checked.path == tmp_path / "real.png"


def test_a_folder_whose_own_path_has_a_link_is_no_obstacle(tmp_path):
    (tmp_path / "real").mkdir()
    os.symlink("real", tmp_path / "out")
    (tmp_path / "out" / "a.png").write_text("a")
    assert check_outputs([PluginOutput(tmp_path / "out" / "a.png")], [tmp_path / "out"])


@pytest.mark.parametrize("path", ["../up.png", "missing.png", "/dev/null", "/proc/self/environ"])
def test_what_lies_elsewhere_or_is_missing_is_refused(tmp_path, path):
    (tmp_path / "out").mkdir()
    (tmp_path / "up.png").write_text("a")
    with pytest.raises(PluginOutputError):
        check_outputs([PluginOutput(tmp_path / "out" / path)], [tmp_path / "out"])


def test_success_without_a_file_is_refused(tmp_path):
    with pytest.raises(PluginOutputError, match="no output file"):
        check_outputs([], [tmp_path])


def test_outputs_are_read_from_both_fields_each_file_once(tmp_path):
    result = {
        "output_resources": [{"path": "a.png", "mime_type": "image/png", "metadata": {"w": 1}}],
        "output_files": [str(tmp_path / "a.png"), "b.png"],
    }
    first, second = read_outputs(result, tmp_path)
    assert (first.path, first.mime_type, first.metadata) == (
        tmp_path / "a.png",
        "image/png",
        {"w": 1},
    )
    assert second.path == tmp_path / "b.png"


@pytest.mark.parametrize(
    "result",
    [{"output_files": "a.png"}, {"output_files": [5]}, {"output_files": ["a\0b"]}]
    + [{"output_resources": ["a.png"]}, {"output_resources": [{}]}],
)
def test_outputs_that_are_no_paths_are_a_protocol_error(tmp_path, result):
    with pytest.raises(PluginProtocolError, match="expected"):
        read_outputs(result, tmp_path)


DEEP = functools.reduce(lambda inner, _: [inner], range(1500), "a")


@pytest.mark.parametrize(
    "result",
    [{"output_files": DEEP}, {"output_files": [DEEP]}, {"output_files": ["a\ud800"]}]
    + [{"output_resources": [{"path": DEEP}]}, {"output_files": {"a": 10**10_000}}],
)
def test_outputs_that_no_file_could_have_are_told_whatever_they_are(tmp_path, result):
    with pytest.raises(PluginProtocolError, match="expected"):
        read_outputs(result, tmp_path)


@pytest.mark.parametrize("name", ["a" * 5000, "a/" * 3000, "\udcff", "../" * 100])
def test_a_name_that_the_system_refuses_is_refused_in_words(tmp_path, name):
    with pytest.raises(PluginOutputError):
        check_outputs(read_outputs({"output_files": [name]}, tmp_path), [tmp_path])
