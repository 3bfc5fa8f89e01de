"""What a server tells another filmeto of its plugins, and has built for it."""

import shutil
import stat

import httpx
import pytest
from serving import PLUGINS, read_stream, serving

from filmeto_core.plugin_host.manifest_model import Manifest

MANIFESTS = "/api/v1/plugins/manifests"
BROKEN = """
name: studio
description: Needs what nobody can install
tools:
  - name: text2image
    parameters: [{name: prompt, type: string, required: true}]
"""


@pytest.fixture
def studio(tmp_path, monkeypatch, home):
    """A server with a plugin whose environment cannot be built."""
    folder = tmp_path / "plugins" / "studio"
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(BROKEN)
    (folder / "main.py").write_text("raise SystemExit('never started')")
    (folder / "requirements.txt").write_text(f"gone @ file://{tmp_path}/gone-1-py3-none-any.whl")
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))
    with serving() as served, served.client() as client:
        yield client


def plugins(client: httpx.Client) -> dict[str, dict]:
    told = client.get(MANIFESTS).json()
    return {plugin["manifest"]["name"]: plugin for plugin in told["plugins"]}


def test_manifests_are_whole_and_fingerprints_are_those_that_keys_have(served, client):
    registry, told = served.desk.service.registry, plugins(client)
    assert list(told) == [plugin.name for plugin in registry.plugins]
    for plugin in registry.plugins:
        assert Manifest.model_validate(told[plugin.name]["manifest"]) == plugin.manifest
        assert told[plugin.name]["fingerprint"] == plugin.fingerprint()


def test_prices_that_stand_in_a_variable_here_are_told_as_they_are(served, client, monkeypatch):
    monkeypatch.setenv("HOSTED_QUEUE_PRICING", "0")
    assert plugins(client)["hosted_queue"]["manifest"]["pricing"] == 0


def test_an_unchanged_answer_is_not_sent_again_and_a_changed_plugin_is(home, tmp_path, monkeypatch):
    shutil.copytree(PLUGINS / "quick", tmp_path / "shelf" / "quick")
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "shelf"))
    with serving() as served, served.client() as client:
        first = client.get(MANIFESTS)
        same = client.get(MANIFESTS, headers={"If-None-Match": first.headers["ETag"]})
        assert same.status_code == 304 and not same.content
        before = plugins(client)["quick"]["fingerprint"]
        with (tmp_path / "shelf" / "quick" / "main.py").open("a") as main:
            main.write("# another version\n")
        changed = client.get(MANIFESTS, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200
        assert plugins(client)["quick"]["fingerprint"] != before


def test_problems_do_not_tell_where_on_the_disk_the_plugins_lie(served, client):
    told = client.get(MANIFESTS)
    assert any(problem["file"] == "seed_style/plugin.yaml" for problem in told.json()["problems"])
    assert str(PLUGINS) not in told.text and str(served.desk.service.settings.home) not in told.text


def test_the_name_of_the_data_folder_is_its_owners_to_read(served, client):
    path = served.desk.service.settings.serve_dir / "home-id"
    home = client.get(MANIFESTS).json()["home"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() not in home and client.get(MANIFESTS).json()["home"] == home


def test_an_environment_that_cannot_be_built_is_told_as_an_error(studio):
    events = [event for _, event in read_stream(studio, "POST", "/api/v1/plugins/studio/prepare")]
    assert events[-1]["_type"] == "error" and events[-1]["code"] == "plugin_environment"
    assert events[-1]["details"]["hint"]


def test_an_environment_that_is_there_is_ready_at_once(client):
    (last,) = [e for _, e in read_stream(client, "POST", "/api/v1/plugins/quick/prepare")]
    assert last == {"_type": "result", "plugin": "quick"}


def test_nobodys_environment_is_not_found(client):
    answer = client.post("/api/v1/plugins/quik/prepare")
    assert answer.status_code == 404 and 'Did you mean "quick"' in answer.json()["message"]


def test_validating_tells_what_posting_would_be_refused_for(client, asked):
    fine = client.post("/api/v1/tasks/validate", json=asked()).json()
    assert fine == {"valid": True, "error": None, "problem": None}
    told = client.post("/api/v1/tasks/validate", json=asked(steps=0)).json()
    assert not told["valid"] and "steps" in told["error"]
    assert told["problem"]["code"] == "validation" and told["problem"]["status"] == 422
    assert client.get("/api/v1/tasks").json()["tasks"] == [] and asked.calls() == 0
