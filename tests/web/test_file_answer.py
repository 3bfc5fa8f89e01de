"""Files over HTTP: ranges, validators, downloads, and what is no file."""

import asyncio
import os
from email.utils import formatdate

import pytest
from starlette.datastructures import Headers

from filmeto_core.errors import NotFoundError
from filmeto_core.web.file_answer import PIECE_BYTES, attachment, file_answer
from tests.descriptors import open_about

CONTENT = bytes(range(256)) * 4096  # four pieces
ETAG = '"abc"'
MTIME = 1_700_000_000


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    os.utime(path, (MTIME, MTIME))
    return path


def answer(path, method="GET", download_name=None, **headers):
    """(status, headers, body, the largest piece) of a file's answer."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = file_answer(Headers(names), path, ETAG, "video/mp4", download_name)
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(response({"type": "http", "method": method}, None, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    pieces = [message.get("body", b"") for message in sent[1:]]
    return sent[0]["status"], told, b"".join(pieces), max(map(len, pieces))


def test_a_file_is_sent_whole_in_pieces(file):
    status, headers, body, largest = answer(file)

    assert (status, body) == (200, CONTENT)
    assert largest <= PIECE_BYTES
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["content-type"] == "video/mp4"
    assert headers["etag"] == ETAG
    assert headers["last-modified"] == formatdate(MTIME, usegmt=True)
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in headers


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=300000-", 300000, len(CONTENT)),
        ("bytes=-5", len(CONTENT) - 5, len(CONTENT)),
        ("bytes=-99999999999", 0, len(CONTENT)),
        ("bytes=5-99999999999", 5, len(CONTENT)),
        ("bytes=-99999999999999999999999999", 0, len(CONTENT)),
    ],
)
def test_a_range_is_sent_alone(file, asked, start, end):
    status, headers, body, _ = answer(file, range=asked)

    assert (status, body) == (206, CONTENT[start:end])
    assert headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"
    assert headers["content-length"] == str(end - start)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-9", "lines=0-5", "bytes=", "bytes=-", "bytes=9-2", "bytes=a-b", "0-5"]
)
def test_several_ranges_and_unreadable_ones_are_answered_whole(file, asked):
    assert answer(file, range=asked)[::2] == (200, CONTENT)


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=-0", "bytes=" + "9" * 40 + "-"])
def test_a_range_behind_the_end_is_refused_with_the_length(file, asked):
    status, headers, body, _ = answer(file, range=asked)

    assert status == 416
    assert headers["content-range"] == f"bytes */{len(CONTENT)}"
    assert headers["content-type"] == "application/problem+json"
    assert b'"status":416' in body


def test_an_empty_file_has_no_range(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")

    assert answer(path)[::2] == (200, b"")
    assert answer(path, range="bytes=0-0")[0] == 416


def test_a_reader_who_has_it_gets_nothing_again(file):
    later, before = (formatdate(MTIME + seconds, usegmt=True) for seconds in (1, -1))

    assert answer(file, if_none_match=ETAG)[::2] == (304, b"")
    assert answer(file, if_none_match=f'"x", W/{ETAG}')[0] == 304
    assert answer(file, if_none_match='"x"', if_modified_since=later)[0] == 200
    assert answer(file, if_modified_since=later)[0] == 304
    assert answer(file, if_modified_since=before)[0] == 200
    assert answer(file, if_modified_since="some day")[0] == 200


def test_a_range_of_other_content_is_answered_whole(file):
    same = formatdate(MTIME, usegmt=True)

    assert answer(file, range="bytes=0-4", if_range=ETAG)[0] == 206
    assert answer(file, range="bytes=0-4", if_range=same)[0] == 206
    assert answer(file, range="bytes=0-4", if_range='"old"')[::2] == (200, CONTENT)
    assert answer(file, range="bytes=0-4", if_range=f"W/{ETAG}")[0] == 200


def test_head_sends_no_body(file):
    status, headers, body, _ = answer(file, method="HEAD")

    assert (status, headers["content-length"], body) == (200, str(len(CONTENT)), b"")


def test_a_download_is_saved_under_its_name(file):
    assert 'filename="film.mp4"' in answer(file, download_name="film.mp4")[1]["content-disposition"]
    assert attachment('灯"塔\r\n.mp4') == (
        "attachment; filename*=UTF-8''%E7%81%AF%22%E5%A1%94%0D%0A.mp4"
    )


def test_what_is_no_file_is_not_found(tmp_path, file):
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", ".", "none", "a\0b"):
        with pytest.raises(NotFoundError):
            file_answer(Headers({}), tmp_path / name, ETAG, "video/mp4")


def test_no_descriptor_outlives_an_answer(file):
    before = open_about(file.parent)

    answer(file)
    answer(file, if_none_match=ETAG)
    file_answer(Headers({}), file, ETAG, "video/mp4")  # never sent

    assert open_about(file.parent) == before
