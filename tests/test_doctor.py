"""What the doctor says of the sandbox and of grants."""

from pathlib import Path

import pytest
from serving import serving

from filmeto_core import doctor, process


@pytest.fixture
def found(home):
    """A function: the findings of this name."""
    return lambda what: [finding for finding in doctor.examine() if finding.what == what]


@pytest.mark.skipif(process.fence_version() < 3, reason="this kernel has no such Landlock")
def test_a_kernel_that_can_sandbox_is_well(found):
    (finding,) = found("sandbox")
    assert (finding.state, finding.found[:8]) == ("ok", "Landlock")


def test_without_a_sandbox_it_says_what_plugins_can_do_and_goes_on(found, monkeypatch):
    monkeypatch.setenv("FILMETO_PORTABLE", "1")
    (finding,) = found("sandbox")
    assert finding.state == "note"
    assert "can write wherever you can" in finding.found
    assert "FILMETO_PORTABLE" in finding.advice


@pytest.mark.parametrize(("version", "said"), [(0, "Linux 5.13"), (1, "Linux 6.2")])
def test_an_older_kernel_is_told_with_the_one_to_have(found, monkeypatch, version, said):
    monkeypatch.setattr(doctor, "fence_version", lambda portable: version)
    (finding,) = found("sandbox")
    assert finding.state == "note" and said in finding.advice


def test_a_grant_for_a_plugin_that_is_not_there_is_told(found):
    Path("filmeto.yaml").write_text("grants: {skech: {environment: A}, score: {}}")
    (finding,) = found("grants")
    assert 'Did you mean "sketch"?' in finding.found and "filmeto.yaml" in finding.advice


def test_a_shared_store_is_told_of_where_there_is_to_be_one(found, monkeypatch, tmp_path):
    assert found("shared store") == []
    share = tmp_path / "share"
    monkeypatch.setenv("FILMETO_STORE_URL", str(share))
    (finding,) = found("shared store")
    assert finding.state == "note" and "mount it" in finding.found
    share.mkdir()
    (finding,) = found("shared store")
    assert finding.state == "ok" and "nothing in it yet" in finding.found
    monkeypatch.setenv("FILMETO_STORE_URL", "s3:/bucket")
    (finding,) = found("shared store")
    assert finding.state == "missing" and "s3://bucket/prefix" in finding.advice
    assert found("plugins") == [] and found("plugin sketch")


def test_a_server_that_computes_calls_is_told_of_and_one_that_is_away_as_missing(
    found, monkeypatch
):
    assert found("filmeto server") == []
    with serving() as served:
        monkeypatch.setenv("FILMETO_API_URL", served.url)
        (told,) = found("filmeto server")
        assert told.state == "ok" and told.found.startswith(served.url)
    (away,) = found("filmeto server")
    assert away.state == "missing" and "filmeto serve" in away.advice
