"""The server's log: lines for programs and for people, with ids, without secrets, holding up nobody."""

import io
import json
import logging
import os
import threading

import pytest
from serving import read_stream
from test_tasks import wait_until

from filmeto_core.web import server_log
from filmeto_core.web.log_context import know
from filmeto_core.web.server_log import HIDDEN, logging_to, without_secrets


def logged(kind, *arguments, level=logging.INFO, **options):
    stream = io.StringIO()
    with logging_to(kind, stream):
        logging.getLogger("filmeto_core.test").log(level, *arguments, **options)
    return stream.getvalue()


def test_a_line_of_json_tells_time_level_logger_and_message():
    told = json.loads(logged("json", "a %s\nline", "second"))
    assert (told["level"], told["logger"]) == ("info", "filmeto_core.test")
    assert told["message"] == "a second\nline" and told["time"].endswith("Z")


def test_a_traceback_is_one_line_of_json_with_its_record():
    try:
        raise ValueError("told to nobody")
    except ValueError:
        (line,) = logged("json", "failed", exc_info=True).splitlines()
    assert "ValueError: told to nobody" in json.loads(line)["exception"]


def test_a_line_for_people_moves_no_cursor():
    told = logged("text", "a \x1b[2Jname\r of \x9b31m")
    assert "filmeto_core.test: a \\x1b[2Jname\\x0d of \\x9b31m" in told


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("GET /x?key=abcdef0123&limit=2", "abcdef0123"),
        ("{'api_key': 'abcdef0123'}", "abcdef0123"),
        ("FILMETO_API_KEY=abcdef0123", "abcdef0123"),
        ("Cookie: filmeto_session=abcdef0123; a=b", "abcdef0123"),
        ("https://user:abcdef0123@example.org/x", "abcdef0123"),
        ("X-Amz-Signature=abcdef0123&x=1", "abcdef0123"),
        ('"password": "abcdef0123"', "abcdef0123"),
        ("the key filmeto_abcdef0123456789abcd was revoked", "abcdef0123456789abcd"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "text"])
def test_secrets_are_in_no_line_of_either_kind(text, secret, kind):
    told = logged(kind, "got %s", text)
    assert secret not in told and HIDDEN in told


def test_what_is_no_secret_stays():
    for text in ("tokens: many", "16 keys were read", "GET /api/v1/tasks?limit=5 200", "sk-1"):
        assert without_secrets(text) == text


def test_lines_of_a_request_and_of_the_task_it_brought_carry_its_id(client, asked):
    stream = io.StringIO()
    with logging_to("json", stream):
        headers = {"X-Request-ID": "mine-7"}
        told = read_stream(
            client, "POST", "/api/v1/tasks/execute", json=asked(fail_times=1), headers=headers
        )
        wait_until(lambda: "filmeto.access" in stream.getvalue())
    assert told[-1][1]["_type"] == "result"
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    (line,) = [line for line in lines if line["logger"] == "filmeto.access"]
    assert (line["request_id"], line["tenant"], line["status"]) == ("mine-7", "local", 200)
    assert line["route"] == "/api/v1/tasks/execute" and line["ms"] > 0
    (again,) = [line for line in lines if line["logger"] == "filmeto_core.retry_pause"]
    assert again["request_id"] == "mine-7" and again["tenant"] == "local"
    assert again["task_id"] == told[-1][1]["task_id"]


def test_what_is_known_in_one_thread_is_not_in_another():
    def other():
        know(task_id="theirs")

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert "task_id" not in json.loads(logged("json", "mine"))


def test_a_reader_that_stopped_holds_up_nobody_and_what_was_dropped_is_counted(monkeypatch):
    monkeypatch.setattr(server_log, "WAITING_LINES", 10)
    reading, writing = os.pipe()
    with open(writing, "w") as stream, open(reading) as pipe:
        with logging_to("json", stream):
            for _ in range(3000):  # 64 KiB fit into the pipe
                logging.getLogger("filmeto_core.test").info("x" * 100)
            lines = []
            draining = threading.Thread(target=lambda: lines.extend(pipe))
            draining.start()
            while not any("last" in line for line in lines):
                logging.getLogger("filmeto_core.test").info("last")
        stream.close()
        draining.join(5)
    dropped = sum(json.loads(line).get("dropped", 0) for line in lines)
    assert dropped > 2000
