from pathlib import Path

import pytest

from filmeto_core.errors import ValidationError
from filmeto_core.profiles import find_project, read_project
from filmeto_core.types import ToolType


def project(folder, text):
    path = folder / "filmeto.yaml"
    path.write_text(text, encoding="utf-8")
    return read_project(path)


def chosen(profile, tool, language=None):
    choice = profile.choice(tool, language)
    return choice.plugins if choice else None


def test_without_a_file_the_animatic_profile_is_there(tmp_path):
    animatic = find_project(tmp_path).profile()
    assert animatic.name == "animatic"
    assert chosen(animatic, ToolType.TEXT2IMAGE) == ("sketch",)
    assert chosen(animatic, ToolType.TEXT2SPEAK, "en-GB") == ("piper", "espeak")
    assert chosen(animatic, ToolType.TEXT2SPEAK, "zh") == ("espeak",)
    assert chosen(animatic, ToolType.IMAGE2IMAGE) == ("darkroom",)


def test_the_nearest_file_upwards_is_the_project(tmp_path):
    project(tmp_path, "profiles: {animatic: {text2image: mine}}")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    found = find_project(below)
    assert found.path == tmp_path / "filmeto.yaml"
    assert chosen(found.profile(), ToolType.TEXT2IMAGE) == ("mine",)
    assert chosen(found.profile(), ToolType.IMAGE2VIDEO) == ("camera",)


def test_a_profile_extends_another_and_gives_parameters(tmp_path):
    text = """
profiles:
  studio:
    extends: animatic
    text2image: {plugin: comfyui, parameters: {steps: 30}}
"""
    studio = project(tmp_path, text).profile("studio")
    assert chosen(studio, ToolType.TEXT2IMAGE) == ("comfyui",)
    assert studio.choice(ToolType.TEXT2IMAGE).options[0].parameters == {"steps": 30}
    assert chosen(studio, ToolType.TEXT2MUSIC) == ("score",)


def test_plugin_folders_are_relative_to_the_file(tmp_path):
    (tmp_path / "plugins").mkdir()
    assert project(tmp_path, "plugins: ./plugins").plugin_folders == (tmp_path / "plugins",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profile: {}", 'profile: unknown key. Did you mean "profiles"?'),
        ("profiles: [a]", "profiles: expected a mapping"),
        ("profiles: {a: {text2imag: x}}", 'no such tool. Did you mean "text2image"?'),
        ("profiles: {a: {text2image: 3}}", "expected a plugin's name or a list of them, got 3"),
        ("profiles: {a: {text2image: []}}", "expected a plugin's name or a list of them"),
        (
            "profiles: {a: {text2image: {plugin: x, parms: {}}}}",
            'parms: unknown key. Did you mean "parameters"',
        ),
        (
            "profiles: {a: {text2image: {plugin: x, queue: a b}}}",
            "text2image.queue: expected a work queue's name, such as gpu, got 'a b'",
        ),
        ("profiles: {a: {extends: animatik}}", 'no profile "animatik". Did you mean "animatic"?'),
        ("profiles: {a: {extends: b}, b: {extends: a}}", "a circle"),
        ("plugins: ./nowhere", "there is no folder"),
        ("plugins: [1]", "expected a folder or a list of folders"),
        ("grant: {}", 'grant: unknown key. Did you mean "grants"?'),
        ("grants: [a]", "grants: expected a mapping"),
        ("grants: {a: yes}", "grants.a: expected a mapping, got True"),
        ("grants: {a: {wirte: []}}", 'grants.a.wirte: unknown key. Did you mean "write"?'),
        ("grants: {a: {files: []}}", "unknown key. Keys: write, environment, sandbox."),
        (
            "grants: {a: {write: 3}}",
            "grants.a.write: expected a folder or a list of folders, got 3",
        ),
        ("grants: {a: {write: ./nowhere}}", "grants.a.write: there is no folder"),
        ("grants: {a: {environment: [A=b]}}", "got 'A=b'. Names alone"),
        ("grants: {a: {environment: {A: b}}}", "expected the name of a variable or a list"),
        ("grants: {a: {sandbox: no thanks}}", "grants.a.sandbox: expected true or false"),
        ("profiles: {a: ", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(tmp_path, text, said):
    with pytest.raises(ValidationError) as caught:
        project(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "filmeto.yaml") in str(caught.value)


def test_grants_are_read_with_their_paths_from_the_file_and_from_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    (tmp_path / "me" / "models").mkdir(parents=True)
    text = (
        "grants: {comfyui: {write: [~/models, .], environment: HF_TOKEN}, brush: {sandbox: false}}"
    )
    grants = project(tmp_path, text).grants
    assert grants["comfyui"].write == (tmp_path / "me" / "models", tmp_path)
    assert grants["comfyui"].environment == ("HF_TOKEN",)
    assert grants["comfyui"].sandbox is None
    assert grants["brush"].sandbox is False
    assert project(tmp_path, "grants:").grants == {}
    assert project(tmp_path, "grants: {a: }").grants["a"].write == ()


def test_the_grants_in_the_docs_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("models", "renders"):
        (tmp_path / name).mkdir()
    page = (Path(__file__).parents[1] / "docs" / "trust.md").read_text()
    grants = project(tmp_path, page.split("```yaml\n")[1].split("```")[0]).grants
    assert grants["comfyui"].write == (tmp_path / "models", tmp_path / "renders")
    assert grants["my_own"].sandbox is False


def test_an_unknown_profile_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ValidationError, match='no profile "animatik". Did you mean "animatic"'):
        find_project(tmp_path).profile("animatik")
