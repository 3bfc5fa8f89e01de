"""Why a call is made anew: what differs from the last one, and nothing that merely follows from it."""

from datetime import UTC, datetime

import pytest

from filmeto_core.call import check_call
from filmeto_core.journal.models import Call
from filmeto_core.plan.reasons import changes, in_words
from filmeto_core.service import FilmetoService
from filmeto_core.types import FilmetoTask, ToolType


@pytest.fixture
def here(home):
    return FilmetoService()


def checked(here, prompt="a boat", plugin="sketch", take=1, **parameters):
    task = FilmetoTask(
        tool_name=ToolType.TEXT2IMAGE,
        plugin_name=plugin,
        parameters={"prompt": prompt, **parameters},
        metadata={"take": take},
    )
    return check_call(task, here.registry, here.project.profile("animatic"))


def call(made, **other) -> Call:
    """The journal's note of a checked call, with something else about it."""
    told = {
        "plugin": made.plugin.name,
        "plugin_version": made.plugin.version,
        "fingerprint": made.plugin.fingerprint(),
        "parameters": made.parameters,
        "take": made.take,
        **other,
    }
    return Call(
        id="1",
        run_id="2",
        shot="dawn",
        tool=str(made.tool),
        state="done",
        started_at=datetime.now(UTC),
        **told,
    )


def why(last: Call, now, own_seed=False) -> str:
    return in_words(changes(last, now, [], own_seed=own_seed), now.plugin.name)


def test_an_unchanged_call_has_no_reason(here):
    assert why(call(checked(here)), checked(here)) == ""


def test_the_seed_that_follows_from_a_prompt_is_no_change_of_its_own(here):
    said = why(call(checked(here)), checked(here, "a ship at night"))
    assert said == 'prompt changed "a boat" to "a ship at night"'


def test_a_seed_that_is_asked_for_is(here):
    assert why(call(checked(here)), checked(here, seed=7), own_seed=True) == "seed none to 7"
    assert why(call(checked(here, seed=7)), checked(here)) == "seed 7 to none"


def test_a_size_is_one_change(here):
    said = why(call(checked(here, width=1280, height=720)), checked(here, width=640, height=360))
    assert said == "size 1280x720 to 640x360"


def test_several_changes_are_all_told(here):
    said = why(call(checked(here)), checked(here, "a ship", take=2))
    assert said == 'take 1 to 2; prompt changed "a boat" to "a ship"'


def test_a_new_version_and_edited_files_are_told_apart(here):
    now = checked(here)
    assert why(call(now, plugin_version="0.9", fingerprint="x"), now) == "sketch 0.9 to 1.1.0"
    assert why(call(now, fingerprint="x"), now) == "sketch's files changed"
    assert why(call(now, fingerprint=""), now) == ""  # not known from back then


def test_another_plugin_is_the_reason_not_its_other_defaults(here):
    last = call(checked(here, plugin="text2image_demo"))
    said = why(last, checked(here))
    assert said.startswith("plugin text2image_demo to sketch")
    assert "seed" not in said


def test_changes_are_data_as_well(here):
    (change,) = changes(call(checked(here)), checked(here, "a ship"), [], own_seed=False)
    assert change.to_dict() == {"field": "prompt", "before": "a boat", "after": "a ship"}
