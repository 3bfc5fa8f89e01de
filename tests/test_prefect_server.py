import os
import socket

import pytest

from filmeto_core.errors import FilmetoError
from filmeto_core.prefect_server import (
    configured_url,
    ensure_server,
    healthy,
    ui_url,
)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    for name in [n for n in os.environ if n.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    return tmp_path


def test_the_variable_says_where_the_api_is(bare, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://studio:4200/api/")
    assert configured_url() == "http://studio:4200/api"


def test_the_active_profile_says_where_the_api_is(bare):
    text = 'active = "work"\n[profiles.work]\nPREFECT_API_URL = "http://studio:4200/api"\n'
    (bare / "profiles.toml").write_text(text)
    assert configured_url() == "http://studio:4200/api"


def test_otherwise_it_is_this_machines(bare, monkeypatch):
    assert configured_url() == "http://127.0.0.1:4200/api"
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "4299")
    assert configured_url() == "http://127.0.0.1:4299/api"
    assert ui_url(configured_url()) == "http://127.0.0.1:4299"


def test_people_look_where_the_settings_say(bare, monkeypatch):
    monkeypatch.setenv("PREFECT_UI_URL", "https://films.studio/")
    assert ui_url("http://prefect:4200/api") == "https://films.studio"


def test_a_damaged_profiles_file_is_no_obstacle(bare):
    (bare / "profiles.toml").write_text("active = [")
    assert configured_url() == "http://127.0.0.1:4200/api"


def test_a_server_that_answers_is_used(prefect_api):
    said = []
    assert healthy(prefect_api)
    assert ensure_server(said.append) == prefect_api
    assert said == []


def test_another_machines_api_that_is_away_is_told_and_not_replaced(bare, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://studio.invalid:4200/api")
    with pytest.raises(FilmetoError, match=r"does not answer.*unset PREFECT_API_URL"):
        ensure_server()


def test_a_port_that_another_program_holds_is_told(bare, monkeypatch):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        monkeypatch.setenv("PREFECT_SERVER_API_PORT", str(listener.getsockname()[1]))
        with pytest.raises(
            FilmetoError, match=f"not as a Prefect API: process {os.getpid()} has it"
        ):
            ensure_server()
