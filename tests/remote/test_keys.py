"""A server that asks for keys: whose they are, what they keep out, and what they cannot reach."""

import asyncio
import shutil
from pathlib import Path

import pytest
from serving import PLUGINS, read_stream, serving

from filmeto_core import FilmetoApi, ResourceInput
from filmeto_core.errors import ForbiddenError, UnauthorizedError
from filmeto_core.place import Place
from filmeto_core.remote.remote_service import RemoteService
from filmeto_core.service import Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask
from filmeto_core.web.keys import KeyFile

LIGHTHOUSE = Path(__file__).resolve().parents[2] / "docs" / "lighthouse.jpg"


@pytest.fixture
def keys(home, monkeypatch):
    """The file of keys of this test's server."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    return KeyFile(Settings().serve_dir)


@pytest.fixture
def locked(keys):
    """A server that asks everybody for a key."""
    secrets = {scope: keys.add(scope, "acme", (scope,))[1] for scope in ("run", "read")}
    with serving(require_keys=True) as served:
        served.secrets = secrets
        yield served


def picture(prompt="a boat"):
    return FilmetoTask(tool_name="text2image", plugin_name="quick", parameters={"prompt": prompt})


def clip_of(path):
    return FilmetoTask(
        tool_name="image2video",
        plugin_name="quick",
        parameters={"duration_s": 0.2},
        resources=[ResourceInput(type="local_path", data=str(path))],
    )


def call(service, task, **options):
    checked = service.check(task)
    return asyncio.run(service.call(checked, lambda _told: None, Reuse.ALWAYS, **options))


async def read(api, task):
    return [update async for update in api.execute_task_stream(task)]


def test_without_a_key_or_with_a_wrong_one_nothing_is_done(locked, filmeto):
    for key in ("", "fk_nobodys"):
        with pytest.raises(UnauthorizedError):
            RemoteService(Settings(api_url=locked.url, api_key=key))
    done = filmeto("tools", FILMETO_API_URL=locked.url)
    assert done.returncode == 2 and "key" in done.stderr


def test_a_key_that_may_only_read_lists_and_runs_nothing(locked):
    api = FilmetoApi(base_url=locked.url, api_key=locked.secrets["read"])
    assert api.list_tools()
    with pytest.raises(ForbiddenError, match="run"):
        asyncio.run(read(api, picture()))


def test_a_tenants_inputs_are_sent_where_its_key_may_name_no_path(locked, tmp_path):
    here = RemoteService(Settings(api_url=locked.url, api_key=locked.secrets["run"]))
    assert here.shares_home
    mine = shutil.copy(LIGHTHOUSE, tmp_path / "mine.jpg")
    assert call(here, clip_of(mine)).record.outputs[0].type == "video"
    here.close_sync()


def test_files_go_to_a_server_with_keys_from_python_as_well(locked, tmp_path):
    api = FilmetoApi(base_url=locked.url, api_key=locked.secrets["run"])
    mine = shutil.copy(LIGHTHOUSE, tmp_path / "mine.jpg")
    assert api.validate_task(clip_of(mine)) == (True, None)
    assert asyncio.run(read(api, clip_of(mine)))[-1].status == "success"


def test_results_are_fetched_with_the_key(locked, tmp_path):
    settings = Settings(
        api_url=locked.url, api_key=locked.secrets["run"], home=tmp_path / "elsewhere"
    )
    far = RemoteService(settings)
    output = call(far, picture()).record.outputs[0]
    assert Path(output.path).is_relative_to(settings.store_dir)
    far.close_sync()


def test_a_tenants_calls_are_noted_under_its_own_name_there_and_in_its_run_here(locked):
    here = RemoteService(Settings(api_url=locked.url, api_key=locked.secrets["run"]))
    run_id = here.journal.begin_run("film", "story", options={})
    call(here, picture(), place=Place(run_id, "/films/story", "dawn"))
    here.close_sync()
    for name in (run_id, f"acme:{run_id}"):
        (noted,) = here.journal.calls(name)
        assert (noted.shot, noted.state, noted.cached) == ("dawn", "done", False)


def test_a_tenant_cannot_note_a_call_in_anybodys_film(locked):
    body = {
        "tool_name": "text2image",
        "plugin_name": "quick",
        "parameters": {"prompt": "a boat"},
        "call": {"id": "theirs", "place": {"run_id": "r1", "film": "/films/anothers"}},
    }
    key = {"Authorization": f"Bearer {locked.secrets['run']}"}
    with locked.client(headers=key) as client:
        read_stream(client, "POST", "/api/v1/tasks/execute", json=body)
    journal = locked.desk.service.journal
    assert journal.calls("r1") == [] and journal.last_calls("/films/anothers") == {}
    (noted,) = journal.calls("acme:r1")
    assert noted.id != "theirs"


def test_the_key_is_in_no_message_and_no_listing_of_settings(locked):
    secret = locked.secrets["read"]
    api = FilmetoApi(base_url=locked.url, api_key=secret)
    with pytest.raises(ForbiddenError) as caught:
        asyncio.run(read(api, picture()))
    assert secret not in str(caught.value) and secret not in repr(caught.value.to_dict())
    assert secret not in repr(Settings(api_url=locked.url, api_key=secret))
