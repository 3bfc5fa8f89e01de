"""Manifests that were read before: the same, sooner, and never stale."""

import json

import pytest

from filmeto_core.plugin_host import manifest_cache
from filmeto_core.plugin_host.discovery import discover
from filmeto_core.settings import Settings

MANIFEST = """
name: {name}
version: 1.0
tools:
  - name: text2speak
    parameters:
      - {{name: text, required: true}}
      - {{name: speed, type: float, default: 1, min: 0.5, max: 2}}
execution: {{timeout: 3, concurrency: 2}}
resources: {{gpu: 2GiB, memory: 1GiB}}
requirements: {{python: ">=3.9", packages: numpy}}
pricing: {{per_second: 0.01}}
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings over a folder with three plugins; so few are worth keeping here."""
    monkeypatch.setattr(manifest_cache, "WORTH_KEEPING", 2)
    for name in ("a", "b", "c"):
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.yaml").write_text(MANIFEST.format(name=name))
        (folder / "main.py").write_text("")
    return Settings(home=tmp_path / "home", plugins=str(tmp_path / "plugins"))


@pytest.fixture
def read(monkeypatch):
    """The manifests that were really read."""
    paths = []
    real = manifest_cache.read_manifest

    def note(path):
        paths.append(path.parent.name)
        return real(path)

    monkeypatch.setattr(manifest_cache, "read_manifest", note)
    return paths


def test_unchanged_manifests_are_read_once_and_say_the_same(settings, read):
    first = discover(settings)
    assert {"a", "b", "c"} <= set(read)
    read.clear()
    second = discover(settings)
    assert read == []
    for name in ("a", "sketch"):
        assert second.get(name).manifest == first.get(name).manifest
        assert second.get(name).fingerprint() == first.get(name).fingerprint()


def test_a_changed_one_is_read_again(settings, read, tmp_path):
    discover(settings)
    read.clear()
    manifest = tmp_path / "plugins" / "b" / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("1.0", "1.1"))
    assert discover(settings).get("b").version == "1.1"
    assert read == ["b"]


def test_one_with_a_problem_or_a_value_that_json_has_not_is_always_read(settings, read, tmp_path):
    with open(tmp_path / "plugins" / "a" / "plugin.yaml", "a") as manifest:
        manifest.write("colour: red\n")
    with open(tmp_path / "plugins" / "b" / "plugin.yaml", "a") as manifest:
        manifest.write("pricing: 2026-01-01\n")
    first = discover(settings)
    read.clear()
    second = discover(settings)
    assert read == ["a", "b"]
    assert "not known" in str(second.problems[0])
    assert first.get("b").manifest == second.get("b").manifest


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"reader": 1, "manifests": {}}'])
def test_a_damaged_cache_is_as_none(settings, read, damage):
    discover(settings)
    kept = settings.cache_dir / "manifests.json"
    assert json.loads(kept.read_text())["manifests"]
    kept.write_text(damage)
    read.clear()
    assert discover(settings).get("a").version == "1.0"
    assert len(read) >= 3


def test_a_kept_manifest_that_is_none_any_more_is_read_again(settings, read):
    discover(settings)
    kept = settings.cache_dir / "manifests.json"
    told = json.loads(kept.read_text())
    for entry in told["manifests"].values():
        entry[1]["tools"] = "none"
    kept.write_text(json.dumps(told))
    assert discover(settings).get("a").manifest.tools[0].name == "text2speak"
