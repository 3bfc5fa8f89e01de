"""Settings come from FILMETO_* variables, once, and each one is documented."""

import os
import re
from pathlib import Path

import pydantic
import pytest

from filmeto_core.settings import (
    Settings,
    default_home,
    film_environment,
    inherited_environment,
)

DOCUMENTED = (Path(__file__).parent.parent / "docs" / "settings.md").read_text()
NAMES = {f"FILMETO_{name.upper()}": field for name, field in Settings.model_fields.items()}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented_with_its_default(name):
    (row,) = re.findall(rf"^\| `{name}` \| (.+?) \|", DOCUMENTED, re.MULTILINE)
    default = NAMES[name].default
    if isinstance(default, bool):
        assert row == str(default).lower()
    elif isinstance(default, (int, float)):
        assert row.split()[0] == f"{default:.0f}"
    elif name != "FILMETO_HOME":
        assert row == "(none)"


def test_no_setting_is_documented_that_there_is_not():
    assert set(re.findall(r"^\| `(FILMETO_\w+)`", DOCUMENTED, re.MULTILINE)) == set(NAMES)


def test_every_setting_is_described():
    assert all(field.description for field in NAMES.values())


def test_a_variable_sets_its_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMETO_HOME", str(tmp_path))
    monkeypatch.setenv("FILMETO_ALLOW_PRIVATE_URLS", "true")
    monkeypatch.setenv("FILMETO_URL_TIMEOUT_S", "2.5")
    settings = Settings()
    assert (settings.home, settings.allow_private_urls) == (tmp_path, True)
    assert settings.url_timeout_s == 2.5
    assert settings.store_dir == tmp_path / "store"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FILMETO_URL_TIMEOUT_S", "0"),
        ("FILMETO_TASK_TIMEOUT_S", "soon"),
        ("FILMETO_CONCURRENCY", "-1"),
        ("FILMETO_MAX_IMAGE_BYTES", "0"),
    ],
)
def test_a_value_of_no_use_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(pydantic.ValidationError, match=name.removeprefix("FILMETO_").lower()):
        Settings()


def test_settings_do_not_change():
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        Settings().concurrency = 3


def test_data_lies_where_the_platform_keeps_it(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_home() == tmp_path / "filmeto"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_home() == tmp_path / ".local" / "share" / "filmeto"
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_home() == tmp_path / "Library" / "Application Support" / "filmeto"


def test_plugin_folders_are_absolute_and_empty_parts_are_none(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    settings = Settings(plugins=os.pathsep.join(["mine", "", "~/theirs"]))
    assert settings.plugin_folders == (tmp_path / "mine", Path("/home/someone/theirs"))


def test_there_is_always_room_for_one_call():
    assert Settings(concurrency=3).parallel_calls == 3
    assert Settings().parallel_calls >= 1


def test_a_child_sees_no_variable_that_nobody_named(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    seen = inherited_environment(("OPENAI_API_KEY",))
    assert "AWS_SECRET_ACCESS_KEY" not in seen
    assert (seen["OPENAI_API_KEY"], seen["CUDA_VISIBLE_DEVICES"]) == ("secret", "0")
    assert seen["PATH"] == os.environ["PATH"]


def test_a_film_s_process_sees_the_settings_and_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("FILMETO_HOME", str(tmp_path))
    monkeypatch.setenv("FILMETO_API_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    seen = film_environment(Settings(url_timeout_s=3), ("NAMED",))
    assert (seen["FILMETO_HOME"], seen["FILMETO_URL_TIMEOUT_S"]) == (str(tmp_path), "3.0")
    assert seen["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert "secret" not in seen.values()
    with_store = film_environment(Settings(store_url="s3://films"))
    assert with_store["AWS_SECRET_ACCESS_KEY"] == "secret"
