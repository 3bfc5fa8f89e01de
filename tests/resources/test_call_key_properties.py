"""The cache key of DESIGN: change any one part and it is a miss, change nothing and it is a hit.

Through a real plugin folder, the check of a call and the service's key, on this machine and another.
"""

import copy
import random
import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from filmeto_core.api import FilmetoApi
from filmeto_core.call import check_call
from filmeto_core.plugin_host.discovery import discover
from filmeto_core.profiles import Profile, find_project
from filmeto_core.resources.call_key import call_key
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask, ResourceInput

MANIFEST = """\
name: painter
version: 1.2.0
tools:
  - name: image2image
    parameters:
      - {name: prompt, type: string, required: true}
      - {name: strength, type: float, default: 0.5}
      - {name: steps, type: integer, default: 20}
      - {name: tiled, type: boolean, default: false}
      - {name: palette, type: array, default: [red, 2]}
      - {name: options, type: object, default: {b: 1, a: [1, 2.5]}}
      - {name: seed, type: integer}
"""
MAIN = "from filmeto_plugin import run\nrun(image2image=lambda call: None)\n"
DEFAULTS = {
    "strength": 0.5,
    "steps": 20,
    "tiled": False,
    "palette": ["red", 2],
    "options": {"b": 1, "a": [1, 2.5]},
}


class Machine:
    """A FILMETO_HOME with the plugin's folder, as someone's machine has it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.plugin = self.folder / "plugins" / "painter"
        self.plugin.mkdir(parents=True)
        (self.plugin / "plugin.yaml").write_text(MANIFEST)
        (self.plugin / "main.py").write_text(MAIN)
        (self.plugin / "requirements.txt").write_text("")
        self.open()

    def open(self) -> None:
        """As a new process does."""
        settings = Settings(home=self.folder / "home", plugins=str(self.folder / "plugins"))
        self.registry = discover(settings)
        self.service = FilmetoService(settings, find_project(self.folder), self.registry)

    def picture(self, name: str, shade: int = 1) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (shade, 0, 0)).save(path, format="PNG")
        return path

    def key(self, parameters: dict, picture: Path | None = None, take: int = 1) -> str:
        """The key of a call with this picture as its input."""
        picture = picture or self.folder / "a.png"
        task = FilmetoTask(
            tool_name="image2image",
            plugin_name="painter",
            parameters=parameters,
            resources=[ResourceInput(type="local_path", data=str(picture))],
            metadata={"take": take},
        )
        checked = check_call(task, self.registry, Profile(name="any", tools={}))
        return self.service.key(checked, [self.service.store.put_file(picture).digest])


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    made = Machine(tmp_path_factory.mktemp("here"), "one")
    made.picture("a.png")
    yield made
    made.service.plugins.close_sync()


@pytest.fixture(scope="module")
def other_machine(tmp_path_factory, machine):
    """Another disk, another user's folders, the same plugin copied by hand."""
    made = Machine(tmp_path_factory.mktemp("elsewhere") / "über den wolken", "two")
    shutil.rmtree(made.plugin)
    shutil.copytree(machine.plugin, made.plugin)
    for path in made.plugin.rglob("*"):
        path.touch()
    made.open()
    made.picture("deep/er/b.jpg")
    yield made
    made.service.plugins.close_sync()


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
whole = st.integers(-(2**53), 2**53)
json_values = st.recursive(
    st.none() | st.booleans() | whole | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
asked = st.fixed_dictionaries(
    {"prompt": words.filter(str.strip)},
    optional={
        "strength": st.floats(-1e6, 1e6) | st.integers(-1000, 1000),
        "steps": st.integers(-(2**40), 2**40),
        "tiled": st.booleans(),
        "palette": st.lists(json_values, max_size=3),
        "options": st.dictionaries(words, json_values, max_size=3),
        "seed": st.integers(0, 2**31 - 1),
    },
)
quick = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def has_plain_names(value) -> bool:
    """Whether no two names of an object are one in NFC."""
    if isinstance(value, dict):
        plain = {unicodedata.normalize("NFC", name) for name in value}
        return len(plain) == len(value) and all(map(has_plain_names, value.values()))
    return all(map(has_plain_names, value)) if isinstance(value, list) else True


def otherwise_written(value, chance: random.Random):
    """The same JSON value in another form: order, 1 or 1.0, 0.0 or -0.0, NFC or NFD."""
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {otherwise_written(k, chance): otherwise_written(v, chance) for k, v in items}
    if isinstance(value, (list, tuple)):
        return [otherwise_written(v, chance) for v in value]
    if isinstance(value, str):
        return unicodedata.normalize(chance.choice(["NFC", "NFD"]), value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) and value == 0:
        return chance.choice([0.0, -0.0, 0])
    if isinstance(value, int) and abs(value) <= 2**53:
        return chance.choice([value, float(value)])
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return chance.choice([value, int(value)])
    return value


@quick
@given(asked, st.randoms(use_true_random=False))
def test_however_it_is_written_it_is_the_same_call(machine, parameters, chance):
    assume(has_plain_names(parameters))
    assert machine.key(parameters) == machine.key(otherwise_written(parameters, chance))


@quick
@given(asked, st.sets(st.sampled_from(sorted(DEFAULTS))), st.randoms(use_true_random=False))
def test_a_default_that_is_spelled_out_is_the_same_call(machine, parameters, spelled, chance):
    assume(has_plain_names(parameters))
    short = {k: v for k, v in parameters.items() if k not in spelled}
    long = {**short, **{name: copy.deepcopy(DEFAULTS[name]) for name in spelled}}
    assert machine.key(short) == machine.key(otherwise_written(long, chance))
    assert machine.key(short) == machine.key({**short, **dict.fromkeys(spelled)}), "null: not given"


@quick
@given(asked)
def test_another_machine_has_the_same_keys(machine, other_machine, parameters):
    assume(has_plain_names(parameters))
    here = machine.key(parameters)
    there = other_machine.key(parameters, other_machine.folder / "deep/er/b.jpg")
    assert here == there


def plain(value):
    """The value as JSON means it, so that == is true exactly where the key must be the same."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@quick
@given(asked, asked)
def test_another_value_of_any_parameter_is_another_call(machine, left, right):
    assume(has_plain_names(left) and has_plain_names(right))
    same = plain({**DEFAULTS, **left}) == plain({**DEFAULTS, **right})
    assert (machine.key(left) == machine.key(right)) is same


@quick
@given(asked, st.integers(1, 9), st.integers(1, 9))
def test_another_take_is_another_call(machine, parameters, one, two):
    assume(has_plain_names(parameters))
    keys = machine.key(parameters, take=one), machine.key(parameters, take=two)
    assert (keys[0] == keys[1]) is (one == two)


@quick
@given(
    st.lists(st.sampled_from(["sha256:aa", "sha256:bb", "sha256:cc"]), max_size=4),
    st.lists(st.sampled_from(["sha256:aa", "sha256:bb", "sha256:cc"]), max_size=4),
    st.sampled_from(["tool", "plugin", "fingerprint"]),
    words,
)
def test_inputs_count_in_their_order_and_so_does_who_is_asked(left, right, part, name):
    base = {"tool": "t", "plugin": "p", "fingerprint": "f", "parameters": {}}
    assert (
        call_key(**base, resource_digests=left) == call_key(**base, resource_digests=right)
    ) is (left == right)
    assume(name not in base.values())
    assert call_key(**{**base, part: name}) != call_key(**base)


def test_the_input_counts_by_its_content_alone(machine, tmp_path):
    parameters = {"prompt": "a"}
    here = machine.key(parameters)
    copied = tmp_path / "of another name.bmp"
    shutil.copyfile(machine.folder / "a.png", copied)
    link = tmp_path / "link.png"
    link.symlink_to(copied)
    assert machine.key(parameters, copied) == machine.key(parameters, link) == here
    assert machine.key(parameters, machine.picture("other.png", shade=2)) != here


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plugin.yaml", MANIFEST.replace("1.2.0", "1.2.1")),
        ("plugin.yaml", MANIFEST.replace("default: 20", "default: 20, min: 1")),
        ("main.py", MAIN + "# edited\n"),
        ("requirements.txt", "pyyaml\n"),
        ("weights/model.bin", "0101"),
    ],
)
def test_any_change_of_the_plugin_is_a_miss(tmp_path, name, content):
    made = Machine(tmp_path, "edited")
    made.picture("a.png")
    before = made.key({"prompt": "a"})
    (made.plugin / name).parent.mkdir(exist_ok=True)
    (made.plugin / name).write_text(content)
    made.open()
    assert made.key({"prompt": "a"}) != before


@pytest.mark.parametrize(
    "name", ["outputs/a.png", "__pycache__/main.pyc", ".git/HEAD", "main.log", "node_modules/x.js"]
)
def test_what_is_no_source_of_the_plugin_changes_nothing(tmp_path, name):
    made = Machine(tmp_path, "same")
    made.picture("a.png")
    before = made.key({"prompt": "a"})
    (made.plugin / name).parent.mkdir(exist_ok=True)
    (made.plugin / name).write_text("left by work")
    made.open()
    assert made.key({"prompt": "a"}) == before


def test_a_store_that_is_moved_to_another_machine_is_full_of_hits(tmp_path, home, monkeypatch):
    """Computed here, asked for there: with the same plugin folder copied, nothing runs."""
    import asyncio

    flaky = Path(__file__).resolve().parents[1] / "plugins" / "flaky"
    counter = tmp_path / "calls"

    async def ask(api: FilmetoApi):
        task = FilmetoTask(
            tool_name="text2image",
            plugin_name="flaky",
            parameters={"prompt": "a", "counter": str(counter)},
            metadata={"cache": True},
        )
        return [update async for update in api.execute_task_stream(task)][-1]

    async def made(plugins: Path):
        api = FilmetoApi(plugins_dir=str(plugins), cache_dir=home)
        try:
            return await ask(api)
        finally:
            await api.cleanup()

    for place in ("here", "there"):
        shutil.copytree(flaky, tmp_path / place / "flaky")
    first = asyncio.run(made(tmp_path / "here"))
    for part in ("store", "cache"):
        (tmp_path / "carried").mkdir(exist_ok=True)
        shutil.copytree(home / part, tmp_path / "carried" / part)
        shutil.rmtree(home / part)
        shutil.copytree(tmp_path / "carried" / part, home / part)
    again = asyncio.run(made(tmp_path / "there"))
    assert first.status == again.status == "success", again.error_message
    assert again.metadata["cached"] and not first.metadata["cached"]
    assert counter.read_text() == "call\n"
