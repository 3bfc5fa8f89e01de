"""The conformance kit: planted defects are each found by the one check that is theirs."""

import time

import pytest

from filmeto_core import process
from filmeto_core.errors import ValidationError
from filmeto_core.plugin_host.grants import Grant

SEED = {}  # seed_style declares no width


def failed(report):
    return [check.id for check in report.failures]


def test_a_new_plugin_passes_without_a_note(brush, checked):
    report = checked(brush)
    assert {check.id: check.found for check in report.checks if check.state != "ok"} == {}
    assert report.to_dict()["passed"] is True


def test_a_plugin_of_the_seed_design_passes_with_notes(copied, checked):
    report = checked(copied("seed_style"), SEED)
    assert failed(report) == []
    noted = {check.id for check in report.checks if check.state == "note"}
    assert {"manifest", "protocol", "stdout", "text2image.progress", "text2image.outputs"} <= noted
    assert "plugin.yaml:7: category" in report.of("manifest").found
    assert "Loading the model" in report.of("stdout").found


# --- planted defects: a file, what stands there, what stands there instead, which check fails -----

IN_MANIFEST = [
    ("type: string\n        required: true", "type: words\n        required: true", "manifest"),
    ("name: prompt\n", "name: subject\n", "text2image.parameters"),
]
IN_MAIN = [
    ("run(text2image=text2image)", "import time; time.sleep(600)", "ready"),
    ("run(text2image=text2image)", "raise OSError('no weights')", "ready"),
    ("run(", "print('loading 10 %', end='')\n    run(", "stdout"),
]
PROMPT = '    prompt = wanted["prompt"].strip()\n'
IN_TOOL = [
    (PROMPT, PROMPT + "    raise PluginError('out of paint')\n", "text2image.call"),
    ("95 * y / height", "9500 * y / height", "text2image.progress"),
    ("95 * y / height", "95 - 95 * y / height", "text2image.progress"),
    ("95 * y / height", "float('nan')", "text2image.progress"),
    ('random.Random(f"{prompt}|{seed}")', "random.Random()", "text2image.seed"),
    ("write_png(path, width, height, rows)", "open(path, 'w').write('sea')", "text2image.outputs"),
    ('Output(path, "image/png"', 'Output(path, "audio/wav"', "text2image.outputs"),
    (
        PROMPT,
        PROMPT + "    import subprocess\n    subprocess.Popen(['sleep', '60'])\n",
        "processes",
    ),
    (
        PROMPT,
        PROMPT + "    import subprocess\n"
        "    subprocess.Popen(['sleep', '60'], start_new_session=True)\n",
        "processes",
    ),
    (PROMPT, PROMPT + "    open('scratch.tmp', 'a').write('x')\n", "folder"),
    (
        "call.check_cancelled()",
        "import time; time.sleep(0.1); time.sleep(60 if call.cancelled else 0)",
        "text2image.cancel",
    ),
    (
        PROMPT,
        PROMPT + "    import builtins, os\n    if hasattr(builtins, 'again'):\n"
        "        os._exit(9)\n    builtins.again = True\n",
        "text2image.again",
    ),
]
IN_SEED_STYLE = [
    ('"output_files": [relative]', '"output_files": [relative + ".gone"]', "text2image.outputs"),
    (
        'task_id, parameters = task["task_id"], task["parameters"]',
        'task_id, parameters = task["task_id"], task["parameters"]\n'
        '        if task["tool_name"] != "text2image":\n            sys.exit(3)',
        "unknown tool",
    ),
    ('"percent": percent', '"percent": f"{percent} %"', "text2image.progress"),
    ("print(json.dumps(", "print('> ' + json.dumps(", "stdout"),
]


def named(defects):
    return pytest.mark.parametrize(
        ("old", "new", "check"), defects, ids=[f"{d[2]}-{n}" for n, d in enumerate(defects)]
    )


@named(IN_MANIFEST)
def test_a_defect_in_the_manifest_fails_its_check_alone(brush, checked, edit, old, new, check):
    edit(brush / "plugin.yaml", old, new)
    report = checked(brush)
    assert failed(report) == [check], report.to_dict()


@named(IN_MAIN)
def test_a_defect_at_the_start_fails_its_check_alone(brush, checked, edit, old, new, check):
    edit(brush / "main.py", old, new)
    edit(brush / "plugin.yaml", "timeout: 60", "timeout: 1")
    report = checked(brush)
    assert failed(report) == [check], report.to_dict()


@named(IN_TOOL)
def test_a_defect_in_the_tool_fails_its_check_alone(brush, checked, edit, old, new, check):
    edit(brush / "text2image.py", old, new)
    report = checked(brush)
    assert failed(report) == [check], report.to_dict()


@named(IN_SEED_STYLE)
def test_a_defect_in_a_loop_of_its_own_fails_its_check_alone(
    copied, checked, edit, old, new, check
):
    folder = copied("seed_style")
    edit(folder / "main.py", old, new)
    report = checked(folder, SEED)
    assert failed(report) == [check], report.to_dict()


def test_a_requirement_that_cannot_be_had_fails_the_environment_alone(brush, checked):
    with open(brush / "requirements.txt", "a") as file:
        file.write("paint @ file:///no/such/paint-1.0-py3-none-any.whl\n")
    report = checked(brush)
    assert failed(report) == ["environment"]
    assert "paint" in report.of("environment").found


def test_a_call_that_takes_too_long_fails_within_the_time_that_it_is_given(brush, checked, edit):
    edit(brush / "text2image.py", PROMPT, PROMPT + "    import time; time.sleep(600)\n")
    started = time.monotonic()
    report = checked(brush, timeout_s=0.5)
    assert failed(report) == ["text2image.call"]
    assert "--timeout" in report.of("text2image.call").advice
    assert time.monotonic() - started < 15


def test_a_plugin_that_does_not_end_with_its_stdin_is_noted(copied, checked, edit):
    folder = copied("seed_style")
    edit(folder / "main.py", "                break", "                time.sleep(600)")
    report = checked(folder, SEED)
    assert failed(report) == []
    assert report.of("end").state == "note"


@pytest.mark.skipif(process.fence_version() == 0, reason="the kernel has no Landlock")
def test_a_plugin_that_writes_where_it_may_not_is_told_what_to_grant(brush, checked, edit):
    place = brush.parent / "elsewhere"
    place.mkdir()
    write = f"    open('{place}/scratch.txt', 'w').write('x')\n"
    edit(brush / "text2image.py", PROMPT, PROMPT + write)
    report = checked(brush)
    assert failed(report) == ["text2image.call"]
    assert "grants:" in report.of("text2image.call").advice
    allowed = checked(brush, grant=Grant(write=(place,)))
    assert failed(allowed) == []


# --- what is skipped, noted, refused --------------------------------------------------------------


def test_what_the_machine_lacks_is_a_reason_and_no_failure(brush, checked, edit):
    edit(brush / "plugin.yaml", "  # programs: [ffmpeg] ", "  programs: [no-such-program]  #")
    report = checked(brush)
    assert failed(report) == []
    assert "no-such-program" in report.of("needs").found
    assert report.of("ready").state == "skipped"


def test_a_plugin_that_says_it_is_not_deterministic_is_not_compared(brush, checked, edit):
    edit(brush / "text2image.py", 'random.Random(f"{prompt}|{seed}")', "random.Random()")
    edit(brush / "plugin.yaml", "deterministic: true", "deterministic: false")
    assert failed(checked(brush)) == []


def test_unknown_keys_are_noted_with_their_lines(brush, checked, edit):
    edit(brush / "plugin.yaml", "engine: none", "motor: none")
    report = checked(brush)
    assert report.of("manifest").state == "note"
    assert "plugin.yaml:7: motor" in report.of("manifest").found


def test_a_value_for_a_parameter_that_no_tool_has_is_refused(brush, checked):
    with pytest.raises(ValidationError, match='Did you mean "width"'):
        checked(brush, {"widht": 32})


def test_each_check_is_told_as_it_is_made(brush, checked):
    told, doing = [], []
    report = checked(brush, heard=told.append, say=doing.append)
    assert told == report.checks
    assert "starting it" in doing
