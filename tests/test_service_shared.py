"""Two machines with a store in common: what one computed, the other takes without computing."""

import asyncio
import hashlib
import logging
import shutil
from pathlib import Path

import pytest

from filmeto_core.errors import ValidationError
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask

PLUGINS = Path(__file__).resolve().parent / "plugins"


@pytest.fixture
def share(tmp_path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def machine(home, tmp_path, environments, share, monkeypatch):
    """Makes services, each with a home of its own."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    made = []

    def make(name: str) -> FilmetoService:
        own = tmp_path / name
        own.mkdir(exist_ok=True)
        if not (own / "environments").exists():
            (own / "environments").symlink_to(environments, target_is_directory=True)
        settings = Settings(home=own, store_url=share.as_uri(), store_flush_s=20)
        made.append(FilmetoService(settings, find_project()))
        return made[-1]

    yield make
    for service in made:
        service.close_sync()


@pytest.fixture
def ask(tmp_path):
    def task(prompt="a dot"):
        parameters = {"prompt": prompt, "counter": str(tmp_path / "calls")}
        return FilmetoTask(tool_name="text2image", plugin_name="flaky", parameters=parameters)

    task.calls = lambda: len((tmp_path / "calls").read_text().split())
    return task


def call(service, task, reuse=Reuse.ALWAYS):
    return asyncio.run(service.call(service.check(task), lambda _: None, reuse))


def content(done) -> str:
    return hashlib.sha256(Path(done.record.outputs[0].path).read_bytes()).hexdigest()


def test_what_one_machine_computed_the_other_takes_byte_for_byte(machine, ask):
    a, b = machine("a"), machine("b")
    first = call(a, ask())
    a.close_sync()
    second = call(b, ask())
    assert ask.calls() == 1
    assert (first.cached, second.cached) == (False, True)
    assert second.record.id == first.record.id
    assert second.record.outputs[0].digest == f"sha256:{content(first)}"
    assert content(second) == content(first)
    assert str(b.store.folder) in second.record.outputs[0].path
    assert not call(b, ask("a spot")).cached


def test_what_is_made_anew_takes_the_place_of_what_is_shared(machine, ask):
    a, b = machine("a"), machine("b")
    call(a, ask())
    a.close_sync()
    anew = call(b, ask(), Reuse.REFRESH)
    b.close_sync()
    assert not anew.cached and ask.calls() == 2
    assert call(machine("c"), ask()).record.id == anew.record.id
    assert ask.calls() == 2


def test_a_lost_home_is_had_back_from_the_shared_store(machine, ask, tmp_path):
    a = machine("a")
    call(a, ask())
    a.close_sync()
    for part in ("store", "cache"):
        shutil.rmtree(tmp_path / "a" / part)
    assert call(machine("a"), ask()).cached
    assert ask.calls() == 1


def test_a_shared_store_that_is_away_costs_no_call_and_gets_all_when_it_is_back(
    machine, ask, share, caplog
):
    caplog.set_level(logging.WARNING)
    share.rmdir()
    a = machine("a")
    assert not call(a, ask("one")).cached and not call(a, ask("two")).cached
    assert call(a, ask("one")).cached
    a.close_sync()
    said = [record.getMessage() for record in caplog.records]
    assert sum("cannot be read" in text for text in said) == 1
    assert sum("Nothing can be sent" in text for text in said) == 1
    assert "2 results wait" in said[-1]
    share.mkdir()
    again = machine("a")
    assert call(again, ask("one")).cached  # the next run sends, though it computes nothing
    again.close_sync()
    b = machine("b")
    assert call(b, ask("one")).cached and call(b, ask("two")).cached
    assert ask.calls() == 2


def test_an_address_of_no_use_is_said_before_anything_starts(home, monkeypatch):
    monkeypatch.setenv("FILMETO_STORE_URL", "s3:/bucket")
    with pytest.raises(ValidationError, match="FILMETO_STORE_URL.*s3://bucket/prefix"):
        FilmetoService()
