"""What the doctor says of the sandbox and of grants."""

from pathlib import Path

import pytest

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
