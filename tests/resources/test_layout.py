"""A folder of an older filmeto is brought up without losing a record; a newer one is refused."""

import json
import os

import pytest
from PIL import Image

from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallIndex, call_key
from filmeto_core.resources.durable import sync_folder
from filmeto_core.resources.layout import LAYOUT, Layout
from filmeto_core.resources.store import Store
from filmeto_core.resources.store_gc import collect
from filmeto_core.resources.store_verify import verify


@pytest.fixture
def first_layout(tmp_path):
    """What filmeto wrote before there were markers: by hand, as the code of then did."""
    import hashlib

    Image.new("RGB", (16, 16), (9, 9, 9)).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / "store/objects" / digest[:2] / f"{digest}.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    path.chmod(0o444)
    keys = []
    for n in range(5):
        key = call_key(tool="text2image", plugin="p", fingerprint="f", parameters={"n": n})
        output = {
            "type": "image",
            "path": str(path),
            "mime_type": "image/png",
            "size": len(content),
            "url": None,
            "metadata": {"digest": f"sha256:{digest}"},
        }
        record = {
            "key": key,
            "id": "0" * 32,
            "tool": "text2image",
            "plugin": "p",
            "plugin_version": "1.0",
            "parameters": {"n": n},
            "resources": [],
            "outputs": [output],
            "seconds": 1.5,
            "created_at": "2026-01-02T03:04:05Z",
            "metadata": {},
        }
        mark = [len(content), path.stat().st_mtime_ns]
        data = {"layout": 1, "record": record, "files": {f"sha256:{digest}": mark}}
        place = tmp_path / "cache/records" / key[:2] / f"{key}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(data))
        keys.append(key)
    sync_folder(tmp_path)
    return tmp_path, keys


def opened(folder) -> CallIndex:
    return CallIndex(folder / "cache", Store(folder / "store"))


def test_the_first_layout_is_brought_up_and_every_record_stays(first_layout):
    folder, keys = first_layout
    for key in keys:
        found = opened(folder).get(key)
        assert (found.parameters, found.seconds, found.attempts) == (
            {"n": keys.index(key)},
            1.5,
            1,
        )
    assert not (folder / "store/layout").exists(), "reading changes nothing"
    index = opened(folder)
    index.put(index.get(keys[0]).model_copy(update={"key": "0" * 64}))
    index.store.put_file(folder / "a.png")
    assert (folder / "store/layout").read_text() == f"{LAYOUT}\n"
    assert (folder / "cache/layout").read_text() == f"{LAYOUT}\n"
    assert all(opened(folder).get(key) for key in (*keys, "0" * 64))
    told = verify(opened(folder))
    assert told.is_fine and (told.files, told.records) == (1, 6)
    assert collect(opened(folder), older_than_s=30 * 86400).records == 0


@pytest.mark.parametrize("part", ["store", "cache"])
@pytest.mark.parametrize("marker", ["3", "1000", "99999999999999999999", "new"])
def test_a_newer_layout_is_refused_with_what_to_run_and_nothing_is_touched(
    first_layout, part, marker
):
    folder, keys = first_layout
    (folder / part / "layout").write_text(marker)
    before = sorted(path for path in folder.rglob("*"))
    index = opened(folder)
    refusals = [lambda: verify(index), lambda: collect(index, older_than_s=0)]
    if part == "cache":
        refusals += [lambda: index.get(keys[0]), lambda: index.get_failure(keys[0])]
    else:
        refusals += [lambda: index.store.put_file(folder / "a.png")]
    for refused in refusals:
        with pytest.raises(StoreError, match="newer filmeto.*pip install --upgrade filmeto"):
            refused()
    left = [path for path in sorted(folder.rglob("*")) if path not in before]
    assert [path.name for path in left if path.is_file()] == []


def test_a_marker_that_a_power_cut_left_empty_is_written_again(tmp_path):
    (tmp_path / "layout").touch()
    Layout(tmp_path).mark()
    assert (tmp_path / "layout").read_text() == f"{LAYOUT}\n"


def test_a_marker_is_written_once(tmp_path):
    Layout(tmp_path).mark()
    before = (tmp_path / "layout").stat().st_ino
    Layout(tmp_path).mark()
    assert (tmp_path / "layout").stat().st_ino == before
    assert os.listdir(tmp_path) == ["layout"]
