"""The names that users rely on."""

import pytest

import filmeto_core
import filmeto_core.tasks

NAMES = [
    "FilmetoApi",
    "FilmetoError",
    "FilmetoTask",
    "PluginExecutionError",
    "PluginNotFoundError",
    "ProgressType",
    "ResourceInput",
    "ResourceOutput",
    "ResourceProcessingError",
    "ResourceType",
    "TaskProgress",
    "TaskResult",
    "TimeoutError",
    "ToolType",
    "ValidationError",
]


def test_the_package_exports_just_these_names():
    assert filmeto_core.__all__ == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_export_is_what_it_says(name):
    assert getattr(filmeto_core, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'FilmetoAPI'"):
        _ = filmeto_core.FilmetoAPI


def test_tasks_exports_the_seven_tools_and_the_server():
    tools = [str(tool) for tool in filmeto_core.ToolType]
    assert filmeto_core.tasks.__all__ == sorted([*tools, "ensure_server"])
