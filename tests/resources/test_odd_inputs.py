"""What people really give: each odd file is used for what it is, or refused in words."""

import asyncio
import re
import time
from pathlib import Path

import pytest
from odd_table import TABLE

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.resources.inputs import prepare, resource_input
from filmeto_core.resources.store import Store
from filmeto_core.settings import Settings

FIELD = "shots[3].image"
LONGEST_S = 2.0  # of this process's own time, so that a busy machine is no failure


@pytest.mark.parametrize("name", TABLE)
def test_an_odd_file_is_used_right_or_refused_with_its_field(tmp_path, name):
    make, outcome = TABLE[name]
    (tmp_path / "given").mkdir()
    path = make(tmp_path / "given")
    store = Store(tmp_path / "store")
    started = time.process_time()
    if isinstance(outcome, str):
        with pytest.raises(ResourceProcessingError) as refused:
            kept(path, store)
        assert_says(refused.value, outcome, path)
        assert not [p for p in store.folder.rglob("*") if p.is_file() and p.name != "layout"]
    else:
        made = kept(path, store)
        told = {fact: getattr(made.info, fact) for fact in outcome}
        assert told == outcome
        assert made.path.read_bytes() == path.read_bytes()
    assert time.process_time() - started < LONGEST_S


def kept(path: Path, store: Store):
    settings = Settings(home=store.folder.parent)
    return asyncio.run(prepare(resource_input(path), store=store, settings=settings, field=FIELD))


def assert_says(error: ResourceProcessingError, said: str, path: Path) -> None:
    """Field, value, what is wrong, and what to do; no later try helps, and it is the user's turn."""
    assert str(error).startswith(f"{FIELD}: {path} ")
    assert re.search(said, str(error))
    assert error.hint and error.hint in str(error)
    assert error.details["field"] == FIELD
    assert (error.retryable, error.handling.exit_code) == (False, 2)


def test_the_table_is_long():
    refusals = [name for name, (_, outcome) in TABLE.items() if isinstance(outcome, str)]
    assert len(TABLE) >= 100 and len(refusals) >= 40
