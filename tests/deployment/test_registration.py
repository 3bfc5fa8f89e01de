"""What is registered with Prefect: the same by filmeto and by `prefect deploy --all`."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from filmeto_core.bundled import bundled
from filmeto_core.deployment import POOL, register
from filmeto_core.prefect_api import PrefectApi

ROOT = Path(__file__).resolve().parents[2]
BUILT_IN = ["film/animatic", "talking-shot/talking-shot", "tool/tool", "store-gc/nightly"]
# What Prefect itself says of a deployment, not the file.
PREFECTS_OWN = {"id", "created", "updated", "version", "version_id", "version_info", "last_polled"}
PREFECTS_OWN |= {"created_by", "updated_by", "global_concurrency_limit", "schedules", "status"}


@pytest.fixture
def project(prefect_api, tmp_path):
    (tmp_path / "filmeto.yaml").write_text("profiles: {noir: {extends: animatic}}")
    return tmp_path


@pytest.fixture
def client(prefect_api):
    with get_client(sync_client=True) as client:
        _forget(client)  # what other tests registered
        yield client
        _forget(client)


def _forget(client):
    for name in BUILT_IN + ["film/noir"]:
        with contextlib.suppress(ObjectNotFound):
            client.delete_deployment(client.read_deployment_by_name(name).id)


def told(client, name):
    deployment = client.read_deployment_by_name(name)
    schedules = [(s.slug, s.schedule.cron, s.schedule.timezone) for s in deployment.schedules]
    limit = deployment.global_concurrency_limit
    fields = deployment.model_dump(mode="json", exclude=PREFECTS_OWN)
    return {**fields, "tags": sorted(fields["tags"])}, schedules, limit and limit.limit


def test_prefect_deploy_registers_what_filmeto_does_and_twice_changes_nothing(client, project):
    said = []
    assert set(register(project, said.append)) == {*BUILT_IN, "film/noir"}
    assert len(said) == 5
    register(project, said.append)
    assert len(said) == 5
    ours = {name: told(client, name) for name in BUILT_IN}
    for name in BUILT_IN:
        client.delete_deployment(client.read_deployment_by_name(name).id)
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=bundled("deployments"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in BUILT_IN:
        assert told(client, name) == ours[name]
    with PrefectApi() as api:
        assert {*BUILT_IN, "film/noir"} <= set(api.deployments(POOL))


def test_what_the_user_changed_stays_and_what_filmeto_says_is_set_anew(client, project):
    register(project)
    nightly = client.read_deployment_by_name("store-gc/nightly")
    client.pause_deployment(nightly.id)
    client.update_deployment(
        nightly.id, DeploymentUpdate(concurrency_limit=7, description="another text")
    )
    said = []
    register(project, said.append)
    nightly = client.read_deployment_by_name("store-gc/nightly")
    assert (nightly.paused, nightly.global_concurrency_limit.limit) == (True, 7)
    assert nightly.description.startswith("Removes what nothing needs")
    assert said == ["deployment store-gc/nightly was changed"]


def test_a_film_of_each_profile_names_it_and_a_wrong_value_is_refused(client, project):
    register(project)
    noir = client.read_deployment_by_name("film/noir")
    assert noir.parameters == {"profile": "noir"} and noir.tags == ["film", "filmeto"]
    assert noir.concurrency_options.collision_strategy == "ENQUEUE"
    with pytest.raises((PrefectHTTPStatusError, httpx.HTTPStatusError)) as refused:
        client.create_flow_run_from_deployment(noir.id, parameters={"storyboard": {"shots": []}})
    assert refused.value.response.status_code in (409, 422)
