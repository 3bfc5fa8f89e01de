"""What the error of every fault tells: who, what was expected and came, how it ended, what to do."""

import asyncio

import pytest

from filmeto_core.errors import (
    FilmetoError,
    PluginCrashed,
    PluginExecutionError,
    PluginOutputError,
    PluginProtocolError,
    PluginStartError,
    TimeoutError,
)

# plugin, how, the error, what it says of what was expected and what came, details of an end, and
# the last line that the plugin wrote to stderr.
FAULTS = [
    ("crash", "kill", PluginCrashed, ["ended by SIGKILL", "not answered"], {"signal": "SIGKILL"}),
    ("crash", "exit0", PluginCrashed, ["exit code 0", "not answered"], {"exit_code": 0}),
    ("crash", "", PluginCrashed, ["exit code 5", "not answered"], {"exit_code": 5}),
    ("raw", "dies within a line", PluginCrashed, ["exit code 7"], {"exit_code": 7}),
    ("raw", "a child holds the pipes", PluginCrashed, ["exit code 4"], {"exit_code": 4}),
    ("raw", "floods stderr and dies", PluginCrashed, ["exit code 3"], {"exit_code": 3}),
    ("exits_early", "", PluginStartError, ["exit code 1", "not ready"], {"exit_code": 1}),
    ("never_ready", "", TimeoutError, ["not ready within 0.5 s"], {}),
    ("raw", "waits", TimeoutError, ["longer than the 0.3 s"], {}),
    ("raw", "stops", TimeoutError, ["longer than the 0.3 s"], {}),
    ("raw", "ignores all", TimeoutError, ["longer than the 0.3 s"], {}),
    ("raw", "beats then hangs", TimeoutError, ["nothing was heard of it for 0.3 s"], {}),
    ("raw", "null", PluginProtocolError, ["expected a result with `status`", "got None"], {}),
    ("raw", "no status", PluginProtocolError, ["expected a result", "got {'task_id'"], {}),
    ("raw", "too long", PluginProtocolError, ["a line of more than 24 MiB"], {}),
    ("raw", "closes stdout", PluginProtocolError, ["closed its stdout and ran on"], {}),
    ("raw", "closes stdin", PluginProtocolError, ["closed its stdin and ran on"], {}),
    ("raw", "rpc error", PluginExecutionError, ["no film in the camera", "-32050"], {}),
]
LAST_WORDS = {
    "crash": "the last words of a plugin",
    "raw": "asked for '{how}'",
    "exits_early": "ModuleNotFoundError: No module named 'a_module_that_nobody_has'",
    "never_ready": "still loading",
}


def error_of(studio, plugin, how, **rest):
    """The error of one call."""

    async def go():
        async with asyncio.timeout(5):
            with pytest.raises(FilmetoError) as failed:
                await studio.run(plugin, how, **rest)
        return failed.value

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("plugin", "how", "kind", "says", "end"), FAULTS, ids=[f"{f[0]} {f[1]}" for f in FAULTS]
)
def test_an_error_tells_who_what_how_it_ended_the_last_words_and_what_to_do(
    studio, plugin, how, kind, says, end
):
    timeout_s = 0.3 if how in ("waits", "stops", "ignores all") else 3
    error = error_of(studio, plugin, how, task_id="the-task", timeout_s=timeout_s)
    assert type(error) is kind
    where = {"tool": "text2image", "plugin": plugin, "task_id": "the-task"}
    assert {**where, **end}.items() <= error.details.items()
    assert str(error).startswith(f"text2image · {plugin}: ")
    for words in says:
        assert words in str(error)
    lines = error.details["stderr"].splitlines()
    words = LAST_WORDS[plugin].format(how=how)
    assert words in lines or how == "floods stderr and dies"
    assert len(lines) <= 20
    assert error.hint.endswith(".") and str(error).endswith(error.hint)
    told = error.to_dict()
    assert FilmetoError.from_dict(told).to_dict() == told


@pytest.mark.parametrize(
    ("what", "says"),
    [("missing", "is not there"), ("empty", "is empty"), ("link out", "is a link to /etc")],
)
def test_the_error_of_an_output_tells_who_which_file_and_what_to_do(studio, what, says):
    error = error_of(studio, "raw", "makes", prompt=what, task_id="the-task")
    assert type(error) is PluginOutputError
    where = {"tool": "text2image", "plugin": "raw", "task_id": "the-task"}
    assert where.items() <= error.details.items()
    assert "made.png" in str(error) and says in str(error)
    assert "asked for 'makes'" in error.details["stderr"]
    assert error.hint.endswith(".")
