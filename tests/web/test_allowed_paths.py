"""Paths of the server's machine that callers may name: allowed folders, and what is their own."""

import os
from pathlib import Path

import httpx
import pytest
from PIL import Image
from serving import PLUGINS, read_stream, serving

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.settings import Settings
from filmeto_core.types import ResourceInput
from filmeto_core.web.access import Caller

EXECUTE = "/api/v1/tasks/execute"


@pytest.fixture
def folders(home, monkeypatch, tmp_path):
    """A folder that is open, `open/a.png`, and one beside it that is not, `open-not/b.png`."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    for number, name in enumerate(("open/a.png", "open-not/b.png")):
        path = tmp_path / name
        path.parent.mkdir()
        Image.new("RGB", (8, 8), (number, 0, 0)).save(path)
    return tmp_path


def pass_of(served, tenant, **fields):
    """Headers of a caller of that tenant."""
    served.desk.passes[tenant] = Caller(tenant=tenant, **fields)
    return {"Authorization": f"Bearer {tenant}"}


def executed(client, asked, path, headers=None):
    body = {**asked(str(path)), "resources": [{"type": "local_path", "data": str(path)}]}
    return read_stream(client, "POST", EXECUTE, json=body, headers=headers or {})[-1][1]


def refused(event) -> bool:
    return (event["_type"], event.get("code")) == ("error", "resource")


def test_files_of_an_allowed_folder_may_be_named_and_no_others(folders, asked):
    with serving(allow_paths=(folders / "open",)) as served, served.client() as client:
        assert executed(client, asked, folders / "open/a.png")["status"] == "success"
        outside = [
            folders / "open-not/b.png",
            f"{folders}/open/../open-not/b.png",
            "/etc/passwd",
            "/etc/nothing-of-that-name",
            "~/.ssh/id_rsa",
            "../filmeto.yaml",
            "/dev/zero",
            "/proc/self/environ",
            f"{folders}/home/journal/posted.db",
        ]
        for path in outside:
            told = executed(client, asked, path)
            assert refused(told) and "no file that you may name here" in told["message"]
        assert asked.calls() == 1


def test_without_allowed_folders_no_path_may_be_named(folders, asked):
    with serving() as served, served.client() as client:
        assert refused(executed(client, asked, folders / "open/a.png"))


def test_a_link_that_leads_out_of_an_allowed_folder_is_refused(folders, asked):
    (folders / "open/link.png").symlink_to(folders / "open-not/b.png")
    (folders / "open/folder").symlink_to(folders / "open-not")
    (folders / "open/inner.png").symlink_to("a.png")
    os.mkfifo(folders / "open/fifo")
    with serving(allow_paths=(folders / "open",)) as served, served.client() as client:
        for name in ("link.png", "folder/b.png", "fifo", "."):
            told = executed(client, asked, folders / "open" / name)
            assert refused(told)
            assert "open-not" not in told["message"]
        assert executed(client, asked, folders / "open/inner.png")["status"] == "success"


def test_a_path_that_a_result_named_may_be_sent_back_by_its_tenant_alone(folders, asked):
    with serving() as served, served.client() as client:
        mine = pass_of(served, "acme")
        request = asked("made")
        made = read_stream(client, "POST", EXECUTE, json=request, headers=mine)[-1][1]
        path = made["output_files"][0]
        served.desk.passes.clear()
        with served.client() as local:
            assert refused(executed(local, asked, path))
        own = read_stream(client, "POST", EXECUTE, json=asked("own"))[-1][1]["output_files"][0]
        assert executed(client, asked, own)["status"] == "success"


def test_what_the_command_line_made_is_this_machines_own_tenants(folders, asked):
    with serving() as served, served.client() as client:
        stored = served.desk.service.store.put_file(folders / "open-not/b.png")
        assert executed(client, asked, stored.path)["status"] == "success"


def test_another_tenants_file_of_the_store_may_not_be_named(folders, asked):
    with serving(require_keys=True) as served, served.client() as client:
        stored = served.desk.service.store.put_file(folders / "open/a.png")
        paths, resource = served.desk.tasks.paths, {"type": "local_path", "data": str(stored.path)}
        with pytest.raises(ResourceProcessingError):
            paths.folders(Caller(tenant="acme"), [ResourceInput(**resource)])
        served.desk.owned.add("acme", [(stored.digest, 1)], "upload").result()
        assert stored.path in paths.folders(Caller(tenant="acme"), [ResourceInput(**resource)])
        for tenant in ("other", "local"):
            with pytest.raises(ResourceProcessingError):
                paths.folders(Caller(tenant=tenant), [ResourceInput(**resource)])
        assert client.get("/api/v1/tools").status_code == 401


def test_a_tenants_own_films_may_be_named_and_no_other_tenants(folders, asked):
    for tenant in ("acme", "other"):
        picture = Settings().films_dir / tenant / "f-12345678" / "refs" / "a.png"
        picture.parent.mkdir(parents=True)
        Image.new("RGB", (8, 8), (len(tenant), 9, 9)).save(picture)
    with serving(require_keys=True) as served, served.client() as client:
        headers = pass_of(served, "acme")
        films = Settings().films_dir
        own = films / "acme/f-12345678/refs/a.png"
        assert executed(client, asked, own, headers)["status"] == "success"
        for path in ("other/f-12345678/refs/a.png", "acme/../other/f-12345678/refs/a.png"):
            assert refused(executed(client, asked, f"{films}/{path}", headers))


def test_over_the_unix_socket_its_user_may_name_any_file_and_a_film_may_not(folders, asked):
    path = folders / "s"
    with serving(socket=path) as served:
        transport = httpx.HTTPTransport(uds=str(path))
        with httpx.Client(transport=transport, base_url="http://filmeto", timeout=20) as client:
            told = executed(client, asked, folders / "open-not/b.png")
            assert told["status"] == "success"
            assert Path(told["output_files"][0]).is_file()
            film = pass_of(served, "acme")
            assert refused(executed(client, asked, folders / "open/a.png", film))
            stored = served.desk.service.store.put_file(folders / "open/a.png")
            assert executed(client, asked, stored.path, film)["status"] == "success"
