"""Requests made of the OpenAPI document, in part; tests/proofs/fuzz_api.py sends ten thousand."""

from fuzz_api import fuzz_api


def test_requests_of_every_kind_are_answered_as_the_document_says(tmp_path, environments):
    phases = ("examples", "fuzzing")
    report = fuzz_api(200, 20, tmp_path, environments, per_operation=2, phases=phases)
    assert report.failures == {} and report.traceback_lines == []
    assert report.cases >= 200 and report.statuses[422] > 0 and report.statuses[200] > 0
    assert 500 not in report.statuses
