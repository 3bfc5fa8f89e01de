"""A plugin whose calls are jobs at a provider: the check answers it as a host does."""

import shutil
from pathlib import Path

import pytest

from filmeto_core.cli import main
from filmeto_core.plugin_check.check import check_plugin

FOLDER = Path(__file__).resolve().parents[1] / "plugins" / "jobber"


@pytest.fixture
def jobber(home, tmp_path):
    shutil.copytree(FOLDER, tmp_path / "jobber")
    return tmp_path / "jobber"


def found(report, name):
    return [check for check in report.checks if check.name == name]


def test_a_plugin_that_tells_of_its_jobs_passes(jobber):
    report = check_plugin(jobber)
    (jobs,) = found(report, "jobs")
    assert jobs.state == "ok" and "told the job job-" in jobs.found
    assert report.failures == []


def test_a_plugin_that_never_tells_of_one_is_told_what_that_means(jobber):
    main_py = jobber / "main.py"
    main_py.write_text(main_py.read_text().replace("kept = call.submitted(job, 0.5)", "pass"))
    (jobs,) = found(check_plugin(jobber), "jobs")
    assert jobs.state == "note" and "never told" in jobs.found


def test_the_check_spends_nothing_without_leave(jobber, capsys):
    assert main(["plugins", "check", str(jobber)]) == 2
    assert "--spend" in capsys.readouterr().err
    assert not (jobber / "outputs" / "ledger").exists()
