"""Manifests: what loads, what is told of, and on which line."""

from pathlib import Path

import pytest
import yaml

from filmeto_core.plugin_host.manifest import read_manifest
from filmeto_core.plugin_host.manifest_lines import load_yaml

GOOD = """\
name: brush
version: 1.0
tools:
  - name: text2image
    description: Paints
    parameters:
      - {name: prompt, type: string, required: true}
      - {name: width, type: integer, default: 512, min: 64, max: 4096}
"""


def read(tmp_path, text):
    """The manifest in a text, and its problems as "line field: reason"."""
    path = tmp_path / "plugin.yaml"
    path.write_text(text, encoding="utf-8")
    manifest, problems = read_manifest(path)
    return manifest, [f"{p.line} {p.field}: {p.reason}" for p in problems]


def test_a_manifest_with_a_list_of_tools_loads(tmp_path):
    manifest, problems = read(tmp_path, GOOD)
    assert problems == []
    assert (manifest.name, manifest.version) == ("brush", "1.0")
    assert manifest.tool("text2image").parameter("width").max == 4096
    assert manifest.execution.concurrency == 1
    assert manifest.startup.timeout == 60


def test_a_manifest_of_the_seed_design_loads_and_unknown_keys_are_reported(tmp_path):
    folder = Path(__file__).parents[1] / "plugins" / "seed_style"
    manifest, problems = read_manifest(folder / "plugin.yaml")
    assert [tool.name for tool in manifest.tools] == ["text2image"]
    assert manifest.execution.max_retries == 2
    assert [(p.line, p.field, p.fatal) for p in problems] == [
        (7, "category", False),
        (18, "parameters[0].label", False),
    ]


def test_all_of_ours_on_top_is_read(tmp_path):
    manifest, problems = read(
        tmp_path,
        GOOD
        + "languages: ['*']\npricing: {per_call: 0.01}\nenvironment: [API_KEY]\n"
        + "resources: {gpu: true, memory: 1GiB, processes: 8, open_files: 64, output: 2GB}\n"
        + "requirements: {python: '>=3.11', packages: [a], programs: [b], environment: [C]}\n"
        + "sandbox: true\ndeterministic: false\n"
        + "execution: {timeout: 9, max_retries: 1, concurrency: 3, idle_timeout: 5,"
        + " heartbeat_timeout: 2}\nstartup: {timeout: 4, health_check: true}\n",
    )
    assert problems == []
    assert manifest.resources.memory == 1024**3
    assert manifest.languages == ("*",)
    assert manifest.execution.heartbeat_timeout == 2


@pytest.mark.parametrize(
    ("gpu", "wanted"),
    [
        ("true", (True, None)),
        ("optional", (False, None)),
        ("6GiB", (True, 6 * 1024**3)),
        ("{required: false, memory: 2GB}", (False, 2 * 10**9)),
        ("false", None),
        ("", None),
    ],
)
def test_what_a_plugin_needs_of_a_gpu_is_told_in_short_or_in_full(tmp_path, gpu, wanted):
    manifest, problems = read(tmp_path, GOOD + f"resources:\n  gpu: {gpu}\n")
    assert problems == []
    found = manifest.resources.gpu
    assert (found and (found.required, found.memory)) == wanted


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("name: brush", "name: ../brush", "1 name: expected 1 to 64 letters"),
        ("name: brush\n", "", "1 name: is missing"),
        ("text2image", "text2img", "4 tools[0].name: expected one of"),
        ("type: integer", "type: intege", "8 tools[0].parameters[1].type: expected one of string"),
        ("default: 512", "default: 12", "8 tools[0].parameters[1].default: width: expected an int"),
        ("default: 512", "default: big", "8 tools[0].parameters[1].default: width: expected an in"),
        ("name: width", "name: prompt", "8 tools[0].parameters[1].name: prompt stands here twice"),
        ("name: width", "name: take", "8 tools[0].parameters[1].name: 'take' is reserved"),
        ("min: 64", "min: 5000", "8 tools[0].parameters[1]: min 5000 is above max 4096"),
        ("version: 1.0", "execution: {timeout: -1}", "2 execution.timeout: Input should be great"),
        ("version: 1.0", "execution: {timeout: .nan}", "2 execution.timeout: Input should be"),
        ("version: 1.0", "resources: {gpu: much}", "2 resources.gpu.memory: expected a size"),
        ("version: 1.0", "resources: {memory: lots}", "2 resources.memory: expected a size"),
        ("tools:", "tool:", "1 tools: expected `tool_type:` or `tools:`"),
        ("version: 1.0", "version: [", "4 : no valid YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_field(tmp_path, old, new, wanted):
    manifest, problems = read(tmp_path, GOOD.replace(old, new, 1))
    assert manifest is None
    assert any(problem.startswith(wanted) for problem in problems), problems


@pytest.mark.parametrize(
    "text", ["", "- a\n", "just words", "\x00", "&a [*a]", "[" * 5000, "a: !!x b"]
)
def test_a_file_that_is_no_manifest_is_a_problem_and_no_exception(tmp_path, text):
    manifest, problems = read(tmp_path, text)
    assert manifest is None and len(problems) >= 1


def test_a_misspelt_key_gets_a_suggestion(tmp_path):
    manifest, problems = read(tmp_path, GOOD + "enviroment: [A]\n")
    assert manifest is not None
    assert problems == ['9 enviroment: not known, and left out. Did you mean "environment"?']


def test_a_reserved_name_in_a_manifest_of_the_seed_design_is_only_reported(tmp_path):
    text = "name: old\ntool_type: text2image\nparameters:\n  - {name: profile, type: string}\n"
    manifest, problems = read(tmp_path, text)
    assert manifest is not None
    assert problems[0].startswith("4 parameters[0].name: 'profile' is reserved")


SAMPLES = [
    GOOD,
    "a: 1\nb: [1.5, true, no, ~, null, 2024-01-02, '5', \"x\\n\", 0x1f, 1_000, .inf]\n",
    "a: |\n  text\n  more\nb: >\n  folded\n  text\nc:\n- {d: }\n- []\n",
    "a: &x {b: 1}\nc: *x\n",
    "base: &b {k: 1}\nuse:\n  <<: *b\n  j: 2\n",
    "a: !!str 5\n",
    "? [1, 2]\n: x\n",
    "a: 1\na: 2\n",
    "",
    "--- 5\n",
]


@pytest.mark.parametrize("text", SAMPLES)
def test_the_quick_reader_gives_what_the_loader_gives(text):
    try:
        wanted = yaml.safe_load(text)
    except yaml.YAMLError:
        assert load_yaml(text)[1] is not None
    else:
        assert load_yaml(text) == (wanted, None)


DOUBLED = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n"
    for a, b in zip("abcdefghijklmnopq", "bcdefghijklmnopqr", strict=True)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{DOUBLED}name: *r", "its aliases stand for more than 100,000 values"),
        (f"{DOUBLED.replace('[', '{<<: [').replace(']', ']}')}", "more than 100,000 values"),
        ("name: &a [*a]", "refers to what it stands in"),
        (f"name: {'[' * 60}{']' * 60}", "more than 50 levels deep"),
        (f"&a name: {'[' * 60}{']' * 60}", "more than 50 levels deep"),
        (f"version: &a 1{':1' * 1000}", "a int of 2,001 characters"),
        ("version: !!bool maybe", "no valid YAML"),
        ("version: !!timestamp soon", "no valid YAML"),
        ("version: !!int ''", "no valid YAML"),
        (f"version: &a 1{':1' * 400}.5", "no valid YAML"),
    ],
)
def test_what_grows_without_end_or_is_no_value_is_told_and_does_not_break_the_reading(
    tmp_path, text, why
):
    manifest, problems = read(tmp_path, text)
    assert manifest is None and len(problems) == 1
    assert why in problems[0]


@pytest.mark.parametrize("size", ["9" * 400, "9" * 400 + "GB"])
def test_a_size_that_no_machine_has_is_told(tmp_path, size):
    manifest, problems = read(tmp_path, GOOD + f"resources: {{memory: {size}}}\n")
    assert manifest is None
    assert "9 resources.memory: expected a size that a machine could have" in problems[0]


def test_a_number_of_ten_thousand_digits_is_told_as_a_value(tmp_path):
    bad = GOOD.replace("default: 512", f"default: 0x{'f' * 900}").replace("64,", "0x1,")
    manifest, problems = read(tmp_path, bad)
    assert manifest is None and "default: width: expected an integer" in problems[0]


def test_a_hundred_problems_of_one_manifest_are_told_and_the_rest_is_not(tmp_path):
    manifest, problems = read(tmp_path, GOOD + "".join(f"key{i}: 1\n" for i in range(5000)))
    assert manifest is not None and len(problems) == 100
